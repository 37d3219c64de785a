//! Which findings a key has. The thresholds stand here, each with its reason.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Acceptances, FindingKind, FindingSet};
use crate::account::{Account, AccountId};
use crate::inventory::InventoryRow;
use crate::key::{Environment, KeyRecord, KeyRef, KeyStatus, LastUse, Scope};
use crate::provider::{Manifest, Support};
use crate::scopes::{covers, is_pattern};
use crate::timestamp::Timestamp;

/// A quarter: what runs once a month or once a quarter has been seen by then.
const IDLE: TimeDelta = TimeDelta::days(90);

/// After a month a key that was made for something has been used.
const UNUSED: TimeDelta = TimeDelta::days(30);

/// A week holds one working day at least on which someone can act.
const EXPIRING: TimeDelta = TimeDelta::days(7);

/// A use or an address is news for a month.
pub const NEWS: TimeDelta = TimeDelta::days(30);

/// With fewer than a tenth of the places free, a few rotations at once do not fit any more.
const NEAR_LIMIT_PERCENT: usize = 90;

/// The names under which production runs.
const PRODUCTION: [&str; 3] = ["prod", "production", "live"];

/// Something that was observed of a key once, and stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighting {
    /// It was used at `at`, after a silence of [`FindingKind::Idle`]'s length.
    WokeUp { at: DateTime<Utc> },
    /// An address was first seen at `at`, others having been known for a month or longer.
    NewAddress { at: DateTime<Utc> },
}

/// What stands out, by key.
pub type Sightings = HashMap<KeyRef, Vec<Sighting>>;

/// Whether a use at `used` ends a silence that began at `before` and is worth a word.
#[must_use]
pub fn wakes(before: DateTime<Utc>, used: DateTime<Utc>) -> bool {
    used - before >= IDLE
}

/// What is true of every key of an account.
#[derive(Debug)]
pub struct AccountFacts<'a> {
    manifest: &'a Manifest,
    account: &'a Account,
    near_limit: bool,
    /// How many live keys bear a name, those of a running rotation not counted.
    names: HashMap<String, u32>,
    /// How many domains of scopes there are: with fewer scopes than these no key can have all.
    domains: usize,
}

impl<'a> AccountFacts<'a> {
    /// From every row of the account.
    pub fn of<'r>(
        manifest: &'a Manifest,
        account: &'a Account,
        rows: impl Iterator<Item = &'r InventoryRow>,
    ) -> Self {
        let (mut live, mut names) = (0_usize, HashMap::new());
        for row in rows.filter(|row| row.record.status.is_live()) {
            live += 1;
            if has_name(row) {
                *names.entry(row.record.name.trim().to_owned()).or_insert(0) += 1;
            }
        }
        let mut domains: Vec<&str> = manifest.scopes.iter().map(|entry| entry.domain).collect();
        domains.sort_unstable();
        domains.dedup();
        let near = |limit: u32| live * 100 >= limit as usize * NEAR_LIMIT_PERCENT;
        Self {
            manifest,
            account,
            near_limit: manifest.capabilities.key_limit.is_some_and(near),
            names,
            domains: domains.len(),
        }
    }

    /// The key may do everything: `*`, every scope there is, or the vendor has none.
    fn is_full(&self, scopes: &[Scope]) -> bool {
        let manifest = self.manifest;
        if manifest.full_privilege.is_some() || scopes.iter().any(|scope| scope.0 == "*") {
            return true;
        }
        let mut named =
            manifest.scopes.iter().map(|entry| Scope(entry.scope.to_owned())).filter(|s| !is_pattern(s));
        !manifest.scopes.is_empty()
            && scopes.len() >= self.domains.max(1)
            && named.all(|scope| covers(scopes, &scope))
    }
}

