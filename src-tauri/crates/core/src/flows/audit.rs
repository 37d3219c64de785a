//! The Audit screen: rows with their findings, what a person accepts of them, one key's use, changes outside.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::account::{account, key};
use super::policies::inventory_rows;
use super::rotate::overlap_end;
use super::{Context, KeyPage};
use crate::account::{Account, Freshness};
use crate::error::FlowError;
use crate::finding::{Acceptance, FindingKind, FindingSet, NEWS, check_reason, concern, judge_all, why};
use crate::inventory::InventoryRow;
use crate::journal::{Action, Entry, Outcome};
use crate::key::KeyRef;
use crate::observed::{Day, UseDay, use_days};
use crate::ports::LedgerError;
use crate::provider::{Provider, Support};

/// A year of a key's use is shown.
const SHOWN: TimeDelta = TimeDelta::days(365);

/// How many entries of the journal are looked through for marks.
const MARKS: usize = 500;

/// Most changes that are given at a time.
const CHANGES: usize = 200;

/// Every row with what policies and findings make of it, and the accounts: what the list in memory is made of.
///
/// # Errors
/// The ledger could not be read.
pub async fn judged_rows(ctx: &Context) -> Result<(Vec<InventoryRow>, Vec<Account>), LedgerError> {
    let now = ctx.clock.now();
    let accounts = ctx.ledger.accounts().await?;
    let mut rows = inventory_rows(ctx).await?;
    let sightings = ctx.ledger.sightings(now - NEWS).await?;
    let acceptances = ctx.ledger.acceptances().await?;
    let providers: Vec<(&Account, Arc<dyn Provider>)> = accounts
        .iter()
        .filter_map(|account| Some((account, ctx.providers.provider(&account.vendor)?)))
        .collect();
    let known: Vec<_> = providers.iter().map(|(account, provider)| (*account, provider.manifest())).collect();
    judge_all(&mut rows, &known, &sightings, &acceptances, now);
    Ok((rows, accounts))
}

/// One finding of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFinding {
    pub kind: FindingKind,
    /// A sentence about this key, or about the kind where there is no more to say.
    pub why: String,
    pub accepted: Option<Acceptance>,
}

/// What the page of a key says of it beyond its fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyFindings {
    pub findings: Vec<KeyFinding>,
    /// What is no finding and should be read all the same.
    pub concern: Option<String>,
}

impl KeyFindings {
    /// Those that are not accepted.
    #[must_use]
    pub fn open(&self) -> FindingSet {
        self.findings
            .iter()
            .filter(|finding| finding.accepted.is_none())
            .map(|finding| finding.kind)
            .collect()
    }
}

/// The findings of a key, for its page; `row` is its row of the list, as it was judged there.
///
/// # Errors
/// The ledger could not be read.
pub async fn key_findings(
    ctx: &Context,
    page: &KeyPage,
    row: Option<&InventoryRow>,
) -> Result<KeyFindings, FlowError> {
    let Some(row) = row else { return Ok(KeyFindings::default()) };
    let (now, target) = (ctx.clock.now(), row.key_ref());
    let all: FindingSet = row.findings.iter().chain(row.accepted.iter()).collect();
    let acceptances = ctx.ledger.acceptances().await?;
    let accepted = |kind| {
        let holds = |one: &&Acceptance| one.finding == kind && one.holds(now);
        acceptances.of(&target).iter().find(holds).cloned()
    };
    let manifest = page.provider.manifest();
    let findings = all.iter().map(|kind| KeyFinding {
        kind,
        why: why(kind, manifest, &page.record, now),
        accepted: accepted(kind),
    });
    Ok(KeyFindings { findings: findings.collect(), concern: concern(&page.record, all, row.since, now) })
}

/// Accepts one finding in one key or many: it does not count any more, until the end that was given.
///
/// # Errors
/// [`FlowError::NotAllowed`] where the reason or the end cannot be used, [`FlowError::NotFound`] where none of
/// the keys is there any more.
pub async fn accept_finding(
    ctx: &Context,
    keys: &[KeyRef],
    finding: FindingKind,
    reason: &str,
    until: Option<DateTime<Utc>>,
) -> Result<(), FlowError> {
    let reason = check_reason(reason).map_err(FlowError::NotAllowed)?;
    let now = ctx.clock.now();
    if until.is_some_and(|until| until <= now) {
        return Err(FlowError::NotAllowed("The end of the acceptance lies in the past.".to_owned()));
    }
    let end =
        until.map_or("until it is withdrawn".to_owned(), |at| format!("until {}", at.format("%-d %B %Y")));
    let words = format!("{}, {end}", finding.title());
    let entry = |key: &KeyRef| Entry {
        at: now,
        account: key.account.clone(),
        key: Some(key.key.clone()),
        action: Action::Accept,
        outcome: Outcome::Done(words.clone()),
        reason: Some(reason.clone()),
        fingerprint: None,
    };
    let entries: Vec<Entry> = keys.iter().map(entry).collect();
    let acceptance = Acceptance { finding, reason, until };
    match ctx.ledger.accept(keys, &acceptance, &entries).await? {
        0 => Err(FlowError::NotFound("key")),
        _ => Ok(()),
    }
}

/// Takes an acceptance back: the finding counts again.
///
/// # Errors
/// [`FlowError::NotFound`] where nothing was accepted.
pub async fn withdraw_acceptance(
    ctx: &Context,
    target: &KeyRef,
    finding: FindingKind,
) -> Result<(), FlowError> {
    let entry = Entry {
        at: ctx.clock.now(),
        account: target.account.clone(),
        key: Some(target.key.clone()),
        action: Action::Withdraw,
        outcome: Outcome::Done(finding.title().to_owned()),
        reason: None,
        fingerprint: None,
    };
    if ctx.ledger.withdraw(target, finding, &entry).await? {
        Ok(())
    } else {
        Err(FlowError::NotFound("acceptance"))
    }
}

