//! What a person should be told of single keys, each thing once. Pure: what a row calls for at a given time.

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};

use crate::account::Account;
use crate::finding::{FindingKind, Sighting};
use crate::inventory::InventoryRow;
use crate::key::{KeyRef, KeyStatus};
use crate::policy::{Policy, Reach, governing};

/// How many days before its end a key is spoken of; the least first, because the least that applies is the one.
const EXPIRY_DAYS: [i64; 3] = [0, 3, 14];

/// What happened longer ago is no news: a first reading of an old account must not fill the bell.
pub(crate) const NEWS: TimeDelta = TimeDelta::days(7);

/// How far ahead anything is told.
pub(crate) const AHEAD: TimeDelta = TimeDelta::days(14);

/// The mark of every death: a key dies once, whoever notices.
pub const DEATH: &str = "death";

/// How many keys a notification names.
const NAMED: usize = 3;

/// The ledger's own id of a reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderId(pub String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReminderKind {
    Expiry,
    Due,
    /// A finding of the audit.
    Finding,
    /// It works no more, and not because Keyturn ended it.
    Died,
    ChangedOutside,
}

impl ReminderKind {
    pub const ALL: [Self; 5] = [Self::Expiry, Self::Due, Self::Finding, Self::Died, Self::ChangedOutside];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Due => "due",
            Self::Finding => "finding",
            Self::Died => "died",
            Self::ChangedOutside => "changed_outside",
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One thing to tell. Key, kind and mark say whether it was told already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    pub key: KeyRef,
    /// The key's name at that time.
    pub name: String,
    pub kind: ReminderKind,
    /// Which threshold or event it is: `1800000000:14`.
    pub mark: String,
    /// One sentence.
    pub words: String,
    pub at: DateTime<Utc>,
}

/// A reminder in the bell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub id: ReminderId,
    pub reminder: Reminder,
    /// The person has opened the bell since.
    pub seen: bool,
    /// The key is still there.
    pub listed: bool,
}

/// Everything that `row` calls for now. What was told before is among it: the ledger knows.
#[must_use]
pub fn reminders(row: &InventoryRow, policies: &[Policy], now: DateTime<Utc>) -> Vec<Reminder> {
    let told = [
        expiry(row, now).map(|told| (ReminderKind::Expiry, told)),
        due(row, policies, now).map(|told| (ReminderKind::Due, told)),
        outside(row, now),
        orphan(row),
    ];
    told.into_iter().flatten().map(|told| reminder(row, told, now)).collect()
}

/// What was seen of a key once and stands out, where it is not accepted.
#[must_use]
pub fn sighted(row: &InventoryRow, seen: &[Sighting], now: DateTime<Utc>) -> Vec<Reminder> {
    let told = seen.iter().filter_map(|sighting| {
        let (kind, at, words) = match sighting {
            Sighting::WokeUp { at } => {
                (FindingKind::WokeUp, at, "Was used again after 90 days or longer without a use.")
            }
            Sighting::NewAddress { at } => {
                (FindingKind::NewAddress, at, "Was used from an address that was not known before.")
            }
        };
        let mark = format!("{}:{}", kind.word(), at.timestamp());
        row.findings.holds(kind).then(|| (ReminderKind::Finding, (mark, words.to_owned())))
    });
    told.map(|told| reminder(row, told, now)).collect()
}

fn reminder(row: &InventoryRow, (kind, (mark, words)): (ReminderKind, Told), now: DateTime<Utc>) -> Reminder {
    Reminder { key: row.key_ref(), name: row.record.name.clone(), kind, mark, words, at: now }
}

/// A mark and a sentence.
type Told = (String, String);

