//! From the core's words to the UI's views. Holds no rules: what is allowed and what is meant comes from core.

pub mod audit;
pub mod batch;
pub mod journal;
pub mod leak;
pub mod operation;
pub mod policy;
pub mod reminder;

use chrono::{DateTime, TimeDelta, Utc};
use keyturn_core::account::{Account, Freshness};
use keyturn_core::fields::AccountField;
use keyturn_core::finding::FindingSet;
use keyturn_core::flows::{Escrow, KeyFindings, KeyPage};
use keyturn_core::inventory::{InventoryRow, Tally};
use keyturn_core::journal::{Action, Entry, Outcome};
use keyturn_core::key::{Environment, KeyRecord, KeyStatus, LastUse, Scope, Usage};
use keyturn_core::moment::moment;
use keyturn_core::permit::Permit;
use keyturn_core::provider::{KeyBody, Manifest, ScopeEntry, Support};
use keyturn_core::reading::clock_words;
use keyturn_core::scopes::{expand, is_pattern};
use keyturn_core::timestamp::Timestamp;

use crate::account::{
    AccountSettingView, AccountView, FreshnessView, RefusedScopeView, SharedKeysView, SlotsView,
};
use crate::adopt::CheckedView;
use crate::create::EscrowView;
use crate::failure::sentence;
use crate::key::{
    ActionView, EnvironmentView, ExpiryView, HistoryView, KeyPageView, KeyView, LastUseView, ScopeDetailView,
    StatusView, UsageView,
};
use crate::vendor::{FieldView, ScopeView, TemplateView, VendorView};

/// How long before its expiry a key counts as expiring.
const EXPIRING: TimeDelta = TimeDelta::days(7);

impl From<&Environment> for EnvironmentView {
    fn from(environment: &Environment) -> Self {
        match environment {
            Environment::Live => Self::Live,
            Environment::Test => Self::Test,
            Environment::Other(word) => Self::Other { word: word.clone() },
            Environment::None => Self::None,
        }
    }
}

impl From<EnvironmentView> for Environment {
    fn from(view: EnvironmentView) -> Self {
        match view {
            EnvironmentView::Live => Self::Live,
            EnvironmentView::Test => Self::Test,
            EnvironmentView::Other { word } => Self::Other(word),
            EnvironmentView::None => Self::None,
        }
    }
}

impl From<&LastUse> for LastUseView {
    fn from(last_use: &LastUse) -> Self {
        match last_use {
            LastUse::At(at) => Self::At { at: *at },
            LastUse::On(day) => Self::On { day: *day },
            LastUse::Never => Self::Never,
            LastUse::NotReported => Self::NotReported,
            LastUse::Unreadable => Self::Unreadable,
            LastUse::UntrackedBefore(at) => Self::UntrackedBefore { at: *at },
            LastUse::Stale { last, read_at } => Self::Stale { last: *last, read_at: *read_at },
        }
    }
}

impl From<Timestamp> for ExpiryView {
    fn from(moment: Timestamp) -> Self {
        match moment {
            Timestamp::None => Self::Never,
            Timestamp::At(at) => Self::At { at },
            Timestamp::On(day) => Self::On { day },
            Timestamp::Unreadable => Self::Unreadable,
        }
    }
}

impl From<&Permit> for ActionView {
    fn from(permit: &Permit) -> Self {
        match permit {
            Permit::Allowed => Self { allowed: true, reason: None },
            Permit::Denied(reason) => Self { allowed: false, reason: Some(reason.clone()) },
        }
    }
}

/// The status at `now`: an active key near its end is expiring, one past it has expired, whatever was last read.
#[must_use]
pub fn status(record: &KeyRecord, now: DateTime<Utc>) -> StatusView {
    let (ends, shown) = (record.expires.ends(), record.expires.shown());
    match (&record.status, ends.zip(shown)) {
        (KeyStatus::Active | KeyStatus::Expiring, Some((end, at))) if end <= now => {
            StatusView::Expired { at: Some(at) }
        }
        (KeyStatus::Active | KeyStatus::Expiring, Some((end, at))) if end - now <= EXPIRING => {
            StatusView::Expiring { at }
        }
        (KeyStatus::Active | KeyStatus::Expiring, _) => StatusView::Active,
        (KeyStatus::Retiring { until }, _) => StatusView::Retiring { until: *until },
        (KeyStatus::Revoking, _) => StatusView::Revoking,
        (KeyStatus::Revoked { at }, _) => StatusView::Revoked { at: *at },
        (KeyStatus::Expired { at }, _) => StatusView::Expired { at: at.or(shown) },
        (KeyStatus::Orphan, _) => StatusView::Orphan,
        (KeyStatus::Unlisted { since }, _) => StatusView::Unlisted { since: *since },
        (KeyStatus::Unknown(word), _) => StatusView::Unknown { word: word.clone() },
    }
}

