//! A key authority of one's own, in this process, and calls to it as any client would make them.

use std::path::Path;

use anyhow::{Context, Result};
use keyturn_authority::{Authority, Config, Role, Vendor};
use reqwest::{Client, StatusCode};

/// A running Naturalead authority. Its managing key is a test's own: it may be printed.
#[derive(Debug)]
pub struct Rehearsed {
    pub authority: Authority,
    pub managing_key: String,
}

/// Starts an authority with believable keys and one managing key of `role`.
pub async fn naturalead(store: &Path, role: Role) -> Result<Rehearsed> {
    let authority = Authority::start(Config::new(Vendor::Naturalead, store)).await?;
    if authority.is_empty() {
        authority.seed_rehearsal()?;
    }
    let managing_key = authority.issue_bootstrap_key(role)?;
    Ok(Rehearsed { authority, managing_key })
}

/// A client for loopback.
pub fn client() -> Result<Client> {
    // A second call finds the provider installed: that is no failure.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder().no_proxy().build().context("the HTTP client")
}

/// Uses a key as an integration would: one call to `GET /api/leads`.
pub async fn use_key(base_url: &str, key: &str) -> Result<StatusCode> {
    let reply = client()?.get(format!("{base_url}/api/leads")).header("X-API-Key", key).send().await?;
    Ok(reply.status())
}
