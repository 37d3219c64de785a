//! The rows of which a person may have to hear, found without unpacking the others.

use chrono::{DateTime, Utc};

use super::compact::{NONE, Rows};
use super::{Inventory, InventoryRow};
use crate::finding::FindingKind;
use crate::reminder::{AHEAD, NEWS};

impl Inventory {
    /// Rows that end soon or have just ended, that are due, that were just changed outside, that the vendor
    /// refused, or whose secret never arrived. What is told of them is decided by [`crate::reminder::reminders`].
    #[must_use]
    pub fn noteworthy(&self, now: DateTime<Utc>) -> Vec<InventoryRow> {
        let now = now.timestamp_millis();
        let rows = 0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        rows.filter(|at| is_noteworthy(&self.rows, *at, now)).map(|at| self.rows.unpack(at)).collect()
    }
}

fn is_noteworthy(rows: &Rows, at: u32, now: i64) -> bool {
    let row = rows.row(at);
    let (news, ahead) = (now - NEWS.num_milliseconds(), now + AHEAD.num_milliseconds());
    let ends = row.expires != NONE && (news..=ahead).contains(&row.expires);
    let changed = row.changed_outside != NONE && row.changed_outside >= news;
    let refused = rows.checked.get(&at).is_some_and(|checked| !checked.alive);
    let orphan = row.findings.holds(FindingKind::Orphan);
    ends || changed || refused || orphan || row.is_due(now)
}
