//! What leaves the application as a file: cells, and the tables of keys and journal entries. Holds no secret, because
//! nothing that it is given does.

mod keys;
mod report;

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::account::AccountId;
use crate::ports::{JournalRow, OutcomeKind};

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

/// One line of CSV, with its end. No cell of it begins a formula in a spreadsheet.
#[must_use]
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (number, cell) in cells.into_iter().enumerate() {
        if number > 0 {
            line.push(',');
        }
        let cell = neutral(cell);
        if cell.contains([',', '"', '\n', '\r', '\'']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(&cell);
        }
    }
    line.push_str("\r\n");
    line
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe before it.
fn neutral(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}").into() } else { cell.into() }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn n6_no_cell_begins_a_formula() {
        for (cell, written) in [
            ("=1+1", "\"'=1+1\"\r\n"),
            ("+41 79", "\"'+41 79\"\r\n"),
            ("-2", "\"'-2\"\r\n"),
            ("@SUM(A1)", "\"'@SUM(A1)\"\r\n"),
            ("\tx", "\"'\tx\"\r\n"),
            ("\rx", "\"'\rx\"\r\n"),
            ("1=1", "1=1\r\n"),
            ("a,\"b\"", "\"a,\"\"b\"\"\"\r\n"),
        ] {
            assert_eq!(csv_line([cell]), written);
        }
    }

    proptest! {
        #[test]
        fn n6_what_is_read_back_is_what_was_written(cells in prop::collection::vec(".{0,20}", 1..6)) {
            // A heading first: a reader takes the very first sign for a mark of the encoding, and skips empty lines.
            let lines = csv_line(["heading"]) + &csv_line(["x"].into_iter().chain(cells.iter().map(String::as_str)));
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(lines.as_bytes());
            let read = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(read.len(), cells.len() + 1);
            for (read, cell) in read.iter().skip(1).zip(&cells) {
                prop_assert!(!read.starts_with(['=', '+', '-', '@', '\t', '\r']));
                prop_assert_eq!(read.strip_prefix('\'').filter(|_| read != cell).unwrap_or(read), cell);
            }
        }
    }
}
