//! What goes wrong beneath the ledger, turned into the port's few words at one choke point.

use std::io;

use keyturn_core::ports::LedgerError;
use rusqlite::ErrorCode;

use super::tags::CLOSED;

/// Carried with `?` inside this crate; leaves it as [`LedgerError`] only.
#[derive(Debug)]
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    Io(io::Error),
    Words(LedgerError),
}

pub(super) type Outcome<T> = Result<T, Fault>;

/// What was read is not what this application writes.
pub(super) fn damaged(what: impl Into<String>) -> Fault {
    Fault::Words(LedgerError::Damaged(what.into()))
}

/// A request that cannot be met as the ledger stands.
pub(super) fn failed(what: impl Into<String>) -> Fault {
    Fault::Words(LedgerError::Failed(what.into()))
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Fault> for LedgerError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Words(error) => error,
            Fault::Io(error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
                _ => Self::Failed(error.to_string()),
            },
            Fault::Sqlite(error) => sqlite(&error),
        }
    }
}

fn sqlite(error: &rusqlite::Error) -> LedgerError {
    use rusqlite::Error as E;
    match error {
        E::SqliteFailure(_, Some(words)) if words == CLOSED => LedgerError::Locked,
        E::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DiskFull => LedgerError::Full,
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
                LedgerError::ReadOnly
            }
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => LedgerError::Damaged(error.to_string()),
            _ => LedgerError::Failed(error.to_string()),
        },
        // A column that holds something else than was written into it.
        E::FromSqlConversionFailure(..)
        | E::IntegralValueOutOfRange(..)
        | E::Utf8Error(..)
        | E::InvalidColumnType(..) => LedgerError::Damaged("a row does not read as it was written".into()),
        _ => LedgerError::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn sqlites_codes_become_the_ports_words() {
        let words = |code| {
            LedgerError::from(Fault::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)))
        };
        assert_eq!(words(ffi::SQLITE_FULL), LedgerError::Full);
        assert_eq!(words(ffi::SQLITE_READONLY), LedgerError::ReadOnly);
        assert_eq!(words(ffi::SQLITE_READONLY_DBMOVED), LedgerError::ReadOnly);
        assert_eq!(words(ffi::SQLITE_CANTOPEN), LedgerError::ReadOnly);
        assert!(matches!(words(ffi::SQLITE_CORRUPT), LedgerError::Damaged(_)));
        assert!(matches!(words(ffi::SQLITE_NOTADB), LedgerError::Damaged(_)));
        assert!(matches!(words(ffi::SQLITE_IOERR), LedgerError::Failed(_)));
    }

    #[test]
    fn the_file_systems_errors_become_the_ports_words() {
        let words = |kind| LedgerError::from(Fault::from(io::Error::from(kind)));
        assert_eq!(words(io::ErrorKind::StorageFull), LedgerError::Full);
        assert_eq!(words(io::ErrorKind::PermissionDenied), LedgerError::ReadOnly);
        assert_eq!(words(io::ErrorKind::ReadOnlyFilesystem), LedgerError::ReadOnly);
    }
}
