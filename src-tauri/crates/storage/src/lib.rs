//! What Keyturn keeps on this computer: the vault's key, the ledger, and the directory that holds both.
//!
//! Absent on purpose: HTTP, Tauri, and every decision about what to write. The flows decide; this crate
//! keeps it durable, sealed and readable again.

mod exported;
mod ledger;
mod profile;
mod vault;

pub use exported::{
    JournalFormat, Outgoing, Signer, Verdict, VerifyError, WriteError, Writing, Written, verdict,
    verify_file, write_journal,
};
pub use keyturn_core::ports::JournalCheck;
pub use ledger::{Opened, SqliteLedger};
pub use profile::{Profile, ProfileError};
pub use vault::{Authenticator, DEADLINE, KEY_LENGTH, KeyStore, KeyringVault, OsKeyring};
