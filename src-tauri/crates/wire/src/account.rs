//! Accounts and how fresh they are.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use ts_rs::TS;

use crate::key::EnvironmentView;
use crate::secret::SecretInput;
use crate::wire;

wire! {
    out pub struct AccountView {
        pub id: String,
        pub vendor: String,
        pub vendor_name: String,
        pub label: String,
        pub base_url: String,
        pub environment: EnvironmentView,
        /// The local authority that Keyturn runs itself.
        pub rehearsal: bool,
        /// The managing key, masked; `null` where the vendor has no API for keys.
        pub managing_masked: Option<String>,
        pub managing_key_id: Option<String>,
        /// What the vendor's fields were filled with, by name.
        pub settings: BTreeMap<String, String>,
        pub connected_at: DateTime<Utc>,
        pub freshness: FreshnessView,
        pub keys: u32,
        pub refused_scopes: Vec<RefusedScopeView>,
    }
}

wire! {
    #[serde(tag = "kind", rename_all_fields = "camelCase")]
    out pub enum FreshnessView {
        /// Assisted: entered by hand, and no reading stands behind it.
        ByHand,
        Unread,
        /// `readSoFar`: keys read until now; `null` before the first page.
        Refreshing { read_so_far: Option<u32>, read_at: Option<DateTime<Utc>> },
        Fresh { read_at: DateTime<Utc> },
        Stale { since: DateTime<Utc>, read_at: Option<DateTime<Utc>>, reason: String },
    }
}

wire! {
    /// A scope that the vendor refused to grant, with the sentence the picker shows.
    out pub struct RefusedScopeView { pub scope: String, pub reason: String }
}

/// A new connection. The managing key is typed here, or taken from the clipboard in Rust (then `null`).
#[derive(Debug, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "camelCase")]
pub struct ConnectRequest {
    pub vendor: String,
    pub label: String,
    /// `null`: the vendor's own.
    pub base_url: Option<String>,
    /// `null`: read from the clipboard, in Rust; an assisted vendor has none.
    pub managing_key: Option<SecretInput>,
    /// What the vendor's fields were filled with, by name.
    #[serde(default)]
    #[ts(as = "Option<BTreeMap<String, String>>", optional)]
    pub settings: BTreeMap<String, String>,
}
