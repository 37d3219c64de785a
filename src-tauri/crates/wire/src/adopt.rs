//! Keys of vendors without a key API: brought here by the person, checked by asking with them.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use ts_rs::TS;

use crate::rotation::GivenSecret;
use crate::wire;

/// A key that the person made in the vendor's dashboard and wants to have here.
#[derive(Debug, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "camelCase")]
pub struct AdoptRequest {
    pub account_id: String,
    pub label: String,
    pub key: GivenSecret,
}

wire! {
    /// What the vendor said when it was asked with the key itself.
    out pub struct CheckedView {
        pub at: DateTime<Utc>,
        pub alive: bool,
    }
}

wire! {
    /// One way in which the rehearsal can be told to misbehave.
    out pub struct FaultView {
        pub id: String,
        pub name: String,
        /// What it does, as a sentence.
        pub words: String,
        pub on: bool,
    }
}
