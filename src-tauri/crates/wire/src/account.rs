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
        /// The managing key, masked; `null` where the vendor has no key API.
        pub managing_masked: Option<String>,
        pub managing_key_id: Option<String>,
        /// Which row the managing key is, is not known: several bear its characters, and the person can say which.
        pub managing_unknown: bool,
        pub connected_at: DateTime<Utc>,
        pub freshness: FreshnessView,
        pub keys: u32,
        pub refused_scopes: Vec<RefusedScopeView>,
        /// The vendor has no key API: keys are brought by the person and checked.
        pub assisted: bool,
        /// How many of the vendor's slots are taken; `null` where it has no limit.
        pub slots: Option<SlotsView>,
        pub settings: Vec<AccountSettingView>,
        pub dashboard: Option<String>,
        /// Where this computer's clock and the vendor's differ by minutes: which way, in a sentence.
        pub clocks: Option<String>,
        /// Other accounts that list the same keys: it is one set, and nothing is done to a key from two of them.
        pub shared: Vec<SharedKeysView>,
    }
}

wire! {
    /// Another account's label, and how many keys it has in common with this one.
    out pub struct SharedKeysView { pub label: String, pub keys: u32 }
}

wire! {
    /// What would be lost with an account: names of keys.
    out pub struct DisconnectionView {
        /// New keys that nobody has stored yet.
        pub unsaved: Vec<String>,
        /// Keys whose rotation or revocation is not finished.
        pub under_way: Vec<String>,
    }
}

/// Disconnects an account. What is lost with it, as the person has seen it.
#[derive(Debug, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "camelCase")]
pub struct DisconnectRequest {
    pub account: String,
    pub unsaved: Vec<String>,
    pub under_way: Vec<String>,
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
        /// `acceptable`: the vendor answered, and its list was doubted; the person may say that it is right.
        /// `restsUntil`: the vendor asked to be left alone till then.
        Stale {
            since: DateTime<Utc>,
            read_at: Option<DateTime<Utc>>,
            reason: String,
            acceptable: bool,
            rests_until: Option<DateTime<Utc>>,
        },
    }
}

wire! {
    #[derive(Copy, Eq)]
    out pub struct SlotsView { pub used: u32, pub limit: u32 }
}

wire! {
    /// One of the vendor's own settings of an account, as it was given.
    out pub struct AccountSettingView { pub name: String, pub label: String, pub value: String }
}

wire! {
    /// A scope that the vendor refused to grant, with the sentence the picker shows.
    out pub struct RefusedScopeView { pub scope: String, pub reason: String }
}

/// Changes an account; its keys stay.
#[derive(Debug, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "camelCase")]
pub struct EditAccountRequest {
    pub account: String,
    pub label: String,
    /// `null`: the vendor's own.
    pub base_url: Option<String>,
    /// The vendor's own settings, by the names of its fields; empty values are left out.
    pub settings: BTreeMap<String, String>,
}

/// Another key for an account to be managed with.
#[derive(Debug, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "camelCase")]
pub struct ManagingKeyRequest {
    pub account: String,
    /// `null`: read from the clipboard, in Rust.
    pub managing_key: Option<SecretInput>,
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
    /// `null`: read from the clipboard, in Rust. Not looked at where the vendor has no key API.
    pub managing_key: Option<SecretInput>,
    /// The vendor's own settings, by the names of its fields; empty values are left out.
    pub settings: BTreeMap<String, String>,
}
