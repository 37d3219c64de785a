//! The journal as one page of HTML that prints well: no script, nothing fetched. The signature is put at its end by
//! whoever holds the key.

use chrono::{DateTime, Utc};

use super::{Names, journal_cells, time};
use crate::ports::JournalRow;

/// How it looks, on a screen and on paper.
const STYLE: &str = include_str!("report.css");

/// Everything before the first row. `scope`: which entries these are, in words.
#[must_use]
pub fn report_head(made_at: DateTime<Utc>, scope: &str, public_key: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Keyturn journal</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>Keyturn journal</h1>\n\
         <p>Written on {}. {}</p>\n\
         <p>This page is signed. The command <code>keyturn --verify-journal FILE</code> checks that nothing in it was \
         changed, and names the key that it was signed with. Compare that key with the one that Keyturn shows in its \
         Settings:</p>\n<p><code>{}</code></p>\n\
         <table>\n<thead>\n<tr><th scope=\"col\">Time (UTC)</th><th scope=\"col\">Account</th><th scope=\"col\">Key</th>\
         <th scope=\"col\">Action</th><th scope=\"col\">What was seen</th><th scope=\"col\">Reason</th></tr>\n</thead>\n<tbody>\n",
        time(made_at),
        escape(scope),
        escape(public_key),
    )
}

/// One entry.
#[must_use]
pub fn report_row(row: &JournalRow, names: &Names) -> String {
    let [at, source, number, account, vendor, _, key, id, fingerprint, action, outcome, seen, reason, actor] =
        journal_cells(row, names);
    let who =
        if actor.is_empty() { format!("{source} {number}") } else { format!("{source} {number}, {actor}") };
    let key = if key.is_empty() { id } else { key };
    format!(
        "<tr class=\"{outcome}\"><td>{}<small>{}</small></td><td>{}<small>{}</small></td><td>{}<small>{}</small></td>\
         <td>{}<small>{outcome}</small></td><td>{}</td><td>{}</td></tr>\n",
        escape(&at),
        escape(&who),
        escape(&account),
        escape(&vendor),
        escape(&key),
        escape(&fingerprint),
        escape(&action),
        escape(&seen),
        escape(&reason),
    )
}

/// Everything after the last row.
#[must_use]
pub fn report_foot(entries: usize) -> String {
    format!("</tbody>\n</table>\n<p>Entries: {entries}</p>\n</body>\n</html>\n")
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_is_named_is_never_markup() {
        let head = report_head(DateTime::UNIX_EPOCH, "<script>alert(1)</script>", "00");
        assert!(!head.contains("<script"), "{head}");
        assert!(head.contains("&lt;script&gt;"));
    }
}