/// A moment in a key's life, for the picture of its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseMark {
    pub at: DateTime<Utc>,
    pub words: &'static str,
}

/// One key's use over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    pub days: Vec<UseDay>,
    pub marks: Vec<UseMark>,
    /// How precisely the vendor says it, in sentences.
    pub granularity: String,
    pub observed_since: Option<DateTime<Utc>>,
}

/// The days of the last year on which a key was used, was not, or of which nothing is known.
///
/// # Errors
/// [`FlowError::NotFound`] where the key is gone.
pub async fn key_use(ctx: &Context, target: &KeyRef) -> Result<KeyUse, FlowError> {
    let record = key(ctx, target).await?;
    let (account, provider) = account(ctx, &target.account).await?;
    let now = ctx.clock.now();
    let log = ctx.ledger.use_log(target).await?;
    let days = use_days(&log, &record, Day::of(now - SHOWN), Day::of(now));
    let mut marks: Vec<UseMark> = ctx.ledger.history(target, MARKS).await?.iter().filter_map(mark).collect();
    let begins = |mark: &UseMark| matches!(mark.words, "Created" | "Brought to Keyturn" | "Rotated");
    let made = record.created_at.filter(|made| {
        !marks.iter().any(|mark| begins(mark) && (mark.at - *made).abs() < TimeDelta::hours(1))
    });
    marks.extend(made.map(|at| UseMark { at, words: "Created" }));
    marks.sort_by_key(|mark| mark.at);
    let observed_since = match account.freshness {
        Freshness::ByHand => None,
        Freshness::Unread | Freshness::Fresh { .. } | Freshness::Stale { .. } => {
            log.observed_since.map(|since| record.created_at.map_or(since, |made| made.max(since)))
        }
    };
    Ok(KeyUse { days, marks, granularity: granularity(provider.as_ref()), observed_since })
}

/// How precisely the vendor says when a key was used.
fn granularity(provider: &dyn Provider) -> String {
    let capabilities = &provider.manifest().capabilities;
    match capabilities.last_use {
        Support::No(reason) => reason.to_owned(),
        Support::Yes => format!(
            "{} Of several uses between two readings only the last one is seen. Days are by UTC.",
            capabilities.last_use_precision
        ),
    }
}

/// What of the journal is marked in the picture. That a rotation was asked for is all that an old key's own entries say
/// of its beginning.
fn mark(entry: &Entry) -> Option<UseMark> {
    let words = match (entry.action, &entry.outcome) {
        (Action::Create, Outcome::Done(_)) => "Created",
        (Action::Adopt, Outcome::Done(_)) => "Brought to Keyturn",
        (Action::Rotate, Outcome::Intended) => "Rotation asked for",
        (Action::Rotate, Outcome::Done(_)) => "Rotated",
        (Action::Retire, Outcome::Done(seen)) => overlap_end(seen)?,
        (Action::Revoke, Outcome::Done(_)) => "Revoked",
        _ => return None,
    };
    Some(UseMark { at: entry.at, words })
}

/// A change that was not made with Keyturn, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideChange {
    pub at: DateTime<Utc>,
    pub key: KeyRef,
    /// The key is still listed.
    pub there: bool,
    pub name: String,
    pub account_label: String,
    pub words: String,
}

/// What readings found changed outside Keyturn, newest first, and how many there are in all.
///
/// # Errors
/// The ledger could not be read.
pub async fn outside_changes(
    ctx: &Context,
    offset: usize,
    limit: usize,
) -> Result<(Vec<OutsideChange>, usize), FlowError> {
    let accounts = ctx.ledger.accounts().await?;
    let (changes, total) = ctx.ledger.outside_changes(offset, limit.min(CHANGES)).await?;
    let worded = changes.into_iter().map(|change| OutsideChange {
        at: change.at,
        there: change.there,
        name: change.name,
        account_label: accounts
            .iter()
            .find(|account| account.id == change.key.account)
            .map_or_else(|| change.key.account.0.clone(), |account| account.label.clone()),
        key: change.key,
        words: change.changed.words(),
    });
    Ok((worded.collect(), total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountId;
    use crate::key::VendorKeyId;

    fn marked(action: Action, outcome: Outcome) -> Option<&'static str> {
        let entry = Entry {
            at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            account: AccountId("a".into()),
            key: Some(VendorKeyId("old".into())),
            action,
            outcome,
            reason: None,
            fingerprint: None,
        };
        mark(&entry).map(|mark| mark.words)
    }

    #[test]
    fn f37_an_overlap_is_marked_where_it_ends_and_for_what_it_was() {
        let retired = |seen: &str| marked(Action::Retire, Outcome::Done(seen.into()));
        assert_eq!(retired("the overlap is over"), Some("Overlap ended"));
        assert_eq!(retired("ended by the person"), Some("Overlap ended"));
        assert_eq!(retired("undone by the person; this key stays"), Some("Rotation undone"));
        assert_eq!(retired("used again on 2026-11-27T02:35:00Z; the quiet time begins anew"), None);
        assert_eq!(retired("both keys are listed as alive; the overlap goes on"), None);
        assert_eq!(marked(Action::Rotate, Outcome::Intended), Some("Rotation asked for"));
        assert_eq!(marked(Action::Rotate, Outcome::Done("nl_live_…e5f6".into())), Some("Rotated"));
        assert_eq!(marked(Action::Rotate, Outcome::Failed("no".into())), None);
    }
}
