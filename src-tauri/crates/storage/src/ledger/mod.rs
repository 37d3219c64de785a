//! The ledger: accounts, keys, operations, sealed entries, journal and settings in one SQLite file.
//!
//! Decides nothing: each method of the port is one transaction. Knows neither the vault's key nor a vendor.

mod accounts;
mod authenticity;
mod batches;
pub(crate) mod chain;
mod codec;
mod fault;
mod journal;
mod keys;
mod labels;
mod lookups;
mod machine;
mod merge;
mod observations;
mod open;
mod operations;
mod policies;
mod records;
mod reminders;
mod room;
mod rows;
mod salvage;
mod schema;
mod sealed;
mod searching;
mod tags;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use keyturn_core::account::{Account, AccountId};
use keyturn_core::inventory::InventoryRow;
use keyturn_core::journal::Entry;
use keyturn_core::key::{KeyRecord, KeyRef};
use keyturn_core::operation::{Operation, OperationId, Stage};
use keyturn_core::ports::{
    AccountChange, Along, JournalCheck, Ledger, LedgerError, Merged, Moment, Purpose, Sealed, Trust,
};
use rusqlite::{OptionalExtension, params};

use room::Room;

use crate::vault::Authenticator;

/// The ledger in its file.
pub struct SqliteLedger {
    path: PathBuf,
    authenticator: Arc<Authenticator>,
    writer: Room,
    reader: Room,
}

/// A ledger that is ready, and where the file went that was not.
#[derive(Debug)]
pub struct Opened {
    pub ledger: SqliteLedger,
    /// The damaged file, kept under this name. What could be read of it is in the new ledger; the rest comes
    /// back with the next reading of each account.
    pub set_aside: Option<PathBuf>,
}

impl SqliteLedger {
    /// Opens the ledger at `path` without its vault: everything in it is taken on trust, and nothing can be written that
    /// Keyturn would go on with by itself.
    ///
    /// # Errors
    /// As [`SqliteLedger::open_with`].
    pub fn open(path: &Path) -> Result<Opened, LedgerError> {
        Self::open_with(path, Arc::default())
    }

    /// Opens or creates the ledger at `path` (0600, in a directory of 0700). A damaged file is set aside and
    /// what can be read of it carried over. Checks only what is cheap; see [`SqliteLedger::verify`].
    ///
    /// # Errors
    /// [`LedgerError::NewerSchema`] leaves the file as it is; [`LedgerError::ReadOnly`] and
    /// [`LedgerError::Full`] where nothing can be written.
    pub fn open_with(path: &Path, authenticator: Arc<Authenticator>) -> Result<Opened, LedgerError> {
        let (connection, set_aside) = open::open(path, &authenticator)?;
        let ledger = Self {
            path: path.to_owned(),
            writer: Room::writer(path, connection)?,
            reader: Room::reader(path, &authenticator)?,
            authenticator,
        };
        Ok(Opened { ledger, set_aside })
    }

    /// Reads the whole file and compares it with itself. Seconds at 100,000 keys: for the background.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] with what was found first. The next [`SqliteLedger::open`] then sets it aside.
    pub async fn verify(&self) -> Result<(), LedgerError> {
        // A connection of its own: the list must not wait for it.
        Room::reader(&self.path, &self.authenticator)?.read(open::check_all).await
    }
}

