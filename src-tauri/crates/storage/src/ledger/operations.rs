//! What is under way: begun before its request leaves, escrowed with its secret, and moved on.

use chrono::{DateTime, Utc};
use keyturn_core::account::AccountId;
use keyturn_core::authenticity::disowned_stage;
use keyturn_core::journal::Entry;
use keyturn_core::key::{KeyRecord, KeyRef, VendorKeyId};
use keyturn_core::name::is_same;
use keyturn_core::operation::{Operation, OperationId, Stage};
use keyturn_core::ports::{Along, LedgerError, Purpose, Sealed};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::fault::{Fault, Outcome, failed};
use super::tags::OPERATION;
use super::{accounts, codec, journal, keys, labels, sealed};

/// The last two: whether Keyturn wrote the row as it stands, and whether a new key's value is sealed for it.
fn columns() -> String {
    format!("o.id, a.id, o.intent, o.stage, o.detail, o.started_at, {}", marked())
}

fn marked() -> String {
    format!(
        "NOT o.open OR is_own(o.tag, {OPERATION}),
         EXISTS (SELECT 1 FROM sealed s WHERE s.id = 'escrow:' || o.id)"
    )
}

pub(super) fn begin(
    connection: &Connection,
    operation: &Operation,
    old_key: Option<&Sealed>,
    entry: &Entry,
) -> Outcome<()> {
    let account = accounts::number(connection, &operation.account)?;
    if let Some(key) = operation.predecessor() {
        let acts = |stage: &Stage| stage.is_minting() || matches!(stage, Stage::Rotating(_));
        let mut marks = marks_of(connection, &key)?;
        for twin in keys::twins(connection, account, &key)? {
            marks.extend(marks_of(connection, &twin)?);
        }
        let of_key = |mark: &Mark| mark.predecessor.as_ref().is_some_and(|old| old.key == key.key);
        if marks.iter().any(|mark| of_key(mark) && acts(&mark.stage)) {
            return Err(Fault::Words(LedgerError::UnderWay));
        }
        if is_over(connection, account, &key)? {
            return Err(Fault::Words(LedgerError::Over));
        }
    }
    if operation.stage.is_minting() && in_doubt(connection, operation)? {
        return Err(Fault::Words(LedgerError::InDoubt));
    }
    journal::append(connection, entry)?;
    let (stage, detail) = codec::stage_words(&operation.stage)?;
    connection
        .prepare_cached(
            "INSERT INTO operations (id, account, intent, stage, detail, open, started_at, tag)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, CASE WHEN ?6 THEN tag('operation', ?1, ?8, ?3, ?4, ?5) END)",
        )?
        .execute(params![
            operation.id.0,
            account,
            codec::intent_json(&operation.intent)?,
            stage,
            detail,
            operation.stage.is_open(),
            codec::millis(operation.started_at),
            operation.account.0,
        ])?;
    let Some(old_key) = old_key else { return Ok(()) };
    if let Some(key) = operation.predecessor() {
        sealed::remember(connection, &key, old_key)?;
    }
    sealed::add(connection, account, old_key)
}

/// Whether a request for a key of the same name is not settled: of two alike nobody could tell which was made. One
/// project is one set of keys, whatever accounts look at it.
fn in_doubt(connection: &Connection, operation: &Operation) -> Outcome<bool> {
    let beside = "o.open AND o.stage IN ('sent', 'rotating') AND o.account IN (SELECT b.n FROM accounts a
                  JOIN accounts b ON b.vendor = a.vendor AND b.base_url = a.base_url WHERE a.id = ?)";
    let open = select(connection, beside, params![operation.account.0])?;
    let name = operation.intent.name();
    Ok(open.iter().any(|other| other.stage.is_minting() && is_same(other.intent.name(), name)))
}

/// Whether the account has a request for a key out, whose reply is to be sealed.
pub(super) fn is_minting(connection: &Connection, account: &AccountId) -> Outcome<bool> {
    let open = select(connection, "o.open AND a.id = ?", params![account.0])?;
    Ok(open.iter().any(|operation| operation.stage.is_minting()))
}

