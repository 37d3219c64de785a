//! What is said of a finding: its title, why it matters, how grave it is, and what to do next.

use super::FindingKind;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    High,
    Medium,
    Low,
}

/// What a person is offered to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Rotate,
    Revoke,
    /// A new key with fewer scopes, and then the end of this one.
    Narrow,
    Save,
    Look,
}

impl FindingKind {
    /// A few words, for a card and a filter.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Unsaved => "Not yet saved",
            Self::Orphan => "Secret never arrived",
            Self::FullAccess => "Full access",
            Self::WokeUp => "Woke up after a long sleep",
            Self::NewAddress => "Used from a new address",
            Self::TestInProduction => "Test key in production",
            Self::ExpiringSoon => "Expires within 7 days",
            Self::OlderThanPolicy => "Older than the policy",
            Self::Idle => "Idle for 90 days",
            Self::NeverUsed => "Never used",
            Self::NeverExpires => "Never expires",
            Self::SameName => "Same name twice",
            Self::NearLimit => "Account nearly full",
        }
    }

    /// Why it matters, for the whole kind.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Unsaved => {
                "The only copy of the secret is in Keyturn. Until someone stores it where it is needed, nobody can use the key."
            }
            Self::Orphan => {
                "The vendor made the key and its secret never arrived. Nobody can use it, and it still takes a place."
            }
            Self::FullAccess => "Whoever holds such a key may do everything that the vendor offers.",
            Self::WokeUp => {
                "A key that nobody used for 90 days or longer and that is used again may have been found by someone else."
            }
            Self::NewAddress => {
                "A key that was used from known addresses only was now used from another one. That can be a move, or a theft."
            }
            Self::TestInProduction => {
                "The name says production, and the key works in the test environment only."
            }
            Self::ExpiringSoon => "After its expiry the key is refused, and what uses it stops working.",
            Self::OlderThanPolicy => {
                "The key is older than the policy allows. The older a key, the more places it may have leaked to."
            }
            Self::Idle => "A key that nobody needs can still be stolen and used.",
            Self::NeverUsed => {
                "The key is older than 30 days and was not used once. Perhaps it was made for nothing."
            }
            Self::NeverExpires => {
                "A key without an end works until someone revokes it, also after it has leaked."
            }
            Self::SameName => {
                "Two live keys of one account bear the same name. It is easy to revoke the wrong one."
            }
            Self::NearLimit => {
                "The account has nearly as many keys as the vendor allows. A rotation needs one free place."
            }
        }
    }

    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Unsaved | Self::Orphan | Self::FullAccess | Self::WokeUp | Self::NewAddress => {
                Severity::High
            }
            Self::TestInProduction
            | Self::ExpiringSoon
            | Self::OlderThanPolicy
            | Self::Idle
            | Self::NearLimit => Severity::Medium,
            Self::NeverUsed | Self::NeverExpires | Self::SameName => Severity::Low,
        }
    }

    #[must_use]
    pub fn next(self) -> Next {
        match self {
            Self::Unsaved => Next::Save,
            Self::Orphan | Self::Idle | Self::NeverUsed => Next::Revoke,
            Self::FullAccess => Next::Narrow,
            Self::WokeUp | Self::ExpiringSoon | Self::OlderThanPolicy | Self::NeverExpires => Next::Rotate,
            Self::NewAddress | Self::TestInProduction | Self::SameName | Self::NearLimit => Next::Look,
        }
    }

    /// What to do, in words.
    #[must_use]
    pub fn next_words(self) -> &'static str {
        match self {
            Self::Unsaved => "Store the secret where it is needed, then say that it is saved.",
            Self::Orphan => "Revoke it, or rotate it to get a new secret.",
            Self::FullAccess => "Create a key with only the scopes that are needed, then retire this one.",
            Self::WokeUp => "Find out who uses it. If nobody knows, rotate it.",
            Self::NewAddress => "Look from where it is used. If nobody knows the address, rotate the key.",
            Self::TestInProduction => "Look where it is used, and create a live key there.",
            Self::ExpiringSoon | Self::OlderThanPolicy => "Rotate it.",
            Self::Idle => "Revoke it if nobody needs it.",
            Self::NeverUsed => "Revoke it if it was made for nothing.",
            Self::NeverExpires => "Rotate it to a key with an end, or accept that it has none.",
            Self::SameName => "Look which of them is in use, and revoke the other.",
            Self::NearLimit => "Look for keys that nobody needs, and revoke them.",
        }
    }
}
