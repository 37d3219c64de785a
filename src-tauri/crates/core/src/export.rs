//! What leaves the application as a file: cells, and the tables of keys and journal entries. Holds no secret, because
//! nothing that it is given does.

mod csv;
mod keys;
mod report;

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::account::AccountId;
use crate::ports::{JournalRow, OutcomeKind};

pub use csv::{CSV_MARK, csv_line, plain_cell};
pub(crate) use keys::UNREADABLE;
pub use keys::{Column, key_cell};
pub use report::{report_foot, report_head, report_row};

/// The names that stand beside an account's id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountNames {
    pub label: String,
    pub vendor: String,
}

/// By account.
pub type Names = HashMap<AccountId, AccountNames>;

/// A time as every export has it: RFC 3339 in UTC, to the millisecond.
#[must_use]
pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The columns of the journal.
pub const JOURNAL_COLUMNS: [&str; 14] = [
    "time",
    "source",
    "number",
    "account",
    "vendor",
    "accountId",
    "key",
    "keyId",
    "fingerprint",
    "action",
    "outcome",
    "seen",
    "reason",
    "actor",
];

/// One entry, by [`JOURNAL_COLUMNS`].
#[must_use]
pub fn journal_cells(row: &JournalRow, names: &Names) -> [String; 14] {
    let of = names.get(&row.account);
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        time(row.at),
        source(row).into(),
        row.number.to_string(),
        of.map(|names| names.label.clone()).unwrap_or_default(),
        of.map(|names| names.vendor.clone()).unwrap_or_default(),
        row.account.0.clone(),
        optional(&row.key_name),
        row.key.as_ref().map(|key| key.0.clone()).unwrap_or_default(),
        optional(&row.fingerprint),
        row.action.clone(),
        outcome(row.outcome).into(),
        row.words.clone(),
        optional(&row.reason),
        optional(&row.actor),
    ]
}

/// `keyturn` or `vendor`.
#[must_use]
pub fn source(row: &JournalRow) -> &'static str {
    if row.link.is_some() { "keyturn" } else { "vendor" }
}

/// The stable word.
#[must_use]
pub fn outcome(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::Intended => "intended",
        OutcomeKind::Done => "done",
        OutcomeKind::Failed => "failed",
    }
}