/// Checks the journal of a ledger's file without writing to it.
///
/// # Errors
/// [`LedgerError::Damaged`] where it is no ledger of ours.
pub(crate) fn check_file(path: &Path) -> Result<JournalCheck, LedgerError> {
    Ok(open::read_only(path).and_then(|connection| journal::check(&connection))?)
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn accounts(&self) -> Result<Vec<Account>, LedgerError> {
        self.reader.read(accounts::all).await
    }

    async fn add_account(
        &self,
        account: &Account,
        managing: Option<&Sealed>,
        entry: Option<&Entry>,
    ) -> Result<(), LedgerError> {
        self.writer.write(|tx| accounts::add(tx, account, managing, entry)).await
    }

    async fn change_account(
        &self,
        account: &AccountId,
        change: AccountChange<'_>,
        entry: Option<&Entry>,
    ) -> Result<bool, LedgerError> {
        self.writer.write(|tx| accounts::change(tx, account, change, entry)).await
    }

    async fn remove_account(&self, account: &AccountId, entry: &Entry) -> Result<(), LedgerError> {
        self.writer.write(|tx| accounts::remove(tx, account, entry)).await
    }

    async fn moment(&self, at: DateTime<Utc>) -> Result<Moment, LedgerError> {
        Ok(Moment { at, entry: self.reader.read(journal::last).await? })
    }

    async fn merge_keys(
        &self,
        account: &AccountId,
        keys: &[KeyRecord],
        read: Moment,
        trust: Trust,
    ) -> Result<Merged, LedgerError> {
        let merged = self.writer.write(|tx| merge::merge(tx, account, keys, read, trust)).await?;
        self.writer.run(|connection| Ok(connection.execute_batch("PRAGMA shrink_memory")?)).await?;
        Ok(merged)
    }

    async fn keys(&self, account: &AccountId) -> Result<Vec<KeyRecord>, LedgerError> {
        self.reader.read(|tx| rows::of_account(tx, account)).await
    }

    async fn key(&self, key: &KeyRef) -> Result<Option<KeyRecord>, LedgerError> {
        self.reader.read(|tx| rows::one(tx, key)).await
    }

    async fn put_key(
        &self,
        account: &AccountId,
        record: &KeyRecord,
        entry: &Entry,
    ) -> Result<(), LedgerError> {
        self.writer.write(|tx| keys::put_with_entry(tx, account, record, entry)).await
    }

    async fn adopt(
        &self,
        account: &AccountId,
        record: &KeyRecord,
        sealed: &Sealed,
        entry: &Entry,
    ) -> Result<(), LedgerError> {
        self.writer.write(|tx| keys::adopt(tx, account, record, sealed, entry)).await
    }

    async fn remove_key(&self, key: &KeyRef, entry: &Entry) -> Result<(), LedgerError> {
        self.writer.write(|tx| keys::remove(tx, key, entry)).await
    }

    async fn begin(
        &self,
        operation: &Operation,
        sealed: Option<&Sealed>,
        entry: &Entry,
    ) -> Result<(), LedgerError> {
        self.writer.write(|tx| operations::begin(tx, operation, sealed, entry)).await
    }

    async fn escrow(
        &self,
        operation: &OperationId,
        from: &Stage,
        to: &Stage,
        record: &KeyRecord,
        sealed: &Sealed,
        entry: &Entry,
    ) -> Result<bool, LedgerError> {
        self.writer.write(|tx| operations::escrow(tx, operation, (from, to), record, sealed, entry)).await
    }

    async fn step(
        &self,
        operation: &OperationId,
        from: &Stage,
        to: &Stage,
        along: Along<'_>,
    ) -> Result<bool, LedgerError> {
        self.writer.write(|tx| operations::step(tx, operation, (from, to), along)).await
    }

    async fn operation(&self, operation: &OperationId) -> Result<Option<Operation>, LedgerError> {
        self.reader.read(|tx| operations::get(tx, operation)).await
    }

    async fn operations_since(&self, since: DateTime<Utc>) -> Result<Vec<Operation>, LedgerError> {
        self.reader.read(|tx| operations::since(tx, since)).await
    }

    async fn open_operations(&self) -> Result<Vec<Operation>, LedgerError> {
        self.reader.read(operations::open).await
    }

    async fn sealed(&self, purpose: &Purpose) -> Result<Option<Sealed>, LedgerError> {
        self.reader.read(|tx| sealed::get(tx, purpose)).await
    }

    async fn has_sealed(&self) -> Result<bool, LedgerError> {
        self.reader.read(sealed::any).await
    }

    async fn append(&self, entry: &Entry) -> Result<(), LedgerError> {
        self.writer.write(|tx| journal::append(tx, entry)).await
    }

    async fn history(&self, key: &KeyRef, limit: usize) -> Result<Vec<Entry>, LedgerError> {
        self.reader.read(|tx| journal::history(tx, key, limit)).await
    }

    async fn inventory_row(&self, key: &KeyRef) -> Result<Option<InventoryRow>, LedgerError> {
        self.reader.read(|tx| rows::inventory_row(tx, key)).await
    }

    async fn inventory_rows(&self) -> Result<Vec<InventoryRow>, LedgerError> {
        self.reader.read(rows::inventory).await
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT value FROM settings WHERE name = ?";
        self.reader.read(|tx| Ok(tx.query_row(sql, [name], |row| row.get(0)).optional()?)).await
    }

    async fn put_setting(&self, name: &str, value: &str) -> Result<(), LedgerError> {
        let sql = "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)";
        self.writer.write(|tx| Ok(tx.execute(sql, params![name, value]).map(|_| ())?)).await
    }
}

impl std::fmt::Debug for SqliteLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteLedger").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger whose writer gets `pragma`, and what a large write then answers.
    async fn refused(pragma: &str) -> (LedgerError, SqliteLedger, tempfile::TempDir) {
        let dir = tempfile::TempDir::new().unwrap();
        let ledger = SqliteLedger::open(&dir.path().join("ledger.db")).unwrap().ledger;
        ledger.put_setting("small", "kept").await.unwrap();
        ledger.writer.run(|connection| Ok(connection.execute_batch(pragma)?)).await.unwrap();
        let error = ledger.put_setting("large", &"x".repeat(1 << 20)).await.unwrap_err();
        (error, ledger, dir)
    }

    #[tokio::test]
    async fn d2_a_full_disk_and_a_write_protected_one_are_said_in_words_and_change_nothing() {
        for (pragma, word) in [
            ("PRAGMA max_page_count = 1", LedgerError::Full),
            ("PRAGMA query_only = ON", LedgerError::ReadOnly),
        ] {
            let (error, ledger, _dir) = refused(pragma).await;
            assert_eq!(error, word);
            assert_eq!(ledger.setting("small").await.unwrap().as_deref(), Some("kept"));
            assert_eq!(ledger.setting("large").await.unwrap(), None);
            ledger.verify().await.unwrap();
        }
    }
}