fn expiry(row: &InventoryRow, now: DateTime<Utc>) -> Option<Told> {
    let at = row.record.expires.ends().filter(|at| now - *at <= NEWS)?;
    let ends_so = match row.record.status {
        KeyStatus::Active
        | KeyStatus::Expiring
        | KeyStatus::Expired { .. }
        | KeyStatus::Unlisted { .. }
        | KeyStatus::Unknown(_) => true,
        // It goes before that, or nobody has it.
        KeyStatus::Retiring { .. } | KeyStatus::Revoking | KeyStatus::Revoked { .. } | KeyStatus::Orphan => {
            false
        }
    };
    let days = EXPIRY_DAYS.into_iter().find(|days| at - TimeDelta::days(*days) <= now)?;
    let words = if at <= now { "Has expired.".to_owned() } else { format!("Expires {}.", ahead(at - now)) };
    ends_so.then(|| (format!("{}:{days}", at.timestamp()), words))
}

fn due(row: &InventoryRow, policies: &[Policy], now: DateTime<Utc>) -> Option<Told> {
    let expired = row.record.expires.is_over(now);
    let due = row.due.filter(|due| due.is_near(now) && !expired)?;
    let policy = governing(policies, &row.account, &row.labels)?;
    let (mark, when) = if due.is_overdue(now) {
        ("now", "Is due for rotation".to_owned())
    } else {
        ("soon", format!("Is due for rotation {}", ahead(due.at - now)))
    };
    let reach = match &policy.reach {
        Reach::Every => "every key".to_owned(),
        Reach::Account(_) => "its account".to_owned(),
        Reach::Label(label) => format!("the label {}", label.as_str()),
    };
    let words = format!("{when}: the policy for {reach} allows {} days.", policy.max_age_days);
    Some((format!("{}:{mark}", due.at.timestamp()), words))
}

fn orphan(row: &InventoryRow) -> Option<(ReminderKind, Told)> {
    let words = "The vendor made it and its secret never arrived. Revoke it, or rotate it.";
    let kind = FindingKind::Orphan;
    row.findings.holds(kind).then(|| (ReminderKind::Finding, (kind.word().to_owned(), words.to_owned())))
}

/// What a reading or a check saw that was not done here. A key that is being replaced is watched there.
fn outside(row: &InventoryRow, now: DateTime<Utc>) -> Option<(ReminderKind, Told)> {
    if row.operation.is_some() {
        return None;
    }
    let recent = |at: &DateTime<Utc>| now - *at <= NEWS;
    let refused = row.record.checked.filter(|checked| !checked.alive && recent(&checked.at));
    if refused.is_some() {
        let words = "The vendor refused it when Keyturn asked with it.".to_owned();
        return Some((ReminderKind::Died, (DEATH.to_owned(), words)));
    }
    let changed = row.changed_outside.filter(recent)?;
    Some(match row.record.status {
        KeyStatus::Revoked { .. } => {
            (ReminderKind::Died, (DEATH.to_owned(), "Was revoked outside Keyturn.".to_owned()))
        }
        _ => {
            let words = "Appeared or was changed outside Keyturn.".to_owned();
            (ReminderKind::ChangedOutside, (changed.timestamp().to_string(), words))
        }
    })
}

/// `in 3 days`, counted as the days that are still whole.
fn ahead(left: TimeDelta) -> String {
    match left.num_days() {
        0 => "within a day".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}

/// A title and a text for the desktop: one reminder in full, several counted and the first of them named. Holds
/// names and accounts' labels, and nothing else of a key. `None` where there is nothing to tell.
#[must_use]
pub fn announcement(fresh: &[Reminder], accounts: &[Account]) -> Option<(String, String)> {
    match fresh {
        [] => None,
        [one] => Some((title(one, accounts), one.words.clone())),
        several => {
            let lines =
                several.iter().take(NAMED).map(|one| format!("{}: {}", title(one, accounts), one.words));
            let mut lines: Vec<String> = lines.collect();
            if several.len() > NAMED {
                lines.push(format!("And {} more.", several.len() - NAMED));
            }
            Some((format!("{} reminders about your keys", several.len()), lines.join("\n")))
        }
    }
}

/// The key's name and its account.
#[must_use]
pub fn title(reminder: &Reminder, accounts: &[Account]) -> String {
    let account = accounts.iter().find(|account| account.id == reminder.key.account);
    match account {
        Some(account) => format!("{} in {}", reminder.name, account.label),
        None => reminder.name.clone(),
    }
}
