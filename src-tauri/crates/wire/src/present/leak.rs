//! What was found in a text, in words that say how sure it is. The values stay where they are.

use chrono::{DateTime, Utc};
use keyturn_core::flows::{Certainty, LeakMatch, LeakReport};

use super::{count, status};
use crate::leak::{CertaintyView, LeakMatchView, LeakReportView, UnreadFileView};

/// The report. `ids`: under which each match's value is kept, in the same order; `vendor_name` knows the vendors.
#[must_use]
pub fn report(
    report: &LeakReport,
    ids: &[String],
    vendor_name: impl Fn(&keyturn_core::account::VendorId) -> String,
    now: DateTime<Utc>,
) -> LeakReportView {
    let matches: Vec<LeakMatchView> = report
        .matches
        .iter()
        .zip(ids)
        .map(|(found, id)| {
            let vendor = found.vendor.as_ref().map(&vendor_name).unwrap_or_default();
            matched(found, id, vendor, now)
        })
        .collect();
    LeakReportView {
        words: words(report),
        matches,
        scanned_bytes: count(report.scanned),
        candidates: count(report.candidates),
        read: report.read.iter().map(|(name, bytes)| format!("{name} ({})", size(*bytes))).collect(),
        unread: report
            .unread
            .iter()
            .map(|(name, reason)| UnreadFileView { name: name.clone(), reason: reason.clone() })
            .collect(),
    }
}

/// `1 byte`, `12,345 bytes`.
fn size(bytes: usize) -> String {
    let digits = bytes.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    format!("{} {}", groups.join(","), if bytes == 1 { "byte" } else { "bytes" })
}

fn words(report: &LeakReport) -> String {
    let known = |certainty| report.matches.iter().filter(|found| found.certainty == certainty).count();
    let (exact, hint) = (known(Certainty::Exact), known(Certainty::Hint));
    match (exact + hint, report.candidates) {
        (0, 0) if report.scanned == 0 => "There was no text to look through.".into(),
        (0, 0) => "Nothing in it looks like a key of a vendor that Keyturn knows.".into(),
        (0, 1) => "One value looks like a key. It is none of those that Keyturn knows.".into(),
        (0, n) => format!("{n} values look like keys. None is one of those that Keyturn knows."),
        _ => format!(
            "Known for certain: {exact}. Alike by beginning and end: {hint}. Values that look like keys: {}.",
            report.candidates
        ),
    }
}

fn matched(found: &LeakMatch, id: &str, vendor_name: String, now: DateTime<Utc>) -> LeakMatchView {
    let record = found.key.as_ref().and_then(|(_, record)| record.as_ref());
    let listed = found.key.as_ref().filter(|(_, record)| record.is_some());
    let gone = found.key.as_ref().map(|(key, _)| key.key.0.clone());
    let words = match (found.certainty, record, &found.account) {
        (Certainty::Exact, Some(_), _) => "It is this key: the vault holds this value, or has held it.".into(),
        (Certainty::Exact, None, Some(_)) => {
            "The vault has held this value. Its key is not listed any more.".into()
        }
        (Certainty::Exact, None, None) => {
            "The vault has held this value. Its account is not connected any more.".into()
        }
        (Certainty::Hint, ..) => {
            "Its beginning and end are those of this key. Keyturn does not hold the value and cannot say for certain.".into()
        }
        (Certainty::Form, ..) => format!("It looks like a {vendor_name} key. It is none of those that Keyturn knows."),
    };
    LeakMatchView {
        found: id.to_owned(),
        masked: found.masked.clone(),
        file: found.file.clone(),
        line: Some(found.line),
        certainty: match found.certainty {
            Certainty::Exact => CertaintyView::Exact,
            Certainty::Hint => CertaintyView::Hint,
            Certainty::Form => CertaintyView::Form,
        },
        words,
        vendor_name,
        key: listed.map(|(key, _)| key.to_string()),
        key_name: record.map(|record| record.name.clone()).or(gone).unwrap_or_default(),
        account_label: found.account.as_ref().map(|account| account.label.clone()).unwrap_or_default(),
        status: record.map(|record| status(record, now)),
        can_rotate: (&found.can_rotate).into(),
    }
}
