//! The lines of an exported journal: JSON, always with the same fields in the same order, so that the one way to write
//! a line is the only one that is taken for it.

use keyturn_core::export::{Names, outcome, source, time};
use keyturn_core::ports::JournalRow;
use serde::{Deserialize, Serialize};

use crate::ledger::chain::{Hash, Line};

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) keyturn: String,
    pub(super) version: u8,
    pub(super) made: String,
    /// Nothing was filtered out: the chain goes from the first entry without a gap.
    pub(super) complete: bool,
    pub(super) check: String,
}

/// One entry of ours, with everything that its hash covers; or a vendor's record, which has none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EntryLine {
    pub(super) source: String,
    pub(super) number: i64,
    time: String,
    /// The same in milliseconds, as it is hashed.
    at: i64,
    account_id: String,
    account: String,
    vendor: String,
    key_id: Option<String>,
    key: Option<String>,
    action: String,
    outcome: String,
    seen: String,
    reason: Option<String>,
    fingerprint: Option<String>,
    actor: Option<String>,
    form: Option<u8>,
    previous: Option<String>,
    hash: Option<String>,
    pub(super) check: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct End {
    pub(super) entries: u64,
    pub(super) digest: String,
    pub(super) public_key: Option<String>,
    pub(super) signature: Option<String>,
}

impl EntryLine {
    pub(super) fn of(row: &JournalRow, names: &Names) -> Self {
        let known = names.get(&row.account).cloned().unwrap_or_default();
        Self {
            source: source(row).into(),
            number: row.number,
            time: time(row.at),
            at: row.at.timestamp_millis(),
            account_id: row.account.0.clone(),
            account: known.label,
            vendor: known.vendor,
            key_id: row.key.as_ref().map(|key| key.0.clone()),
            key: row.key_name.clone(),
            action: row.action.clone(),
            outcome: outcome(row.outcome).into(),
            seen: row.words.clone(),
            reason: row.reason.clone(),
            fingerprint: row.fingerprint.clone(),
            actor: row.actor.clone(),
            form: row.link.map(|link| link.form),
            previous: row.link.map(|link| hex::encode(link.previous)),
            hash: row.link.map(|link| hex::encode(link.hash)),
            check: String::new(),
        }
    }

    /// The hashes that an entry of ours claims: of the one before, and its own. `None` where they are none.
    pub(super) fn link(&self) -> Option<(Hash, Hash)> {
        let hash = |text: &Option<String>| hex::decode(text.as_ref()?).ok()?.try_into().ok();
        Some((hash(&self.previous)?, hash(&self.hash)?))
    }

    /// As it is hashed; `None` for what says another time than is hashed.
    pub(super) fn line(&self) -> Option<Line> {
        let at = chrono::DateTime::from_timestamp_millis(self.at)?;
        (time(at) == self.time).then(|| Line {
            seq: self.number,
            at: self.at,
            account: self.account_id.clone(),
            key: self.key_id.clone(),
            action: self.action.clone(),
            outcome: self.outcome.clone(),
            detail: (self.outcome != "intended").then(|| self.seen.clone()),
            form: self.form.unwrap_or_default(),
            reason: self.reason.clone(),
            fingerprint: self.fingerprint.clone(),
        })
    }
}
