//! A vendor that outlives its client, a profile that outlives its process, and the person who stores keys elsewhere.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chrono::{TimeDelta, Utc};
use keyturn_authority::{Clock, Config, Limits, ManualClock, Role, Vendor};
use keyturn_core::account::{AccountId, VendorId};
use keyturn_core::flows::{self, ConnectDetails, Context, CreateRequest};
use keyturn_core::journal::Action;
use keyturn_core::key::{Environment, KeyRef, Scope};
use keyturn_core::operation::OperationId;
use keyturn_core::provider::Manifest;
use keyturn_core::secret::Secret;
use keyturn_providers::{HttpSettings, providers};
use keyturn_tests::authority::{Rehearsed, is_accepted, rehearse};
use keyturn_tests::doom::{Script, Unrest};
use keyturn_tests::flat::{MovedClock, lasting};
use keyturn_tests::lies::{Lie, leave_a_doubt};
use tempfile::TempDir;

use crate::gate::Gate;
use crate::witness::Witness;

/// How the world differs from one round to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// How long the vendor takes a revoked key, where it does not stop at once.
    pub(crate) delay: Option<Duration>,
    /// By how much our clock is wrong.
    pub(crate) wrong: TimeDelta,
    /// What the vendor says as long as the script runs that is not so.
    pub(crate) lie: Option<Lie>,
    /// What goes on beside the person.
    pub(crate) unrest: Unrest,
}

pub(crate) struct World {
    pub(crate) vendor: Vendor,
    /// Answers for as long as this world is there.
    rehearsed: Rehearsed,
    pub(crate) vendor_clock: ManualClock,
    pub(crate) gate: Gate,
    pub(crate) witness: Arc<Witness>,
    pub(crate) profile: TempDir,
    pub(crate) account: AccountId,
    /// By how much our clock goes ahead of the wall's.
    pub(crate) ahead: Mutex<TimeDelta>,
    /// What the person has stored elsewhere.
    pub(crate) stored: Mutex<HashMap<KeyRef, String>>,
    pub(crate) weather: Weather,
    _vendor_dir: TempDir,
}

/// Memory instead of a disk, where there is some: power that fails is played, and a sync costs nothing.
fn directory() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new()? })
}

impl World {
    /// `breaks_its_promise`: a revoked key may be taken for longer than the vendor says.
    pub(crate) async fn new(provider: &VendorId, weather: Weather, breaks_its_promise: bool) -> Result<Self> {
        let (profile, vendor_dir) = (directory()?, directory()?);
        let vendor: Vendor = provider.0.trim_end_matches("-clients").parse()?;
        let (clock, vendor_clock) = Clock::manual(Utc::now());
        let mut config = Config::new(vendor, vendor_dir.path().join("vendor.db"));
        config.limits = Limits::unlimited();
        config.clock = clock;
        let adapter =
            providers(HttpSettings::default()).get(provider).cloned().context("no such provider")?;
        let promised = adapter.manifest().capabilities.revocation_delay;
        let delay = weather.delay.unwrap_or(config.revocation_delay);
        config.revocation_delay = if breaks_its_promise { delay } else { delay.min(promised) };
        let rehearsed = rehearse(config, Role::Owner, false).await?;
        let own_key = Secret::new(rehearsed.authority.issue_bootstrap_key(Role::Owner)?);
        let settings = settings(adapter.manifest());
        let base_url = rehearsed.authority.base_url();
        let witness = Arc::new(Witness::new(
            adapter,
            base_url.clone(),
            own_key,
            settings.clone(),
            profile.path().to_owned(),
        ));
        let gate = Gate::start(rehearsed.authority.address(), Arc::clone(&witness)).await?;
        let path = base_url.find("//").and_then(|at| base_url[at + 2..].find('/').map(|end| at + 2 + end));
        let (ctx, _) = lasting(profile.path(), weather.wrong).await?;
        let account = AccountId("house".into());
        let details = ConnectDetails {
            id: account.clone(),
            vendor: provider.clone(),
            label: "House".into(),
            base_url: Some(format!("{}{}", gate.base_url(), path.map_or("", |at| &base_url[at..]))),
            managing_key: Some(Secret::new(rehearsed.managing_key.clone())),
            settings,
            rehearsal: false,
        };
        let neighbour = ConnectDetails {
            id: AccountId("neighbour".into()),
            vendor: details.vendor.clone(),
            label: "Neighbour".into(),
            base_url: details.base_url.clone(),
            managing_key: Some(Secret::new(rehearsed.authority.issue_bootstrap_key(Role::Owner)?)),
            settings: details.settings.clone(),
            rehearsal: false,
        };
        flows::connect(&ctx, details).await?;
        if weather.unrest.neighbour {
            flows::connect(&ctx, neighbour).await?;
        }
        Ok(Self {
            vendor,
            rehearsed,
            vendor_clock,
            gate,
            witness,
            profile,
            account,
            ahead: Mutex::new(weather.wrong),
            stored: Mutex::default(),
            weather,
            _vendor_dir: vendor_dir,
        })
    }

