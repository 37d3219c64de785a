//! One reading of an account, merged: its rows become what the vendor listed, in the caller's one transaction.
//!
//! A row is written only where something differs; what differs and was not done here is marked as outside.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use keyturn_core::account::AccountId;
use keyturn_core::key::{KeyRecord, KeyRef, KeyStatus, Scope, VendorKeyId};
use keyturn_core::operation::{Intent, Operation, Stage};
use keyturn_core::ports::MergeReport;
use rusqlite::{CachedStatement, Connection, params};

use super::fault::Outcome;
use super::{accounts, codec, keys, operations};

/// A row that Keyturn wrote within this time after the reading was taken is newer than the reading. Beyond
/// it the clock was moved, and the reading counts.
const OVERLAP_MS: i64 = 5 * 60 * 1000;

/// `changed_outside` moves where name, scopes or expiry differ, or the status does without an explanation:
/// a revocation asked for here, an expiry or an overlap that ran out by itself.
const UPSERT: &str = "
INSERT INTO keys (id, name, hint_prefix, hint_suffix, environment, scopes, status, status_at,
                  created_at, expires_at, last_use, last_use_at, creator, account, changed_outside)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
ON CONFLICT (account, id) DO UPDATE SET
    name = excluded.name, hint_prefix = excluded.hint_prefix, hint_suffix = excluded.hint_suffix,
    environment = excluded.environment, scopes = excluded.scopes, status = excluded.status,
    status_at = excluded.status_at, created_at = excluded.created_at, expires_at = excluded.expires_at,
    last_use = excluded.last_use, last_use_at = excluded.last_use_at, creator = excluded.creator,
    changed_outside = CASE
        WHEN ?17 AND ((name, scopes, expires_at) IS NOT (excluded.name, excluded.scopes, excluded.expires_at)
            OR (status IS NOT excluded.status
                AND status IS NOT 'revoking'
                AND NOT (excluded.status = 'expired' AND coalesce(expires_at <= ?16, 0))
                AND NOT (status = 'retiring' AND excluded.status IN ('revoked', 'expired')
                         AND coalesce(status_at <= ?16, 0))))
        THEN ?16 ELSE changed_outside END
WHERE (name, hint_prefix, hint_suffix, environment, scopes, status, status_at, created_at, expires_at,
       last_use, last_use_at, creator)
    IS NOT (excluded.name, excluded.hint_prefix, excluded.hint_suffix, excluded.environment, excluded.scopes,
       excluded.status, excluded.status_at, excluded.created_at, excluded.expires_at,
       excluded.last_use, excluded.last_use_at, excluded.creator)";

/// What the ledger knows of the account beyond the vendor's list.
struct Known {
    account: i64,
    read_at: i64,
    /// Not the first reading: what is new now was made elsewhere.
    baseline: bool,
    /// Words of ours that no vendor reports; they stand until the vendor says that the key is dead.
    words: HashMap<String, KeyStatus>,
    /// Rows that were written here after the reading was taken.
    newer: HashSet<String>,
    /// Operations whose request for a key may still be out.
    minting: Vec<Operation>,
    /// Keys that an open operation needs.
    held: HashSet<VendorKeyId>,
}

/// Merges one whole reading. The account is fresh as of `read_at` afterwards.
pub(super) fn merge(
    connection: &Connection,
    account: &AccountId,
    listed: &[KeyRecord],
    read_at: DateTime<Utc>,
) -> Outcome<MergeReport> {
    let known = know(connection, account, codec::millis(read_at))?;
    let before = count(connection, known.account)?;
    let written = write_listed(connection, &known, listed)?;
    let after = count(connection, known.account)?;
    let added = after - before;
    let vanished = remove_unlisted(connection, &known, listed, after)?;
    connection
        .prepare_cached(
            "UPDATE accounts SET freshness = 'fresh', read_at = ?, stale_since = NULL, stale_reason = NULL, baseline = 1
             WHERE n = ?",
        )?
        .execute([known.read_at, known.account])?;
    Ok(MergeReport { added, changed: written - added, vanished })
}

