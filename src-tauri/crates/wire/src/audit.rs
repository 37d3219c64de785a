//! The Audit screen: findings, charts, one key's use over time, and what was changed outside Keyturn.

use chrono::{DateTime, Utc};

use crate::wire;

wire! {
    /// What should worry an admin about a key.
    #[derive(Copy, Eq)]
    both pub enum FindingKindView {
        FullAccess,
        NeverExpires,
        Idle,
        NeverUsed,
        ExpiringSoon,
        OlderThanPolicy,
        Unsaved,
        Orphan,
        WokeUp,
        NewAddress,
        TestInProduction,
        SameName,
        NearLimit,
    }
}

wire! {
    #[derive(Copy, Eq)]
    out pub enum SeverityView { High, Medium, Low }
}

wire! {
    /// What is offered: `narrow` is a new key with fewer scopes, and then the end of this one.
    #[derive(Copy, Eq)]
    out pub enum NextView { Rotate, Revoke, Narrow, Save, Look }
}

wire! {
    out pub struct AuditView {
        /// Every kind, the gravest first, those without a key too.
        pub cards: Vec<FindingCardView>,
        pub charts: AuditChartsView,
        /// Keys that may still work.
        pub keys: u32,
        pub accounts: u32,
        /// Sentences: which account could not be read of late, so that its figures are old.
        pub stale: Vec<String>,
    }
}

wire! {
    out pub struct FindingCardView {
        pub kind: FindingKindView,
        pub title: String,
        pub why: String,
        /// Keys with it, without those in which it is accepted.
        pub count: u32,
        pub accepted: u32,
        pub severity: SeverityView,
        pub next: NextView,
        pub next_words: String,
    }
}

wire! {
    /// Last use, age and expiry of the keys that may still work; all keys by account and status.
    out pub struct AuditChartsView {
        pub last_use: Vec<ChartBarView>,
        pub age: Vec<ChartBarView>,
        pub expiry: Vec<ChartBarView>,
        pub accounts: Vec<ChartStackView>,
    }
}

wire! {
    out pub struct ChartBarView {
        pub label: String,
        pub count: u32,
    }
}

wire! {
    out pub struct ChartStackView {
        pub account: String,
        pub label: String,
        /// By status.
        pub parts: Vec<ChartBarView>,
    }
}

wire! {
    /// One finding on a key's page.
    out pub struct FindingView {
        pub kind: FindingKindView,
        pub title: String,
        pub why: String,
        pub next: NextView,
        pub next_words: String,
        pub accepted: Option<AcceptedView>,
    }
}

wire! {
    out pub struct AcceptedView {
        pub reason: String,
        /// `null`: until it is withdrawn.
        pub until: Option<DateTime<Utc>>,
    }
}

wire! {
    both pub struct AcceptRequest {
        pub keys: Vec<String>,
        pub finding: FindingKindView,
        pub reason: String,
        /// `null`: until it is withdrawn.
        pub until: Option<DateTime<Utc>>,
    }
}

wire! {
    /// On which days a key was used, oldest first.
    out pub struct KeyUseView {
        pub days: Vec<UseDayView>,
        /// Rotations and other marks in time, oldest first.
        pub marks: Vec<UseMarkView>,
        /// How precisely the vendor says it, in a sentence.
        pub granularity: String,
        pub observed_since: Option<DateTime<Utc>>,
    }
}

wire! {
    out pub struct UseDayView {
        /// `2026-11-21`, by UTC.
        pub day: String,
        /// `null`: nothing was observed of this day.
        pub used: Option<bool>,
    }
}

wire! {
    out pub struct UseMarkView {
        pub at: DateTime<Utc>,
        pub words: String,
    }
}

wire! {
    /// What a reading found changed that Keyturn did not do, newest first.
    out pub struct OutsideChangesView {
        pub rows: Vec<OutsideChangeView>,
        pub total: u32,
    }
}

wire! {
    out pub struct OutsideChangeView {
        pub at: DateTime<Utc>,
        /// `null`: the key is not there any more.
        pub key: Option<String>,
        pub name: String,
        pub account_label: String,
        pub words: String,
    }
}
