//! One key as the UI shows it. Holds no secret and never more of it than the vendor returned.

use chrono::{DateTime, NaiveDate, Utc};

use crate::adopt::CheckedView;
use crate::audit::{FindingKindView, FindingView};
use crate::policy::DueView;
use crate::wire;

wire! {
    /// A key in the list.
    out pub struct KeyView {
        /// `account/vendor-id`: stands for this key in every request.
        pub id: String,
        pub vendor_key_id: String,
        pub account_id: String,
        pub account_label: String,
        pub vendor: String,
        pub name: String,
        /// `nl_live_…e5f6`.
        pub masked: String,
        pub environment: EnvironmentView,
        pub scopes: Vec<String>,
        pub last_use: LastUseView,
        pub created_at: Option<DateTime<Utc>>,
        pub expires: ExpiryView,
        pub status: StatusView,
        /// The key with which Keyturn manages the account.
        pub managing: bool,
        /// The escrow that waits for "I have stored this key".
        pub unsaved: Option<String>,
        /// When it was last seen changed outside Keyturn.
        pub changed_outside: Option<DateTime<Utc>>,
        /// The person brought it; the vendor has no key API.
        pub adopted: bool,
        /// When the vendor was last asked with the key itself, and what it said.
        pub checked: Option<CheckedView>,
        /// The operation that is replacing it.
        pub operation: Option<String>,
        /// The person's own words on it, in order. Told in the list and on the key's page.
        pub labels: Vec<String>,
        /// From the policy's reminder on; told in the list and on the key's page.
        pub due: Option<DueView>,
        /// What was found in it, without what is accepted; the gravest first.
        pub findings: Vec<FindingKindView>,
    }
}

wire! {
    #[serde(tag = "kind", rename_all_fields = "camelCase")]
    both pub enum EnvironmentView {
        Live,
        Test,
        /// The vendor's own word.
        Other { word: String },
        None,
    }
}

wire! {
    #[serde(tag = "kind", rename_all_fields = "camelCase")]
    out pub enum LastUseView {
        At { at: DateTime<Utc> },
        /// `2027-03-01`: the vendor names no time.
        On { day: NaiveDate },
        Never,
        NotReported,
        /// The vendor tells something that cannot be read as a time.
        Unreadable,
        UntrackedBefore { at: DateTime<Utc> },
        /// True when it was read; the account could not be read since.
        Stale { last: Option<DateTime<Utc>>, read_at: DateTime<Utc> },
    }
}

wire! {
    /// When a key ends.
    #[serde(tag = "kind", rename_all_fields = "camelCase")]
    out pub enum ExpiryView {
        Never,
        At { at: DateTime<Utc> },
        /// `2027-03-01`: the same day everywhere.
        On { day: NaiveDate },
        /// The vendor tells something that cannot be read as a time.
        Unreadable,
    }
}

wire! {
    #[serde(tag = "kind", rename_all_fields = "camelCase")]
    out pub enum StatusView {
        Active,
        Expiring { at: DateTime<Utc> },
        Retiring { until: DateTime<Utc> },
        Revoking,
        Revoked { at: Option<DateTime<Utc>> },
        Expired { at: Option<DateTime<Utc>> },
        Orphan,
        /// The vendor listed it before and not at its last readings.
        Unlisted { since: DateTime<Utc> },
        Unknown { word: String },
    }
}

wire! {
    /// The page of one key.
    out pub struct KeyPageView {
        pub key: KeyView,
        pub vendor_name: String,
        pub creator: Option<String>,
        /// Scopes with their descriptions.
        pub scope_details: Vec<ScopeDetailView>,
        pub rotate: ActionView,
        pub revoke: ActionView,
        pub delete: ActionView,
        /// Ask the vendor with the key itself; only where Keyturn holds it.
        pub check: ActionView,
        /// Remove an adopted key from Keyturn; the vendor's is not touched.
        pub forget: ActionView,
        /// It may be the managing key: several bear its characters, and the person can say that it is this one.
        pub may_manage: bool,
        /// What was found in it, accepted or not; the gravest first.
        pub findings: Vec<FindingView>,
        /// Sentences that a person should read and that no finding says.
        pub concerns: Vec<String>,
        pub dashboard: Option<String>,
        /// The environment variable that its users are best given it under.
        pub variable: String,
        /// Newest first.
        pub history: Vec<HistoryView>,
    }
}

wire! {
    out pub struct ScopeDetailView {
        pub scope: String,
        pub description: Option<String>,
        pub dangerous: bool,
    }
}

wire! {
    out pub struct UsageView {
        pub ip: String,
        pub last_used_at: Option<DateTime<Utc>>,
        pub count: Option<u32>,
    }
}

wire! {
    /// Whether an action can be taken, and if not, why in words.
    out pub struct ActionView {
        pub allowed: bool,
        pub reason: Option<String>,
    }
}

wire! {
    out pub struct HistoryView {
        pub at: DateTime<Utc>,
        /// A sentence: "Created by Keyturn".
        pub what: String,
        pub failed: bool,
    }
}

wire! {
    both pub struct RevokeRequest {
        pub key: String,
        /// The key's name as the person typed it; needed for a live key.
        pub typed_name: Option<String>,
        /// The second, explicit yes for the managing key.
        pub confirm_managing: bool,
        /// The person's own, for the journal.
        #[ts(optional)]
        pub reason: Option<String>,
    }
}
wire! {
    both pub struct DeleteRequest {
        pub key: String,
        pub confirm_managing: bool,
        /// The person's own, for the journal.
        #[ts(optional)]
        pub reason: Option<String>,
    }
}
