//! A finding that a person knows of and lives with: why, and until when. It ends by itself.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{FindingKind, FindingSet};
use crate::key::KeyRef;

/// Longest reason, in characters: a sentence or two.
const REASON_LIMIT: usize = 400;

/// That a finding is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    pub finding: FindingKind,
    pub reason: String,
    /// `None`: until it is withdrawn.
    pub until: Option<DateTime<Utc>>,
}

impl Acceptance {
    #[must_use]
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// Every acceptance, by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acceptances(HashMap<KeyRef, Vec<Acceptance>>);

impl Acceptances {
    /// The findings of `key` that are accepted at `now`.
    #[must_use]
    pub fn set(&self, key: &KeyRef, now: DateTime<Utc>) -> FindingSet {
        self.of(key).iter().filter(|one| one.holds(now)).map(|one| one.finding).collect()
    }

    /// Those of one key, ended ones too.
    #[must_use]
    pub fn of(&self, key: &KeyRef) -> &[Acceptance] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(KeyRef, Acceptance)> for Acceptances {
    fn from_iter<I: IntoIterator<Item = (KeyRef, Acceptance)>>(all: I) -> Self {
        let mut by_key: HashMap<KeyRef, Vec<Acceptance>> = HashMap::new();
        for (key, acceptance) in all {
            by_key.entry(key).or_default().push(acceptance);
        }
        Self(by_key)
    }
}

/// The reason as it is kept: trimmed, on one line. What is wrong with it, in words, where it cannot be kept.
///
/// # Errors
/// Where it is empty or too long.
pub fn check_reason(reason: &str) -> Result<String, String> {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match reason.chars().count() {
        0 => Err("Say why this is accepted: the reason stands in the journal.".to_owned()),
        count if count > REASON_LIMIT => {
            Err(format!("The reason is {count} characters long; at most {REASON_LIMIT} are kept."))
        }
        _ => Ok(reason),
    }
}
