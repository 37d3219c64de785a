//! What bears Keyturn's mark and what does not, over all tables that have one.

use std::collections::HashSet;

use async_trait::async_trait;
use keyturn_core::account::AccountId;
use keyturn_core::authenticity::CHANGED;
use keyturn_core::batch::BatchId;
use keyturn_core::journal::Entry;
use keyturn_core::key::{KeyRef, VendorKeyId};
use keyturn_core::label::Label;
use keyturn_core::operation::OperationId;
use keyturn_core::policy::PolicyId;
use keyturn_core::ports::{Authenticity, Foreign, JournalHead, LedgerError, Sealed};
use rusqlite::{Connection, params};

use super::fault::Outcome;
use super::tags::{BATCH, ITEM, LABEL, OPERATION, POLICY};
use super::{SqliteLedger, codec, journal, labels, operations, policies, sealed};

#[async_trait]
impl Authenticity for SqliteLedger {
    async fn sealed_of(&self, account: &AccountId) -> Result<Vec<Sealed>, LedgerError> {
        self.reader.read(|tx| sealed::of(tx, account)).await
    }

    async fn take_over(&self, resealed: &[Sealed], entry: Option<&Entry>) -> Result<(), LedgerError> {
        self.writer
            .write(|tx| {
                if let Some(entry) = entry {
                    journal::append(tx, entry)?;
                }
                resealed.iter().try_for_each(|entry| sealed::take_over(tx, entry))?;
                mark_all(tx)
            })
            .await
    }

    async fn foreign(&self) -> Result<Vec<Foreign>, LedgerError> {
        self.reader.read(foreign).await
    }

    async fn disown(&self, foreign: &Foreign, entry: &Entry) -> Result<(), LedgerError> {
        self.writer
            .write(|tx| {
                journal::append(tx, entry)?;
                disown(tx, foreign, entry)
            })
            .await
    }

    async fn own_labels(&self, key: &KeyRef) -> Result<Vec<Label>, LedgerError> {
        self.reader.read(|tx| labels::own(tx, key)).await
    }

    async fn journal_head(&self) -> Result<JournalHead, LedgerError> {
        let own = self.authenticator.public_key();
        self.reader.read(|tx| journal::as_signed(tx, own)).await
    }

    async fn sign_journal(&self, anew: Option<&Entry>) -> Result<(), LedgerError> {
        self.authenticator.set_signing(true);
        let signed = self.writer.write(|tx| journal::sign(tx, anew)).await;
        self.authenticator.set_signing(signed.is_ok());
        signed
    }
}

/// Rows of before there were marks get theirs. One that bears another keeps it.
fn mark_all(connection: &Connection) -> Outcome<()> {
    let account = "(SELECT n, id FROM accounts)";
    for sql in [
        format!(
            "UPDATE operations AS o SET tag = tag({OPERATION}) FROM {account} AS a WHERE a.n = o.account AND o.open AND o.tag IS NULL"
        ),
        format!("UPDATE batches AS b SET tag = tag({BATCH}) WHERE b.ended_at IS NULL AND b.tag IS NULL"),
        format!(
            "UPDATE batch_items AS i SET tag = tag({ITEM}) FROM (SELECT n, id FROM batches) AS b WHERE b.n = i.batch AND i.state = 'open' AND i.tag IS NULL"
        ),
        format!(
            "UPDATE policies AS p SET tag = (SELECT tag({POLICY}) FROM (SELECT 1) LEFT JOIN accounts a ON a.n = p.account) WHERE p.alone IS NOT NULL AND p.tag IS NULL"
        ),
        format!(
            "UPDATE labels AS l SET tag = tag({LABEL}) FROM {account} AS a WHERE a.n = l.account AND l.tag IS NULL"
        ),
    ] {
        connection.execute(&sql, [])?;
    }
    Ok(())
}

