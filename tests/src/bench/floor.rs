//! The least that a refresh can cost: plain HTTP, typed JSON, one transaction. No retries, no checks, no merge.

use std::path::Path;

use anyhow::Result;
use reqwest::Client;
use rusqlite::{Connection, params};
use serde::Deserialize;

/// As many keys as Keyturn asks for at once.
const PAGE: usize = 100;

const TABLE: &str = "
CREATE TABLE keys (
    n INTEGER PRIMARY KEY, account INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, prefix TEXT NOT NULL,
    hint TEXT NOT NULL, environment TEXT, scopes TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT,
    expires_at TEXT, revoked_at TEXT, last_used_at TEXT, creator TEXT, UNIQUE (account, id)
)";

const UPSERT: &str = "
INSERT INTO keys (account, id, name, prefix, hint, environment, scopes, status, created_at, expires_at, revoked_at,
                  last_used_at, creator)
VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (account, id) DO UPDATE SET name = excluded.name, scopes = excluded.scopes, status = excluded.status,
    expires_at = excluded.expires_at, revoked_at = excluded.revoked_at, last_used_at = excluded.last_used_at
WHERE (name, scopes, status, expires_at, revoked_at, last_used_at) IS NOT (excluded.name, excluded.scopes,
    excluded.status, excluded.expires_at, excluded.revoked_at, excluded.last_used_at)";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    id: String,
    name: String,
    key_prefix: String,
    key_hint: String,
    scopes: Vec<String>,
    environment: Option<String>,
    status: String,
    created_at: Option<String>,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    created_by: Option<String>,
}

/// Reads every key from `base_url` and writes it to a new file. Answers how many there were.
pub async fn refresh(client: &Client, base_url: &str, managing_key: &str, file: &Path) -> Result<usize> {
    let mut keys: Vec<Key> = Vec::new();
    loop {
        let address = format!("{base_url}/api/api-keys?skip={}&limit={PAGE}", keys.len());
        let reply = client.get(address).header("X-API-Key", managing_key).send().await?;
        let page: Vec<Key> = serde_json::from_slice(&reply.error_for_status()?.bytes().await?)?;
        let is_last = page.len() < PAGE;
        keys.extend(page);
        if is_last {
            break;
        }
    }
    let file = file.to_path_buf();
    let count = keys.len();
    tokio::task::spawn_blocking(move || write(&keys, &file)).await??;
    Ok(count)
}

/// As durable as Keyturn's own file: a journal written ahead and synced.
fn write(keys: &[Key], file: &Path) -> Result<()> {
    let mut connection = Connection::open(file)?;
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536")?;
    connection.execute_batch(TABLE)?;
    let transaction = connection.transaction()?;
    let mut upsert = transaction.prepare(UPSERT)?;
    for key in keys {
        upsert.execute(params![
            key.id,
            key.name,
            key.key_prefix,
            key.key_hint,
            key.environment,
            key.scopes.join(" "),
            key.status,
            key.created_at,
            key.expires_at,
            key.revoked_at,
            key.last_used_at,
            key.created_by,
        ])?;
    }
    drop(upsert);
    transaction.commit()?;
    Ok(())
}
