//! A flat before it is built: which provider it is for, and what its vendor is like.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::Utc;
use keyturn_authority::{Clock, Config, Limits, Role, Vendor};
use keyturn_core::account::{AccountId, VendorId};
use keyturn_core::flows::{self, ConnectDetails};
use keyturn_core::provider::Manifest;
use keyturn_core::secret::Secret;
use keyturn_providers::{HttpSettings, providers};
use tempfile::TempDir;

use super::Flat;
use super::home::context_over;
use crate::authority::rehearse;
use crate::cutter::Cutter;

/// What a flat is built of. Its vendor is empty but for the managing key, and answers as often as it is asked.
#[derive(Debug, Clone)]
pub struct Plot {
    provider: VendorId,
    role: Role,
    http: HttpSettings,
    revocation_delay: Option<Duration>,
    furnished: bool,
}

/// The ids of all providers, as the application offers them.
#[must_use]
pub fn every_provider() -> Vec<VendorId> {
    providers(HttpSettings::default()).iter().map(|provider| provider.manifest().vendor.clone()).collect()
}

impl Plot {
    #[must_use]
    pub fn of(provider: &VendorId) -> Self {
        Self {
            provider: provider.clone(),
            role: Role::Owner,
            http: HttpSettings::default(),
            revocation_delay: None,
            furnished: false,
        }
    }

    #[must_use]
    pub fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// With these limits of the wire.
    #[must_use]
    pub fn over(self, http: HttpSettings) -> Self {
        Self { http, ..self }
    }

    /// A vendor that accepts a revoked key for so long.
    #[must_use]
    pub fn revocation_delay(self, delay: Duration) -> Self {
        Self { revocation_delay: Some(delay), ..self }
    }

    /// A vendor with its believable keys.
    #[must_use]
    pub fn furnished(self) -> Self {
        Self { furnished: true, ..self }
    }

    /// Starts the vendor and connects its account.
    pub async fn build(self) -> Result<Flat> {
        let (dir, vendor_dir) = (TempDir::new()?, TempDir::new()?);
        let vendor = dialect(&self.provider)?;
        let (clock, vendor_clock) = Clock::manual(Utc::now());
        let mut config = Config::new(vendor, vendor_dir.path().join("vendor.db"));
        config.limits = Limits::unlimited();
        config.clock = clock;
        config.revocation_delay = self.revocation_delay.unwrap_or(config.revocation_delay);
        let rehearsed = rehearse(config, self.role, self.furnished).await?;
        let cutter = Cutter::start(rehearsed.authority.address()).await?;
        let (ctx, refusing, clock) = context_over(&dir, self.http).await?;
        let provider = ctx.providers.provider(&self.provider).context("no such provider")?;
        let manifest = provider.manifest();
        let managing = Secret::new(rehearsed.managing_key.clone());
        let details = ConnectDetails {
            id: AccountId("flat".into()),
            vendor: self.provider,
            label: "Flat".into(),
            base_url: Some(format!("{}{}", cutter.base_url(), path(&rehearsed.authority.base_url()))),
            managing_key: (!manifest.capabilities.is_assisted()).then_some(managing),
            settings: settings(manifest),
            rehearsal: false,
        };
        let account = flows::connect(&ctx, details).await?;
        Ok(Flat {
            ctx,
            account,
            provider,
            vendor,
            rehearsed,
            vendor_clock,
            cutter,
            refusing,
            clock,
            dir,
            _vendor_dir: vendor_dir,
        })
    }
}

/// Whose dialect a provider speaks. SmartLead has two providers.
fn dialect(provider: &VendorId) -> Result<Vendor> {
    Ok(provider.0.trim_end_matches("-clients").parse()?)
}

/// What follows host and port.
fn path(url: &str) -> &str {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    rest.find('/').map_or("", |at| &rest[at..])
}

/// Every field that must be filled, with a number: that fits an id as well as a name.
fn settings(manifest: &Manifest) -> BTreeMap<String, String> {
    let required = manifest.fields.iter().filter(|field| field.required);
    required.map(|field| (field.name.to_owned(), "301".to_owned())).collect()
}
