//! The windowed query, to the core's words and back.

use chrono::{DateTime, Utc};
use keyturn_core::account::{Account, AccountId};
use keyturn_core::finding::FindingKind;
use keyturn_core::inventory::{Facets, LastUseKind, Query, SortBy, StatusKind, Window};
use keyturn_core::key::{Environment, KeyRef};
use keyturn_core::label::Label;

use crate::audit::FindingKindView;
use crate::list::{
    FacetView, FacetsView, KeyQuery, KeyWindowView, LastUseKindView, SortByView, StatusKindView,
};
use crate::present::{count, key_view};

/// Two enums that say the same, one variant a line.
macro_rules! same {
    ($core:ident, $view:ident, $($variant:ident),+) => {
        impl From<$view> for $core {
            fn from(view: $view) -> Self {
                match view { $($view::$variant => Self::$variant),+ }
            }
        }
        impl From<$core> for $view {
            fn from(core: $core) -> Self {
                match core { $($core::$variant => Self::$variant),+ }
            }
        }
    };
}

same!(SortBy, SortByView, Name, Account, Environment, Scopes, LastUse, Created, Expires, Status);
same!(
    StatusKind,
    StatusKindView,
    Unsaved,
    Orphan,
    Unlisted,
    Unknown,
    Revoking,
    Retiring,
    Expiring,
    Active,
    Expired,
    Revoked
);
same!(
    LastUseKind,
    LastUseKindView,
    Within24Hours,
    Within7Days,
    Within30Days,
    Within90Days,
    Older,
    Never,
    NotReported,
    Unreadable,
    UntrackedBefore,
    Stale
);
same!(
    FindingKind,
    FindingKindView,
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
    NearLimit
);

impl From<KeyQuery> for Query {
    fn from(query: KeyQuery) -> Self {
        Self {
            search: query.search,
            accounts: query.accounts.into_iter().map(AccountId).collect(),
            environments: query.environments.iter().map(|word| environment(word)).collect(),
            statuses: query.statuses.into_iter().map(Into::into).collect(),
            last_uses: query.last_uses.into_iter().map(Into::into).collect(),
            // What cannot be a label is on no key.
            labels: query.labels.iter().filter_map(|text| Label::parse(text).ok()).collect(),
            due: query.due,
            findings: query.findings.into_iter().map(FindingKind::from).collect(),
            // What names no key passes none.
            keys: (!query.keys.is_empty())
                .then(|| query.keys.iter().filter_map(|text| KeyRef::parse(text)).collect()),
            sort: query.sort.into(),
            descending: query.descending,
            offset: query.offset as usize,
            limit: query.limit as usize,
        }
    }
}

/// A part of the list with its counts. Rows of an account that is no longer there are left out.
#[must_use]
pub fn window(window: &Window, offset: u32, accounts: &[Account], now: DateTime<Utc>) -> KeyWindowView {
    let rows = window
        .rows
        .iter()
        .filter_map(|row| {
            accounts.iter().find(|a| a.id == row.account).map(|account| key_view(row, account, now))
        })
        .collect();
    KeyWindowView {
        rows,
        offset,
        total: count(window.total),
        everything: count(window.everything),
        facets: facets(&window.facets, accounts),
    }
}

fn facets(facets: &Facets, accounts: &[Account]) -> FacetsView {
    let label =
        |id: &AccountId| accounts.iter().find(|a| a.id == *id).map_or(id.0.clone(), |a| a.label.clone());
    FacetsView {
        accounts: facets
            .accounts
            .iter()
            .map(|(id, n)| FacetView { value: id.0.clone(), label: label(id), count: count(*n) })
            .collect(),
        environments: facets
            .environments
            .iter()
            .map(|(e, n)| {
                let (value, label) = environment_words(e);
                FacetView { value, label, count: count(*n) }
            })
            .collect(),
        statuses: facets.statuses.iter().map(|(kind, n)| status_facet(*kind, *n)).collect(),
        last_uses: facets.last_uses.iter().map(|(kind, n)| last_use_facet(*kind, *n)).collect(),
        labels: facets.labels.iter().map(|(label, n)| label_facet(label, *n)).collect(),
        due: count(facets.due),
    }
}

