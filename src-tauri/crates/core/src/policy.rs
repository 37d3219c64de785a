//! How old keys may become, which of them are due, and which Keyturn may replace by itself. Pure.

mod draft;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};

pub use draft::{PolicyDraft, PolicyFault};

use crate::account::AccountId;
use crate::flows::Choice;
use crate::inventory::InventoryRow;
use crate::key::KeyStatus;
use crate::label::Label;

/// Keyturn's own id of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PolicyId(pub String);

/// A maximum age for some keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub id: PolicyId,
    pub reach: Reach,
    pub max_age_days: u32,
    /// So many days before a key is due, the person hears of it.
    pub remind_days: u32,
    /// With a label only: Keyturn begins the rotation without a person, with this overlap.
    pub alone: Option<Choice>,
}

/// The keys that a policy is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    Every,
    Account(AccountId),
    Label(Label),
}

impl Reach {
    #[must_use]
    pub fn covers(&self, account: &AccountId, labels: &[Label]) -> bool {
        match self {
            Self::Every => true,
            Self::Account(of) => of == account,
            Self::Label(label) => labels.contains(label),
        }
    }
}

/// When a key is to be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub at: DateTime<Utc>,
    pub remind_days: u32,
}

impl Due {
    /// From here on it is shown.
    #[must_use]
    pub fn remind_from(&self) -> DateTime<Utc> {
        self.at - TimeDelta::days(i64::from(self.remind_days))
    }

    /// Shown as due: its time has come, or the reminder's has.
    #[must_use]
    pub fn is_near(&self, now: DateTime<Utc>) -> bool {
        self.remind_from() <= now
    }

    #[must_use]
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.at <= now
    }
}

impl Policy {
    /// When a key that is known since then is due under this policy.
    #[must_use]
    pub fn due(&self, since: DateTime<Utc>) -> Due {
        Due { at: since + TimeDelta::days(i64::from(self.max_age_days)), remind_days: self.remind_days }
    }
}

/// The policy that decides for a key: of those that cover it the one with the least age, and of two such the one
/// that reminds first.
#[must_use]
pub fn governing<'a>(policies: &'a [Policy], account: &AccountId, labels: &[Label]) -> Option<&'a Policy> {
    let covering = policies.iter().filter(|policy| policy.reach.covers(account, labels));
    covering.min_by_key(|policy| (policy.max_age_days, std::cmp::Reverse(policy.remind_days)))
}

/// When `row` is due; `None` where no policy covers it, its age is not known, it is being replaced, or it works no
/// more. What its own expiry makes of it is left to the reader, who knows the time.
#[must_use]
pub fn due(row: &InventoryRow, policies: &[Policy]) -> Option<Due> {
    let policy = governing(policies, &row.account, &row.labels)?;
    may_be_replaced(row).then(|| row.since.map(|since| policy.due(since))).flatten()
}

/// The policy that has `row` rotated now without a person, if one does: switched on for a label of the key, and
/// past its own age. Never a managing key, and never one whose value nobody has stored yet.
#[must_use]
pub fn asks_alone<'a>(
    row: &InventoryRow,
    policies: &'a [Policy],
    now: DateTime<Utc>,
) -> Option<(&'a Policy, Choice)> {
    let expired = row.record.expires.is_over(now);
    if row.managing || row.unsaved.is_some() || expired || !may_be_replaced(row) {
        return None;
    }
    let since = row.since?;
    policies
        .iter()
        .filter(|policy| matches!(policy.reach, Reach::Label(_)))
        .filter(|policy| policy.reach.covers(&row.account, &row.labels) && policy.due(since).is_overdue(now))
        .filter_map(|policy| policy.alone.map(|choice| (policy, choice)))
        .min_by_key(|(policy, _)| policy.max_age_days)
}

/// It works, and nothing is on its way for it.
fn may_be_replaced(row: &InventoryRow) -> bool {
    let works = match row.record.status {
        KeyStatus::Active | KeyStatus::Expiring | KeyStatus::Unlisted { .. } | KeyStatus::Unknown(_) => true,
        KeyStatus::Retiring { .. }
        | KeyStatus::Revoking
        | KeyStatus::Revoked { .. }
        | KeyStatus::Expired { .. }
        | KeyStatus::Orphan => false,
    };
    works && row.operation.is_none()
}
