//! The journal in windows, and beside it the vendors' own records: filtered, searched, counted. Chains nothing.

mod filter;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use keyturn_core::account::AccountId;
use keyturn_core::journal::Entry;
use keyturn_core::key::{KeyRecord, KeyRef, VendorKeyId};
use keyturn_core::ports::{
    Fingerprint, HeadSignature, JournalCheck, JournalFilter, JournalLink, JournalRow, JournalWindow,
    LedgerError, OutcomeKind, Records, Source,
};
use keyturn_core::provider::VendorRecord;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::fault::{Outcome, damaged};
use super::room::Room;
use super::{SqliteLedger, codec, journal, keys, sealed};
use filter::Clause;

/// Most rows in one window.
const WINDOW: usize = 200;

/// Which entries, without their fields: where nothing is searched an index alone answers, however far down it is.
const OURS: &str = "SELECT 0, seq, at FROM journal";
const THEIRS: &str = "SELECT 1, n, at FROM vendor_records";

const OUR_FIELDS: &str = "SELECT seq, at, account, key, NULL, action, outcome, coalesce(detail, ''), reason, fingerprint, NULL, form, \
                          (SELECT p.hash FROM journal p WHERE p.seq = journal.seq - 1), hash FROM journal WHERE seq = ?";
const THEIR_FIELDS: &str = "SELECT n, at, account, key, name, action, 'done', words, NULL, NULL, actor FROM vendor_records WHERE n = ?";

#[async_trait]
impl Records for SqliteLedger {
    async fn journal_window(
        &self,
        filter: &JournalFilter,
        offset: usize,
        limit: usize,
    ) -> Result<JournalWindow, LedgerError> {
        // A search through a million entries must not keep the list waiting.
        Room::reader(&self.path, &self.authenticator)?
            .read(|tx| window(tx, filter, offset, limit.min(WINDOW)))
            .await
    }

    async fn journal_after(
        &self,
        filter: &JournalFilter,
        after: Option<&JournalRow>,
        limit: usize,
    ) -> Result<Vec<JournalRow>, LedgerError> {
        Room::reader(&self.path, &self.authenticator)?.read(|tx| later(tx, filter, after, limit)).await
    }

    async fn verify_journal(&self) -> Result<JournalCheck, LedgerError> {
        let check = Room::reader(&self.path, &self.authenticator)?.read(journal::check).await?;
        let own = self.authenticator.public_key();
        Ok(match check {
            JournalCheck::Whole { entries, signed: HeadSignature::Good { by, .. } }
                if own.is_some_and(|own| own != by) =>
            {
                JournalCheck::Whole { entries, signed: HeadSignature::Bad }
            }
            other => other,
        })
    }

    async fn put_records(&self, account: &AccountId, records: &[VendorRecord]) -> Result<(), LedgerError> {
        self.writer.write(|tx| records.iter().try_for_each(|record| put(tx, account, record))).await
    }

    async fn newest_record(&self, account: &AccountId) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let sql = "SELECT max(at) FROM vendor_records WHERE account = ?";
        let at: Option<i64> =
            self.reader.read(|tx| Ok(tx.query_row(sql, [&account.0], |row| row.get(0))?)).await?;
        Ok(at.map(codec::time).transpose()?)
    }

    async fn held_as(&self, prints: &[Fingerprint]) -> Result<Vec<(Fingerprint, KeyRef)>, LedgerError> {
        self.reader.read(|tx| sealed::held_as(tx, prints)).await
    }

    async fn put_fingerprint(&self, key: &KeyRef, print: &Fingerprint) -> Result<(), LedgerError> {
        self.writer.write(|tx| sealed::put_fingerprint(tx, key, print)).await
    }

    async fn import(&self, account: &AccountId, rows: &[(KeyRecord, Entry)]) -> Result<(), LedgerError> {
        self.writer.write(|tx| keys::import(tx, account, rows)).await
    }
}

fn put(connection: &Connection, account: &AccountId, record: &VendorRecord) -> Outcome<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO vendor_records (account, id, at, key, name, action, words, actor)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            account.0,
            record.id,
            codec::millis(record.at),
            record.key.as_ref().map(|key| &key.0),
            record.key_name,
            record.action,
            record.words,
            record.actor
        ])?;
    Ok(())
}

fn window(
    connection: &Connection,
    filter: &JournalFilter,
    offset: usize,
    limit: usize,
) -> Outcome<JournalWindow> {
    let whole = Clause::of(filter);
    let (sql, mut values) = union(filter.source, &whole);
    values.extend([number(limit), number(offset)]);
    let rows = select(connection, &format!("{sql} ORDER BY 3 DESC, 1, 2 DESC LIMIT ? OFFSET ?"), values)?;
    let unsearched = JournalFilter { search: String::new(), ..filter.clone() };
    let actions = JournalFilter { actions: Vec::new(), ..unsearched.clone() };
    let accounts = JournalFilter { accounts: Vec::new(), ..unsearched };
    Ok(JournalWindow {
        rows,
        total: total(connection, filter.source, &whole)?,
        everything: total(connection, Source::All, &Clause::default())?,
        actions: counts(connection, "action", &actions)?,
        accounts: counts(connection, "account", &accounts)?
            .into_iter()
            .map(|(id, count)| (AccountId(id), count))
            .collect(),
    })
}

