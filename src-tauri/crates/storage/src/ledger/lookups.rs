//! Operations of one key, and keys of one name, found by index.

use async_trait::async_trait;
use keyturn_core::account::AccountId;
use keyturn_core::key::{KeyRef, VendorKeyId};
use keyturn_core::name::folded;
use keyturn_core::operation::Operation;
use keyturn_core::ports::{LedgerError, Listed, Lookups};
use rusqlite::{Connection, OptionalExtension};

use super::fault::Outcome;
use super::{SqliteLedger, codec, keys, operations};

#[async_trait]
impl Lookups for SqliteLedger {
    async fn operations_of(&self, key: &KeyRef) -> Result<Vec<Operation>, LedgerError> {
        self.reader.read(|tx| operations::of_key(tx, key)).await
    }

    async fn was_ours(&self, key: &VendorKeyId) -> Result<bool, LedgerError> {
        self.reader.read(|tx| was_ours(tx, key)).await
    }

    async fn listed(&self, key: &KeyRef) -> Result<Option<Listed>, LedgerError> {
        self.reader.read(|tx| listed(tx, key)).await
    }

    async fn shared_keys(&self, account: &AccountId) -> Result<Vec<(AccountId, usize)>, LedgerError> {
        self.reader.read(|tx| keys::shared(tx, account)).await
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
        connection.prepare_cached("SELECT id, name FROM listed WHERE account = ? ORDER BY n")?;
    let mut rows = statement.query([number])?;
    let wanted = folded(name);
    let mut named = Vec::new();
    while let Some(row) = rows.next()? {
        let listed = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if listed == name || folded(listed) == wanted {
            named.push(VendorKeyId(row.get(0)?));
        }
    }
    Ok(named)
}

/// A value of it was sealed once, or an operation led to it, open or not.
fn was_ours(connection: &Connection, key: &VendorKeyId) -> Outcome<bool> {
    let sealed = connection.prepare_cached("SELECT 1 FROM fingerprints WHERE key = ?")?.exists([&key.0])?;
    // Before fingerprints were kept only the operations tell.
    let led_to = "SELECT 1 FROM operations WHERE substr(new_key, instr(new_key, '/') + 1) = ?1
                  OR (stage = 'acknowledged' AND json_valid(detail) AND detail ->> '$[0][1]' = ?1)";
    Ok(sealed || connection.prepare_cached(led_to)?.exists([&key.0])?)
}

/// The vendor's own word for a key.
fn listed(connection: &Connection, key: &KeyRef) -> Outcome<Option<Listed>> {
    let sql =
        "SELECT k.status, k.unlisted_since, k.listed_dead FROM listed k JOIN accounts a ON a.n = k.account
               WHERE a.id = ? AND k.id = ?";
    let row: Option<(String, Option<i64>, Option<bool>)> = connection
        .prepare_cached(sql)?
        .query_row([&key.account.0, &key.key.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((status, unlisted, dead)) = row else { return Ok(None) };
    Ok(Some(match (unlisted, dead, status.as_str()) {
        (Some(since), ..) => Listed::Missing { since: codec::time(since)? },
        (None, Some(true), _) | (None, _, "revoked" | "expired") => Listed::Dead,
        (None, _, _) => Listed::Alive,
    }))
}
