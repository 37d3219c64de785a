//! What was observed of keys over time: written with each reading, read by the Audit screen and the list.

mod changes;
mod uses;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use keyturn_core::account::AccountId;
use keyturn_core::finding::{Acceptance, Acceptances, FindingKind, Sighting, Sightings};
use keyturn_core::journal::Entry;
use keyturn_core::key::{KeyRef, Usage, VendorKeyId};
use keyturn_core::observed::{Change, UseLog};
use keyturn_core::ports::{LedgerError, Observations};
use rusqlite::{Connection, OptionalExtension, params};

pub(super) use changes::{Change as Noted, Kind, note, trim};
pub(super) use uses::write as write_uses;

use super::fault::{Outcome, damaged};
use super::{SqliteLedger, codec, journal};

/// An address is news where others were known for so long.
const KNOWN: TimeDelta = TimeDelta::days(30);

/// So many addresses are kept of one key, those that were used last.
const ADDRESSES: u32 = 256;

#[async_trait]
impl Observations for SqliteLedger {
    async fn sightings(&self, since: DateTime<Utc>) -> Result<Sightings, LedgerError> {
        self.reader.read(|tx| sightings(tx, codec::millis(since))).await
    }

    async fn acceptances(&self) -> Result<Acceptances, LedgerError> {
        self.reader.read(acceptances).await
    }

    async fn accept(
        &self,
        keys: &[KeyRef],
        acceptance: &Acceptance,
        entries: &[Entry],
    ) -> Result<usize, LedgerError> {
        self.writer.write(|tx| accept(tx, keys, acceptance, entries)).await
    }

    async fn withdraw(&self, key: &KeyRef, finding: FindingKind, entry: &Entry) -> Result<bool, LedgerError> {
        self.writer.write(|tx| withdraw(tx, key, finding, entry)).await
    }

    async fn use_log(&self, key: &KeyRef) -> Result<UseLog, LedgerError> {
        self.reader.read(|tx| uses::log(tx, key)).await
    }

    async fn unlocated(&self, account: &AccountId, limit: usize) -> Result<Vec<VendorKeyId>, LedgerError> {
        self.reader.read(|tx| unlocated(tx, account, limit)).await
    }

    async fn locate(&self, key: &KeyRef, usage: &[Usage], at: DateTime<Utc>) -> Result<(), LedgerError> {
        self.writer.write(|tx| locate(tx, key, usage, at)).await
    }

    async fn outside_changes(
        &self,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Change>, usize), LedgerError> {
        self.reader.read(|tx| changes::outside(tx, offset, limit)).await
    }
}

/// The key's number; `None` where it is gone.
fn number(connection: &Connection, key: &KeyRef) -> Outcome<Option<i64>> {
    let sql = "SELECT k.n FROM listed k JOIN accounts a ON a.n = k.account WHERE a.id = ? AND k.id = ?";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([&key.account.0, &key.key.0], |row| row.get(0)).optional()?)
}

fn sightings(connection: &Connection, since: i64) -> Outcome<Sightings> {
    let mut found = Sightings::new();
    let woke =
        "SELECT a.id, k.id, k.woke_at FROM listed k JOIN accounts a ON a.n = k.account WHERE k.woke_at >= ?";
    let moved = "SELECT a.id, k.id, max(d.news) FROM addresses d JOIN listed k ON k.n = d.key
                 JOIN accounts a ON a.n = k.account WHERE d.news >= ? GROUP BY k.n";
    for (sql, sighting) in [
        (woke, (|at| Sighting::WokeUp { at }) as fn(DateTime<Utc>) -> Sighting),
        (moved, |at| Sighting::NewAddress { at }),
    ] {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([since])?;
        while let Some(row) = rows.next()? {
            let key = KeyRef { account: AccountId(row.get(0)?), key: VendorKeyId(row.get(1)?) };
            found.entry(key).or_default().push(sighting(codec::time(row.get(2)?)?));
        }
    }
    Ok(found)
}

fn acceptances(connection: &Connection) -> Outcome<Acceptances> {
    let mut statement = connection.prepare_cached(
        "SELECT a.id, k.id, c.finding, c.reason, c.until FROM acceptances c
         JOIN listed k ON k.n = c.key JOIN accounts a ON a.n = k.account",
    )?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let key = KeyRef { account: AccountId(row.get(0)?), key: VendorKeyId(row.get(1)?) };
        let word: String = row.get(2)?;
        let acceptance = Acceptance {
            finding: FindingKind::parse(&word).ok_or_else(|| damaged("an accepted finding is not one"))?,
            reason: row.get(3)?,
            until: row.get::<_, Option<i64>>(4)?.map(codec::time).transpose()?,
        };
        all.push((key, acceptance));
    }
    Ok(all.into_iter().collect())
}

fn accept(
    connection: &Connection,
    keys: &[KeyRef],
    acceptance: &Acceptance,
    entries: &[Entry],
) -> Outcome<usize> {
    let mut put = connection.prepare_cached("INSERT OR REPLACE INTO acceptances VALUES (?, ?, ?, ?)")?;
    let mut accepted = 0;
    for (key, entry) in keys.iter().zip(entries) {
        let Some(number) = number(connection, key)? else { continue };
        journal::append(connection, entry)?;
        let until = acceptance.until.map(codec::millis);
        put.execute(params![number, acceptance.finding.word(), acceptance.reason, until])?;
        accepted += 1;
    }
    Ok(accepted)
}

fn withdraw(connection: &Connection, key: &KeyRef, finding: FindingKind, entry: &Entry) -> Outcome<bool> {
    let Some(number) = number(connection, key)? else { return Ok(false) };
    let mut remove = connection.prepare_cached("DELETE FROM acceptances WHERE key = ? AND finding = ?")?;
    if remove.execute(params![number, finding.word()])? == 0 {
        return Ok(false);
    }
    journal::append(connection, entry)?;
    Ok(true)
}

fn unlocated(connection: &Connection, account: &AccountId, limit: usize) -> Outcome<Vec<VendorKeyId>> {
    let mut statement = connection.prepare_cached(
        "SELECT k.id FROM listed k JOIN accounts a ON a.n = k.account
         WHERE a.id = ? AND k.last_use = 'at' AND k.last_use_at > coalesce(k.usage_at, 0)
         ORDER BY coalesce(k.usage_at, 0), k.last_use_at DESC LIMIT ?",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![account.0, limit], |row| Ok(VendorKeyId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn locate(connection: &Connection, key: &KeyRef, usage: &[Usage], at: DateTime<Utc>) -> Outcome<()> {
    let Some(number) = number(connection, key)? else { return Ok(()) };
    let now = codec::millis(at);
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT min(first_seen) FROM addresses WHERE key = ?")?
        .query_row([number], |row| row.get(0))?;
    let news = oldest.filter(|oldest| *oldest <= codec::millis(at - KNOWN)).map(|_| now);
    let mut put = connection.prepare_cached(
        "INSERT INTO addresses (key, ip, first_seen, last_used, news) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (key, ip) DO UPDATE SET last_used = excluded.last_used",
    )?;
    for address in usage {
        put.execute(params![number, address.ip, now, address.last_used_at.map(codec::millis), news])?;
    }
    connection
        .prepare_cached(
            "DELETE FROM addresses WHERE key = ?1 AND ip NOT IN
             (SELECT ip FROM addresses WHERE key = ?1 ORDER BY last_used DESC, ip LIMIT ?2)",
        )?
        .execute(params![number, ADDRESSES])?;
    connection.prepare_cached("UPDATE keys SET usage_at = last_use_at WHERE n = ?")?.execute([number])?;
    Ok(())
}