fn environment(word: &str) -> Environment {
    match word {
        "live" => Environment::Live,
        "test" => Environment::Test,
        "none" => Environment::None,
        other => Environment::Other(other.to_owned()),
    }
}

fn environment_words(environment: &Environment) -> (String, String) {
    match environment {
        Environment::Live => ("live".into(), "Live".into()),
        Environment::Test => ("test".into(), "Test".into()),
        Environment::None => ("none".into(), "No environment".into()),
        Environment::Other(word) => (word.clone(), word.clone()),
    }
}

fn label_facet(label: &Label, n: usize) -> FacetView {
    FacetView { value: label.as_str().into(), label: label.as_str().into(), count: count(n) }
}

fn status_facet(kind: StatusKind, n: usize) -> FacetView {
    let (value, label) = status_words(kind);
    FacetView { value: value.into(), label: label.into(), count: count(n) }
}

/// The word of the query, and what a person reads.
pub(crate) fn status_words(kind: StatusKind) -> (&'static str, &'static str) {
    match kind {
        StatusKind::Unsaved => ("unsaved", "Not yet saved"),
        StatusKind::Orphan => ("orphan", "Orphan"),
        StatusKind::Unlisted => ("unlisted", "Not listed"),
        StatusKind::Unknown => ("unknown", "Unknown"),
        StatusKind::Revoking => ("revoking", "Revoking"),
        StatusKind::Retiring => ("retiring", "Retiring"),
        StatusKind::Expiring => ("expiring", "Expiring"),
        StatusKind::Active => ("active", "Active"),
        StatusKind::Expired => ("expired", "Expired"),
        StatusKind::Revoked => ("revoked", "Revoked"),
    }
}

fn last_use_facet(kind: LastUseKind, n: usize) -> FacetView {
    let (value, label) = last_use_words(kind);
    FacetView { value: value.into(), label: label.into(), count: count(n) }
}

/// The word of the query, and what a person reads.
pub(crate) fn last_use_words(kind: LastUseKind) -> (&'static str, &'static str) {
    match kind {
        LastUseKind::Within24Hours => ("within24Hours", "Last 24 hours"),
        LastUseKind::Within7Days => ("within7Days", "Last 7 days"),
        LastUseKind::Within30Days => ("within30Days", "Last 30 days"),
        LastUseKind::Within90Days => ("within90Days", "Last 90 days"),
        LastUseKind::Older => ("older", "Longer ago"),
        LastUseKind::Never => ("never", "Never used"),
        LastUseKind::NotReported => ("notReported", "Not reported"),
        LastUseKind::Unreadable => ("unreadable", "Not readable"),
        LastUseKind::UntrackedBefore => ("untrackedBefore", "Not tracked"),
        LastUseKind::Stale => ("stale", "Old reading"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A facet's value is put into the query as it stands: it must be the word that the query reads.
    #[test]
    fn every_facet_value_is_a_word_of_the_query() {
        for kind in [StatusKind::Unsaved, StatusKind::Orphan, StatusKind::Unknown, StatusKind::Expiring] {
            let word = serde_json::Value::String(status_facet(kind, 0).value);
            let read: StatusKindView = serde_json::from_value(word).unwrap();
            assert_eq!(StatusKind::from(read), kind);
        }
        for kind in [
            LastUseKind::Within24Hours,
            LastUseKind::Within90Days,
            LastUseKind::NotReported,
            LastUseKind::Stale,
        ] {
            let word = serde_json::Value::String(last_use_facet(kind, 0).value);
            let read: LastUseKindView = serde_json::from_value(word).unwrap();
            assert_eq!(LastUseKind::from(read), kind);
        }
    }
}
