//! Reminders: kept by key, kind and mark, so that each is told once, however often it is found.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use keyturn_core::account::AccountId;
use keyturn_core::key::{KeyRef, VendorKeyId};
use keyturn_core::ports::{LedgerError, Reminders};
use keyturn_core::reminder::{Kept, Reminder, ReminderId, ReminderKind};
use rusqlite::{Connection, Row, params};

use super::fault::{Outcome, damaged};
use super::{SqliteLedger, accounts, codec};

#[async_trait]
impl Reminders for SqliteLedger {
    async fn remind(&self, wanted: &[Reminder]) -> Result<Vec<Reminder>, LedgerError> {
        // Mostly nothing is new: then nothing is written.
        let fresh = self.reader.read(|tx| untold(tx, wanted)).await?;
        if fresh.is_empty() {
            return Ok(fresh);
        }
        self.writer.write(|tx| add(tx, &fresh)).await
    }

    async fn announce_reminders(&self) -> Result<Vec<Reminder>, LedgerError> {
        let waits = "SELECT EXISTS (SELECT 1 FROM reminders WHERE state = 'untold')";
        let any = self.reader.read(|tx| Ok(tx.query_row(waits, [], |row| row.get::<_, bool>(0))?)).await?;
        if any { self.writer.write(announce).await } else { Ok(Vec::new()) }
    }

    async fn reminders(&self, limit: usize) -> Result<Vec<Kept>, LedgerError> {
        self.reader.read(|tx| shown(tx, "r.state <> 'dismissed'", limit)).await
    }

    async fn see_reminders(&self) -> Result<(), LedgerError> {
        let sql = "UPDATE reminders SET state = 'seen' WHERE state IN ('untold', 'new')";
        self.writer.write(|tx| Ok(tx.execute(sql, []).map(|_| ())?)).await
    }

    async fn dismiss_reminders(&self, which: Option<&ReminderId>) -> Result<(), LedgerError> {
        let sql = "UPDATE reminders SET state = 'dismissed' WHERE ?1 IS NULL OR n = ?1";
        let Ok(number) = which.map(|id| id.0.parse::<i64>()).transpose() else {
            // Not a number that this ledger gave: there is no such reminder.
            return Ok(());
        };
        self.writer.write(|tx| Ok(tx.execute(sql, [number]).map(|_| ())?)).await
    }

    async fn compact_reminders(&self, before: DateTime<Utc>) -> Result<(), LedgerError> {
        let before = codec::millis(before);
        let old =
            self.reader.read(|tx| Ok(tx.query_row(OLD, [before], |row| row.get::<_, bool>(0))?)).await?;
        if !old {
            return Ok(());
        }
        self.writer
            .write(|tx| {
                tx.execute(REMOVE, [before])?;
                Ok(tx.execute(SHORTEN, [before]).map(|_| ())?)
            })
            .await
    }
}

const OLD: &str = "SELECT EXISTS (SELECT 1 FROM reminders WHERE at < ? AND words IS NOT NULL)";

const REMOVE: &str = "DELETE FROM reminders WHERE at < ? AND NOT EXISTS
    (SELECT 1 FROM keys k WHERE k.account = reminders.account AND k.id = reminders.key)";

const SHORTEN: &str =
    "UPDATE reminders SET state = 'dismissed', name = NULL, words = NULL WHERE at < ? AND words IS NOT NULL";

fn untold(connection: &Connection, wanted: &[Reminder]) -> Outcome<Vec<Reminder>> {
    let mut told = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM reminders r JOIN accounts a ON a.n = r.account
         WHERE a.id = ? AND r.key = ? AND r.kind = ? AND r.mark = ?)",
    )?;
    let mut fresh = Vec::new();
    for one in wanted {
        let key = params![one.key.account.0, one.key.key.0, one.kind.word(), one.mark];
        if !told.query_row(key, |row| row.get::<_, bool>(0))? {
            fresh.push(one.clone());
        }
    }
    Ok(fresh)
}

/// Adds them; of two that look at the same time one is first.
fn add(connection: &Connection, wanted: &[Reminder]) -> Outcome<Vec<Reminder>> {
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO reminders (account, key, kind, mark, name, words, at, state)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'untold')",
    )?;
    let mut fresh = Vec::new();
    for one in wanted {
        let added = insert.execute(params![
            accounts::number(connection, &one.key.account)?,
            one.key.key.0,
            one.kind.word(),
            one.mark,
            one.name,
            one.words,
            codec::millis(one.at),
        ])?;
        if added == 1 {
            fresh.push(one.clone());
        }
    }
    Ok(fresh)
}

fn announce(connection: &Connection) -> Outcome<Vec<Reminder>> {
    let mut waiting = shown(connection, "r.state = 'untold'", usize::MAX)?;
    waiting.reverse();
    connection.execute("UPDATE reminders SET state = 'new' WHERE state = 'untold'", [])?;
    Ok(waiting.into_iter().map(|kept| kept.reminder).collect())
}

/// Newest first.
fn shown(connection: &Connection, which: &str, limit: usize) -> Outcome<Vec<Kept>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT r.n, a.id, r.key, r.kind, r.mark, r.name, r.words, r.at, r.state, k.n IS NOT NULL
         FROM reminders r JOIN accounts a ON a.n = r.account
         LEFT JOIN listed k ON k.account = r.account AND k.id = r.key
         WHERE {which} ORDER BY r.at DESC, r.n DESC LIMIT ?"
    ))?;
    let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut kept = Vec::new();
    while let Some(row) = rows.next()? {
        kept.push(read(row)?);
    }
    Ok(kept)
}

fn read(row: &Row<'_>) -> Outcome<Kept> {
    let kind: String = row.get(3)?;
    let state: String = row.get(8)?;
    Ok(Kept {
        id: ReminderId(row.get::<_, i64>(0)?.to_string()),
        reminder: Reminder {
            key: KeyRef { account: AccountId(row.get(1)?), key: VendorKeyId(row.get(2)?) },
            kind: ReminderKind::parse(&kind).ok_or_else(|| damaged("a reminder's kind is not one"))?,
            mark: row.get(4)?,
            name: row.get(5)?,
            words: row.get(6)?,
            at: codec::time(row.get(7)?)?,
        },
        seen: state == "seen",
        listed: row.get(9)?,
    })
}
