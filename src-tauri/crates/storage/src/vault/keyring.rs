//! The operating system's keyring, one small item a profile. Initialised anew for every call, because one
//! that was missing at the start may appear later.
//!
//! Knows nothing of deadlines: every call here may block, and must run on a thread that can be left behind.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use keyturn_core::ports::VaultError;
use zeroize::Zeroizing;

/// Under this name the keyring's own program shows the items.
const SERVICE: &str = "Keyturn";

/// The item that holds no secret: that it is there says something.
const SETTLED: &str = "ledger is authenticated";

/// Where the vault's key is kept. Each call may block for as long as the keyring likes.
pub trait KeyStore: Send + Sync + 'static {
    /// The key's bytes; `None` where there is no such item.
    fn get(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError>;

    /// Stores the key, over any that is there.
    fn set(&self, key: &[u8]) -> Result<(), VaultError>;

    /// Whether it was noted that everything in the profile's ledger carries what shows that Keyturn wrote it. Kept here,
    /// because whoever can write the ledger's file must not be able to take it back.
    fn is_settled(&self) -> Result<bool, VaultError>;

    fn note_settled(&self) -> Result<(), VaultError>;

    /// Proves by a write, a reading and a removal that the keyring is open. Leaves nothing behind.
    fn prove(&self) -> Result<(), VaultError>;
}

/// The keyring of the person who runs this process.
#[derive(Debug)]
pub struct OsKeyring {
    profile_id: String,
}

impl OsKeyring {
    #[must_use]
    pub fn new(profile_id: &str) -> Self {
        Self { profile_id: profile_id.to_owned() }
    }

    fn entry(&self, what: &str) -> Result<Entry, VaultError> {
        let store = connect()?;
        let user = format!("{what} {}", self.profile_id);
        store.build(SERVICE, &user, None).map_err(words)
    }
}

impl KeyStore for OsKeyring {
    fn get(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match self.entry("vault key")?.get_secret() {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(words(error)),
        }
    }

    fn set(&self, key: &[u8]) -> Result<(), VaultError> {
        self.entry("vault key")?.set_secret(key).map_err(words)
    }

    fn is_settled(&self) -> Result<bool, VaultError> {
        match self.entry(SETTLED)?.get_secret() {
            Ok(_) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(words(error)),
        }
    }

    fn note_settled(&self) -> Result<(), VaultError> {
        self.entry(SETTLED)?.set_secret(b"2").map_err(words)
    }

    fn prove(&self) -> Result<(), VaultError> {
        let entry = self.entry("self-test")?;
        entry.set_secret(b"open").map_err(words)?;
        let back = entry.get_secret().map_err(words)?;
        entry.delete_credential().map_err(words)?;
        if back == b"open" {
            Ok(())
        } else {
            Err(VaultError::Failed("it did not keep what it was given".into()))
        }
    }
}

/// The platform's store. A failure here means that there is no keyring to talk to.
fn connect() -> Result<Arc<CredentialStore>, VaultError> {
    #[cfg(target_os = "linux")]
    let store = zbus_secret_service_keyring_store::Store::new();
    #[cfg(target_os = "macos")]
    let store = apple_native_keyring_store::keychain::Store::new();
    #[cfg(windows)]
    let store = windows_native_keyring_store::Store::new();
    #[cfg(any(target_os = "linux", target_os = "macos", windows))]
    match store {
        Ok(store) => Ok(store),
        Err(Error::PlatformFailure(cause)) => {
            tracing::warn!(%cause, "no keyring");
            Err(VaultError::NoKeyring)
        }
        Err(error) => Err(words(error)),
    }
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    Err(VaultError::NoKeyring)
}

/// By variant only: the texts inside differ by platform and version. The cause goes to the log here, because
/// the port's errors carry none; the variants that hold an item's bytes do not show them.
fn words(error: Error) -> VaultError {
    match error {
        Error::NoStorageAccess(cause) => {
            tracing::warn!(%cause, "the keyring is locked");
            VaultError::KeyringLocked
        }
        Error::PlatformFailure(cause) => {
            tracing::warn!(%cause, "the keyring failed");
            VaultError::Failed("it reported an error of its own".into())
        }
        Error::NoDefaultStore | Error::NotSupportedByStore(_) => VaultError::NoKeyring,
        Error::NoEntry => VaultError::Failed("its entry vanished meanwhile".into()),
        Error::Ambiguous(_) => VaultError::Failed("it holds several keys for this profile".into()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => {
            VaultError::Failed("its entry is not readable".into())
        }
        Error::TooLong(..) | Error::Invalid(..) => VaultError::Failed("it refused the entry's name".into()),
        _ => VaultError::Failed("it gave an answer that this version does not know".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause() -> Box<dyn std::error::Error + Send + Sync> {
        "cause".into()
    }

    #[test]
    fn each_variant_of_the_keyrings_errors_has_its_own_meaning() {
        assert_eq!(words(Error::NoStorageAccess(cause())), VaultError::KeyringLocked);
        assert_eq!(words(Error::NoDefaultStore), VaultError::NoKeyring);
        assert!(matches!(words(Error::PlatformFailure(cause())), VaultError::Failed(_)));
        assert!(matches!(words(Error::Ambiguous(Vec::new())), VaultError::Failed(_)));
    }

    #[test]
    fn an_unreadable_entry_never_shows_its_bytes() {
        let error = words(Error::BadDataFormat(b"canary".to_vec(), cause()));
        assert!(!format!("{error:?} {error}").contains("canary"));
        assert!(!format!("{error:?}").contains("99, 97, 110"));
    }
}
