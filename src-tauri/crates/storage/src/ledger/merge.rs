//! One reading of an account, merged: its rows become what the vendor listed, in the caller's one transaction.
//!
//! A row is written only where something differs; what differs and was not done here is marked as outside.

mod absent;
mod compare;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use keyturn_core::account::AccountId;
use keyturn_core::key::{Hint, KeyRecord, KeyRef, KeyStatus, Scope, VendorKeyId};
use keyturn_core::name::is_same;
use keyturn_core::observed::seen_between;
use keyturn_core::operation::{Intent, Operation, Stage};
use keyturn_core::ports::{MergeReport, Merged, Moment, Trust};
use keyturn_core::rotation::Phase;
use rusqlite::types::Value;
use rusqlite::{Connection, ToSql, params, params_from_iter};

use absent::{absent, let_go, missed, shortfall};
use compare::{Before, COLUMNS, Difference, Form};

use super::fault::Outcome;
use super::observations::{self, Kind, Noted};
use super::{accounts, codec, journal, keys, operations};

/// What the ledger knows of the account beyond the vendor's list.
struct Known {
    account: i64,
    read_at: i64,
    /// The last reading before this one.
    read_before: Option<DateTime<Utc>>,
    /// Not the first reading: what is new now was made elsewhere.
    baseline: bool,
    /// Words of ours that no vendor reports; they stand until the vendor says that the key is dead.
    words: HashMap<String, KeyStatus>,
    /// Keys that were changed here since the reading began: of these it knows nothing.
    newer: HashSet<String>,
    /// Operations whose request for a key may still be out.
    minting: Vec<Operation>,
    /// Keys that an open operation needs.
    held: HashSet<VendorKeyId>,
    /// What is known of keys of which the vendor's list shows nothing: as they were made here.
    hints: HashMap<String, Hint>,
    /// Keyturn itself asks whether these are dead: until it has the answer, the vendor's list has not the word.
    watched: HashSet<String>,
    /// Keys that earlier readings did not list: whether they count as gone.
    missed: HashMap<String, bool>,
}

/// The key that an operation waits to see dead.
fn watched(operation: &Operation) -> Option<String> {
    let Stage::Rotating(rotation) = &operation.stage else { return None };
    match &rotation.phase {
        Phase::Revoking { .. } | Phase::Dying { .. } => {
            operation.intent.predecessor().map(|key| key.0.clone())
        }
        Phase::Undoing(successor) | Phase::Fading { successor, .. } => Some(successor.key.key.0.clone()),
        _ => None,
    }
}

/// Merges one whole reading. The account is fresh as of its moment afterwards, or nothing is changed where the reading is
/// doubted.
pub(super) fn merge(
    connection: &Connection,
    account: &AccountId,
    listed: &[KeyRecord],
    read: Moment,
    trust: Trust,
) -> Outcome<Merged> {
    let mut known = know(connection, account, read)?;
    let ids: HashSet<&str> = listed.iter().map(|record| record.id.0.as_str()).collect();
    let before = count(connection, known.account)?;
    let absent = absent(connection, &known, &ids, before)?;
    if trust == Trust::Usual
        && let Some(doubt) = shortfall(connection, &known, &absent, ids.len())?.doubt()
    {
        return Ok(Merged::Doubtful(doubt));
    }
    if listed.iter().any(|record| record.hint.is_empty()) {
        known.hints = hints(connection, known.account)?;
    }
    let (added, written) = write_listed(connection, &known, listed)?;
    let (vanished, unlisted) = let_go(connection, &known, &absent, trust)?;
    connection
        .prepare_cached(
            "UPDATE accounts SET freshness = 'fresh', read_at = ?1, stale_since = NULL, stale_reason = NULL,
                    doubted = 0, baseline = 1, observed_since = coalesce(observed_since, ?1)
             WHERE n = ?2",
        )?
        .execute([known.read_at, known.account])?;
    observations::trim(connection)?;
    Ok(Merged::Done(MergeReport { added, changed: written - added, vanished, unlisted }))
}

