//! The windowed query over the list.

use crate::audit::FindingKindView;
use crate::key::KeyView;
use crate::wire;

wire! {
    #[derive(Copy, Eq, Default)]
    both pub enum SortByView { #[default] Name, Account, Environment, Scopes, LastUse, Created, Expires, Status }
}

wire! {
    #[derive(Copy, Eq)]
    both pub enum StatusKindView { Unsaved, Orphan, Unlisted, Unknown, Revoking, Retiring, Expiring, Active, Expired, Revoked }
}

wire! {
    #[derive(Copy, Eq)]
    both pub enum LastUseKindView {
        Within24Hours, Within7Days, Within30Days, Within90Days, Older, Never, NotReported, Unreadable, UntrackedBefore,
        Stale,
    }
}

wire! {
    /// Which rows, in which order, which part of them. An empty list of a filter means: all.
    #[derive(Default)]
    both pub struct KeyQuery {
        pub search: String,
        pub accounts: Vec<String>,
        /// `live`, `test`, `none`, or the vendor's own word.
        pub environments: Vec<String>,
        pub statuses: Vec<StatusKindView>,
        pub last_uses: Vec<LastUseKindView>,
        /// Rows that bear any of these labels.
        #[serde(default)]
        pub labels: Vec<String>,
        /// Only rows that a policy wants replaced, now or soon.
        #[serde(default)]
        pub due: bool,
        /// A key passes that has any of them, not accepted.
        #[serde(default)]
        pub findings: Vec<FindingKindView>,
        /// Only these keys, as far as they pass the rest.
        #[serde(default)]
        pub keys: Vec<String>,
        pub sort: SortByView,
        pub descending: bool,
        pub offset: u32,
        /// At most 200.
        pub limit: u32,
    }
}

wire! {
    out pub struct KeyWindowView {
        pub rows: Vec<KeyView>,
        pub offset: u32,
        /// Rows that pass the filter.
        pub total: u32,
        /// Rows without any filter.
        pub everything: u32,
        pub facets: FacetsView,
    }
}

wire! {
    /// How many rows each choice would leave, given the other filters and the search.
    out pub struct FacetsView {
        pub accounts: Vec<FacetView>,
        pub environments: Vec<FacetView>,
        pub statuses: Vec<FacetView>,
        pub last_uses: Vec<FacetView>,
        pub labels: Vec<FacetView>,
        /// How many of the rows are due.
        pub due: u32,
    }
}

wire! {
    out pub struct FacetView {
        /// The value to put into the query.
        pub value: String,
        pub label: String,
        pub count: u32,
    }
}
