//! What is under way: begun before its request leaves, escrowed with its secret, and moved on.

use keyturn_core::account::AccountId;
use keyturn_core::journal::Entry;
use keyturn_core::key::{KeyRecord, KeyRef};
use keyturn_core::operation::{Operation, OperationId, Stage};
use keyturn_core::ports::{Purpose, Sealed};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::fault::{Outcome, failed};
use super::{accounts, codec, journal, keys, sealed};

const COLUMNS: &str = "o.id, a.id, o.intent, o.stage, o.detail, o.started_at";

pub(super) fn begin(connection: &Connection, operation: &Operation, entry: &Entry) -> Outcome<()> {
    journal::append(connection, entry)?;
    let account = accounts::number(connection, &operation.account)?;
    let (stage, detail) = codec::stage_words(&operation.stage)?;
    connection
        .prepare_cached(
            "INSERT INTO operations (id, account, intent, stage, detail, open, started_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            operation.id.0,
            account,
            codec::intent_json(&operation.intent)?,
            stage,
            detail,
            operation.stage.is_open(),
            codec::millis(operation.started_at),
        ])?;
    Ok(())
}

pub(super) fn escrow(
    connection: &Connection,
    operation: &OperationId,
    account: &AccountId,
    record: &KeyRecord,
    entry_sealed: &Sealed,
    entry: &Entry,
) -> Outcome<()> {
    journal::append(connection, entry)?;
    let key = KeyRef { account: account.clone(), key: record.id.clone() };
    set_stage(connection, operation, &Stage::Escrowed { key })?;
    keys::put(connection, account, record, entry.at)?;
    sealed::add(connection, accounts::number(connection, account)?, entry_sealed)
}

/// A stage that is not open destroys the escrow with it.
pub(super) fn advance(
    connection: &Connection,
    operation: &OperationId,
    stage: &Stage,
    entry: &Entry,
) -> Outcome<()> {
    journal::append(connection, entry)?;
    set_stage(connection, operation, stage)?;
    if stage.is_open() { Ok(()) } else { sealed::destroy(connection, &Purpose::Escrow(operation.clone())) }
}

pub(super) fn get(connection: &Connection, operation: &OperationId) -> Outcome<Option<Operation>> {
    let found = select(connection, "o.id = ?", Some(&operation.0))?;
    Ok(found.into_iter().next())
}

/// Oldest first, by the order in which they were begun: clocks move.
pub(super) fn open(connection: &Connection) -> Outcome<Vec<Operation>> {
    select(connection, "o.open", None)
}

/// How far the open ones are, without what they intend: that may be large.
pub(super) fn open_stages(connection: &Connection) -> Outcome<Vec<(OperationId, Stage)>> {
    let mut statement =
        connection.prepare_cached("SELECT id, stage, detail FROM operations WHERE open ORDER BY n")?;
    let mut rows = statement.query([])?;
    let mut stages = Vec::new();
    while let Some(row) = rows.next()? {
        let (word, detail): (String, Option<String>) = (row.get(1)?, row.get(2)?);
        stages.push((OperationId(row.get(0)?), codec::stage(&word, detail.as_deref())?));
    }
    Ok(stages)
}

/// The numbers of rows that do not read.
pub(super) fn unreadable(connection: &Connection) -> Outcome<Vec<i64>> {
    let mut statement = connection
        .prepare(&format!("SELECT {COLUMNS}, o.n FROM operations o JOIN accounts a ON a.n = o.account"))?;
    let mut rows = statement.query([])?;
    let mut unreadable = Vec::new();
    while let Some(row) = rows.next()? {
        if read(row).is_err() {
            unreadable.push(row.get(6)?);
        }
    }
    Ok(unreadable)
}

fn select(connection: &Connection, condition: &str, id: Option<&str>) -> Outcome<Vec<Operation>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM operations o JOIN accounts a ON a.n = o.account WHERE {condition} ORDER BY o.n"
    ))?;
    let mut rows = statement.query(rusqlite::params_from_iter(id))?;
    let mut operations = Vec::new();
    while let Some(row) = rows.next()? {
        operations.push(read(row)?);
    }
    Ok(operations)
}

fn set_stage(connection: &Connection, operation: &OperationId, stage: &Stage) -> Outcome<()> {
    let (word, detail) = codec::stage_words(stage)?;
    let known = connection
        .prepare_cached("UPDATE operations SET stage = ?, detail = ?, open = ? WHERE id = ? RETURNING n")?
        .query_row(params![word, detail, stage.is_open(), operation.0], |row| row.get::<_, i64>(0))
        .optional()?;
    known.map(|_| ()).ok_or_else(|| failed("there is no such operation any more"))
}

fn read(row: &Row<'_>) -> Outcome<Operation> {
    let text =
        |index: usize| -> Outcome<&str> { Ok(row.get_ref(index)?.as_str().map_err(rusqlite::Error::from)?) };
    Ok(Operation {
        id: OperationId(row.get(0)?),
        account: AccountId(row.get(1)?),
        intent: codec::intent(text(2)?)?,
        stage: codec::stage(text(3)?, row.get::<_, Option<String>>(4)?.as_deref())?,
        started_at: codec::time(row.get(5)?)?,
    })
}
