//! What is to be done in a state.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Phase, Rotation, Until, Way};
use crate::key::KeyRef;

/// How often it is looked whether both keys still live, and who uses them.
const WATCH: TimeDelta = TimeDelta::minutes(5);

/// What the driver does. All but the look-up after [`Phase::Minting`] may be done twice without harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask the vendor with the new key.
    Verify(KeyRef),
    /// Read the vendor's list: last uses, and whether both keys still live.
    Observe(KeyRef),
    /// Look whether both keys live, as far as the vendor's list was read; nothing else before this time.
    Glance(KeyRef, DateTime<Utc>),
    /// One of them was taken for dead: look whether both live after all; nothing else before this time.
    LookAgain(KeyRef, DateTime<Utc>),
    /// The overlap is over, where both keys still live.
    End(KeyRef),
    /// Revoke the old key.
    Revoke,
    /// Ask the vendor with the old key.
    Prove,
    /// Revoke the new key.
    TakeBack(KeyRef),
    /// Ask the vendor with the new key, which was taken back.
    ProveTakenBack(KeyRef),
    /// Nothing before this time.
    WaitUntil(DateTime<Utc>),
    /// A person has the next word, or all is done; a mint that was interrupted is looked up first.
    Nothing,
}

impl Rotation {
    /// What is to be done now.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Effect {
        if let Some(retry) = self.retry.as_ref().filter(|retry| retry.at > now) {
            return Effect::WaitUntil(retry.at);
        }
        match (&self.phase, self.way) {
            (Phase::Minted(successor), _) => Effect::Verify(successor.key.clone()),
            (Phase::Overlap { successor, until }, _) if until.is_over(now) => {
                Effect::End(successor.key.clone())
            }
            (Phase::Overlap { successor, until: Until::Time(_) | Until::Told }, _) => {
                Effect::Glance(successor.key.clone(), self.next_look(now))
            }
            (Phase::Overlap { successor, until: Until::Quiet { .. } }, _) => {
                Effect::Observe(successor.key.clone())
            }
            (Phase::Revoking { .. }, Way::Api | Way::End) => Effect::Revoke,
            // The person revokes it; that it is dead is seen by asking.
            (Phase::Revoking { .. }, Way::ByHand { .. }) | (Phase::Dying { .. }, _) => Effect::Prove,
            (Phase::Bereft { successor, .. }, _) => {
                Effect::LookAgain(successor.key.clone(), self.next_look(now))
            }
            (Phase::Undoing(successor), _) => Effect::TakeBack(successor.key.clone()),
            (Phase::Fading { successor, .. }, _) => Effect::ProveTakenBack(successor.key.clone()),
            (
                Phase::Minting
                | Phase::Bringing
                | Phase::Verified(_)
                | Phase::Left { .. }
                | Phase::Done { .. }
                | Phase::Undone { .. },
                _,
            ) => Effect::Nothing,
        }
    }

    /// The next look at two keys that both work.
    #[must_use]
    pub fn next_look(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self.phase {
            Phase::Overlap { until: Until::Quiet { quiet, since, successor_used: true }, .. } => {
                (since + quiet).clamp(now + TimeDelta::seconds(1), now + WATCH)
            }
            Phase::Overlap { until: Until::Time(at), .. } => at.min(now + WATCH),
            _ => now + WATCH,
        }
    }
}