/// Somebody else has replaced, revoked or deleted the key since it was looked at.
fn is_over(connection: &Connection, account: i64, key: &KeyRef) -> Outcome<bool> {
    let sql = "SELECT 1 FROM listed WHERE account = ? AND id = ? AND status <> 'revoked'";
    Ok(!connection.prepare_cached(sql)?.exists(params![account, key.key.0])?)
}

/// From where, to where.
type Steps<'a> = (&'a Stage, &'a Stage);

pub(super) fn escrow(
    connection: &Connection,
    operation: &OperationId,
    (from, to): Steps<'_>,
    record: &KeyRecord,
    entry_sealed: &Sealed,
    entry: &Entry,
) -> Outcome<bool> {
    let Some(found) = get(connection, operation)?.filter(|found| found.stage == *from) else {
        return Ok(false);
    };
    let key = KeyRef { account: entry.account.clone(), key: record.id.clone() };
    sealed::remember(connection, &key, entry_sealed)?;
    journal::append_for(connection, entry, Some(&record.hint))?;
    set_stage(connection, operation, to)?;
    keys::put(connection, &entry.account, record)?;
    let account = accounts::number(connection, &entry.account)?;
    if let Some(old) = found.predecessor() {
        labels::inherit(connection, account, &old.key, &record.id)?;
    }
    sealed::add(connection, account, entry_sealed)?;
    Ok(true)
}

/// Only from where it stands: whoever comes second changes nothing. What the stage needs no more is destroyed with it.
pub(super) fn step(
    connection: &Connection,
    operation: &OperationId,
    (from, to): Steps<'_>,
    along: Along<'_>,
) -> Outcome<bool> {
    let Some(found) = get(connection, operation)?.filter(|found| found.stage == *from) else {
        return Ok(false);
    };
    if let Some(entry) = along.entry {
        journal::append(connection, entry)?;
        for record in along.records {
            keys::put(connection, &found.account, record)?;
        }
    }
    if let Some((managing, entry)) = along.managing {
        let number = accounts::number(connection, &found.account)?;
        accounts::replace_managing(connection, number, &found.account, managing, entry)?;
    }
    set_stage(connection, operation, to)?;
    destroy_unneeded(connection, operation, to)?;
    Ok(true)
}

/// An open operation begins with this key, or leads to it. Which keys are orphans stands in a list: those are few.
const OF_KEY: &str = "o.n IN (
    SELECT n FROM operations WHERE open AND new_key = ?1 || '/' || ?2
    UNION SELECT n FROM operations
        WHERE open AND account = (SELECT n FROM accounts WHERE id = ?1) AND old_key = ?2
    UNION SELECT n FROM operations
        WHERE open AND stage = 'orphaned' AND account = (SELECT n FROM accounts WHERE id = ?1))";

fn destroy_unneeded(connection: &Connection, operation: &OperationId, stage: &Stage) -> Outcome<()> {
    if !stage.needs_value() {
        sealed::destroy(connection, &Purpose::Escrow(operation.clone()))?;
    }
    if !stage.needs_old_key() {
        sealed::destroy(connection, &Purpose::Predecessor(operation.clone()))?;
    }
    Ok(())
}

pub(super) fn get(connection: &Connection, operation: &OperationId) -> Outcome<Option<Operation>> {
    let found = select(connection, "o.id = ?", params![operation.0])?;
    Ok(found.into_iter().next())
}

/// Oldest first, by the order in which they were begun: clocks move.
pub(super) fn open(connection: &Connection) -> Outcome<Vec<Operation>> {
    select(connection, "o.open", params![])
}

/// Those that are open and concern one key.
pub(super) fn of_key(connection: &Connection, key: &KeyRef) -> Outcome<Vec<Operation>> {
    let mut found = select(connection, OF_KEY, params![key.account.0, key.key.0])?;
    found.retain(|it| !matches!(&it.stage, Stage::Orphaned { keys } if !keys.contains(key)));
    Ok(found)
}

/// Those that are open, and those begun at `since` or later.
pub(super) fn since(connection: &Connection, since: DateTime<Utc>) -> Outcome<Vec<Operation>> {
    select(connection, "o.open OR o.started_at >= ?", params![codec::millis(since)])
}

