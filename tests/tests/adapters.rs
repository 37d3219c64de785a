//! The adapters against the authority in each vendor's dialect. They share no types, so that they agree only where
//! both read the vendor's pages alike.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use keyturn_authority::{Authority, Config, Role, Switch, Vendor};
use keyturn_core::account::VendorId;
use keyturn_core::grant::Grant;
use keyturn_core::key::{Environment, KeyRecord, KeyStatus, Scope, VendorKeyId};
use keyturn_core::provider::{Connection, Fault, Minted, Paging, Probe, Provider, ProviderError};
use keyturn_core::secret::Secret;
use keyturn_providers::{HttpSettings, providers};
use tempfile::TempDir;

/// A vendor's account with its rehearsal keys, and the adapter to it.
struct Stage {
    authority: Authority,
    adapter: Arc<dyn Provider>,
    managing: Secret,
    base: String,
    settings: BTreeMap<String, String>,
    _dir: TempDir,
}

impl Stage {
    async fn of(vendor: Vendor) -> Result<Self> {
        let dir = TempDir::new()?;
        let mut config = Config::new(vendor, dir.path().join("store.db"));
        config.revocation_delay = Duration::ZERO;
        let authority = Authority::start(config).await?;
        authority.seed_rehearsal()?;
        let managing = Secret::new(authority.issue_bootstrap_key(Role::Owner)?);
        let base = authority.base_url();
        let registry = providers(HttpSettings::default());
        let adapter = registry.get(&VendorId(vendor.to_string())).context("an adapter of this name")?.clone();
        Ok(Self { authority, adapter, managing, base, settings: BTreeMap::new(), _dir: dir })
    }

    fn with<'a>(&'a self, key: &'a Secret) -> Connection<'a> {
        Connection { base_url: &self.base, managing_key: key, settings: &self.settings }
    }

    async fn list(&self) -> Result<Vec<KeyRecord>, ProviderError> {
        Ok(self.adapter.list(self.with(&self.managing), &|_| Paging::Continue).await?.keys)
    }

    async fn listed(&self, id: &VendorKeyId) -> Result<Option<KeyRecord>, ProviderError> {
        Ok(self.list().await?.into_iter().find(|key| key.id == *id))
    }

    async fn mint(&self, name: &str, scopes: &[&str]) -> Result<Minted, ProviderError> {
        let grant = Grant {
            name: name.to_owned(),
            environment: Environment::Live,
            scopes: scopes.iter().map(|scope| Scope((*scope).to_owned())).collect(),
            expires_at: None,
        };
        self.adapter.mint(self.with(&self.managing), &grant).await
    }

    async fn revoke(&self, id: &VendorKeyId) -> Result<(), ProviderError> {
        self.adapter.revoke(self.with(&self.managing), id).await
    }

    async fn probe(&self, key: &Secret) -> Result<Probe, ProviderError> {
        self.adapter.probe(self.with(key)).await
    }

    /// What the creation told of a key is what the list tells.
    async fn agree_on(&self, minted: &Minted) -> Result<()> {
        let listed = self.listed(&minted.record.id).await?.context("the key is listed")?;
        assert_eq!(listed.hint, self.adapter.hint(&minted.secret));
        assert_eq!(listed.name, minted.record.name);
        assert_eq!(listed.scopes, minted.record.scopes);
        assert_eq!(listed.environment, Environment::Live);
        assert_eq!(listed.status, KeyStatus::Active);
        Ok(())
    }
}

#[tokio::test]
async fn natural_and_its_adapter_agree() -> Result<()> {
    let stage = Stage::of(Vendor::Natural).await?;
    stage.authority.seed_many(230)?;
    assert_eq!(stage.list().await?.len(), 24 + 230 + 1, "page after page");
    let minted = stage.mint("Fresh", &["payments.read", "payments.create"]).await?;
    stage.agree_on(&minted).await?;
    assert_eq!(stage.probe(&minted.secret).await?, Probe::Alive);
    let id = &minted.record.id;
    stage.revoke(id).await?;
    stage.revoke(id).await?;
    assert_eq!(stage.probe(&minted.secret).await?, Probe::Refused);
    let listed = stage.listed(id).await?.context("a revoked key stays")?;
    assert!(matches!(listed.status, KeyStatus::Revoked { at: Some(_) }));
    Ok(())
}

#[tokio::test]
async fn nt20_natural_s_428_reaches_the_adapter_as_what_it_is() -> Result<()> {
    let stage = Stage::of(Vendor::Natural).await?;
    stage.authority.turn(Switch::MfaRequired, true);
    let refused = stage.mint("Fresh", &["payments.read"]).await.err().context("a refusal")?;
    assert!(matches!(refused.fault, Fault::Refused { status: 428, .. }), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn neural_draft_and_its_adapter_agree() -> Result<()> {
    let stage = Stage::of(Vendor::NeuralDraft).await?;
    assert_eq!(stage.list().await?.len(), 17);
    let minted = stage.mint("fresh", &["content:*", "project:read"]).await?;
    stage.agree_on(&minted).await?;
    assert_eq!(stage.probe(&minted.secret).await?, Probe::Alive);
    let narrow = stage.mint("narrow", &["content:read"]).await?;
    assert_eq!(stage.probe(&narrow.secret).await?, Probe::Alive, "a 403 is an answer to a living key");
    stage.revoke(&minted.record.id).await?;
    assert_eq!(stage.probe(&minted.secret).await?, Probe::Refused);
    assert!(stage.listed(&minted.record.id).await?.is_none(), "the list is that of the active keys");
    Ok(())
}

#[tokio::test]
async fn nd15_without_credits_a_key_is_not_taken_for_dead() -> Result<()> {
    let stage = Stage::of(Vendor::NeuralDraft).await?;
    let minted = stage.mint("fresh", &["project:read"]).await?;
    stage.authority.turn(Switch::OutOfCredits, true);
    assert_eq!(stage.probe(&minted.secret).await?, Probe::Alive);
    Ok(())
}

#[tokio::test]
async fn nd24_the_21st_key_is_refused_in_words() -> Result<()> {
    let stage = Stage::of(Vendor::NeuralDraft).await?;
    for name in ["one", "two", "three"] {
        stage.mint(name, &["content:read"]).await?;
    }
    let refused = stage.mint("one too many", &["content:read"]).await.err().context("a refusal")?;
    let Fault::Refused { status: 409, message } = &refused.fault else { anyhow::bail!("{refused:?}") };
    assert!(message.contains("20 active keys"), "{message}");
    assert_eq!(stage.list().await?.len(), 20);
    Ok(())
}
