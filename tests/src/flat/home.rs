//! What the flows live on: the real ledger and the real sealing, a keyring in memory, a clock that is moved by hand.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use keyturn_core::account::{Place, VendorId};
use keyturn_core::flows::{Context, ProviderRegistry, authenticate};
use keyturn_core::ports::{
    Clock, Fingerprint, Ledger, Purpose, Sealed, Signature, Vault, VaultError, VaultStatus,
};
use keyturn_core::provider::Provider;
use keyturn_core::secret::Secret;
use keyturn_providers::{HttpSettings, Registry};
use keyturn_storage::{KeyStore, KeyringVault, SqliteLedger};
use tempfile::TempDir;
use zeroize::Zeroizing;

/// The ledger's file in the profile.
pub const LEDGER: &str = "ledger.db";

/// What the flows need, in `dir`, with an open vault.
pub async fn context(dir: &TempDir) -> Result<(Context, Arc<RefusingVault>, Arc<MovedClock>)> {
    context_over(dir, HttpSettings::default()).await
}

/// The same with these limits of the wire.
pub async fn context_over(
    dir: &TempDir,
    http: HttpSettings,
) -> Result<(Context, Arc<RefusingVault>, Arc<MovedClock>)> {
    let vault = Arc::new(RefusingVault {
        inner: KeyringVault::with_store(MemoryStore::default(), Duration::from_secs(5)),
        refuse: Mutex::default(),
    });
    vault.unlock(false).await?;
    let clock = Arc::new(MovedClock::default());
    let ctx = Context::new(
        ledger(dir, &vault)?,
        Arc::clone(&vault) as Arc<dyn Vault>,
        Arc::clone(&clock) as Arc<dyn Clock>,
        Arc::new(Adapters(keyturn_providers::providers(http))),
    );
    authenticate(&ctx).await?.settled?;
    Ok((ctx, vault, clock))
}

/// The same for a process that ends in the middle: also the keyring survives it, as a file. The clock goes `ahead`.
pub async fn lasting(dir: &Path, ahead: TimeDelta) -> Result<(Context, Arc<MovedClock>)> {
    let (ctx, clock) = unchecked(dir, ahead).await?;
    let found = authenticate(&ctx).await?;
    ensure!(found.told.is_empty(), "the ledger is not as it was written: {:?}", found.told);
    found.settled?;
    Ok((ctx, clock))
}

/// The same before the ledger was compared with its marks.
pub async fn unchecked(dir: &Path, ahead: TimeDelta) -> Result<(Context, Arc<MovedClock>)> {
    let vault = KeyringVault::with_store(FileStore(dir.join("keyring")), Duration::from_secs(5));
    let opened = SqliteLedger::open_with(&dir.join(LEDGER), vault.authenticator())?;
    ensure!(opened.set_aside.is_none(), "the ledger was damaged");
    vault.unlock(opened.ledger.has_sealed().await?).await?;
    let clock = Arc::new(MovedClock::default());
    clock.forward(ahead);
    let ctx = Context::new(
        Arc::new(opened.ledger),
        Arc::new(vault),
        Arc::clone(&clock) as Arc<dyn Clock>,
        Arc::new(Adapters(keyturn_providers::providers(HttpSettings::default()))),
    );
    Ok((ctx, clock))
}

pub(super) fn ledger(dir: &TempDir, vault: &RefusingVault) -> Result<Arc<dyn Ledger>> {
    Ok(Arc::new(SqliteLedger::open_with(&dir.path().join(LEDGER), vault.inner.authenticator())?.ledger))
}

/// The real vault, which can be told to refuse to seal.
#[derive(Debug)]
pub struct RefusingVault {
    inner: KeyringVault,
    refuse: Mutex<Option<VaultError>>,
}

impl RefusingVault {
    /// Seals nothing from now on, for this reason; none: it seals again.
    pub fn refuse_to_seal(&self, why: Option<VaultError>) {
        *self.refuse.lock().unwrap_or_else(PoisonError::into_inner) = why;
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
    fn is_settled(&self) -> bool {
        self.inner.is_settled()
    }
    async fn settle(&self) -> Result<(), VaultError> {
        self.inner.settle().await
    }
    fn seal(&self, purpose: Purpose, place: &Place, secret: &Secret) -> Result<Sealed, VaultError> {
        match self.refuse.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(why) => Err(why),
            None => self.inner.seal(purpose, place, secret),
        }
    }
    fn open(&self, sealed: &Sealed, place: &Place) -> Result<Secret, VaultError> {
        self.inner.open(sealed, place)
    }
    fn fingerprint(&self, secret: &Secret) -> Result<Fingerprint, VaultError> {
        self.inner.fingerprint(secret)
    }
    fn sign(&self, message: &[u8]) -> Result<Signature, VaultError> {
        self.inner.sign(message)
    }
}

/// A keyring in memory.
#[derive(Default)]
struct MemoryStore(Mutex<Option<Zeroizing<Vec<u8>>>>, AtomicBool);

impl KeyStore for MemoryStore {
    fn get(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
    fn set(&self, key: &[u8]) -> Result<(), VaultError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Zeroizing::new(key.to_vec()));
        Ok(())
    }
    fn is_settled(&self) -> Result<bool, VaultError> {
        Ok(self.1.load(Ordering::SeqCst))
    }
    fn note_settled(&self) -> Result<(), VaultError> {
        self.1.store(true, Ordering::SeqCst);
        Ok(())
    }
    fn prove(&self) -> Result<(), VaultError> {
        Ok(())
    }
}

/// A keyring in a file, beside the ledger that it must never lie beside in earnest.
struct FileStore(PathBuf);

impl KeyStore for FileStore {
    fn get(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match std::fs::read(&self.0) {
            Ok(key) => Ok(Some(Zeroizing::new(key))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(VaultError::Failed(error.to_string())),
        }
    }
    fn set(&self, key: &[u8]) -> Result<(), VaultError> {
        std::fs::write(&self.0, key).map_err(|error| VaultError::Failed(error.to_string()))
    }
    fn is_settled(&self) -> Result<bool, VaultError> {
        Ok(self.0.with_extension("settled").exists())
    }
    fn note_settled(&self) -> Result<(), VaultError> {
        let noted = std::fs::write(self.0.with_extension("settled"), "2");
        noted.map_err(|error| VaultError::Failed(error.to_string()))
    }
    fn prove(&self) -> Result<(), VaultError> {
        Ok(())
    }
}

/// The wall's clock, moved forward by hand.
#[derive(Debug, Default)]
pub struct MovedClock(AtomicI64);

impl MovedClock {
    /// So much time passes.
    pub fn forward(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.0.load(Ordering::SeqCst))
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
