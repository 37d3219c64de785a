//! Whether secrets can be used, and what the window needs at its start.

use crate::create::EscrowView;
use crate::settings::SettingsView;
use crate::vendor::VendorView;
use crate::wire;

wire! {
    #[serde(tag = "kind", rename_all_fields = "camelCase")]
    out pub enum VaultView {
        /// Being opened; nothing is wrong yet.
        Opening,
        Open,
        /// Locked by the person or by idling.
        Locked { idle: bool },
        /// The keyring did not give the key: what is wrong and what to do.
        Unavailable { message: String, hint: String },
    }
}

wire! {
    /// All that the window needs before its first paint, except the rows.
    out pub struct StartView {
        pub version: String,
        pub vault: VaultView,
        pub vendors: Vec<VendorView>,
        pub accounts: Vec<crate::account::AccountView>,
        /// Secrets that wait to be saved, oldest first.
        pub unsaved: Vec<EscrowView>,
        pub settings: SettingsView,
        /// Things the person must hear once: a ledger that was set aside, an operation that was recovered.
        pub notices: Vec<NoticeView>,
        pub profile_dir: String,
    }
}

wire! {
    out pub struct NoticeView {
        pub id: String,
        pub title: String,
        pub text: String,
    }
}
