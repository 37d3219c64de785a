//! The rows that a reading does not list: how many, whether it is believed, and which go.

use std::collections::{HashMap, HashSet};

use keyturn_core::key::VendorKeyId;
use keyturn_core::ports::Trust;
use keyturn_core::reading::{Absence, Shortfall, absence};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::super::codec;
use super::super::fault::Outcome;
use super::super::observations::{self, Kind, Noted};
use super::Known;

/// Keys that the last reading did not list, and whether they are gone by now.
pub(super) fn missed(connection: &Connection, account: i64) -> Outcome<HashMap<String, bool>> {
    let sql = "SELECT id, gone_at IS NOT NULL FROM keys
               WHERE account = ? AND (unlisted_since IS NOT NULL OR gone_at IS NOT NULL)";
    let mut statement = connection.prepare_cached(sql)?;
    let missed = statement.query_map([account], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(missed.collect::<rusqlite::Result<_>>()?)
}

/// The rows that a reading does not list, but for those that were changed here since it began.
pub(super) fn absent(
    connection: &Connection,
    known: &Known,
    listed: &HashSet<&str>,
    rows: usize,
) -> Outcome<Vec<Absent>> {
    let mut found = Vec::new();
    if rows == 0 {
        return Ok(found);
    }
    // The ids alone come from an index: a row is read only where it is missing.
    let gone: HashSet<&str> =
        known.missed.iter().filter(|(_, gone)| **gone).map(|(id, _)| id.as_str()).collect();
    let mut ids = connection.prepare_cached("SELECT n, id FROM keys WHERE account = ?")?;
    let mut row_of = connection
        .prepare_cached("SELECT name, status, last_use_at, unlisted_since FROM keys WHERE n = ?")?;
    let mut rows = ids.query([known.account])?;
    while let Some(row) = rows.next()? {
        let id = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if listed.contains(id) || known.newer.contains(id) || gone.contains(id) {
            continue;
        }
        let (number, id) = (row.get(0)?, id.to_owned());
        found.push(row_of.query_row([number], |row| {
            Ok(Absent {
                number,
                id,
                name: row.get(0)?,
                status: row.get(1)?,
                last_use_at: row.get(2)?,
                since: row.get(3)?,
            })
        })?);
    }
    Ok(found)
}

/// How the reading compares with what is known to work.
pub(super) fn shortfall(
    connection: &Connection,
    known: &Known,
    absent: &[Absent],
    listed: usize,
) -> Outcome<Shortfall> {
    if absent.is_empty() {
        return Ok(Shortfall { listed, ..Shortfall::default() });
    }
    let live: u32 = connection
        .prepare_cached(
            "SELECT count(*) FROM listed WHERE account = ? AND status NOT IN ('revoked', 'revoking', 'expired')",
        )?
        .query_row([known.account], |row| row.get(0))?;
    // What was counted once is not counted again: the second reading only agrees with the first.
    // Nor is a key whose end was asked for here: that it is not listed is as it should be.
    let as_asked = |key: &&Absent| known.watched.contains(&key.id) || known.may_have_made(&key.name, &key.id);
    let gone_as_asked = absent.iter().filter(|key| key.is_live()).filter(as_asked).count();
    let unasked = absent.iter().filter(|key| key.is_live() && !as_asked(key));
    let missing = unasked.filter(|key| key.since.is_none()).count();
    let managing: Option<String> = connection
        .prepare_cached("SELECT managing_key FROM accounts WHERE n = ?")?
        .query_row([known.account], |row| row.get(0))?;
    let managing = managing.is_some_and(|managing| absent.iter().any(|key| key.id == managing));
    Ok(Shortfall { live: (live as usize).saturating_sub(gone_as_asked), missing, managing, listed })
}

/// Of the rows that the vendor does not list: those of which two readings agree go, the others are looked for again. A
/// row that an open operation needs stays, as one that is not listed: nobody saw it end.
pub(super) fn let_go(
    connection: &Connection,
    known: &Known,
    absent: &[Absent],
    trust: Trust,
) -> Outcome<(usize, usize)> {
    let (mut vanished, mut unlisted) = (0, 0);
    let read_at = codec::time(known.read_at)?;
    for key in absent {
        // What was dead is cleared away by many a vendor: nothing hangs on it.
        let settled = trust == Trust::Accepted || matches!(key.status.as_str(), "revoked" | "expired");
        let since = key.since.map(codec::time).transpose()?;
        let held = known.held.contains(&VendorKeyId(key.id.clone()));
        if held || (!settled && absence(since, read_at) == Absence::Rumour) {
            unlisted += 1;
            let since = key.since.map_or(known.read_at, |since| since.min(known.read_at));
            connection
                .prepare_cached("UPDATE keys SET unlisted_since = ? WHERE n = ?")?
                .execute(params![since, key.number])?;
            continue;
        }
        vanished += 1;
        if known.baseline {
            observations::note(connection, &key.change(known))?;
        }
        connection
            .prepare_cached("UPDATE keys SET gone_at = ?, unlisted_since = NULL WHERE n = ?")?
            .execute(params![known.read_at, key.number])?;
    }
    Ok((vanished, unlisted))
}

/// A row that the vendor does not list.
pub(super) struct Absent {
    number: i64,
    id: String,
    name: String,
    status: String,
    last_use_at: Option<i64>,
    /// The first of the readings that did not list it, where this is not the first.
    since: Option<i64>,
}

impl Absent {
    fn is_live(&self) -> bool {
        !matches!(self.status.as_str(), "revoking" | "revoked" | "expired")
    }

    /// A key that was dead is cleared away by many a vendor: nobody did it.
    fn change<'a>(&'a self, known: &Known) -> Noted<'a> {
        Noted {
            at: known.read_at,
            account: known.account,
            key: &self.id,
            name: &self.name,
            kind: Kind::Vanished,
            outside: self.is_live(),
            before: self.last_use_at.into(),
            after: Value::Null,
        }
    }
}
