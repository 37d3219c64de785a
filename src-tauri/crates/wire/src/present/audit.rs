//! The Audit screen's figures and one key's findings, to the UI's views.

use chrono::{DateTime, Utc};
use keyturn_core::account::{Account, Freshness};
use keyturn_core::finding::{Next, Severity};
use keyturn_core::flows::{KeyFinding, KeyUse, OutsideChange};
use keyturn_core::inventory::{Audit, Bar, Found};
use keyturn_core::name::in_order;

use crate::audit::{
    AcceptedView, AuditChartsView, AuditView, ChartBarView, ChartStackView, FindingCardView, FindingView,
    KeyUseView, NextView, OutsideChangeView, OutsideChangesView, SeverityView, UseDayView, UseMarkView,
};
use crate::present::count;
use crate::query::{last_use_words, status_words};

impl From<Severity> for SeverityView {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
        }
    }
}

impl From<Next> for NextView {
    fn from(next: Next) -> Self {
        match next {
            Next::Rotate => Self::Rotate,
            Next::Revoke => Self::Revoke,
            Next::Narrow => Self::Narrow,
            Next::Save => Self::Save,
            Next::Look => Self::Look,
        }
    }
}

/// The whole screen. Accounts without a key stand in no chart.
#[must_use]
pub fn audit(audit: &Audit, accounts: &[Account], now: DateTime<Utc>) -> AuditView {
    let label =
        |id: &_| accounts.iter().find(|account| account.id == *id).map(|account| account.label.clone());
    let stack = |(id, parts): &keyturn_core::inventory::AccountBar| {
        let parts = parts.iter().map(|(kind, n)| bar(status_words(*kind).1, *n)).collect();
        ChartStackView { account: id.0.clone(), label: label(id).unwrap_or_else(|| id.0.clone()), parts }
    };
    let mut stacks: Vec<ChartStackView> = audit.accounts.iter().map(stack).collect();
    stacks.sort_by(|a, b| in_order(&a.label, &b.label).then_with(|| a.label.cmp(&b.label)));
    AuditView {
        cards: audit.findings.iter().map(card).collect(),
        charts: AuditChartsView {
            last_use: audit.last_use.iter().map(|(kind, n)| bar(last_use_words(*kind).1, *n)).collect(),
            age: bars(&audit.age),
            expiry: bars(&audit.expiry),
            accounts: stacks,
        },
        keys: count(audit.live),
        accounts: count(accounts.len()),
        stale: accounts.iter().filter_map(|account| stale(account, now)).collect(),
    }
}

fn card(found: &Found) -> FindingCardView {
    let kind = found.kind;
    FindingCardView {
        kind: kind.into(),
        title: kind.title().to_owned(),
        why: kind.why().to_owned(),
        count: count(found.count),
        accepted: count(found.accepted),
        severity: kind.severity().into(),
        next: kind.next().into(),
        next_words: kind.next_words().to_owned(),
    }
}

fn bars(bars: &[Bar]) -> Vec<ChartBarView> {
    bars.iter().map(|(label, n)| bar(label, *n)).collect()
}

fn bar(label: &str, n: usize) -> ChartBarView {
    ChartBarView { label: label.to_owned(), count: count(n) }
}

/// That an account's figures are old.
fn stale(account: &Account, now: DateTime<Utc>) -> Option<String> {
    let label = &account.label;
    match &account.freshness {
        Freshness::Stale { read_at: Some(read_at), .. } => {
            let hours = (now - *read_at).num_hours();
            let age = match hours {
                ..1 => "less than an hour".to_owned(),
                1 => "an hour".to_owned(),
                2..48 => format!("{hours} hours"),
                _ => format!("{} days", hours / 24),
            };
            Some(format!("{label} could not be read of late. Its figures are {age} old."))
        }
        Freshness::Stale { read_at: None, .. } => {
            Some(format!("{label} could not be read yet. It is missing here."))
        }
        Freshness::Unread => Some(format!("{label} was not read yet. It is missing here.")),
        Freshness::ByHand | Freshness::Fresh { .. } => None,
    }
}

/// One finding of a key's page.
#[must_use]
pub fn finding(finding: &KeyFinding) -> FindingView {
    let kind = finding.kind;
    FindingView {
        kind: kind.into(),
        title: kind.title().to_owned(),
        why: finding.why.clone(),
        next: kind.next().into(),
        next_words: kind.next_words().to_owned(),
        accepted: finding
            .accepted
            .as_ref()
            .map(|accepted| AcceptedView { reason: accepted.reason.clone(), until: accepted.until }),
    }
}

#[must_use]
pub fn key_use(key_use: &KeyUse) -> KeyUseView {
    KeyUseView {
        days: key_use
            .days
            .iter()
            .map(|day| UseDayView { day: day.day.date().to_string(), used: day.used })
            .collect(),
        marks: key_use
            .marks
            .iter()
            .map(|mark| UseMarkView { at: mark.at, words: mark.words.to_owned() })
            .collect(),
        granularity: key_use.granularity.clone(),
        observed_since: key_use.observed_since,
    }
}

#[must_use]
pub fn outside_changes(changes: &[OutsideChange], total: usize) -> OutsideChangesView {
    let row = |change: &OutsideChange| OutsideChangeView {
        at: change.at,
        key: change.there.then(|| change.key.to_string()),
        name: change.name.clone(),
        account_label: change.account_label.clone(),
        words: change.words.clone(),
    };
    OutsideChangesView { rows: changes.iter().map(row).collect(), total: count(total) }
}