/// One row. `account` names where it stands.
#[must_use]
pub fn key_view(row: &InventoryRow, account: &Account, now: DateTime<Utc>) -> KeyView {
    let record = &row.record;
    KeyView {
        id: row.key_ref().to_string(),
        vendor_key_id: record.id.0.clone(),
        account_id: account.id.0.clone(),
        account_label: account.label.clone(),
        vendor: account.vendor.0.clone(),
        name: record.name.clone(),
        masked: record.hint.masked(),
        environment: (&record.environment).into(),
        scopes: record.scopes.iter().map(|scope| scope.0.clone()).collect(),
        last_use: (&record.last_use).into(),
        created_at: record.created_at,
        expires: record.expires.into(),
        status: status(record, now),
        managing: row.managing,
        unsaved: row.unsaved.as_ref().map(|id| id.0.clone()),
        changed_outside: row.changed_outside,
        adopted: account.managing.is_none(),
        checked: record.checked.map(|checked| CheckedView { at: checked.at, alive: checked.alive }),
        operation: row.operation.as_ref().map(|id| id.0.clone()),
        labels: row.labels.iter().map(|label| label.as_str().to_owned()).collect(),
        due: row.due.filter(|due| due.is_near(now)).map(|due| policy::due(due, now)),
        findings: row.findings.iter().map(Into::into).collect(),
    }
}

/// A record that is not a row of the list, as the list would show it.
fn record_view(record: &KeyRecord, account: &Account, unsaved: Option<&str>, now: DateTime<Utc>) -> KeyView {
    let unsaved = unsaved.map(|id| keyturn_core::operation::OperationId(id.to_owned()));
    key_view(&InventoryRow { unsaved, ..lone_row(record, account) }, account, now)
}

fn lone_row(record: &KeyRecord, account: &Account) -> InventoryRow {
    InventoryRow {
        account: account.id.clone(),
        record: record.clone(),
        managing: account.manages_with(&record.id),
        unsaved: None,
        operation: None,
        changed_outside: None,
        labels: Vec::new(),
        since: record.created_at,
        due: None,
        findings: FindingSet::EMPTY,
        accepted: FindingSet::EMPTY,
    }
}

#[must_use]
pub fn key_page(page: &KeyPage, judged: &KeyFindings, now: DateTime<Utc>) -> KeyPageView {
    let manifest = page.provider.manifest();
    let row = InventoryRow {
        unsaved: page.unsaved.clone(),
        operation: page.operation.clone(),
        labels: page.labels.clone(),
        changed_outside: page.changed_outside,
        due: page.due,
        findings: judged.open(),
        ..lone_row(&page.record, &page.account)
    };
    KeyPageView {
        key: key_view(&row, &page.account, now),
        vendor_name: manifest.name.to_owned(),
        creator: page.record.creator.clone(),
        scope_details: page
            .record
            .scopes
            .iter()
            .map(|scope| {
                let known = manifest.scope(scope);
                ScopeDetailView {
                    scope: scope.0.clone(),
                    description: known.map(|entry| entry.description.to_owned()),
                    dangerous: known.is_some_and(|entry| entry.dangerous),
                }
            })
            .collect(),
        rotate: (&page.permits.rotate).into(),
        revoke: (&page.permits.revoke).into(),
        delete: (&page.permits.delete).into(),
        check: (&page.check).into(),
        forget: (&page.forget).into(),
        may_manage: page.account.may_manage_with(&page.record),
        findings: judged.findings.iter().map(audit::finding).collect(),
        concerns: judged.concern.iter().cloned().collect(),
        dashboard: manifest.dashboard.map(str::to_owned),
        variable: manifest.variable.to_owned(),
        history: page.history.iter().map(history).collect(),
    }
}