fn know(connection: &Connection, account: &AccountId, read: Moment) -> Outcome<Known> {
    let (number, read_at) = (accounts::number(connection, account)?, codec::millis(read.at));
    let (baseline, read_before): (bool, Option<i64>) =
        connection.query_row("SELECT baseline, read_at FROM accounts WHERE n = ?", [number], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    // A clock that was set back: nothing lies between the two readings.
    let read_before = read_before.map(|before| codec::time(before.min(read_at))).transpose()?;
    let mut open = operations::open(connection)?;
    open.retain(|operation| operation.account == *account);
    let held = open.iter().flat_map(held).collect();
    let watched = open.iter().filter_map(watched).collect();
    open.retain(|operation| operation.stage.is_minting());
    let mut known = Known {
        account: number,
        read_at,
        read_before,
        baseline,
        words: HashMap::new(),
        newer: journal::changed_since(connection, account, read.entry)?,
        minting: open,
        held,
        hints: HashMap::new(),
        watched,
        missed: missed(connection, number)?,
    };
    let mut statement = connection.prepare_cached(
        "SELECT id, status FROM keys WHERE account = ? AND status IN ('revoking', 'orphan')",
    )?;
    let mut rows = statement.query([number])?;
    while let Some(row) = rows.next()? {
        let status: String = row.get(1)?;
        known.words.insert(row.get(0)?, codec::status((&status, None))?);
    }
    Ok(known)
}

fn hints(connection: &Connection, account: i64) -> Outcome<HashMap<String, Hint>> {
    let sql = "SELECT id, hint_prefix, hint_suffix FROM keys
               WHERE account = ? AND (hint_prefix <> '' OR hint_suffix <> '')";
    let mut statement = connection.prepare_cached(sql)?;
    let known = statement
        .query_map([account], |row| Ok((row.get(0)?, Hint { prefix: row.get(1)?, suffix: row.get(2)? })))?;
    Ok(known.collect::<rusqlite::Result<_>>()?)
}

/// How many rows were added, and how many added or changed.
fn write_listed(connection: &Connection, known: &Known, listed: &[KeyRecord]) -> Outcome<(usize, usize)> {
    let mut find =
        connection.prepare_cached(&format!("SELECT n, {COLUMNS} FROM keys WHERE account = ? AND id = ?"))?;
    let mut sets: HashMap<&[Scope], i64> = HashMap::new();
    let (mut added, mut written) = (0, 0);
    for record in listed.iter().filter(|record| !known.newer.contains(&record.id.0)) {
        let set = match sets.get(record.scopes.as_slice()) {
            Some(set) => *set,
            None => {
                let set = keys::scope_set(connection, &record.scopes)?;
                sets.insert(&record.scopes, set);
                set
            }
        };
        let is_watched = known.watched.contains(&record.id.0);
        let ours = known.words.get(&record.id.0).filter(|_| record.status.is_live() || is_watched);
        let hint = known.hints.get(&record.id.0).filter(|_| record.hint.is_empty());
        let form = Form::of(record, hint.unwrap_or(&record.hint), ours.unwrap_or(&record.status), set);
        let missed = known.missed.get(&record.id.0).copied();
        let mut rows = find.query(params![known.account, record.id.0])?;
        match rows.next()? {
            None => {
                insert(connection, known, record, &form)?;
                added += 1;
            }
            Some(row) if form.stands_in(row)? && missed.is_none() && !is_watched => continue,
            Some(row) => {
                let before = Before::read(row)?;
                drop(rows);
                update(connection, known, record, &before, &form)?;
                if let Some(gone) = missed {
                    come_back(connection, known, record, gone)?;
                    added += usize::from(gone);
                }
                if is_watched {
                    connection
                        .prepare_cached("UPDATE keys SET listed_dead = ? WHERE n = ?")?
                        .execute(params![!record.status.is_live(), before.number])?;
                }
            }
        }
        written += 1;
    }
    Ok((added, written))
}

/// A key that was not listed is listed again: with everything that a person or time had given to it.
fn come_back(connection: &Connection, known: &Known, record: &KeyRecord, gone: bool) -> Outcome<()> {
    connection
        .prepare_cached("UPDATE keys SET unlisted_since = NULL, gone_at = NULL WHERE account = ? AND id = ?")?
        .execute(params![known.account, record.id.0])?;
    if gone && known.baseline {
        let change = known.change(record, (Kind::Returned, true, Value::Null, Value::Null));
        observations::note(connection, &change)?;
    }
    Ok(())
}

fn insert(connection: &Connection, known: &Known, record: &KeyRecord, form: &Form<'_>) -> Outcome<()> {
    let appeared = known.baseline && !known.expects(record);
    let outside = appeared.then_some(known.read_at);
    let more: [&dyn ToSql; 3] = [&record.id.0, &known.account, &outside];
    connection
        .prepare_cached(&format!(
            "INSERT INTO keys ({COLUMNS}, id, account, changed_outside)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ))?
        .execute(params_from_iter(form.values().into_iter().chain(more)))?;
    if appeared {
        let change = known.change(record, (Kind::Appeared, true, Value::Null, Value::Null));
        observations::note(connection, &change)?;
    }
    Ok(())
}

/// Writes what differs, and remembers it.
fn update(
    connection: &Connection,
    known: &Known,
    record: &KeyRecord,
    before: &Before,
    form: &Form<'_>,
) -> Outcome<()> {
    let differences = if known.baseline { before.differences(form, known.read_at) } else { Vec::new() };
    let outside = differences.iter().any(|(_, outside, ..)| *outside).then_some(known.read_at);
    let woke = before.woke(record);
    let more: [&dyn ToSql; 3] = [&outside, &woke, &before.number];
    connection
        .prepare_cached(&format!(
            "UPDATE keys SET ({COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?),
                    changed_outside = coalesce(?, changed_outside), woke_at = coalesce(?, woke_at) WHERE n = ?"
        ))?
        .execute(params_from_iter(form.values().into_iter().chain(more)))?;
    if let Some(read_before) = known.read_before.filter(|_| before.last_use != record.last_use) {
        let seen = seen_between(&before.last_use, read_before, &record.last_use);
        observations::write_uses(connection, before.number, &seen)?;
    }
    for difference in differences {
        observations::note(connection, &known.change(record, difference))?;
    }
    Ok(())
}

/// How many rows are not gone. Both counts come from an index alone.
fn count(connection: &Connection, account: i64) -> Outcome<usize> {
    let count: u32 = connection
        .prepare_cached(
            "SELECT (SELECT count(*) FROM keys WHERE account = ?1)
                  - (SELECT count(*) FROM keys WHERE account = ?1 AND gone_at IS NOT NULL)",
        )?
        .query_row([account], |row| row.get(0))?;
    Ok(count as usize)
}

impl Known {
    fn change<'a>(&self, record: &'a KeyRecord, (kind, outside, before, after): Difference) -> Noted<'a> {
        Noted {
            at: self.read_at,
            account: self.account,
            key: &record.id.0,
            name: &record.name,
            kind,
            outside,
            before,
            after,
        }
    }

    /// A request of ours whose reply is still out may have made this key.
    fn expects(&self, record: &KeyRecord) -> bool {
        self.may_have_made(&record.name, &record.id.0)
    }

    /// A request of ours whose reply is still out may have made this key, or ended it.
    fn may_have_made(&self, name: &str, id: &str) -> bool {
        let ended = |operation: &Operation| matches!(&operation.intent, Intent::Rotate { predecessor, .. } if predecessor.0 == id);
        self.minting.iter().any(ended)
            || self.minting.iter().any(|operation| {
                let known = match &operation.intent {
                    Intent::Create { known, .. }
                    | Intent::Rotate { known, .. }
                    | Intent::Replace { known, .. } => known.as_slice(),
                    Intent::Revoke { .. } => return false,
                };
                is_same(operation.intent.name(), name) && !known.iter().any(|known| known.0 == id)
            })
    }
}

/// The keys whose rows an open operation needs.
fn held(operation: &Operation) -> Vec<VendorKeyId> {
    let new: Vec<&KeyRef> = match &operation.stage {
        Stage::Escrowed { key } => vec![key],
        Stage::Orphaned { keys } => keys.iter().collect(),
        Stage::Rotating(rotation) => {
            rotation.successor().map(|successor| &successor.key).into_iter().collect()
        }
        Stage::Sent | Stage::Acknowledged { .. } | Stage::Failed { .. } => Vec::new(),
    };
    let new = new.into_iter().map(|key| key.key.clone());
    operation.intent.predecessor().cloned().into_iter().chain(new).collect()
}
