//! The ways to rotate that a person chooses from.

use chrono::TimeDelta;

use crate::provider::{Capabilities, RotateSupport, Support};
use crate::rotation::{Overlap, Way};

/// How quiet the old key must have been.
const QUIET: TimeDelta = TimeDelta::hours(24);

/// What becomes of the old key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It goes as soon as the new one was seen to work.
    Now,
    OneHour,
    OneDay,
    SevenDays,
    /// It goes once nobody uses it any more; where the vendor reports no uses, once the person says so.
    Quiet,
    /// The vendor's own rotation: it dies as the new one is made.
    Atomic,
}

impl Choice {
    pub const ALL: [Self; 6] =
        [Self::Now, Self::OneHour, Self::OneDay, Self::SevenDays, Self::Quiet, Self::Atomic];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::OneHour => "1h",
            Self::OneDay => "24h",
            Self::SevenDays => "7d",
            Self::Quiet => "quiet",
            Self::Atomic => "atomic",
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.word() == word)
    }

    /// How long both keys work at such a vendor; `None` for [`Choice::Atomic`], which is one call.
    #[must_use]
    pub fn overlap(self, capabilities: &Capabilities) -> Option<Overlap> {
        match self {
            Self::Now => Some(Overlap::None),
            Self::OneHour => Some(Overlap::For(TimeDelta::hours(1))),
            Self::OneDay => Some(Overlap::For(TimeDelta::hours(24))),
            Self::SevenDays => Some(Overlap::For(TimeDelta::days(7))),
            Self::Quiet if capabilities.last_use == Support::Yes => {
                let late = TimeDelta::from_std(capabilities.reporting_delay).unwrap_or_default();
                Some(Overlap::UntilQuiet(QUIET + late))
            }
            Self::Quiet => Some(Overlap::UntilTold),
            Self::Atomic => None,
        }
    }
}

/// Who makes the new key at such a vendor, where it is not the vendor's one call.
pub(crate) fn way(capabilities: &Capabilities) -> Option<Way> {
    match capabilities.rotate {
        RotateSupport::Dashboard { at_once, .. } => Some(Way::ByHand { at_once }),
        RotateSupport::Overlap => Some(Way::Api),
        RotateSupport::Atomic { .. } => {
            let both = capabilities.mint == Support::Yes && capabilities.revoke == Support::Yes;
            both.then_some(Way::Api)
        }
    }
}

/// What such a vendor offers, in this order.
pub(crate) fn offered(capabilities: &Capabilities) -> Vec<Choice> {
    let with_overlap = [Choice::Now, Choice::OneHour, Choice::OneDay, Choice::SevenDays, Choice::Quiet];
    let mut offered = match way(capabilities) {
        Some(Way::ByHand { at_once: true }) => vec![Choice::Now],
        Some(Way::ByHand { at_once: false } | Way::Api | Way::End) => with_overlap.to_vec(),
        None => Vec::new(),
    };
    if matches!(capabilities.rotate, RotateSupport::Atomic { .. }) {
        offered.push(Choice::Atomic);
    }
    offered
}