fn later(
    connection: &Connection,
    filter: &JournalFilter,
    after: Option<&JournalRow>,
    limit: usize,
) -> Outcome<Vec<JournalRow>> {
    let mut clause = Clause::of(filter);
    if let Some(row) = after {
        let source = i64::from(row.link.is_none());
        clause.after([codec::millis(row.at), source, row.number]);
    }
    let (sql, mut values) = union(filter.source, &clause);
    values.push(number(limit));
    select(connection, &format!("{sql} ORDER BY 3, 1, 2 LIMIT ?"), values)
}

/// Both tables, or the one that is asked for, each under the clause.
fn union(source: Source, clause: &Clause) -> (String, Vec<Value>) {
    let ours = format!("{OURS} {}", clause.ours());
    let theirs = format!("{THEIRS} {}", clause.theirs());
    match source {
        Source::Keyturn => (ours, clause.our_values()),
        Source::Vendor => (theirs, clause.their_values()),
        Source::All => {
            (format!("{ours} UNION ALL {theirs}"), [clause.our_values(), clause.their_values()].concat())
        }
    }
}

fn total(connection: &Connection, source: Source, clause: &Clause) -> Outcome<usize> {
    let mut total = 0;
    for (table, condition, values) in tables(source, clause) {
        let sql = format!("SELECT count(*) FROM {table} {condition}");
        let count: u32 =
            connection.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))?;
        total += count as usize;
    }
    Ok(total)
}

fn counts(connection: &Connection, column: &str, filter: &JournalFilter) -> Outcome<Vec<(String, usize)>> {
    let clause = Clause::of(filter);
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for (table, condition, values) in tables(filter.source, &clause) {
        let sql = format!("SELECT {column}, count(*) FROM {table} {condition} GROUP BY {column}");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let count: u32 = row.get(1)?;
            *counts.entry(row.get(0)?).or_default() += count as usize;
        }
    }
    Ok(counts.into_iter().collect())
}

fn tables(source: Source, clause: &Clause) -> Vec<(&'static str, String, Vec<Value>)> {
    let ours = ("journal", clause.ours(), clause.our_values());
    let theirs = ("vendor_records", clause.theirs(), clause.their_values());
    match source {
        Source::Keyturn => vec![ours],
        Source::Vendor => vec![theirs],
        Source::All => vec![ours, theirs],
    }
}

fn select(connection: &Connection, sql: &str, values: Vec<Value>) -> Outcome<Vec<JournalRow>> {
    let mut statement = connection.prepare_cached(sql)?;
    let chosen: Vec<(bool, i64)> = statement
        .query_map(params_from_iter(values), |row| Ok((row.get::<_, i64>(0)? == 0, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut ours = connection.prepare_cached(OUR_FIELDS)?;
    let mut theirs = connection.prepare_cached(THEIR_FIELDS)?;
    let mut found = Vec::with_capacity(chosen.len());
    for (is_ours, number) in chosen {
        let mut rows = if is_ours { ours.query([number])? } else { theirs.query([number])? };
        let Some(row) = rows.next()? else { continue };
        let mut row = read(row, is_ours)?;
        name(connection, &mut row)?;
        found.push(row);
    }
    Ok(found)
}

fn read(row: &Row<'_>, is_ours: bool) -> Outcome<JournalRow> {
    let link = |row: &Row<'_>| -> Outcome<JournalLink> {
        Ok(JournalLink {
            form: row.get(11)?,
            previous: row.get::<_, Option<[u8; 32]>>(12)?.unwrap_or_default(),
            hash: row.get(13)?,
        })
    };
    Ok(JournalRow {
        link: is_ours.then(|| link(row)).transpose()?,
        number: row.get(0)?,
        at: codec::time(row.get(1)?)?,
        account: AccountId(row.get(2)?),
        key: row.get::<_, Option<String>>(3)?.map(VendorKeyId),
        key_name: row.get(4)?,
        listed: false,
        action: row.get(5)?,
        outcome: match row.get_ref(6)?.as_str().map_err(rusqlite::Error::from)? {
            "intended" => OutcomeKind::Intended,
            "done" => OutcomeKind::Done,
            "failed" => OutcomeKind::Failed,
            _ => return Err(damaged("an entry's outcome is not one")),
        },
        words: row.get(7)?,
        reason: row.get(8)?,
        fingerprint: row.get(9)?,
        actor: row.get(10)?,
    })
}

/// What the key is called now, where it still has a row.
fn name(connection: &Connection, row: &mut JournalRow) -> Outcome<()> {
    let Some(key) = &row.key else { return Ok(()) };
    let known: Option<(String, bool)> = connection
        .prepare_cached(
            "SELECT name, gone_at IS NULL FROM keys
             WHERE id = ?2 AND account = (SELECT n FROM accounts WHERE id = ?1)",
        )?
        .query_row([&row.account.0, &key.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.listed = known.as_ref().is_some_and(|(_, listed)| *listed);
    row.key_name = known.map(|(name, _)| name).or(row.key_name.take());
    Ok(())
}

fn number(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}
