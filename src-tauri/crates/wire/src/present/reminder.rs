//! Reminders as the bell shows them.

use keyturn_core::account::Account;
use keyturn_core::reminder::{Kept, ReminderKind, title};

use crate::reminder::{ReminderKindView, ReminderView};

#[must_use]
pub fn view(kept: &Kept, accounts: &[Account]) -> ReminderView {
    let reminder = &kept.reminder;
    ReminderView {
        id: kept.id.0.clone(),
        key: kept.listed.then(|| reminder.key.to_string()),
        title: title(reminder, accounts),
        words: reminder.words.clone(),
        at: reminder.at,
        seen: kept.seen,
        kind: reminder.kind.into(),
    }
}

impl From<ReminderKind> for ReminderKindView {
    fn from(kind: ReminderKind) -> Self {
        match kind {
            ReminderKind::Expiry => Self::Expiry,
            ReminderKind::Due => Self::Due,
            ReminderKind::Finding => Self::Finding,
            ReminderKind::Died => Self::Died,
            ReminderKind::ChangedOutside => Self::ChangedOutside,
        }
    }
}
