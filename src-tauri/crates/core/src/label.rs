//! A person's own words on keys. No vendor knows them; Keyturn keeps them beside the vendor's rows.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::name;

/// Most characters of one label.
const LENGTH_LIMIT: usize = 40;

/// Most labels of one key.
const COUNT_LIMIT: usize = 20;

/// One word or a few, as it was typed first. Two are the same where two names are: capitals make no difference, nor how
/// an accent is written. They stand in the order of names.
#[derive(Debug, Clone)]
pub struct Label(String);

/// Why a label cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelFault {
    #[error("the label is empty")]
    Missing,
    #[error("the label is {actual} characters long; at most {LENGTH_LIMIT} are allowed")]
    TooLong { actual: usize },
    #[error("the label holds a line break or another character that is not seen")]
    Character,
    #[error("{name:?} would have {actual} labels; at most {COUNT_LIMIT} are allowed")]
    TooMany { name: String, actual: usize },
}

impl Label {
    /// Reads what was typed, without the spaces around it.
    ///
    /// # Errors
    /// [`LabelFault`] where it is empty, too long or holds what is not seen.
    pub fn parse(typed: &str) -> Result<Self, LabelFault> {
        let text = typed.trim();
        let actual = text.chars().count();
        match text {
            "" => Err(LabelFault::Missing),
            _ if actual > LENGTH_LIMIT => Err(LabelFault::TooLong { actual }),
            _ if text.chars().any(char::is_control) => Err(LabelFault::Character),
            _ => Ok(Self(text.to_owned())),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of the same label have in common.
    #[must_use]
    pub fn folded(&self) -> String {
        name::folded(&self.0)
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.folded() == other.folded()
    }
}

impl Eq for Label {}

impl Hash for Label {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        let (one, other) = (self.folded(), other.folded());
        name::in_order(&one, &other).then_with(|| one.cmp(&other))
    }
}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The labels of the key `name` after `add` and `remove`, in order. What is added and removed at once goes.
///
/// # Errors
/// [`LabelFault::TooMany`].
pub fn relabel(name: &str, had: &[Label], add: &[Label], remove: &[Label]) -> Result<Vec<Label>, LabelFault> {
    let mut labels = had.to_vec();
    labels.extend(add.iter().cloned());
    labels.retain(|label| !remove.contains(label));
    // Stable: of two spellings the one that was there first stays.
    labels.sort();
    labels.dedup();
    match labels.len() {
        actual if actual > COUNT_LIMIT => Err(LabelFault::TooMany { name: name.to_owned(), actual }),
        _ => Ok(labels),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Label {
        Label::parse(text).unwrap()
    }

    fn texts(labels: &[Label]) -> Vec<&str> {
        labels.iter().map(Label::as_str).collect()
    }

    #[test]
    fn a_label_is_trimmed_and_capitals_do_not_matter() {
        assert_eq!(label("  Payments ").as_str(), "Payments");
        assert_eq!(label("Payments"), label("payments"));
        assert_ne!(label("Payments"), label("Payment"));
    }

    #[test]
    fn f22_a_label_is_the_same_however_its_accents_are_written() {
        assert_eq!(label("Caf\u{e9}"), label("cafe\u{301}"));
        assert_ne!(label("Cafe"), label("Caf\u{e9}"), "another word, although a search for one finds both");
    }

    #[test]
    fn f32_labels_stand_as_people_put_them() {
        let mut labels = ["zone", "team 10", "\u{c4}pfel", "Team 2", "b", "a"].map(label);
        labels.sort();
        assert_eq!(texts(&labels), ["a", "\u{c4}pfel", "b", "Team 2", "team 10", "zone"]);
    }

    #[test]
    fn what_cannot_be_a_label_is_said_in_words() {
        let words = |typed: &str| Label::parse(typed).unwrap_err().to_string();
        assert_eq!(words(" \t"), "the label is empty");
        assert_eq!(words(&"ü".repeat(41)), "the label is 41 characters long; at most 40 are allowed");
        assert_eq!(words("a\nb"), "the label holds a line break or another character that is not seen");
        assert!(Label::parse(&"ü".repeat(40)).is_ok());
    }

    #[test]
    fn the_first_spelling_stays_and_twenty_are_enough() {
        let had = [label("Payments")];
        let after = relabel("k", &had, &[label("payments"), label("ci")], &[]).unwrap();
        assert_eq!(texts(&after), ["ci", "Payments"]);
        assert_eq!(texts(&relabel("k", &after, &[], &[label("PAYMENTS")]).unwrap()), ["ci"]);
        let many: Vec<Label> = (0..21).map(|n| label(&n.to_string())).collect();
        assert_eq!(relabel("k", &[], &many[..20], &[]).map(|labels| labels.len()), Ok(20));
        assert_eq!(relabel("k", &[], &many, &[]), Err(LabelFault::TooMany { name: "k".into(), actual: 21 }));
    }
}