    /// The application, as it is after a start: the ledger is open, the keyring has given its key.
    pub(crate) async fn start(&self) -> Result<(Context, Arc<MovedClock>)> {
        lasting(self.profile.path(), self.ahead()).await
    }

    pub(crate) fn ahead(&self) -> TimeDelta {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The vendor begins to lie.
    pub(crate) fn lies(&self, script: Script) {
        let faults = self.rehearsed.authority.faults();
        if script == Script::Again {
            leave_a_doubt(faults);
        }
        if let Some(lie) = self.weather.lie {
            lie.tell(faults);
        }
    }

    /// And tells the truth again.
    pub(crate) fn tells_the_truth(&self) {
        self.rehearsed.authority.faults().clear();
    }

    /// Here and at the vendor so much time passes.
    pub(crate) fn pass(&self, time: TimeDelta) {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) += time;
        self.vendor_clock.advance(time.to_std().unwrap_or_default());
    }

    pub(crate) fn store(&self, key: &KeyRef, value: &str) {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), value.to_owned());
    }

    /// What the person has.
    pub(crate) fn all_stored(&self) -> Vec<(KeyRef, String)> {
        let stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        stored.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// What the person has of one key.
    pub(crate) fn stored(&self, key: &KeyRef) -> Option<String> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Whether the vendor takes the value, asked past the gate and past Keyturn.
    pub(crate) async fn works(&self, value: &str) -> Result<bool> {
        is_accepted(self.vendor, &self.witness.base_url, value).await
    }

    pub(crate) fn of(&self, id: &str) -> KeyRef {
        KeyRef { account: self.account.clone(), key: keyturn_core::key::VendorKeyId(id.to_owned()) }
    }

    /// The key with which Keyturn calls the vendor. The person has it: it was they who pasted it in.
    pub(crate) async fn managing_key(&self) -> Result<KeyRef> {
        let (ctx, _) = self.start().await?;
        let account = ctx.ledger.accounts().await?.into_iter().find(|account| account.id == self.account);
        let managing = account.and_then(|account| account.managing).context("it has a managing key")?;
        let key = self.of(&managing.key.context("its row is not known")?.0);
        self.store(&key, &self.rehearsed.managing_key);
        Ok(key)
    }

    /// Makes the key that a script is about, and stores it.
    pub(crate) async fn make_subject(&self) -> Result<KeyRef> {
        let (ctx, _) = self.start().await?;
        let operation = OperationId("subject".into());
        let named = self.witness.provider.manifest().scopes.iter().filter(|entry| !entry.scope.contains('*'));
        let wanted = CreateRequest {
            operation: operation.clone(),
            account: self.account.clone(),
            name: "Subject".into(),
            environment: Environment::Live,
            scopes: named.take(1).map(|entry| Scope(entry.scope.into())).collect(),
            expires_at: None,
        };
        let key = flows::create_key(&ctx, wanted).await?;
        let (_, secret) = flows::take_for(&ctx, &operation, Action::Copy).await?;
        // EXPOSE: the person's other store; the vendor is the test's own.
        self.store(&key, secret.expose());
        flows::acknowledge(&ctx, &operation).await?;
        ensure!(flows::escrows(&ctx).await?.is_empty(), "it is stored");
        Ok(key)
    }
}

/// Every field that must be filled, with a number: that fits an id as well as a name.
fn settings(manifest: &Manifest) -> std::collections::BTreeMap<String, String> {
    let required = manifest.fields.iter().filter(|field| field.required);
    required.map(|field| (field.name.to_owned(), "301".to_owned())).collect()
}
