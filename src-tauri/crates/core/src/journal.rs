//! The words of the journal: what this application did, in the order it did it. Storage chains the entries.

use chrono::{DateTime, Utc};

use crate::account::AccountId;
use crate::key::VendorKeyId;

/// What was done, as it stands in the journal. Stable words: they are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Connect,
    Disconnect,
    Create,
    Rotate,
    Revoke,
    Delete,
    Copy,
    Reveal,
    Acknowledge,
    Recover,
    Adopt,
    /// A key was tried at its vendor.
    Probe,
    Forget,
    /// An old key and its successor work side by side.
    Retire,
    /// Labels were put on a key, or taken off.
    Label,
    /// A policy was changed, or asked for something by itself.
    Policy,
    /// A person lives with a finding.
    Accept,
    /// And does not any more.
    Withdraw,
    /// A file with entries or keys was written for the person.
    Export,
    /// Keys were taken over from a list that the person brought.
    Import,
    /// A text was searched for keys; the entry names those that were found, never the text.
    LeakSearch,
    /// Something befell the ledger itself: it was taken over, rebuilt, or changed outside Keyturn.
    Ledger,
}

impl Action {
    pub const ALL: [Self; 22] = [
        Self::Connect,
        Self::Disconnect,
        Self::Create,
        Self::Rotate,
        Self::Revoke,
        Self::Delete,
        Self::Copy,
        Self::Reveal,
        Self::Acknowledge,
        Self::Recover,
        Self::Adopt,
        Self::Probe,
        Self::Forget,
        Self::Retire,
        Self::Label,
        Self::Policy,
        Self::Accept,
        Self::Withdraw,
        Self::Export,
        Self::Import,
        Self::LeakSearch,
        Self::Ledger,
    ];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Disconnect => "disconnect",
            Self::Create => "create",
            Self::Rotate => "rotate",
            Self::Revoke => "revoke",
            Self::Delete => "delete",
            Self::Copy => "copy",
            Self::Reveal => "reveal",
            Self::Acknowledge => "acknowledge",
            Self::Recover => "recover",
            Self::Adopt => "adopt",
            Self::Probe => "probe",
            Self::Forget => "forget",
            Self::Retire => "retire",
            Self::Label => "label",
            Self::Policy => "policy",
            Self::Accept => "accept",
            Self::Withdraw => "withdraw",
            Self::Export => "export",
            Self::Import => "import",
            Self::LeakSearch => "leak_search",
            Self::Ledger => "ledger",
        }
    }

    /// Whether it may change what a vendor lists of the key that the entry names.
    #[must_use]
    pub fn changes_the_key(self) -> bool {
        match self {
            Self::Create
            | Self::Rotate
            | Self::Revoke
            | Self::Delete
            | Self::Recover
            | Self::Adopt
            | Self::Probe
            | Self::Forget
            | Self::Import => true,
            Self::Connect
            | Self::Disconnect
            | Self::Copy
            | Self::Reveal
            | Self::Acknowledge
            | Self::Retire
            | Self::Label
            | Self::Policy
            | Self::Accept
            | Self::Withdraw
            | Self::Export
            | Self::LeakSearch
            | Self::Ledger => false,
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

/// Whether an entry was written before the act, or says how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Written first: the act follows.
    Intended,
    /// With what was seen, in words.
    Done(String),
    Failed(String),
}

/// One line of the journal, before it is chained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: DateTime<Utc>,
    /// Empty where it is about no account, such as a policy for every key.
    pub account: AccountId,
    pub key: Option<VendorKeyId>,
    pub action: Action,
    pub outcome: Outcome,
    /// Why the person had it done, in their words.
    pub reason: Option<String>,
    /// What the key looked like then. Where it is `None` the ledger takes it from the key's row.
    pub fingerprint: Option<String>,
}

/// The longest reason that is kept, in characters.
pub const REASON_LIMIT: usize = 500;

/// What a person typed as the reason: `None` where that is nothing, and never longer than is kept.
#[must_use]
pub fn reason(typed: &str) -> Option<String> {
    let typed = typed.trim();
    (!typed.is_empty()).then(|| typed.chars().take(REASON_LIMIT).collect())
}
