//! The tables, and the steps that lead to them. `user_version` counts the steps taken.
//!
//! A step that was shipped is never edited: a new one is added.

use keyturn_core::ports::LedgerError;
use rusqlite::{Connection, TransactionBehavior};

use super::fault::{Fault, Outcome, damaged};

/// Marks the file as ours: the letters `KtnL`.
pub(super) const APPLICATION_ID: i32 = 0x4b74_6e4c;

/// Tables whose rows are carried over from a damaged file, parents first. The journal goes its own way.
pub(super) const SALVAGED: [&str; 17] = [
    "scope_sets",
    "accounts",
    "operations",
    "sealed",
    "settings",
    "keys",
    "batches",
    "batch_items",
    "labels",
    "policies",
    "reminders",
    "uses",
    "addresses",
    "changes",
    "acceptances",
    "vendor_records",
    "fingerprints",
];

const STEPS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
    include_str!("schema/9.sql"),
    include_str!("schema/10.sql"),
];

/// How many steps there are.
pub(super) fn latest() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// Takes the steps that are missing, each in a transaction. Another process may be taking them at this moment.
///
/// # Errors
/// [`LedgerError::NewerSchema`] where the file has taken more steps than are known here; it is not touched.
pub(super) fn migrate(connection: &mut Connection) -> Outcome<()> {
    while version(connection)? < latest() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let taken = version(&transaction)?;
        let Some(step) = STEPS.get(taken as usize) else { break };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", taken + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Compares the tables with those that the steps make: one changed letter in a stored statement is another
/// column's name.
pub(super) fn check(connection: &Connection) -> Outcome<()> {
    let model = Connection::open_in_memory()?;
    for step in STEPS.iter().take(version(connection)? as usize) {
        model.execute_batch(step)?;
    }
    if statements(&model)? == statements(connection)? {
        Ok(())
    } else {
        Err(damaged("the tables are not a ledger's"))
    }
}

fn statements(connection: &Connection) -> Outcome<Vec<(String, Option<String>)>> {
    let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many steps the file has taken.
///
/// # Errors
/// [`LedgerError::NewerSchema`] where those are more than are known here.
pub(super) fn version(connection: &Connection) -> Outcome<u32> {
    let taken: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if taken as usize > STEPS.len() {
        return Err(Fault::Words(LedgerError::NewerSchema));
    }
    Ok(taken)
}
