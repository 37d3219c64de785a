//! One connection to the file, used by one caller at a time. The others wait without a thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keyturn_core::ports::LedgerError;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Mutex;

use super::fault::Outcome;
use super::open::suspect;
use super::{searching, tags};
use crate::vault::Authenticator;

/// 64 MB, in SQLite's unit: negative KiB. Taken only as far as it is needed.
const WRITER_CACHE: i64 = -65_536;

pub(super) struct Room {
    connection: Mutex<Connection>,
    path: PathBuf,
}

impl Room {
    /// The one connection that writes.
    pub(super) fn writer(path: &Path, connection: Connection) -> Outcome<Self> {
        connection.pragma_update(None, "cache_size", WRITER_CACHE)?;
        Ok(Self::new(path, connection))
    }

    /// A second one, so that reading never waits for a merge.
    pub(super) fn reader(path: &Path, authenticator: &Arc<Authenticator>) -> Outcome<Self> {
        let connection = connect(path, authenticator)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(Self::new(path, connection))
    }

    fn new(path: &Path, connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(64);
        Self { connection: Mutex::new(connection), path: path.to_owned() }
    }

    /// Runs `f` in one transaction: everything it wrote is on disk when this answers, or nothing is.
    pub(super) async fn write<T>(
        &self,
        f: impl FnOnce(&Connection) -> Outcome<T> + Send,
    ) -> Result<T, LedgerError> {
        self.run(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = f(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        })
        .await
    }

    /// Runs `f` over one unchanging view of the file.
    pub(super) async fn read<T>(
        &self,
        f: impl FnOnce(&Connection) -> Outcome<T> + Send,
    ) -> Result<T, LedgerError> {
        self.run(|connection| {
            let transaction = connection.transaction()?;
            let answer = f(&transaction)?;
            transaction.finish()?;
            Ok(answer)
        })
        .await
    }

    pub(super) async fn run<T>(
        &self,
        f: impl FnOnce(&mut Connection) -> Outcome<T> + Send,
    ) -> Result<T, LedgerError> {
        let mut connection = self.connection.lock().await;
        let answer = blocking(|| f(&mut connection)).map_err(LedgerError::from);
        if let Err(error @ LedgerError::Damaged(_)) = &answer {
            suspect(&self.path, error);
        }
        answer
    }
}

/// Opens the file with what every connection needs. Does not create it.
pub(super) fn connect(path: &Path, authenticator: &Arc<Authenticator>) -> Outcome<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    tags::give(&connection, authenticator)?;
    searching::give(&connection)?;
    Ok(connection)
}

/// Tells a runtime of several threads that this one is busy; borrows, where a thread of its own would need
/// a copy of every argument. One of a single thread has no other to hand its work to.
fn blocking<T>(f: impl FnOnce() -> T) -> T {
    match Handle::try_current() {
        Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => tokio::task::block_in_place(f),
        _ => f(),
    }
}
