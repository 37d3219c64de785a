//! The flows without a window: the real ledger, the real sealing, the real adapter, the real authority. Only the
//! keyring is played, by a store in memory, so that a test can refuse.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use keyturn_authority::Role;
use keyturn_core::account::{Account, AccountId, VendorId};
use keyturn_core::flows::{self, ConnectDetails, Context, CreateRequest, ProviderRegistry};
use keyturn_core::key::{Environment, KeyRef, Scope};
use keyturn_core::operation::OperationId;
use keyturn_core::ports::{Clock, Ledger, Purpose, Sealed, Vault, VaultError, VaultStatus};
use keyturn_core::provider::Provider;
use keyturn_core::secret::Secret;
use keyturn_providers::{HttpSettings, Registry};
use keyturn_storage::{KeyStore, KeyringVault, SqliteLedger};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::authority::{Rehearsed, naturalead};
use crate::cutter::Cutter;

/// A place to live in, with one Naturalead account behind a proxy that can lose replies.
#[derive(Debug)]
pub struct Flat {
    pub ctx: Context,
    pub account: Account,
    pub rehearsed: Rehearsed,
    pub cutter: Cutter,
    pub refusing: Arc<RefusingVault>,
    pub dir: TempDir,
}

impl Flat {
    pub async fn new() -> Result<Self> {
        Self::with(Role::Owner).await
    }

    pub async fn with(role: Role) -> Result<Self> {
        let dir = TempDir::new()?;
        let rehearsed = naturalead(&dir.path().join("vendor.db"), role).await?;
        let cutter = Cutter::start(rehearsed.authority.address()).await?;
        let (ctx, refusing) = context(&dir).await?;
        let details = ConnectDetails {
            id: AccountId("flat".into()),
            vendor: VendorId("naturalead".into()),
            label: "Flat".into(),
            base_url: Some(cutter.base_url()),
            managing_key: Some(Secret::new(rehearsed.managing_key.clone())),
            settings: std::collections::BTreeMap::new(),
            rehearsal: false,
        };
        let account = flows::connect(&ctx, details).await?;
        Ok(Self { ctx, account, rehearsed, cutter, refusing, dir })
    }

    /// What a person asks for, under an operation of its own.
    #[must_use]
    pub fn wanted(&self, operation: &str, name: &str) -> CreateRequest {
        CreateRequest {
            operation: OperationId(operation.into()),
            account: self.account.id.clone(),
            name: name.into(),
            environment: Environment::Live,
            scopes: vec![Scope("leads:view".into())],
            expires_at: None,
        }
    }

    /// Makes a key and says that it is stored; answers with its value.
    pub async fn make(&self, operation: &str, name: &str) -> Result<(KeyRef, String)> {
        let key = flows::create_key(&self.ctx, self.wanted(operation, name)).await?;
        let operation = OperationId(operation.into());
        let (_, secret) = flows::take_for(&self.ctx, &operation, keyturn_core::journal::Action::Copy).await?;
        flows::acknowledge(&self.ctx, &operation).await?;
        // EXPOSE: the test uses the key at the authority.
        Ok((key, secret.expose().to_owned()))
    }

    /// The names of the live keys at the vendor, asked for directly.
    pub async fn live_at_vendor(&self, name: &str) -> Result<usize> {
        let reply = crate::authority::client()?
            .get(format!("{}/api/api-keys?limit=1000", self.rehearsed.authority.base_url()))
            .header("X-API-Key", &self.rehearsed.managing_key)
            .send()
            .await?
            .json::<serde_json::Value>()
            .await?;
        let keys =
            reply.as_array().cloned().or_else(|| reply.get("data").and_then(|d| d.as_array().cloned()));
        Ok(keys
            .unwrap_or_default()
            .iter()
            .filter(|key| key["name"] == name && key["status"] == "active")
            .count())
    }
}

/// The ledger, the vault and the adapters of `dir`, without any account.
pub async fn context(dir: &TempDir) -> Result<(Context, Arc<RefusingVault>)> {
    let ledger: Arc<dyn Ledger> = Arc::new(SqliteLedger::open(&dir.path().join("ledger.db"))?.ledger);
    let vault = Arc::new(RefusingVault {
        inner: KeyringVault::with_store(MemoryStore::default(), Duration::from_secs(5)),
        refuse: AtomicBool::new(false),
    });
    vault.unlock(false).await?;
    let ctx = Context {
        ledger,
        vault: Arc::clone(&vault) as Arc<dyn Vault>,
        clock: Arc::new(WallClock),
        providers: Arc::new(Adapters(keyturn_providers::providers(HttpSettings::default()))),
    };
    Ok((ctx, vault))
}

/// The real vault, which can be told to refuse to seal.
#[derive(Debug)]
pub struct RefusingVault {
    inner: KeyringVault,
    refuse: AtomicBool,
}

impl RefusingVault {
    pub fn refuse_to_seal(&self, refuse: bool) {
        self.refuse.store(refuse, Ordering::SeqCst);
    }
}

#[async_trait]
impl Vault for RefusingVault {
    fn status(&self) -> VaultStatus {
        self.inner.status()
    }
    async fn unlock(&self, sealed_exist: bool) -> Result<(), VaultError> {
        self.inner.unlock(sealed_exist).await
    }
    fn lock(&self) {
        self.inner.lock();
    }
    fn seal(&self, purpose: Purpose, secret: &Secret) -> Result<Sealed, VaultError> {
        if self.refuse.load(Ordering::SeqCst) {
            return Err(VaultError::Failed("told to refuse".into()));
        }
        self.inner.seal(purpose, secret)
    }
    fn open(&self, sealed: &Sealed) -> Result<Secret, VaultError> {
        self.inner.open(sealed)
    }
}

/// A keyring in memory.
#[derive(Default)]
struct MemoryStore(Mutex<Option<Zeroizing<Vec<u8>>>>);

impl KeyStore for MemoryStore {
    fn get(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
    fn set(&self, key: &[u8]) -> Result<(), VaultError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Zeroizing::new(key.to_vec()));
        Ok(())
    }
    fn prove(&self) -> Result<(), VaultError> {
        Ok(())
    }
}

struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

struct Adapters(Registry);

impl ProviderRegistry for Adapters {
    fn provider(&self, vendor: &VendorId) -> Option<Arc<dyn Provider>> {
        self.0.get(vendor).cloned()
    }
    fn all(&self) -> Vec<Arc<dyn Provider>> {
        self.0.iter().cloned().collect()
    }
}
