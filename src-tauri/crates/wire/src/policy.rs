//! Policies: how old keys may become, and who replaces them.

use chrono::{DateTime, Utc};

use crate::wire;

wire! {
    /// A policy wants a key replaced.
    out pub struct DueView {
        pub at: DateTime<Utc>,
        pub overdue: bool,
        /// `Due in 5 days`.
        pub words: String,
    }
}

wire! {
    out pub struct PolicyView {
        pub id: String,
        /// With neither account nor label it is for every key.
        pub account: Option<String>,
        pub label: Option<String>,
        /// `Account Shop`, `Label payments`, `Every key`.
        pub scope_words: String,
        pub max_age_days: u32,
        /// The person is reminded so many days before.
        pub remind_days: u32,
        /// Only with a label: keys that are due are rotated without a person.
        pub rotate_alone: bool,
        /// The overlap of such a rotation: `24h`, `7d` or `quiet`.
        pub choice: String,
        /// How many keys it covers that may still work.
        pub keys: u32,
        /// How many of those are due under it, now or soon.
        pub due: u32,
    }
}

wire! {
    /// A policy as it was filled in.
    both pub struct PolicyInput {
        /// `null`: a new one.
        pub id: Option<String>,
        pub account: Option<String>,
        pub label: Option<String>,
        pub max_age_days: u32,
        pub remind_days: u32,
        pub rotate_alone: bool,
        pub choice: String,
    }
}
