//! Every parser of a vendor's bytes, fed with replies that are almost right: no panic, no memory without bound, and
//! nothing in what comes out that may not be there.
//!
//! A vendor on loopback serves the bytes, so that they take the way that a real reply takes. A run is the same for
//! the same seed; it needs stable Rust and nothing else.

mod mutate;
mod replies;
mod vendor;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use keyturn_core::grant::Grant;
use keyturn_core::key::{KeyRecord, Scope, VendorKeyId};
use keyturn_core::provider::{
    Connection, DeleteSupport, Operation, Paging, Provider, ProviderError, RotateSupport, Support,
};
use keyturn_core::secret::Secret;
use keyturn_providers::{HttpSettings, providers};

use crate::dice::Dice;
use vendor::Vendor;

/// The key of every call: nothing that comes out may repeat it.
const CANARY: &str = "canary_0123456789abcdef0123456789abcdef";

/// More than this for one reply would be more than 16 times the limit of a body.
const MEMORY: u64 = 16 * 8 * 1024 * 1024;

/// One kind of reply of one provider.
pub struct Target {
    provider: Arc<dyn Provider>,
    operation: Operation,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

/// Every provider with every call that it makes.
#[must_use]
pub fn targets() -> Vec<Target> {
    let http = HttpSettings { attempts: 1, deadline: Duration::from_secs(5), ..HttpSettings::default() };
    let all = [
        Operation::List,
        Operation::Mint,
        Operation::Rotate,
        Operation::Revoke,
        Operation::Delete,
        Operation::Probe,
        Operation::ReadAudit,
    ];
    let registry = providers(http);
    let with = |provider: &Arc<dyn Provider>| {
        let provider = Arc::clone(provider);
        all.into_iter()
            .filter(|operation| calls(provider.as_ref(), *operation))
            .map(|operation| Target { provider: Arc::clone(&provider), operation })
            .collect::<Vec<_>>()
    };
    registry.iter().flat_map(with).collect()
}

fn calls(provider: &dyn Provider, operation: Operation) -> bool {
    let can = &provider.manifest().capabilities;
    match operation {
        Operation::List => can.list == Support::Yes,
        Operation::Mint => can.mint == Support::Yes,
        Operation::Rotate => matches!(can.rotate, RotateSupport::Atomic { .. }),
        Operation::Revoke => can.revoke == Support::Yes,
        Operation::Delete => can.delete == DeleteSupport::OnceRevoked,
        Operation::Probe => true,
        // Who has no log asks nothing, and that is borne too.
        Operation::ReadAudit => can.list == Support::Yes,
    }
}

impl Target {
    /// `naturalead/list`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{:?}", self.provider.manifest().vendor.0, self.operation).to_lowercase()
    }

    /// Feeds it with so many replies.
    ///
    /// # Errors
    /// The first reply that it did not bear, by its number and what it was.
    pub async fn feed(&self, runs: u64, seed: u64) -> Result<()> {
        let vendor = Vendor::open().await?;
        let mut dice = Dice::new(seed);
        let at_first = memory();
        for run in 0..runs {
            let (status, body) = mutate::reply(&mut dice);
            vendor.answers(status, body.clone());
            let (provider, operation, base) = (Arc::clone(&self.provider), self.operation, vendor.base());
            // In a task of its own, so that a panic ends the task and not the run.
            let said = tokio::spawn(async move { ask(provider.as_ref(), operation, &base).await }).await;
            let shown = || {
                let start = String::from_utf8_lossy(&body[..body.len().min(2000)]).into_owned();
                format!("{} reply {run} of seed {seed}, status {status}: {start}", self.name())
            };
            match said {
                Ok(checked) => checked.with_context(shown)?,
                Err(ended) => bail!("{ended}: {}", shown()),
            }
        }
        let grown = memory().saturating_sub(at_first);
        ensure!(grown <= MEMORY, "{} took {grown} bytes more than before", self.name());
        Ok(())
    }
}

