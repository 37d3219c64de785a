//! The journal's words, from core to the UI and back.

use keyturn_core::account::AccountId;
use keyturn_core::export::Names;
use keyturn_core::key::KeyRef;
use keyturn_core::name;
use keyturn_core::ports::{JournalFilter, JournalRow, JournalWindow, OutcomeKind, Source};

use super::count;
use crate::journal::{
    JournalOutcomeView, JournalQuery, JournalRowView, JournalSourceView, JournalWindowView,
};
use crate::list::FacetView;

impl From<JournalOutcomeView> for OutcomeKind {
    fn from(view: JournalOutcomeView) -> Self {
        match view {
            JournalOutcomeView::Intended => Self::Intended,
            JournalOutcomeView::Done => Self::Done,
            JournalOutcomeView::Failed => Self::Failed,
        }
    }
}

impl From<OutcomeKind> for JournalOutcomeView {
    fn from(kind: OutcomeKind) -> Self {
        match kind {
            OutcomeKind::Intended => Self::Intended,
            OutcomeKind::Done => Self::Done,
            OutcomeKind::Failed => Self::Failed,
        }
    }
}

impl From<&JournalQuery> for JournalFilter {
    fn from(query: &JournalQuery) -> Self {
        Self {
            search: query.search.clone(),
            accounts: query.accounts.iter().cloned().map(AccountId).collect(),
            actions: query.actions.clone(),
            outcomes: query.outcomes.iter().copied().map(Into::into).collect(),
            source: match query.source {
                JournalSourceView::All => Source::All,
                JournalSourceView::Keyturn => Source::Keyturn,
                JournalSourceView::Vendor => Source::Vendor,
            },
            since: query.since,
            until: query.until,
        }
    }
}

#[must_use]
pub fn window(window: &JournalWindow, names: &Names) -> JournalWindowView {
    let label = |account: &AccountId| match names.get(account) {
        Some(names) => names.label.clone(),
        None if account.0.is_empty() => "No account".to_owned(),
        None => format!("{} (removed)", account.0),
    };
    JournalWindowView {
        rows: window.rows.iter().map(|journal| row(journal, names)).collect(),
        total: count(window.total),
        everything: count(window.everything),
        actions: in_order(window.actions.iter().map(|(word, n)| FacetView {
            value: word.clone(),
            label: action_words(word),
            count: count(*n),
        })),
        accounts: in_order(window.accounts.iter().map(|(id, n)| FacetView {
            value: id.0.clone(),
            label: label(id),
            count: count(*n),
        })),
    }
}

/// As a person looks for them in a list.
fn in_order(facets: impl Iterator<Item = FacetView>) -> Vec<FacetView> {
    let mut facets: Vec<FacetView> = facets.collect();
    facets.sort_by(|a, b| name::in_order(&a.label, &b.label).then_with(|| a.label.cmp(&b.label)));
    facets
}

fn row(row: &JournalRow, names: &Names) -> JournalRowView {
    let source = if row.link.is_some() { JournalSourceView::Keyturn } else { JournalSourceView::Vendor };
    let word = keyturn_core::export::source(row);
    let known = names.get(&row.account);
    let key = row.key.clone().map(|key| KeyRef { account: row.account.clone(), key });
    let id = row.key.as_ref().map(|key| key.0.clone());
    JournalRowView {
        id: format!("{word}-{}", row.number),
        at: row.at,
        account_label: known.map_or_else(|| row.account.0.clone(), |names| names.label.clone()),
        vendor_name: known.map(|names| names.vendor.clone()).unwrap_or_default(),
        key: key.filter(|_| row.listed).map(|key| key.to_string()),
        key_name: row.key_name.clone().or(id).unwrap_or_default(),
        fingerprint: row.fingerprint.clone(),
        action: row.action.clone(),
        action_words: action_words(&row.action),
        outcome: row.outcome.into(),
        words: match row.outcome {
            OutcomeKind::Intended => "asked for".to_owned(),
            OutcomeKind::Done | OutcomeKind::Failed => row.words.clone(),
        },
        reason: row.reason.clone(),
        source,
        actor: row.actor.clone(),
    }
}

/// `leak_search` as `Leak search`, `api_key.revoked` as `Api key revoked`.
fn action_words(word: &str) -> String {
    let spaced = word.replace(['_', '.'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Which entries an export holds, as a sentence.
#[must_use]
pub fn scope(query: &JournalQuery, names: &Names) -> String {
    let mut parts = Vec::new();
    if !query.search.trim().is_empty() {
        parts.push(format!("with “{}” in them", query.search.trim()));
    }
    if !query.accounts.is_empty() {
        let label = |id: &String| {
            names.get(&AccountId(id.clone())).map_or_else(|| id.clone(), |names| names.label.clone())
        };
        let labels: Vec<String> = query.accounts.iter().map(label).collect();
        parts.push(format!("of {}", labels.join(", ")));
    }
    if !query.actions.is_empty() {
        let words: Vec<String> = query.actions.iter().map(|word| action_words(word)).collect();
        parts.push(format!("about {}", words.join(", ")));
    }
    if !query.outcomes.is_empty() {
        let words: Vec<&str> =
            query.outcomes.iter().map(|outcome| keyturn_core::export::outcome((*outcome).into())).collect();
        parts.push(format!("that are {}", words.join(" or ")));
    }
    match query.source {
        JournalSourceView::All => {}
        JournalSourceView::Keyturn => parts.push("of Keyturn itself".into()),
        JournalSourceView::Vendor => parts.push("from the vendors' own logs".into()),
    }
    let day = "%-d %B %Y, %H:%M UTC";
    if let Some(since) = query.since {
        parts.push(format!("from {}", since.format(day)));
    }
    if let Some(until) = query.until {
        parts.push(format!("before {}", until.format(day)));
    }
    if parts.is_empty() {
        "It holds every entry of the journal and of the vendors' logs.".into()
    } else {
        format!("It holds the entries {}.", parts.join(", "))
    }
}
