//! Rotation as a pure machine: which state follows which, and what is to be done in each. Time is an argument.
//!
//! A state says by itself what is due ([`Rotation::due`]), so that nothing is forgotten between two acts: whoever
//! finds a rotation on disk after a crash asks the same question and goes on. Only minting must not be repeated;
//! a rotation found in [`Phase::Minting`] is first looked up at the vendor.
//!
//! The predecessor is revoked only where the successor was seen to work. States and events hold no secret.

mod due;
mod step;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};

pub use due::Effect;
pub use step::{Event, IllegalStep, step};

use crate::key::KeyRef;

/// One replacement of a key by another, or (without a successor) the end of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    pub way: Way,
    pub overlap: Overlap,
    pub phase: Phase,
    /// When the present act is tried again, and why it did not go through; `None` where nothing holds it up.
    pub retry: Option<Retry>,
    /// How often the vendor was told that the key that goes is revoked, and it lived on.
    pub asked_again: u32,
    /// When the key that goes was refused first, where nothing showed at that moment that the vendor refuses this key
    /// and not every one.
    pub refused_at: Option<DateTime<Utc>>,
    /// The vendor's clock less ours as the overlap began, where its replies told it. What has passed since is what has
    /// passed by both.
    pub skew: Option<TimeDelta>,
}

/// Who makes the successor and ends the predecessor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The vendor's API: create, and later revoke.
    Api,
    /// A person in the vendor's dashboard. `at_once`: there the old key dies as the new one is made.
    ByHand { at_once: bool },
    /// No successor: the key is revoked, and its death is watched.
    End,
}

/// How long both keys work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// The old key goes as soon as the new one was seen to work.
    None,
    For(TimeDelta),
    /// Until the vendor reports the new key as used and the old one as unused for this long.
    UntilQuiet(TimeDelta),
    /// Until the person says so: the vendor reports no uses.
    UntilTold,
}

/// The new key, sealed on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    pub key: KeyRef,
    /// The vendor granted exactly what was asked for.
    pub exact: bool,
    /// The person has said that it is stored.
    pub acknowledged: bool,
    /// When Keyturn asked with it: that use is not one of its users'.
    pub seen_at: Option<DateTime<Utc>>,
    /// Keyturn itself calls the vendor with it by now.
    pub manages: bool,
}

/// How far it is. Each is on disk before its act begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The request for the new key may have left.
    Minting,
    /// The person makes the new key in the dashboard.
    Bringing,
    /// Sealed; not seen to work yet.
    Minted(Successor),
    /// It works. Waits for the person.
    Verified(Successor),
    /// Both work.
    Overlap {
        successor: Successor,
        until: Until,
    },
    /// The predecessor is to be revoked: by the vendor's API, or by the person.
    Revoking {
        successor: Option<Successor>,
        since: DateTime<Utc>,
    },
    /// The vendor, or the person, says that it is revoked. Asked with the old key until it is refused.
    Dying {
        successor: Option<Successor>,
        since: DateTime<Utc>,
        /// It died inside its overlap, and nobody here revoked it: what goes on if it turns out to live.
        resume: Option<Until>,
    },
    /// The new key stopped working while both should; the old one is not touched. Waits for the person, or for both
    /// to be listed alive again.
    Bereft {
        successor: Successor,
        until: Until,
    },
    /// The new key is being revoked; the old one stays.
    Undoing(Successor),
    /// The vendor says that the new key is revoked. Asked with it until it is refused.
    Fading {
        successor: Successor,
        since: DateTime<Utc>,
    },
    Done {
        successor: Option<Successor>,
        death: Death,
        at: DateTime<Utc>,
    },
    /// The old key stays. `left`: the new one, where only the person can revoke it.
    Undone {
        left: Option<KeyRef>,
        at: DateTime<Utc>,
    },
    /// The person ended it where it stood: what becomes of either key is theirs to decide.
    Left {
        successor: Option<Successor>,
        at: DateTime<Utc>,
    },
}

/// When the overlap ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    Time(DateTime<Utc>),
    /// `since`: the old key's last use, or the beginning of the overlap.
    Quiet {
        quiet: TimeDelta,
        since: DateTime<Utc>,
        successor_used: bool,
    },
    /// The person's word.
    Told,
}

