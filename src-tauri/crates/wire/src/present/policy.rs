//! Policies as the UI shows them: what they are for and what they make due, in words.

use chrono::{DateTime, TimeDelta, Utc};
use keyturn_core::account::{Account, AccountId};
use keyturn_core::flows::{Choice, scope_words};
use keyturn_core::inventory::Coverage;
use keyturn_core::policy::{Due, Policy, PolicyDraft, Reach};

use super::count;
use crate::policy::{DueView, PolicyInput, PolicyView};

#[must_use]
pub fn due(due: Due, now: DateTime<Utc>) -> DueView {
    DueView { at: due.at, overdue: due.is_overdue(now), words: words(due.at - now) }
}

/// `left` until the day; below zero since then.
fn words(left: TimeDelta) -> String {
    match left.num_days() {
        0 if left < TimeDelta::zero() => "Due now".to_owned(),
        0 => "Due within a day".to_owned(),
        1 => "Due in 1 day".to_owned(),
        -1 => "Overdue by 1 day".to_owned(),
        days if days > 0 => format!("Due in {days} days"),
        days => format!("Overdue by {} days", -days),
    }
}

#[must_use]
pub fn view(policy: &Policy, coverage: Coverage, accounts: &[Account]) -> PolicyView {
    let (account, label) = match &policy.reach {
        Reach::Every => (None, None),
        Reach::Account(account) => (Some(account.0.clone()), None),
        Reach::Label(label) => (None, Some(label.as_str().to_owned())),
    };
    PolicyView {
        id: policy.id.0.clone(),
        account,
        label,
        scope_words: scope_words(&policy.reach, accounts),
        max_age_days: policy.max_age_days,
        remind_days: policy.remind_days,
        rotate_alone: policy.alone.is_some(),
        choice: policy.alone.unwrap_or(Choice::OneDay).word().to_owned(),
        keys: count(coverage.keys),
        due: count(coverage.due),
    }
}

impl From<PolicyInput> for PolicyDraft {
    fn from(input: PolicyInput) -> Self {
        Self {
            account: input.account.map(AccountId),
            label: input.label,
            max_age_days: input.max_age_days,
            remind_days: input.remind_days,
            rotate_alone: input.rotate_alone,
            choice: input.choice,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_said_in_days() {
        let table = [
            (TimeDelta::days(5), "Due in 5 days"),
            (TimeDelta::hours(25), "Due in 1 day"),
            (TimeDelta::hours(3), "Due within a day"),
            (TimeDelta::hours(-3), "Due now"),
            (TimeDelta::hours(-25), "Overdue by 1 day"),
            (TimeDelta::days(-40), "Overdue by 40 days"),
        ];
        for (left, said) in table {
            assert_eq!(words(left), said, "{left}");
        }
    }
}