fn foreign(connection: &Connection) -> Outcome<Vec<Foreign>> {
    let mut found = Vec::new();
    let mut statement = connection.prepare(&format!(
        "SELECT o.id, a.id, o.intent FROM operations o JOIN accounts a ON a.n = o.account
         WHERE o.open AND NOT is_own(o.tag, {OPERATION})"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name = codec::intent(&row.get::<_, String>(2)?)?.name().to_owned();
        found.push(Foreign::Operation {
            id: OperationId(row.get(0)?),
            account: AccountId(row.get(1)?),
            name,
        });
    }
    let mut statement = connection.prepare(&format!(
        "SELECT b.id FROM batches b WHERE b.ended_at IS NULL AND NOT is_own(b.tag, {BATCH})"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        found.push(Foreign::Batch { id: BatchId(row.get(0)?) });
    }
    let mut statement = connection.prepare(&format!(
        "SELECT b.id, i.number, i.account, i.key, i.name FROM batch_items i JOIN batches b ON b.n = i.batch
         WHERE b.ended_at IS NULL AND i.state = 'open' AND NOT is_own(i.tag, {ITEM}) AND is_own(b.tag, {BATCH})"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key = KeyRef { account: AccountId(row.get(2)?), key: VendorKeyId(row.get(3)?) };
        found.push(Foreign::Item {
            batch: BatchId(row.get(0)?),
            number: row.get(1)?,
            key,
            name: row.get(4)?,
        });
    }
    found.extend(foreign_policies(connection)?);
    found.extend(foreign_labels(connection)?);
    Ok(found)
}

fn foreign_policies(connection: &Connection) -> Outcome<Vec<Foreign>> {
    let mut statement = connection.prepare(&format!(
        "SELECT p.id, a.id, p.label FROM policies p LEFT JOIN accounts a ON a.n = p.account
         WHERE p.alone IS NOT NULL AND NOT is_own(p.tag, {POLICY})"
    ))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let reach = policies::reach(row.get(1)?, row.get(2)?)?;
        found.push(Foreign::Policy { id: PolicyId(row.get(0)?), reach });
    }
    Ok(found)
}

/// Labels for which a policy rotates by itself: of the others nothing follows.
fn foreign_labels(connection: &Connection) -> Outcome<Vec<Foreign>> {
    let mut statement =
        connection.prepare("SELECT label FROM policies WHERE alone IS NOT NULL AND label IS NOT NULL")?;
    let mut rows = statement.query([])?;
    let mut rotating = HashSet::new();
    while let Some(row) = rows.next()? {
        rotating.insert(labels::label(&row.get::<_, String>(0)?)?.folded());
    }
    if rotating.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(&format!(
        "SELECT a.id, l.key, l.label FROM labels l JOIN accounts a ON a.n = l.account
         WHERE l.tag IS NOT x'' AND NOT is_own(l.tag, {LABEL})"
    ))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // By its text, as policies go: `folded` may be of a time when labels were folded otherwise.
        if rotating.contains(&labels::label(&row.get::<_, String>(2)?)?.folded()) {
            let key = KeyRef { account: AccountId(row.get(0)?), key: VendorKeyId(row.get(1)?) };
            found.push(Foreign::Label { key, label: row.get(2)? });
        }
    }
    Ok(found)
}

/// On disk as it counts already.
fn disown(connection: &Connection, foreign: &Foreign, entry: &Entry) -> Outcome<()> {
    match foreign {
        Foreign::Operation { id, .. } => {
            let Some(found) = operations::get(connection, id)? else { return Ok(()) };
            operations::set_stage(connection, id, &found.stage)?;
        }
        Foreign::Batch { id } => {
            connection.execute(
                "UPDATE batches SET state = 'stopped', ended_at = ?, tag = NULL WHERE id = ?",
                params![codec::millis(entry.at), id.0],
            )?;
        }
        Foreign::Item { batch, number, .. } => {
            connection.execute(
                "UPDATE batch_items SET state = 'skipped', words = ?, tag = NULL
                 WHERE batch = (SELECT n FROM batches WHERE id = ?) AND number = ?",
                params![CHANGED, batch.0, number],
            )?;
        }
        Foreign::Policy { id, .. } => {
            connection.execute("UPDATE policies SET alone = NULL, tag = NULL WHERE id = ?", [&id.0])?;
        }
        Foreign::Label { key, label } => {
            connection.execute(
                "UPDATE labels SET tag = x'' WHERE account = (SELECT n FROM accounts WHERE id = ?) AND key = ?
                    AND label = ?",
                [&key.account.0, &key.key.0, label],
            )?;
        }
    }
    Ok(())
}
