//! The SQLite file. One authority at a time: it is locked for as long as it is open, since the index would
//! not see another's changes.
//!
//! Never holds a key's value, only its hash and its last characters.

mod rows;

use std::path::Path;

use rusqlite::Connection;

pub(super) use rows::{delete_key, insert_key, load, put_member, write_last_use, write_revocation};

use crate::config::Vendor;
use crate::error::AuthorityError;

/// The schema's number; a store with a greater one is from a later authority.
const VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE origin (vendor TEXT NOT NULL) STRICT;
CREATE TABLE accounts (id TEXT PRIMARY KEY) STRICT;
CREATE TABLE members (
    name TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL
) STRICT;
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    environment TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    creator TEXT NOT NULL REFERENCES members (name),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER
) STRICT;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    at INTEGER NOT NULL,
    deed TEXT NOT NULL,
    key TEXT NOT NULL,
    key_name TEXT NOT NULL,
    successor TEXT,
    member TEXT NOT NULL,
    with_key TEXT
) STRICT;
CREATE INDEX audit_by_age ON audit (account, at, id);
";

/// Opens the store, and makes it where there is none.
///
/// # Errors
/// It cannot be opened, is locked, or belongs to another vendor or a later version.
pub(super) fn open(path: &Path, vendor: Vendor) -> Result<Connection, AuthorityError> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory).map_err(AuthorityError::Directory)?;
    }
    let mut connection = Connection::open(path).map_err(AuthorityError::store("open"))?;
    // FULL: a commit is on the disk before the reply leaves.
    let settings = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON;";
    connection.execute_batch(settings).map_err(AuthorityError::store("prepare"))?;
    migrate(&mut connection, vendor)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, vendor: Vendor) -> Result<(), AuthorityError> {
    let failed = AuthorityError::store("prepare");
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(&failed)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(&failed)?;
    match version {
        0 => {
            transaction.execute_batch(SCHEMA).map_err(&failed)?;
            transaction
                .execute("INSERT INTO origin (vendor) VALUES (?1)", [vendor.to_string()])
                .map_err(&failed)?;
            transaction.pragma_update(None, "user_version", VERSION).map_err(&failed)?;
        }
        VERSION => {
            let origin: String =
                transaction.query_row("SELECT vendor FROM origin", [], |row| row.get(0)).map_err(&failed)?;
            if origin != vendor.to_string() {
                return Err(AuthorityError::Foreign(format!("it holds {origin} keys, not {vendor} keys")));
            }
        }
        _ => return Err(AuthorityError::Foreign(format!("its version {version} is later than {VERSION}"))),
    }
    transaction.commit().map_err(failed)
}
