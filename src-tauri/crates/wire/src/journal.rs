//! The journal as the Audit screen shows it, what is exported of it, and the verdict on its chain.

use chrono::{DateTime, Utc};

use crate::list::FacetView;
use crate::wire;

wire! {
    /// Whose record it is.
    #[derive(Copy, Eq)]
    both pub enum JournalSourceView {
        /// Keyturn's own chained journal and the vendors' records.
        All,
        Keyturn,
        Vendor,
    }
}

wire! {
    #[derive(Copy, Eq)]
    both pub enum JournalOutcomeView {
        /// Written before the act.
        Intended,
        Done,
        Failed,
    }
}

wire! {
    /// Which entries, newest first. An empty list of a filter means: all.
    both pub struct JournalQuery {
        pub search: String,
        pub accounts: Vec<String>,
        /// The stable words that [`JournalWindowView::actions`] lists.
        pub actions: Vec<String>,
        pub outcomes: Vec<JournalOutcomeView>,
        pub source: JournalSourceView,
        pub since: Option<DateTime<Utc>>,
        pub until: Option<DateTime<Utc>>,
        pub offset: u32,
        /// At most 200.
        pub limit: u32,
    }
}

wire! {
    out pub struct JournalWindowView {
        pub rows: Vec<JournalRowView>,
        /// Entries that pass the filter.
        pub total: u32,
        /// Entries without any filter.
        pub everything: u32,
        /// How many entries each choice would leave, given the other filters but not the search.
        pub actions: Vec<FacetView>,
        pub accounts: Vec<FacetView>,
    }
}

wire! {
    out pub struct JournalRowView {
        /// `keyturn-12` or `vendor-3`: unique among the rows.
        pub id: String,
        pub at: DateTime<Utc>,
        /// Empty where the entry concerns no account.
        pub account_label: String,
        /// Empty where the entry concerns no account, or one that is no longer here.
        pub vendor_name: String,
        /// `account/vendor-id`, where the key is still listed.
        pub key: Option<String>,
        /// Its name, or the vendor's id where the key is no longer listed; empty where no key is meant.
        pub key_name: String,
        /// `nl_live_…e5f6`, as it stood when the entry was written.
        pub fingerprint: Option<String>,
        /// The stable word: `revoke`.
        pub action: String,
        /// `Revoke`.
        pub action_words: String,
        pub outcome: JournalOutcomeView,
        /// What was seen; `asked for` where the entry was written before the act.
        pub words: String,
        /// The person's own.
        pub reason: Option<String>,
        pub source: JournalSourceView,
        /// Who did it, in the vendor's words; `null` for Keyturn's own entries.
        pub actor: Option<String>,
    }
}

wire! {
    #[derive(Copy, Eq)]
    both pub enum JournalFormatView {
        Csv,
        /// JSON Lines with the hashes of the chain.
        Jsonl,
        /// A signed page that prints well.
        Report,
    }
}

wire! {
    #[derive(Copy, Eq)]
    both pub enum TableFormatView { Csv, Json }
}

wire! {
    /// A file was written.
    out pub struct ExportedView {
        pub path: String,
        pub entries: u32,
        /// `312 entries, signed`.
        pub words: String,
    }
}

wire! {
    /// Whether the journal is as it was written.
    out pub struct JournalVerdictView {
        pub intact: bool,
        pub entries: u32,
        pub words: String,
        /// With which this profile's exports are signed, in hexadecimal; `null` while the vault is locked.
        pub public_key: Option<String>,
    }
}
