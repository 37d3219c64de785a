//! The vault: one key in the keyring, in locked memory while it is open, and what is sealed with it.
//!
//! Stores no entry itself: the ledger does. Never waits for the keyring beyond the deadline.

mod authenticator;
mod call;
mod keyring;
mod locked;
mod sealing;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyturn_core::account::Place;
use keyturn_core::ports::{
    Fingerprint, Purpose, SealForm, Sealed, Signature, Vault, VaultError, VaultStatus,
};
use keyturn_core::secret::Secret;
use tokio::sync::watch;

pub use authenticator::Authenticator;
pub(crate) use authenticator::{Field, Head, Tag, is_signed};
use call::{Joined, Shared};
pub use keyring::{KeyStore, OsKeyring};

/// How long a keyring may take to answer before the person is told that it does not.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// The vault's key, in bytes. All that the keyring holds of a profile.
pub const KEY_LENGTH: usize = 32;

/// The vault whose key the operating system's keyring holds.
#[derive(Debug)]
pub struct KeyringVault {
    shared: Arc<Shared>,
    deadline: Duration,
}

impl KeyringVault {
    /// A locked vault; the keyring is not touched before [`Vault::unlock`]. `profile_id` names its item there.
    #[must_use]
    pub fn new(profile_id: &str) -> Self {
        Self::with_store(OsKeyring::new(profile_id), DEADLINE)
    }

    /// The same over another store and deadline, for tests.
    #[must_use]
    pub fn with_store(store: impl KeyStore, deadline: Duration) -> Self {
        Self { shared: Arc::new(Shared::new(Box::new(store))), deadline }
    }

    /// Changes when the keyring has answered after the deadline: the vault is open then, or has another fault.
    #[must_use]
    pub fn late_answers(&self) -> watch::Receiver<u64> {
        self.shared.late()
    }

    /// What the ledger of the same profile tells its own rows by. Open as soon as the vault was.
    #[must_use]
    pub fn authenticator(&self) -> Arc<Authenticator> {
        Arc::clone(self.shared.authenticator())
    }
}

#[async_trait]
impl Vault for KeyringVault {
    fn status(&self) -> VaultStatus {
        self.shared.status()
    }

    async fn unlock(&self, sealed_exist: bool) -> Result<(), VaultError> {
        let (call, mut answer) = match Shared::join(&self.shared, sealed_exist)? {
            Joined::Open => return Ok(()),
            Joined::Waiting(call, answer) => (call, answer),
        };
        match tokio::time::timeout(self.deadline, answer.wait_for(Option::is_some)).await {
            Ok(Ok(given)) => given.clone().unwrap_or(Err(VaultError::TimedOut)),
            Ok(Err(_)) => Err(VaultError::Failed("its call ended without an answer".into())),
            Err(_) => {
                self.shared.overdue(call);
                Err(VaultError::TimedOut)
            }
        }
    }

    fn lock(&self) {
        self.shared.lock();
    }

    fn is_settled(&self) -> bool {
        self.shared.is_settled()
    }

    async fn settle(&self) -> Result<(), VaultError> {
        let shared = Arc::clone(&self.shared);
        let noted = tokio::task::spawn_blocking(move || shared.note_settled());
        match tokio::time::timeout(self.deadline, noted).await {
            Ok(Ok(noted)) => noted,
            Ok(Err(_)) => Err(VaultError::Failed("its call ended without an answer".into())),
            Err(_) => Err(VaultError::TimedOut),
        }
    }

    fn seal(&self, purpose: Purpose, place: &Place, secret: &Secret) -> Result<Sealed, VaultError> {
        self.shared.with_key(|key| sealing::seal(key, purpose, place, secret))
    }

    fn open(&self, sealed: &Sealed, place: &Place) -> Result<Secret, VaultError> {
        if sealed.form == SealForm::First && self.shared.is_settled() {
            return Err(VaultError::Corrupt);
        }
        self.shared.with_key(|key| sealing::open(key, sealed, place))
    }

    fn fingerprint(&self, secret: &Secret) -> Result<Fingerprint, VaultError> {
        self.shared.with_key(|key| Ok(sealing::fingerprint(key, secret)))
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, VaultError> {
        self.shared.with_key(|key| sealing::sign(key, message))
    }
}