fn know(connection: &Connection, account: &AccountId, read_at: i64) -> Outcome<Known> {
    let number = accounts::number(connection, account)?;
    let baseline =
        connection.query_row("SELECT baseline FROM accounts WHERE n = ?", [number], |row| row.get(0))?;
    let mut open = operations::open(connection)?;
    open.retain(|operation| operation.account == *account);
    let held = open.iter().flat_map(held).collect();
    open.retain(|operation| operation.stage.is_minting());
    let mut known = Known {
        account: number,
        read_at,
        baseline,
        words: HashMap::new(),
        newer: HashSet::new(),
        minting: open,
        held,
    };
    let mut statement = connection.prepare_cached(
        "SELECT id, status, written_at > ?2 AND written_at <= ?2 + ?3 FROM keys
         WHERE account = ?1 AND (status IN ('revoking', 'orphan') OR written_at > ?2)",
    )?;
    let mut rows = statement.query([number, read_at, OVERLAP_MS])?;
    while let Some(row) = rows.next()? {
        let (id, status): (String, String) = (row.get(0)?, row.get(1)?);
        if row.get::<_, Option<bool>>(2)?.unwrap_or(false) {
            known.newer.insert(id);
        } else if let status @ (KeyStatus::Revoking | KeyStatus::Orphan) = codec::status((&status, None))? {
            known.words.insert(id, status);
        }
    }
    Ok(known)
}

/// How many rows were added or changed.
fn write_listed(connection: &Connection, known: &Known, listed: &[KeyRecord]) -> Outcome<usize> {
    let mut upsert = connection.prepare_cached(UPSERT)?;
    let mut sets: HashMap<&[Scope], i64> = HashMap::new();
    let mut written = 0;
    for record in listed.iter().filter(|record| !known.newer.contains(&record.id.0)) {
        let set = match sets.get(record.scopes.as_slice()) {
            Some(set) => *set,
            None => {
                let set = keys::scope_set(connection, &record.scopes)?;
                sets.insert(&record.scopes, set);
                set
            }
        };
        written += write_one(&mut upsert, known, record, set)?;
    }
    Ok(written)
}

fn write_one(
    upsert: &mut CachedStatement<'_>,
    known: &Known,
    record: &KeyRecord,
    set: i64,
) -> Outcome<usize> {
    let ours = known.words.get(&record.id.0).filter(|_| record.status.is_live());
    let (status, status_at) = codec::status_word(ours.unwrap_or(&record.status));
    let (last_use, last_use_at) = codec::last_use_word(&record.last_use);
    let appeared = (known.baseline && !known.expects(record)).then_some(known.read_at);
    Ok(upsert.execute(params![
        record.id.0,
        record.name,
        record.hint.prefix,
        record.hint.suffix,
        codec::environment_word(&record.environment),
        set,
        status,
        status_at,
        record.created_at.map(codec::millis),
        record.expires_at.map(codec::millis),
        last_use,
        last_use_at,
        record.creator,
        known.account,
        appeared,
        known.read_at,
        known.baseline,
    ])?)
}

/// Rows that the vendor does not list any more go, unless an open operation or a newer write holds them.
fn remove_unlisted(
    connection: &Connection,
    known: &Known,
    listed: &[KeyRecord],
    rows: usize,
) -> Outcome<usize> {
    let listed: HashSet<&str> = listed.iter().map(|record| record.id.0.as_str()).collect();
    if listed.len() == rows && known.newer.is_empty() {
        return Ok(0);
    }
    let mut gone: Vec<i64> = Vec::new();
    let mut statement = connection.prepare_cached("SELECT n, id FROM keys WHERE account = ?")?;
    let mut rows = statement.query([known.account])?;
    while let Some(row) = rows.next()? {
        let id = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if !listed.contains(id)
            && !known.newer.contains(id)
            && !known.held.contains(&VendorKeyId(id.to_owned()))
        {
            gone.push(row.get(0)?);
        }
    }
    let mut remove = connection.prepare_cached("DELETE FROM keys WHERE n = ?")?;
    for number in &gone {
        remove.execute([number])?;
    }
    Ok(gone.len())
}

fn count(connection: &Connection, account: i64) -> Outcome<usize> {
    let count: u32 = connection
        .prepare_cached("SELECT count(*) FROM keys WHERE account = ?")?
        .query_row([account], |row| row.get(0))?;
    Ok(count as usize)
}

impl Known {
    /// A request of ours whose reply is still out may have made this key.
    fn expects(&self, record: &KeyRecord) -> bool {
        self.minting.iter().any(|operation| {
            let known = match &operation.intent {
                Intent::Create { known, .. }
                | Intent::Rotate { known, .. }
                | Intent::Replace { known, .. } => known.as_slice(),
                Intent::Revoke { .. } => return false,
            };
            operation.intent.name() == record.name && !known.contains(&record.id)
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
