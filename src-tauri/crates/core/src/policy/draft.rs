//! What a person asks of a policy, checked.

use super::{Policy, PolicyId, Reach};
use crate::account::AccountId;
use crate::flows::Choice;
use crate::label::{Label, LabelFault};

/// Ten years: beyond that a maximum age means nothing.
const MOST_DAYS: u32 = 3650;

/// The overlaps with which nothing of the old key ends before a person has stored the new one, and had a while.
const ALONE: [Choice; 3] = [Choice::OneDay, Choice::SevenDays, Choice::Quiet];

/// A policy as it was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDraft {
    pub account: Option<AccountId>,
    pub label: Option<String>,
    pub max_age_days: u32,
    pub remind_days: u32,
    pub rotate_alone: bool,
    /// The overlap, by its word; looked at only where `rotate_alone` is set.
    pub choice: String,
}

/// Why a policy cannot be as it was filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    #[error("a policy is for one account or for one label, not for both")]
    BothReaches,
    #[error(transparent)]
    Label(#[from] LabelFault),
    #[error("the maximum age must be between 1 and {MOST_DAYS} days")]
    Age,
    #[error("the reminder must come after the key was made: at most {most} days before it is due")]
    Remind { most: u32 },
    #[error("keys are rotated without a person only by a policy for a label")]
    AloneWithoutLabel,
    #[error(
        "without a person a rotation needs an overlap of 24 hours, of 7 days, or until the old key is quiet"
    )]
    Choice,
    #[error("there is a policy for this already")]
    Taken { label: bool },
}

impl PolicyFault {
    /// The input at fault.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::BothReaches | Self::Label(_) | Self::Taken { label: true } => "label",
            Self::Taken { label: false } => "account",
            Self::Age => "maxAgeDays",
            Self::Remind { .. } => "remindDays",
            Self::AloneWithoutLabel => "rotateAlone",
            Self::Choice => "choice",
        }
    }
}

impl PolicyDraft {
    /// The policy, if it can be one beside `others`.
    ///
    /// # Errors
    /// The first mistake, in the order of the form.
    pub fn check(self, id: PolicyId, others: &[Policy]) -> Result<Policy, PolicyFault> {
        let reach = match (self.account, self.label) {
            (Some(_), Some(_)) => return Err(PolicyFault::BothReaches),
            (Some(account), None) => Reach::Account(account),
            (None, Some(label)) => Reach::Label(Label::parse(&label)?),
            (None, None) => Reach::Every,
        };
        if others.iter().any(|other| other.id != id && other.reach == reach) {
            return Err(PolicyFault::Taken { label: matches!(reach, Reach::Label(_)) });
        }
        if !(1..=MOST_DAYS).contains(&self.max_age_days) {
            return Err(PolicyFault::Age);
        }
        if self.remind_days >= self.max_age_days {
            return Err(PolicyFault::Remind { most: self.max_age_days - 1 });
        }
        let alone = match (self.rotate_alone, &reach) {
            (false, _) => None,
            (true, Reach::Label(_)) => Some(
                Choice::parse(&self.choice)
                    .filter(|choice| ALONE.contains(choice))
                    .ok_or(PolicyFault::Choice)?,
            ),
            (true, Reach::Every | Reach::Account(_)) => return Err(PolicyFault::AloneWithoutLabel),
        };
        Ok(Policy { id, reach, max_age_days: self.max_age_days, remind_days: self.remind_days, alone })
    }
}
