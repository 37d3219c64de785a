//! What should worry an admin about a key: the kinds of it, and sets of them. Pure; [`judge`] says which a key has.
//!
//! A finding is told only of what was seen: where a vendor does not report something, nothing is found in it.

mod acceptance;
mod judge;
mod sentences;
#[cfg(test)]
mod tests;
mod words;

pub use acceptance::{Acceptance, Acceptances, check_reason};
pub use judge::{AccountFacts, NEWS, Sighting, Sightings, judge, judge_all, wakes};
pub use sentences::{concern, why};
pub use words::{Next, Severity};

/// One kind of finding. The order is the order of the cards: the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// Its secret waits in Keyturn until a person has stored it.
    Unsaved,
    /// The vendor made it and its secret never arrived.
    Orphan,
    FullAccess,
    /// Used again after a long silence.
    WokeUp,
    /// Used from an address that was not known before.
    NewAddress,
    TestInProduction,
    ExpiringSoon,
    OlderThanPolicy,
    Idle,
    NeverUsed,
    NeverExpires,
    /// Another live key of the account bears the same name.
    SameName,
    /// Its account has nearly all of the keys that the vendor allows.
    NearLimit,
}

impl FindingKind {
    pub const ALL: [Self; 13] = [
        Self::Unsaved,
        Self::Orphan,
        Self::FullAccess,
        Self::WokeUp,
        Self::NewAddress,
        Self::TestInProduction,
        Self::ExpiringSoon,
        Self::OlderThanPolicy,
        Self::Idle,
        Self::NeverUsed,
        Self::NeverExpires,
        Self::SameName,
        Self::NearLimit,
    ];

    /// As it stands in the ledger, the journal and every export. Stable.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unsaved => "unsaved",
            Self::Orphan => "orphan",
            Self::FullAccess => "full_access",
            Self::WokeUp => "woke_up",
            Self::NewAddress => "new_address",
            Self::TestInProduction => "test_in_production",
            Self::ExpiringSoon => "expiring_soon",
            Self::OlderThanPolicy => "older_than_policy",
            Self::Idle => "idle",
            Self::NeverUsed => "never_used",
            Self::NeverExpires => "never_expires",
            Self::SameName => "same_name",
            Self::NearLimit => "near_limit",
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

/// A set of findings, in the two bytes that a row of the list has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FindingSet(u16);

impl FindingSet {
    pub const EMPTY: Self = Self(0);

    #[must_use]
    pub fn with(self, kind: FindingKind) -> Self {
        Self(self.0 | kind.bit())
    }

    /// With `kind`, if `there`.
    #[must_use]
    pub fn with_if(self, there: bool, kind: FindingKind) -> Self {
        if there { self.with(kind) } else { self }
    }

    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    #[must_use]
    pub fn holds(self, kind: FindingKind) -> bool {
        self.0 & kind.bit() != 0
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether both hold one and the same.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The gravest first.
    pub fn iter(self) -> impl Iterator<Item = FindingKind> {
        FindingKind::ALL.into_iter().filter(move |kind| self.holds(*kind))
    }
}

impl FromIterator<FindingKind> for FindingSet {
    fn from_iter<I: IntoIterator<Item = FindingKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::EMPTY, Self::with)
    }
}
