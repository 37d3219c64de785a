//! Policies in their table, and the port for them and for labels.

use async_trait::async_trait;
use keyturn_core::account::AccountId;
use keyturn_core::flows::Choice;
use keyturn_core::journal::Entry;
use keyturn_core::key::KeyRef;
use keyturn_core::label::Label;
use keyturn_core::policy::{Policy, PolicyId, Reach};
use keyturn_core::ports::{LedgerError, Policies, Relabelled};
use rusqlite::{Connection, Row, params};

use super::fault::{Outcome, damaged};
use super::tags::POLICY;
use super::{SqliteLedger, accounts, journal, labels};

#[async_trait]
impl Policies for SqliteLedger {
    async fn labels(&self) -> Result<Vec<Label>, LedgerError> {
        self.reader.read(labels::known).await
    }

    async fn labelled(&self, keys: &[KeyRef]) -> Result<Vec<Option<(String, Vec<Label>)>>, LedgerError> {
        self.reader.read(|tx| keys.iter().map(|key| labels::of(tx, key)).collect()).await
    }

    async fn relabel(&self, changes: &[Relabelled]) -> Result<(), LedgerError> {
        self.writer.write(|tx| changes.iter().try_for_each(|change| labels::put(tx, change))).await
    }

    async fn policies(&self) -> Result<Vec<Policy>, LedgerError> {
        self.reader.read(all).await
    }

    async fn put_policy(&self, policy: &Policy, entry: &Entry) -> Result<(), LedgerError> {
        self.writer.write(|tx| put(tx, policy, entry)).await
    }

    async fn remove_policy(&self, policy: &PolicyId, entry: &Entry) -> Result<(), LedgerError> {
        let sql = "DELETE FROM policies WHERE id = ?";
        self.writer
            .write(|tx| {
                journal::append(tx, entry)?;
                Ok(tx.execute(sql, [&policy.0]).map(|_| ())?)
            })
            .await
    }
}

fn all(connection: &Connection) -> Outcome<Vec<Policy>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT p.id, a.id, p.label, p.max_age, p.remind, p.alone, is_own(p.tag, {POLICY})
         FROM policies p LEFT JOIN accounts a ON a.n = p.account ORDER BY p.n"
    ))?;
    let mut rows = statement.query([])?;
    let mut policies = Vec::new();
    while let Some(row) = rows.next()? {
        policies.push(read(row)?);
    }
    Ok(policies)
}

fn read(row: &Row<'_>) -> Outcome<Policy> {
    let reach = reach(row.get(1)?, row.get(2)?)?;
    let alone = row
        .get::<_, Option<String>>(5)?
        .map(|word| Choice::parse(&word).ok_or_else(|| damaged("a policy's overlap is not one")))
        .transpose()?;
    let is_own: bool = row.get(6)?;
    Ok(Policy {
        id: PolicyId(row.get(0)?),
        reach,
        max_age_days: row.get(3)?,
        remind_days: row.get(4)?,
        alone: alone.filter(|_| is_own),
    })
}

/// What a policy is for, by its two columns.
pub(super) fn reach(account: Option<String>, label: Option<String>) -> Outcome<Reach> {
    Ok(match (account, label) {
        (Some(account), None) => Reach::Account(AccountId(account)),
        (None, Some(label)) => Reach::Label(labels::label(&label)?),
        (None, None) => Reach::Every,
        (Some(_), Some(_)) => return Err(damaged("a policy is for an account and a label")),
    })
}

fn put(connection: &Connection, policy: &Policy, entry: &Entry) -> Outcome<()> {
    journal::append(connection, entry)?;
    let (account, label) = match &policy.reach {
        Reach::Every => (None, None),
        Reach::Account(account) => (Some(accounts::number(connection, account)?), None),
        Reach::Label(label) => (None, Some(label.as_str())),
    };
    let covered = match &policy.reach {
        Reach::Account(account) => Some(&account.0),
        Reach::Every | Reach::Label(_) => None,
    };
    connection
        .prepare_cached(
            "INSERT INTO policies (id, account, label, max_age, remind, alone, tag)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, CASE WHEN ?6 IS NOT NULL THEN tag('policy', ?1, ?7, ?3, ?4, ?6) END)
             ON CONFLICT (id) DO UPDATE SET account = excluded.account, label = excluded.label,
                max_age = excluded.max_age, remind = excluded.remind, alone = excluded.alone, tag = excluded.tag",
        )?
        .execute(params![
            policy.id.0,
            account,
            label,
            policy.max_age_days,
            policy.remind_days,
            policy.alone.map(Choice::word),
            covered,
        ])?;
    Ok(())
}
