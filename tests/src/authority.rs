//! A key authority of one's own, in this process, and calls to it as any client would make them.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use keyturn_authority::{Authority, Config, Role, Vendor};
use reqwest::{Client, StatusCode};
use url::Url;

/// A running authority. Its managing key is a test's own: it may be printed.
#[derive(Debug)]
pub struct Rehearsed {
    pub authority: Authority,
    pub managing_key: String,
}

/// Starts an authority with believable keys and one managing key of `role`.
pub async fn naturalead(store: &Path, role: Role) -> Result<Rehearsed> {
    rehearse(Config::new(Vendor::Naturalead, store), role, true).await
}

/// Starts an authority with one managing key of `role`, and with believable keys if it is to be `furnished`.
pub async fn rehearse(config: Config, role: Role, furnished: bool) -> Result<Rehearsed> {
    let authority = Authority::start(config).await?;
    if furnished && authority.is_empty() {
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

/// Uses a key of Neural Draft from an address of this machine's own.
pub async fn use_from(base_url: &str, key: &str, address: Ipv4Addr) -> Result<()> {
    client()?;
    let client = Client::builder().no_proxy().local_address(IpAddr::V4(address)).build()?;
    client.get(format!("{base_url}/projects/me")).bearer_auth(key).send().await?.error_for_status()?;
    Ok(())
}

/// Whether the vendor accepts `key`, by the call that its pages give as an example. A key that may not do what was
/// asked is one all the same.
pub async fn is_accepted(vendor: Vendor, base_url: &str, key: &str) -> Result<bool> {
    let client = client()?;
    let bearer = |path: &str| client.get(format!("{base_url}{path}")).bearer_auth(key);
    let request = match vendor {
        Vendor::Naturalead => client.get(format!("{base_url}/api/leads")).header("X-API-Key", key),
        Vendor::Natural => bearer("/api-keys?limit=1"),
        Vendor::NeuralDraft => bearer("/projects/me"),
        Vendor::Leadterra => bearer("/sender-pools"),
        Vendor::SmartLead => client.get(in_query(base_url, key)?),
        other => bail!("no call is known for {other}"),
    };
    match request.send().await?.status() {
        StatusCode::OK | StatusCode::FORBIDDEN => Ok(true),
        StatusCode::UNAUTHORIZED => Ok(false),
        odd => bail!("the vendor answered with {odd}"),
    }
}

fn in_query(base_url: &str, key: &str) -> Result<Url> {
    Ok(Url::parse_with_params(&format!("{base_url}/campaigns/"), [("api_key", key)])?)
}

/// Waits until the vendor does not take the key any more.
pub async fn until_refused(vendor: Vendor, base_url: &str, key: &str, patience: Duration) -> Result<()> {
    let deadline = Instant::now() + patience;
    while is_accepted(vendor, base_url, key).await? {
        ensure!(Instant::now() < deadline, "{vendor} still takes the key after {patience:?}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Ok(())
}