/// How the end of the old key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// The vendor refused it, this long after the revocation.
    Proven { after: TimeDelta },
    /// The vendor, or the person, says so; nobody asked with the key.
    Declared,
}

/// Why an act waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    pub at: DateTime<Utc>,
    pub tries: u32,
    /// `None`: nothing is wrong, it only takes its time.
    pub why: Option<String>,
}

impl Rotation {
    /// Where a rotation begins.
    #[must_use]
    pub fn begin(way: Way, overlap: Overlap, now: DateTime<Utc>) -> Self {
        let phase = match way {
            Way::Api => Phase::Minting,
            Way::ByHand { .. } => Phase::Bringing,
            Way::End => Phase::Revoking { successor: None, since: now },
        };
        Self { way, overlap, phase, retry: None, asked_again: 0, refused_at: None, skew: None }
    }

    /// The new key, once there is one.
    #[must_use]
    pub fn successor(&self) -> Option<&Successor> {
        match &self.phase {
            Phase::Minted(successor)
            | Phase::Verified(successor)
            | Phase::Bereft { successor, .. }
            | Phase::Undoing(successor)
            | Phase::Fading { successor, .. }
            | Phase::Overlap { successor, .. } => Some(successor),
            Phase::Revoking { successor, .. }
            | Phase::Dying { successor, .. }
            | Phase::Left { successor, .. }
            | Phase::Done { successor, .. } => successor.as_ref(),
            Phase::Minting | Phase::Bringing | Phase::Undone { .. } => None,
        }
    }

    /// The new key that nobody has stored yet.
    #[must_use]
    pub fn unsaved(&self) -> Option<&KeyRef> {
        let given_up = matches!(self.phase, Phase::Bereft { .. } | Phase::Undoing(_) | Phase::Fading { .. });
        let waits = |successor: &&Successor| !successor.acknowledged && !given_up;
        self.successor().filter(waits).map(|successor| &successor.key)
    }

    /// Whether the sealed value of the new key is still needed.
    #[must_use]
    pub fn needs_value(&self) -> bool {
        let asked_with = matches!(
            self.phase,
            Phase::Minted(_) | Phase::Bereft { .. } | Phase::Undoing(_) | Phase::Fading { .. }
        );
        self.unsaved().is_some() || asked_with
    }

    /// Whether nothing happens any more, though a new key may still wait to be stored.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Done { .. } | Phase::Undone { .. } | Phase::Left { .. })
    }

    /// Whether something is still to be done, by Keyturn or by the person.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.is_over() || self.unsaved().is_some()
    }

    /// Whether the new key may still be taken back.
    #[must_use]
    pub fn can_be_undone(&self) -> bool {
        match &self.phase {
            Phase::Bringing => true,
            Phase::Bereft { successor, .. } => !successor.manages,
            Phase::Minted(successor) | Phase::Verified(successor) | Phase::Overlap { successor, .. } => {
                self.way != Way::ByHand { at_once: true } && !successor.manages
            }
            _ => false,
        }
    }

    /// Whether the person may end the overlap, or say that the old key was revoked in the dashboard.
    #[must_use]
    pub fn can_be_finished(&self) -> bool {
        match &self.phase {
            Phase::Overlap { .. } | Phase::Dying { resume: Some(_), .. } => true,
            Phase::Revoking { .. } => matches!(self.way, Way::ByHand { .. }),
            _ => false,
        }
    }

    /// Whether the person may end it where it stands: everywhere but where nothing was made yet, or all is over.
    #[must_use]
    pub fn can_be_left(&self) -> bool {
        !self.is_over() && !matches!(self.phase, Phase::Minting | Phase::Bringing)
    }

    /// Whether the vendor can be asked anew to revoke the key that goes: it said yes before, and the key lives on.
    #[must_use]
    pub fn can_be_asked_again(&self) -> bool {
        let waits = matches!(self.phase, Phase::Dying { resume: None, .. } | Phase::Fading { .. });
        waits && self.way != Way::ByHand { at_once: true }
    }
}