/// One call, and what may not be in its answer.
async fn ask(provider: &dyn Provider, operation: Operation, base_url: &str) -> Result<()> {
    let managing_key = &Secret::new(CANARY.to_owned());
    let settings = &BTreeMap::from([("client".to_owned(), "301".to_owned())]);
    let connection = Connection { base_url, managing_key, settings };
    let id = VendorKeyId("key-1".into());
    let grant = Grant {
        name: "Fuzzed".into(),
        environment: provider.manifest().environments[0].clone(),
        scopes: provider.manifest().scopes.iter().take(2).map(|s| Scope(s.scope.into())).collect(),
        expires_at: None,
    };
    match operation {
        Operation::List => match provider.list(connection, &enough).await {
            Ok(listing) => listing.keys.iter().try_for_each(harmless),
            Err(error) => silent(&error),
        },
        Operation::Mint => {
            provider.mint(connection, &grant).await.map_or_else(|e| silent(&e), |m| harmless(&m.record))
        }
        Operation::Rotate => {
            provider.rotate(connection, &id).await.map_or_else(|e| silent(&e), |m| harmless(&m.record))
        }
        Operation::Revoke => provider.revoke(connection, &id).await.or_else(|e| silent(&e)),
        Operation::Delete => provider.delete(connection, &id).await.or_else(|e| silent(&e)),
        Operation::Probe => provider.probe(connection).await.map(drop).or_else(|e| silent(&e)),
        Operation::ReadAudit => match provider.audit_feed(connection, None).await {
            Ok(records) => {
                ensure!(!format!("{records:?}").contains(CANARY), "a record with the key in it");
                Ok(())
            }
            Err(error) => silent(&error),
        },
    }
}

fn enough(keys: usize) -> Paging {
    if keys > 100_000 { Paging::Stop } else { Paging::Continue }
}

/// Short words, and the key is not in them.
fn silent(error: &ProviderError) -> Result<()> {
    let words = format!("{error} {error:?}");
    ensure!(words.len() < 4000, "an error of {} bytes", words.len());
    ensure!(!words.contains(CANARY), "an error with the key in it");
    Ok(())
}

/// Bounded, visible, and without the key.
fn harmless(record: &KeyRecord) -> Result<()> {
    let words = format!("{record:?}");
    ensure!(!words.contains(CANARY), "a record with the key in it");
    ensure!(record.name.chars().count() <= 1025, "a name without bound");
    ensure!(!record.name.chars().any(char::is_control), "a name with characters that steer");
    for at in [record.created_at, record.expires.ends(), record.last_use.moment()].into_iter().flatten() {
        ensure!(keyturn_core::timestamp::plausible(at).is_some(), "a time that nobody can reckon with");
    }
    ensure!(!record.id.0.is_empty() && record.id.0.len() <= 256, "an id without bound");
    Ok(())
}

/// What this process has in memory, where the system tells.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use keyturn_core::key::Hint;
    use keyturn_core::provider::{Manifest, Probe};

    /// An adapter with a fault of its own kind.
    struct Faulty(Arc<dyn Provider>, fn() -> Result<Probe, ProviderError>);

    #[async_trait]
    impl Provider for Faulty {
        fn manifest(&self) -> &Manifest {
            self.0.manifest()
        }
        async fn probe(&self, connection: Connection<'_>) -> Result<Probe, ProviderError> {
            drop(self.0.probe(connection).await);
            (self.1)()
        }
        fn hint(&self, secret: &Secret) -> Hint {
            self.0.hint(secret)
        }
    }

    fn faulty(fault: fn() -> Result<Probe, ProviderError>) -> Target {
        let real = targets().remove(0).provider;
        Target { provider: Arc::new(Faulty(real, fault)), operation: Operation::Probe }
    }

    #[tokio::test]
    async fn n1_a_panic_and_a_leak_are_found() {
        let panics = faulty(|| panic!("planted"));
        assert!(panics.feed(1, 1).await.is_err_and(|found| found.to_string().contains("panicked")));
        let leaks = faulty(|| {
            let fault = keyturn_core::provider::Fault::Address(CANARY.into());
            Err(ProviderError { vendor: "Leaky", operation: Operation::Probe, fault })
        });
        assert!(leaks.feed(1, 1).await.is_err_and(|found| format!("{found:#}").contains("the key in it")));
    }
}
