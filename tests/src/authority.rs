//! A key authority of one's own, in this process, and calls to it as any client would make them.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use keyturn_authority::{Authority, Config, Role, Vendor};
use reqwest::{Client, StatusCode};
use url::Url;

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

/// Whether a vendor takes a key, asked by a call that changes nothing. Without the scope for it the key is still taken.
pub async fn accepts(vendor: Vendor, base_url: &str, key: &str) -> Result<bool> {
    let get = |path: &str| client().map(|client| client.get(format!("{base_url}/{path}")));
    let request = match vendor {
        Vendor::Naturalead => get("api/leads")?.header("X-API-Key", key),
        Vendor::Natural => get("api-keys")?.bearer_auth(key),
        Vendor::NeuralDraft => get("projects/me")?.bearer_auth(key),
        Vendor::Leadterra => get("sender-pools")?.bearer_auth(key),
        Vendor::SmartLead => {
            client()?.get(Url::parse_with_params(&format!("{base_url}/campaigns/"), [("api_key", key)])?)
        }
        other => bail!("how {other} is asked is not written yet"),
    };
    match request.send().await?.status() {
        StatusCode::UNAUTHORIZED => Ok(false),
        StatusCode::OK | StatusCode::FORBIDDEN => Ok(true),
        other => bail!("{vendor} answered with {other}"),
    }
}

/// Waits until the vendor does not take the key any more.
pub async fn until_refused(vendor: Vendor, base_url: &str, key: &str, patience: Duration) -> Result<()> {
    let deadline = Instant::now() + patience;
    while accepts(vendor, base_url, key).await? {
        ensure!(Instant::now() < deadline, "{vendor} still takes the key after {patience:?}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Ok(())
}