#[must_use]
pub fn escrow(escrow: &Escrow, account: &Account, now: DateTime<Utc>) -> EscrowView {
    EscrowView {
        id: escrow.operation.0.clone(),
        key: record_view(&escrow.record, account, Some(&escrow.operation.0), now),
        rotated_from: escrow.rotated_from.clone(),
        created_at: escrow.since,
        differences: escrow.differences.clone(),
    }
}

/// An account with its count of keys, and of those of them that a limit counts. `refreshing` holds the keys read so far while it is being read.
#[must_use]
pub fn account(
    account: &Account,
    manifest: &Manifest,
    keys: Tally,
    refreshing: Option<Option<u32>>,
    skew: Option<TimeDelta>,
    shared: Vec<SharedKeysView>,
) -> AccountView {
    let stored = match &account.freshness {
        Freshness::ByHand => FreshnessView::ByHand,
        Freshness::Unread => FreshnessView::Unread,
        Freshness::Fresh { read_at } => FreshnessView::Fresh { read_at: *read_at },
        Freshness::Stale { since, read_at, reason, doubted, rests_until } => FreshnessView::Stale {
            since: *since,
            read_at: *read_at,
            reason: sentence(reason),
            acceptable: *doubted,
            rests_until: *rests_until,
        },
    };
    let read_at = match account.freshness {
        Freshness::ByHand | Freshness::Unread => None,
        Freshness::Fresh { read_at } => Some(read_at),
        Freshness::Stale { read_at, .. } => read_at,
    };
    AccountView {
        id: account.id.0.clone(),
        vendor: account.vendor.0.clone(),
        vendor_name: manifest.name.to_owned(),
        label: account.label.clone(),
        base_url: account.base_url.clone(),
        environment: (&account.environment).into(),
        rehearsal: account.rehearsal,
        managing_masked: account.managing.as_ref().map(|managing| managing.hint.masked()),
        managing_key_id: account
            .managing
            .as_ref()
            .and_then(|managing| managing.key.as_ref())
            .map(|key| key.0.clone()),
        managing_unknown: account
            .managing
            .as_ref()
            .is_some_and(|managing| managing.key.is_none() && !managing.hint.is_empty()),
        connected_at: account.connected_at,
        freshness: match refreshing {
            Some(read_so_far) => FreshnessView::Refreshing { read_so_far, read_at },
            None => stored,
        },
        keys: count(keys.all),
        refused_scopes: account
            .refused_scopes
            .iter()
            .map(|refused| RefusedScopeView {
                scope: refused.scope.0.clone(),
                reason: format!(
                    "{} refused to grant this scope to your role on {}.",
                    manifest.name,
                    moment(refused.at)
                ),
            })
            .collect(),
        assisted: manifest.capabilities.is_assisted(),
        slots: manifest.capabilities.key_limit.map(|limit| SlotsView { used: count(keys.live), limit }),
        settings: manifest
            .fields
            .iter()
            .filter_map(|field| {
                let value = account.settings.get(field.name)?.clone();
                Some(AccountSettingView { name: field.name.to_owned(), label: field.label.to_owned(), value })
            })
            .collect(),
        dashboard: manifest.dashboard.map(str::to_owned),
        clocks: skew
            .and_then(clock_words)
            .map(|words| format!("This computer's clock is {words} {}'s.", manifest.name)),
        shared,
    }
}

#[must_use]
pub fn vendor(manifest: &Manifest, rehearsal: bool) -> VendorView {
    let body = match manifest.key_form.body {
        KeyBody::LowerHex(n) | KeyBody::Base62(n) | KeyBody::Base64Url(n) => {
            format!("… ({n} characters after the prefix)")
        }
        KeyBody::AtLeast(_) | KeyBody::Any => "…".to_owned(),
    };
    let prefix = manifest.key_form.prefixes.first().map_or("", |(prefix, _)| prefix);
    VendorView {
        id: manifest.vendor.0.clone(),
        name: manifest.name.to_owned(),
        default_base_url: manifest.default_base_url.to_owned(),
        environments: manifest.environments.iter().map(Into::into).collect(),
        name_limit: count(manifest.name_limit),
        scopes: manifest
            .scopes
            .iter()
            .map(|entry| ScopeView {
                scope: entry.scope.to_owned(),
                domain: entry.domain.to_owned(),
                description: entry.description.to_owned(),
                dangerous: entry.dangerous,
                covers: covered(manifest, entry),
            })
            .collect(),
        templates: manifest
            .templates
            .iter()
            .map(|template| TemplateView {
                name: template.name.to_owned(),
                description: template.description.to_owned(),
                scopes: template.scopes.iter().map(|&scope| scope.to_owned()).collect(),
            })
            .collect(),
        key_example: format!("{prefix}{body}"),
        can_list: manifest.capabilities.list == Support::Yes,
        can_create: manifest.capabilities.mint == Support::Yes,
        can_expire: manifest.capabilities.expiry == Support::Yes,
        key_limit: manifest.capabilities.key_limit,
        dashboard: manifest.dashboard.map(str::to_owned),
        assisted: manifest.capabilities.is_assisted(),
        full_privilege: manifest.full_privilege.map(str::to_owned),
        variable: manifest.variable.to_owned(),
        fields: manifest.fields.iter().map(field).collect(),
        rehearsal,
    }
}

