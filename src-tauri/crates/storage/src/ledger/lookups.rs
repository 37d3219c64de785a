//! Operations of one key, and keys of one name, found by index.

use async_trait::async_trait;
use keyturn_core::account::AccountId;
use keyturn_core::key::{KeyRef, VendorKeyId};
use keyturn_core::operation::Operation;
use keyturn_core::ports::{LedgerError, Lookups};
use rusqlite::{Connection, OptionalExtension, params};

use super::fault::Outcome;
use super::{SqliteLedger, operations};

#[async_trait]
impl Lookups for SqliteLedger {
    async fn operations_of(&self, key: &KeyRef) -> Result<Vec<Operation>, LedgerError> {
        self.reader.read(|tx| operations::of_key(tx, key)).await
    }

    async fn keys_named(&self, account: &AccountId, name: &str) -> Result<Vec<VendorKeyId>, LedgerError> {
        self.reader.read(|tx| named(tx, account, name)).await
    }
}

fn named(connection: &Connection, account: &AccountId, name: &str) -> Outcome<Vec<VendorKeyId>> {
    let number: Option<i64> = connection
        .prepare_cached("SELECT n FROM accounts WHERE id = ?")?
        .query_row([&account.0], |row| row.get(0))
        .optional()?;
    let mut statement =
        connection.prepare_cached("SELECT id FROM keys WHERE account = ? AND name = ? ORDER BY n")?;
    let rows = statement.query_map(params![number, name], |row| Ok(VendorKeyId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