/// Which findings a row has at `now`, accepted or not. `overdue`: a policy says that it should be rotated by now.
#[must_use]
pub fn judge(
    facts: &AccountFacts<'_>,
    row: &InventoryRow,
    sightings: &[Sighting],
    overdue: bool,
    now: DateTime<Utc>,
) -> FindingSet {
    let record = &row.record;
    let expired = record.expires.is_over(now);
    if !record.status.is_live() || expired {
        return FindingSet::EMPTY;
    }
    let ends = matches!(record.status, KeyStatus::Retiring { .. } | KeyStatus::Revoking);
    let recent = |at: &DateTime<Utc>| now - *at <= NEWS;
    let woke = |one: &Sighting| matches!(one, Sighting::WokeUp { at } if recent(at));
    let moved = |one: &Sighting| matches!(one, Sighting::NewAddress { at } if recent(at));
    let can_expire = facts.manifest.capabilities.expiry == Support::Yes;
    let named_twice = has_name(row) && facts.names.get(record.name.trim()).is_some_and(|count| *count > 1);
    FindingSet::EMPTY
        .with_if(row.unsaved.is_some(), FindingKind::Unsaved)
        .with_if(record.status == KeyStatus::Orphan, FindingKind::Orphan)
        .with_if(facts.is_full(&record.scopes), FindingKind::FullAccess)
        .with_if(sightings.iter().any(woke), FindingKind::WokeUp)
        .with_if(sightings.iter().any(moved), FindingKind::NewAddress)
        .with_if(
            record.environment == Environment::Test && names_production(facts.account, record),
            FindingKind::TestInProduction,
        )
        .with_if(
            !ends && record.expires.ends().is_some_and(|at| at - now <= EXPIRING),
            FindingKind::ExpiringSoon,
        )
        .with_if(!ends && overdue, FindingKind::OlderThanPolicy)
        .with_if(silence(record, now).is_some_and(|silence| silence >= IDLE), FindingKind::Idle)
        .with_if(unused(record, now).is_some_and(|age| age > UNUSED), FindingKind::NeverUsed)
        .with_if(!ends && can_expire && record.expires == Timestamp::None, FindingKind::NeverExpires)
        .with_if(named_twice, FindingKind::SameName)
        .with_if(facts.near_limit, FindingKind::NearLimit)
}

/// Judges every row: what was found, and which of it is accepted. Rows of an account whose vendor is not known
/// stay as they are.
pub fn judge_all(
    rows: &mut [InventoryRow],
    accounts: &[(&Account, &Manifest)],
    sightings: &Sightings,
    acceptances: &Acceptances,
    now: DateTime<Utc>,
) {
    let facts: HashMap<AccountId, AccountFacts<'_>> = accounts
        .iter()
        .map(|(account, manifest)| {
            let own = rows.iter().filter(|row| row.account == account.id);
            (account.id.clone(), AccountFacts::of(manifest, account, own))
        })
        .collect();
    for row in rows {
        let Some(facts) = facts.get(&row.account) else { continue };
        // Most keys have neither: their address need not be made.
        let key = (!sightings.is_empty() || !acceptances.is_empty()).then(|| row.key_ref());
        let seen = key.as_ref().and_then(|key| sightings.get(key)).map_or(&[][..], Vec::as_slice);
        let overdue = row.due.is_some_and(|due| due.is_overdue(now));
        let found = judge(facts, row, seen, overdue, now);
        let accepted = key.as_ref().map_or(FindingSet::EMPTY, |key| acceptances.set(key, now)).and(found);
        row.findings = found.without(accepted);
        row.accepted = accepted;
    }
}

/// How long the key was seen unused: since its last use, or since its uses are recorded. `None` where that is
/// not known. A stale reading says what was so when it was read.
fn silence(record: &KeyRecord, now: DateTime<Utc>) -> Option<TimeDelta> {
    match &record.last_use {
        LastUse::UntrackedBefore(at) => Some(now - *at),
        LastUse::At(_) | LastUse::On(_) => record.last_use.moment().map(|at| now - at),
        LastUse::Stale { last, read_at } => last.map(|last| *read_at - last),
        LastUse::Never | LastUse::NotReported | LastUse::Unreadable => None,
    }
}

/// How old a key is that was never used.
pub(super) fn unused(record: &KeyRecord, now: DateTime<Utc>) -> Option<TimeDelta> {
    let seen = match &record.last_use {
        LastUse::Never => now,
        LastUse::Stale { last: None, read_at } => *read_at,
        LastUse::At(_)
        | LastUse::On(_)
        | LastUse::Stale { .. }
        | LastUse::UntrackedBefore(_)
        | LastUse::NotReported
        | LastUse::Unreadable => {
            return None;
        }
    };
    record.created_at.map(|created| seen - created)
}

/// A key under rotation and its successor may well share a name.
fn has_name(row: &InventoryRow) -> bool {
    let ends = matches!(row.record.status, KeyStatus::Retiring { .. } | KeyStatus::Revoking);
    row.operation.is_none() && !ends && !row.record.name.trim().is_empty()
}

/// Whether a word of the key's name or of its account's label says production.
fn names_production(account: &Account, record: &KeyRecord) -> bool {
    let words = [&record.name, &account.label];
    words
        .into_iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .any(|word| PRODUCTION.iter().any(|production| word.eq_ignore_ascii_case(production)))
}
