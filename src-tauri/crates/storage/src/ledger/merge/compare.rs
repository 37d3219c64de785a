//! A listed key in the ledger's words, beside the row that stands for it: whether they differ, and what that means.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use keyturn_core::finding::wakes;
use keyturn_core::key::{Hint, KeyRecord, KeyStatus, LastUse};
use keyturn_core::name::confirms;
use keyturn_core::timestamp::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Row, ToSql};

use super::super::codec;
use super::super::fault::Outcome;
use super::super::observations::Kind;

/// What a reading writes of a row, in the order of [`Form::values`].
pub(super) const COLUMNS: &str = "name, hint_prefix, hint_suffix, environment, scopes, status, status_at, created_at, \
                                  expires_at, last_use, last_use_at, creator";

/// A listed key as the ledger would keep it.
pub(super) struct Form<'a> {
    name: &'a str,
    hint_prefix: &'a str,
    hint_suffix: &'a str,
    environment: Option<String>,
    scopes: i64,
    status: Cow<'static, str>,
    status_at: Option<i64>,
    created_at: Option<i64>,
    expires_at: Option<i64>,
    last_use: &'static str,
    last_use_at: Option<i64>,
    creator: Option<&'a str>,
}

impl<'a> Form<'a> {
    /// `hint`: what the vendor shows, or what is known where it shows nothing; `status`: the vendor's word, or ours
    /// where that still stands.
    pub(super) fn of(record: &'a KeyRecord, hint: &'a Hint, status: &KeyStatus, scopes: i64) -> Self {
        let (status, status_at) = codec::status_word(status);
        let (last_use, last_use_at) = codec::last_use_word(&record.last_use);
        Self {
            name: &record.name,
            hint_prefix: &hint.prefix,
            hint_suffix: &hint.suffix,
            environment: codec::environment_word(&record.environment),
            scopes,
            status,
            status_at,
            created_at: record.created_at.map(codec::millis),
            expires_at: codec::timestamp_number(record.expires),
            last_use,
            last_use_at,
            creator: record.creator.as_deref(),
        }
    }

    pub(super) fn values(&self) -> [&dyn ToSql; 12] {
        [
            &self.name,
            &self.hint_prefix,
            &self.hint_suffix,
            &self.environment,
            &self.scopes,
            &self.status,
            &self.status_at,
            &self.created_at,
            &self.expires_at,
            &self.last_use,
            &self.last_use_at,
            &self.creator,
        ]
    }

    /// Whether `row` (its number, then [`COLUMNS`]) says the same. The fields that change most often come first.
    pub(super) fn stands_in(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        let text = |index: usize| Ok::<_, rusqlite::Error>(row.get_ref(index)?.as_str_or_null()?);
        let number = |index: usize| row.get::<_, Option<i64>>(index);
        Ok(number(11)? == self.last_use_at
            && text(10)? == Some(self.last_use)
            && text(6)? == Some(&*self.status)
            && number(7)? == self.status_at
            && text(1)? == Some(self.name)
            && text(2)? == Some(self.hint_prefix)
            && text(3)? == Some(self.hint_suffix)
            && text(4)? == self.environment.as_deref()
            && number(5)? == Some(self.scopes)
            && number(8)? == self.created_at
            && number(9)? == self.expires_at
            && text(12)? == self.creator)
    }
}

/// The row as it was, where something differs.
pub(super) struct Before {
    pub(super) number: i64,
    name: String,
    scopes: i64,
    status: String,
    status_at: Option<i64>,
    expires_at: Option<i64>,
    pub(super) last_use: LastUse,
}

/// Whether both are one end, told more or less precisely: to the second only, or as a day.
fn is_same_end(one: Option<i64>, other: Option<i64>) -> bool {
    match (codec::timestamp(one), codec::timestamp(other)) {
        (Timestamp::At(one), Timestamp::At(other)) => (one - other).abs() < TimeDelta::seconds(1),
        (Timestamp::On(day), Timestamp::At(at)) | (Timestamp::At(at), Timestamp::On(day)) => {
            at.date_naive() == day
        }
        (one, other) => one == other,
    }
}

/// What changed, whether it was done outside, what was and what is.
pub(super) type Difference = (Kind, bool, Value, Value);

impl Before {
    pub(super) fn read(row: &Row<'_>) -> Outcome<Self> {
        let last_use = (row.get_ref(10)?.as_str().map_err(rusqlite::Error::from)?, row.get(11)?);
        Ok(Self {
            number: row.get(0)?,
            name: row.get(1)?,
            scopes: row.get(5)?,
            status: row.get(6)?,
            status_at: row.get(7)?,
            expires_at: row.get(9)?,
            last_use: codec::last_use(last_use, None)?,
        })
    }

    /// Name, scopes, expiry and status, where they differ.
    pub(super) fn differences(&self, form: &Form<'_>, read_at: i64) -> Vec<Difference> {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut all = Vec::new();
        // What looks the same was not renamed, however its accents are written.
        if !confirms(&self.name, form.name) {
            all.push((Kind::Name, true, text(&self.name), text(form.name)));
        }
        if self.scopes != form.scopes {
            all.push((Kind::Scopes, true, self.scopes.into(), form.scopes.into()));
        }
        if !is_same_end(self.expires_at, form.expires_at) {
            all.push((Kind::Expiry, true, self.expires_at.into(), form.expires_at.into()));
        }
        if self.status != form.status {
            let outside = !self.explains(&form.status, read_at);
            all.push((Kind::Status, outside, text(&self.status), text(&form.status)));
        }
        all
    }

    /// A revocation asked for here, an expiry or an overlap that ran out by itself.
    fn explains(&self, status: &str, read_at: i64) -> bool {
        let past = |at: Option<i64>| at.is_some_and(|at| at <= read_at);
        let ended = codec::timestamp(self.expires_at).ends().map(codec::millis);
        self.status == "revoking"
            || (status == "expired" && past(ended))
            || (self.status == "retiring" && matches!(status, "revoked" | "expired") && past(self.status_at))
    }

    /// The last use, where it ended a long silence.
    pub(super) fn woke(&self, record: &KeyRecord) -> Option<i64> {
        let used = record.last_use.moment()?;
        let silent_since: DateTime<Utc> = match self.last_use {
            LastUse::UntrackedBefore(at) => at,
            LastUse::At(_) | LastUse::On(_) => self.last_use.moment()?,
            LastUse::Never => record.created_at?,
            LastUse::NotReported | LastUse::Unreadable | LastUse::Stale { .. } => return None,
        };
        wakes(silent_since, used).then(|| codec::millis(used))
    }
}
