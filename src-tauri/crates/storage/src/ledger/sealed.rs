//! Sealed entries. Opens none: the key is elsewhere.

use keyturn_core::ports::{Purpose, Sealed};
use rusqlite::{Connection, OptionalExtension, params};

use super::fault::{Outcome, failed};

pub(super) fn get(connection: &Connection, purpose: &Purpose) -> Outcome<Option<Sealed>> {
    let found: Option<([u8; 24], Vec<u8>)> = connection
        .prepare_cached("SELECT nonce, ciphertext FROM sealed WHERE id = ?")?
        .query_row([purpose.entry_id()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.map(|(nonce, ciphertext)| Sealed { purpose: purpose.clone(), nonce, ciphertext }))
}

pub(super) fn any(connection: &Connection) -> Outcome<bool> {
    Ok(connection.query_row("SELECT EXISTS (SELECT 1 FROM sealed)", [], |row| row.get(0))?)
}

/// A new managing key takes the place of the old one.
pub(super) fn replace(connection: &Connection, account: i64, entry: &Sealed) -> Outcome<()> {
    insert(
        connection,
        account,
        entry,
        "ON CONFLICT (id) DO UPDATE SET nonce = excluded.nonce, ciphertext = excluded.ciphertext",
    )
}

/// Never over another: an escrow that is there has not been acknowledged, and an adopted key not been forgotten.
pub(super) fn add(connection: &Connection, account: i64, entry: &Sealed) -> Outcome<()> {
    if get(connection, &entry.purpose)?.is_some() {
        return Err(failed("a secret is already sealed under this name"));
    }
    insert(connection, account, entry, "")
}

pub(super) fn destroy(connection: &Connection, purpose: &Purpose) -> Outcome<()> {
    connection.prepare_cached("DELETE FROM sealed WHERE id = ?")?.execute([purpose.entry_id()])?;
    Ok(())
}

fn insert(connection: &Connection, account: i64, entry: &Sealed, conflict: &str) -> Outcome<()> {
    let operation = match &entry.purpose {
        Purpose::Managing(_) | Purpose::Adopted(_) => None,
        Purpose::Escrow(operation) => Some(&operation.0),
    };
    connection
        .prepare_cached(&format!(
            "INSERT INTO sealed (id, account, operation, nonce, ciphertext) VALUES (?, ?, ?, ?, ?) {conflict}"
        ))?
        .execute(params![
            entry.purpose.entry_id(),
            account,
            operation,
            entry.nonce.as_slice(),
            entry.ciphertext
        ])?;
    Ok(())
}
