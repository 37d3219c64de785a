//! Making a key, and keeping its secret until the person has it.

use chrono::{DateTime, Utc};

use crate::key::{EnvironmentView, KeyView};
use crate::wire;

wire! {
    both pub struct CreateKeyRequest {
        pub account_id: String,
        pub name: String,
        pub environment: EnvironmentView,
        pub scopes: Vec<String>,
        pub expires_at: Option<DateTime<Utc>>,
    }
}

wire! {
    /// A secret in escrow: what the dialog "Save your new key" needs. Holds no secret.
    out pub struct EscrowView {
        /// Stands for the escrow in `copy_secret`, `reveal_secret` and `acknowledge_key`.
        pub id: String,
        pub key: KeyView,
        /// How it came to be: a new key, or the successor of another.
        pub rotated_from: Option<String>,
        pub created_at: DateTime<Utc>,
        /// What differs between what was asked for and what the vendor granted, in words.
        pub differences: Vec<String>,
    }
}

wire! {
    out pub struct CopiedView {
        /// Seconds until the clipboard is cleared, if it still holds the key.
        pub clears_in: u32,
    }
}
