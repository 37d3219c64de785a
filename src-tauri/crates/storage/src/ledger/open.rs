//! From a path to a sound connection: create, check what is cheap to check, migrate; set aside what is damaged.
//!
//! The whole file is read only where something was suspected before: a start must not wait for that.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyturn_core::ports::LedgerError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::fault::{Fault, Outcome, damaged};
use super::room::connect;
use super::{accounts, journal, operations, rows, salvage, schema};
use crate::profile::{private_dir, private_file};
use crate::vault::Authenticator;

/// A connection to a sound ledger, and where a damaged one was put.
pub(super) fn open(
    path: &Path,
    authenticator: &Arc<Authenticator>,
) -> Outcome<(Connection, Option<PathBuf>)> {
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        private_dir(dir)?;
    }
    if let Some(aside) = salvage::resume(path)? {
        return Ok((attempt(path, authenticator)?, Some(aside)));
    }
    match attempt(path, authenticator).map_err(LedgerError::from) {
        Ok(connection) => Ok((connection, None)),
        Err(LedgerError::Damaged(reason)) => {
            tracing::warn!(%reason, "the ledger is damaged and is set aside");
            let aside = salvage::set_aside(path)?;
            Ok((attempt(path, authenticator)?, Some(aside)))
        }
        Err(other) => Err(Fault::Words(other)),
    }
}

/// A ledger's file to read from, and only that.
pub(super) fn read_only(path: &Path) -> Outcome<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    check_tables(&connection)?;
    Ok(connection)
}

/// Remembers that something did not read as it was written, so that the next start reads the whole file.
pub(super) fn suspect(path: &Path, error: &LedgerError) {
    tracing::error!(%error, "the ledger is suspected to be damaged");
    if let Err(cause) = private_file().create(true).append(true).open(mark(path)) {
        tracing::error!(%cause, "the suspicion could not be noted");
    }
}

/// The whole file against itself: structure, references, and that every row reads.
pub(super) fn check_all(connection: &Connection) -> Outcome<()> {
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(damaged(found));
    }
    if connection.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(damaged("a row refers to one that is missing"));
    }
    check_cheap(connection)?;
    if operations::unreadable(connection)?.is_empty() && rows::unreadable(connection)?.is_empty() {
        Ok(())
    } else {
        Err(damaged("a row does not read as it was written"))
    }
}

/// `path` with more at its end: `ledger.db` + `-wal`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

pub(super) fn mark(path: &Path) -> PathBuf {
    beside(path, ".suspect")
}

/// The length of a file; 0 where there is none.
pub(super) fn length(path: &Path) -> io::Result<u64> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

fn attempt(path: &Path, authenticator: &Arc<Authenticator>) -> Outcome<Connection> {
    let log = length(&beside(path, "-wal"))?;
    let fresh = length(path)? == 0;
    if fresh && log > 0 {
        return Err(damaged("the file is empty and its log is not"));
    }
    if fresh {
        private_file().create(true).append(true).open(path)?;
    } else {
        narrow(path)?;
        check_header(path, log)?;
        check_length(path, log)?;
    }
    let mut connection = connect(path, authenticator)?;
    // Until the file is known to be sound and ours, closing it must not write to it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // One unchanging view: what another process commits meanwhile is no contradiction.
    let view = connection.transaction()?;
    let taken = schema::version(&view)?;
    // An older ledger's rows read only once the missing steps are taken; until then its tables must do.
    let older = taken > 0 && taken < schema::latest();
    if older {
        check_tables(&view)?;
    } else if taken > 0 {
        check_known(&view, path)?;
    } else if view.prepare("SELECT 1 FROM sqlite_schema")?.exists([])? {
        return Err(damaged("the file holds another application's tables"));
    }
    view.finish()?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    schema::migrate(&mut connection)?;
    if older {
        let view = connection.transaction()?;
        check_known(&view, path)?;
        view.finish()?;
    }
    if mark(path).exists() {
        std::fs::remove_file(mark(path))?;
    }
    Ok(connection)
}

/// What is cheap to check, and everything where something was suspected.
fn check_known(connection: &Connection, path: &Path) -> Outcome<()> {
    check_cheap(connection)?;
    if mark(path).exists() { check_all(connection) } else { Ok(()) }
}

/// The two bytes that say how the file is written. SQLite would read an odd value as "read-only", or ignore
/// the log and with it the last commits. And that the last page is whole: SQLite would take zeros for the rest.
fn check_header(path: &Path, log: u64) -> Outcome<()> {
    let mut header = [0_u8; 20];
    let whole = File::open(path)?.read_exact(&mut header);
    // SQLite counts a page that is there in part, and meets the gap only once it reads that page.
    let page = u64::from(u16::from_be_bytes([header[16], header[17]]));
    if whole.is_ok() && log == 0 && page > 1 && length(path)? % page != 0 {
        return Err(damaged("the file's last page is cut short"));
    }
    match (whole, header[18], header[19]) {
        (Ok(()), 2, 2) => Ok(()),
        (Ok(()), 1, 1) if log == 0 => Ok(()),
        (Err(error), ..) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error.into()),
        _ => Err(damaged("the file's first bytes are not a ledger's")),
    }
}

/// A file whose log is written back ends with a whole page. SQLite would not miss the rest of one that it does not
/// happen to read.
fn check_length(path: &Path, log: u64) -> Outcome<()> {
    const SMALLEST_PAGE: u64 = 512;
    if log == 0 && length(path)? % SMALLEST_PAGE != 0 {
        return Err(damaged("the file's end is missing"));
    }
    Ok(())
}

/// That the file is ours and has the tables that its version should have.
fn check_tables(connection: &Connection) -> Outcome<()> {
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id != schema::APPLICATION_ID {
        return Err(damaged("the file is another application's"));
    }
    schema::check(connection)
}

/// The schema, the small tables, the ends of the large ones: milliseconds, at any size.
fn check_cheap(connection: &Connection) -> Outcome<()> {
    check_tables(connection)?;
    accounts::all(connection)?;
    operations::open(connection)?;
    let mut sealed = connection.prepare("SELECT id, nonce, ciphertext FROM sealed")?;
    let mut rows = sealed.query([])?;
    while let Some(row) = rows.next()? {
        row.get::<_, String>(0)?;
        row.get::<_, [u8; 24]>(1)?;
        row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
    }
    connection
        .prepare("SELECT value FROM settings")?
        .query_map([], |row| row.get::<_, String>(0))?
        .try_for_each(|value| value.map(|_| ()))?;
    for end in ["min", "max"] {
        let sql = format!("SELECT n, id FROM keys WHERE n = (SELECT {end}(n) FROM keys)");
        connection.prepare(&sql)?.exists([])?;
    }
    journal::check_head(connection)
}

/// A file that others could read is narrowed to its owner.
fn narrow(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
