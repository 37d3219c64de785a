//! How far a policy reaches: counted over the packed rows, so that it costs nothing to ask.

use super::StatusKind;
use super::compact::{DAY, NONE, Rows};
use crate::policy::{Policy, Reach};

/// The keys of one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// That may still work.
    pub keys: usize,
    /// That are due under it, or soon will be.
    pub due: usize,
}

/// Counts at `now` (in milliseconds).
pub(super) fn coverage(rows: &Rows, policy: &Policy, now: i64) -> Coverage {
    let accounts: Vec<bool> = rows.accounts.iter().map(|account| policy.reach.covers(account, &[])).collect();
    let labels: Vec<bool> = rows
        .label_sets
        .iter()
        .map(|set| matches!(&policy.reach, Reach::Label(label) if set.contains(label)))
        .collect();
    let near = (i64::from(policy.max_age_days) - i64::from(policy.remind_days)) * DAY;
    let mut found = Coverage::default();
    for row in rows.iter() {
        let covered = accounts[usize::from(row.account)] || labels[row.labels as usize];
        if !covered || matches!(row.status_kind(now), StatusKind::Revoked | StatusKind::Expired) {
            continue;
        }
        found.keys += 1;
        found.due += usize::from(row.is_due(now) && row.since != NONE && row.since + near <= now);
    }
    found
}
