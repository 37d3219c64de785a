//! What Keyturn keeps on this computer: the vault's key, the ledger, and the directory that holds both.
//!
//! Absent on purpose: HTTP, Tauri, and every decision about what to write. The flows decide; this crate
//! keeps it durable, sealed and readable again.

mod ledger;
mod profile;
mod vault;

pub use ledger::{JournalCheck, Opened, SqliteLedger};
pub use profile::{Profile, ProfileError};
pub use vault::{DEADLINE, KEY_LENGTH, KeyStore, KeyringVault, OsKeyring};