/// How far an open operation is, without what it intends: that may be large.
pub(super) struct Mark {
    pub(super) id: OperationId,
    pub(super) stage: Stage,
    pub(super) predecessor: Option<KeyRef>,
}

pub(super) fn open_marks(connection: &Connection) -> Outcome<Vec<Mark>> {
    marks(connection, "o.open", params![])
}

/// The marks of one key.
pub(super) fn marks_of(connection: &Connection, key: &KeyRef) -> Outcome<Vec<Mark>> {
    marks(connection, OF_KEY, params![key.account.0, key.key.0])
}

fn marks(connection: &Connection, condition: &str, values: &[&dyn ToSql]) -> Outcome<Vec<Mark>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT o.id, o.stage, o.detail, a.id, o.old_key, {}
         FROM operations o JOIN accounts a ON a.n = o.account WHERE {condition} ORDER BY o.n",
        marked()
    ))?;
    let mut rows = statement.query(values)?;
    let mut marks = Vec::new();
    while let Some(row) = rows.next()? {
        let (word, detail): (String, Option<String>) = (row.get(1)?, row.get(2)?);
        let account = AccountId(row.get(3)?);
        marks.push(Mark {
            id: OperationId(row.get(0)?),
            stage: as_it_counts(codec::stage(&word, detail.as_deref())?, row.get(5)?, row.get(6)?),
            predecessor: row
                .get::<_, Option<String>>(4)?
                .map(|key| KeyRef { account, key: VendorKeyId(key) }),
        });
    }
    Ok(marks)
}

/// The numbers of rows that do not read.
pub(super) fn unreadable(connection: &Connection) -> Outcome<Vec<i64>> {
    let mut statement = connection.prepare(&format!(
        "SELECT {}, o.n FROM operations o JOIN accounts a ON a.n = o.account",
        columns()
    ))?;
    let mut rows = statement.query([])?;
    let mut unreadable = Vec::new();
    while let Some(row) = rows.next()? {
        if read(row).is_err() {
            unreadable.push(row.get(8)?);
        }
    }
    Ok(unreadable)
}

fn select(connection: &Connection, condition: &str, values: &[&dyn ToSql]) -> Outcome<Vec<Operation>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {} FROM operations o JOIN accounts a ON a.n = o.account WHERE {condition} ORDER BY o.n",
        columns()
    ))?;
    let mut rows = statement.query(values)?;
    let mut operations = Vec::new();
    while let Some(row) = rows.next()? {
        operations.push(read(row)?);
    }
    Ok(operations)
}

pub(super) fn set_stage(connection: &Connection, operation: &OperationId, stage: &Stage) -> Outcome<()> {
    let (word, detail) = codec::stage_words(stage)?;
    let known = connection
        .prepare_cached(
            "UPDATE operations SET stage = ?1, detail = ?2, open = ?3, tag = CASE WHEN ?3 THEN
                tag('operation', id, (SELECT a.id FROM accounts a WHERE a.n = account), intent, ?1, ?2) END
             WHERE id = ?4 RETURNING n",
        )?
        .query_row(params![word, detail, stage.is_open(), operation.0], |row| row.get::<_, i64>(0))
        .optional()?;
    known.map(|_| ()).ok_or_else(|| failed("there is no such operation any more"))
}

fn read(row: &Row<'_>) -> Outcome<Operation> {
    let text =
        |index: usize| -> Outcome<&str> { Ok(row.get_ref(index)?.as_str().map_err(rusqlite::Error::from)?) };
    let stage = codec::stage(text(3)?, row.get::<_, Option<String>>(4)?.as_deref())?;
    Ok(Operation {
        id: OperationId(row.get(0)?),
        account: AccountId(row.get(1)?),
        intent: codec::intent(text(2)?)?,
        stage: as_it_counts(stage, row.get(6)?, row.get(7)?),
        started_at: codec::time(row.get(5)?)?,
    })
}

/// What the file says is not what the vault said: where they differ, nothing is done.
fn as_it_counts(stage: Stage, is_own: bool, holds_value: bool) -> Stage {
    if is_own { stage } else { disowned_stage(&stage, holds_value) }
}