fn field(field: &AccountField) -> FieldView {
    FieldView {
        name: field.name.to_owned(),
        label: field.label.to_owned(),
        help: field.help.to_owned(),
        required: field.required,
        limit: count(field.limit),
        needs: field.needs.map(str::to_owned),
    }
}

/// The scopes that a pattern stands for.
fn covered(manifest: &Manifest, entry: &ScopeEntry) -> Vec<String> {
    let scope = Scope(entry.scope.to_owned());
    if !is_pattern(&scope) {
        return Vec::new();
    }
    expand(&manifest.scopes, &scope).into_iter().map(|entry| entry.scope.to_owned()).collect()
}

/// One address from which a key was used.
#[must_use]
pub fn usage(usage: &Usage) -> UsageView {
    UsageView {
        ip: usage.ip.clone(),
        last_used_at: usage.last_used_at,
        count: usage.count.map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
    }
}

/// A line of the journal as a sentence. An act at a vendor is only asked for until its end was seen; a copy or a
/// reveal is done here, right after its entry.
fn history(entry: &Entry) -> HistoryView {
    let (asked, done, failed) = match entry.action {
        Action::Connect => ("Connection asked for", "Connected", "Not connected"),
        Action::Disconnect => ("Disconnection asked for", "Disconnected", "Not disconnected"),
        Action::Create => ("Creation asked for", "Created", "Not created"),
        Action::Rotate => ("Rotation asked for", "Rotated", "Not rotated"),
        Action::Revoke => ("Revocation asked for", "Revoked", "Not revoked"),
        Action::Delete => ("Deletion asked for", "Deleted", "Not deleted"),
        Action::Copy => ("Copied to the clipboard", "Copied to the clipboard", "Not copied"),
        Action::Reveal => ("Shown in the reveal window", "Shown in the reveal window", "Not shown"),
        Action::Acknowledge => ("Saved", "Saved", "Not saved"),
        Action::Recover => ("Recovery begun", "Recovered", "Not recovered"),
        Action::Probe => ("Check asked for", "Checked", "Not checked"),
        Action::Forget => ("Forgetting asked for", "Forgotten", "Not forgotten"),
        Action::Adopt => ("Adoption asked for", "Adopted", "Not adopted"),
        Action::Retire => ("Retirement asked for", "Retiring", "Not retiring"),
        Action::Label => ("Labelling asked for", "Labels", "Not labelled"),
        Action::Policy => ("Asked for by a policy", "Policy", "The policy could not be followed"),
        Action::Accept => ("Acceptance asked for", "Finding accepted", "Finding not accepted"),
        Action::Withdraw => ("Withdrawal asked for", "Acceptance withdrawn", "Acceptance not withdrawn"),
        Action::Export => ("Export asked for", "Exported", "Not exported"),
        Action::Import => ("Import asked for", "Imported", "Not imported"),
        Action::Ledger => ("Check of the ledger begun", "Ledger", "Ledger not checked"),
        Action::LeakSearch => ("Search for leaks begun", "Found in a text", "Not searched"),
    };
    let (what, failed) = match &entry.outcome {
        Outcome::Intended => (asked.to_owned(), false),
        Outcome::Done(seen) => (format!("{done}: {seen}"), false),
        Outcome::Failed(reason) => (format!("{failed}: {reason}"), true),
    };
    HistoryView { at: entry.at, what, failed }
}

/// Counts cross as 32 bits; more than that is shown as the most.
#[must_use]
pub fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
