//! The SQLite file. One authority at a time: it is locked for as long as it is open, since the index would
//! not see another's changes.
//!
//! Never holds a key's value, only its hash and its last characters.

mod rows;

use std::path::Path;

use rusqlite::Connection;

pub(super) use rows::{
    delete_key, insert_job, insert_key, load, put_member, write_last_use, write_revocation, write_usage,
    write_value,
};

use crate::config::Vendor;
use crate::error::AuthorityError;

/// Each takes a store from one version to the next; a store of a greater version is from a later authority.
const STEPS: [&str; 4] = [FIRST, REVOKERS, JOBS, CLIENTS];

const JOBS: &str = "
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    queued_at INTEGER NOT NULL
) STRICT;
";

const CLIENTS: &str = "ALTER TABLE keys ADD COLUMN client TEXT;";

const REVOKERS: &str = "
ALTER TABLE keys ADD COLUMN revoked_by TEXT;
CREATE TABLE idempotency (
    account TEXT NOT NULL REFERENCES accounts (id),
    key TEXT NOT NULL,
    intent TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT;
CREATE INDEX idempotency_by_age ON idempotency (at);
CREATE TABLE usage (
    key TEXT NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    last_used_at INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (key, address)
) STRICT;
";

const FIRST: &str = "
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
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let Some(missing) = STEPS.get(done..) else {
        let known = STEPS.len();
        return Err(AuthorityError::Foreign(format!("its version {version} is later than {known}")));
    };
    missing.iter().try_for_each(|step| transaction.execute_batch(step)).map_err(&failed)?;
    let version = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    transaction.pragma_update(None, "user_version", version).map_err(&failed)?;
    if done == 0 {
        transaction
            .execute("INSERT INTO origin (vendor) VALUES (?1)", [vendor.to_string()])
            .map_err(&failed)?;
    }
    let origin: String =
        transaction.query_row("SELECT vendor FROM origin", [], |row| row.get(0)).map_err(&failed)?;
    if origin != vendor.to_string() {
        return Err(AuthorityError::Foreign(format!("it holds {origin} keys, not {vendor} keys")));
    }
    transaction.commit().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_the_first_version_is_taken_over() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(FIRST).unwrap();
        connection
            .execute_batch("INSERT INTO origin VALUES ('naturalead'); PRAGMA user_version = 1")
            .unwrap();
        migrate(&mut connection, Vendor::Naturalead).unwrap();
        connection
            .execute_batch("SELECT revoked_by, client FROM keys; SELECT intent FROM idempotency")
            .unwrap();
        let again = migrate(&mut connection, Vendor::Naturalead);
        assert!(again.is_ok(), "a store of this version stays as it is");
    }

    #[test]
    fn a_store_of_a_later_version_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("PRAGMA user_version = 99").unwrap();
        let refused = migrate(&mut connection, Vendor::Naturalead).unwrap_err();
        assert_eq!(refused.to_string(), "could not use the store: its version 99 is later than 4");
    }
}
