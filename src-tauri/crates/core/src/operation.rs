//! What the application has under way, as the ledger keeps it until the person has said that it is safe.

use chrono::{DateTime, Utc};

use crate::account::AccountId;
use crate::grant::Grant;
use crate::journal::Action;
use crate::key::{KeyRef, VendorKeyId};
use crate::rotation::{Phase, Rotation};

/// Keyturn's own id of one action.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId(pub String);

/// One act that takes more than one step, from the intent to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub id: OperationId,
    pub account: AccountId,
    pub intent: Intent,
    pub stage: Stage,
    pub started_at: DateTime<Utc>,
}

impl Operation {
    /// Whether it is a rotation of this key, or to it.
    #[must_use]
    pub fn concerns(&self, key: &KeyRef) -> bool {
        let Stage::Rotating(rotation) = &self.stage else { return false };
        let old = self.account == key.account && self.intent.predecessor() == Some(&key.key);
        old || rotation.successor().is_some_and(|successor| successor.key == *key)
    }

    /// The keys that it [concerns](Self::concerns).
    #[must_use]
    pub fn subjects(&self) -> Vec<KeyRef> {
        let Stage::Rotating(rotation) = &self.stage else { return Vec::new() };
        let new = rotation.successor().map(|successor| successor.key.clone());
        self.predecessor().into_iter().chain(new).collect()
    }

    /// The key that there was before.
    #[must_use]
    pub fn predecessor(&self) -> Option<KeyRef> {
        let key = self.intent.predecessor()?.clone();
        Some(KeyRef { account: self.account.clone(), key })
    }
}

/// What was to be done. Written before the request leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// `known` are the keys that bore the name before the request: what is new and bears it afterwards is ours.
    Create { grant: Grant, known: Vec<VendorKeyId> },
    /// The vendor's one-call rotation of `predecessor`.
    Rotate { predecessor: VendorKeyId, name: String, known: Vec<VendorKeyId> },
    /// A successor for `predecessor`, with an overlap. `grant`: what the successor is asked to be, where it is
    /// made through the API.
    Replace { predecessor: VendorKeyId, name: String, grant: Option<Grant>, known: Vec<VendorKeyId> },
    /// The end of `key`, watched until it was seen.
    Revoke { key: VendorKeyId, name: String },
}

impl Intent {
    /// The name of the key that is made.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Create { grant, .. } => &grant.name,
            Self::Rotate { name, .. } | Self::Replace { name, .. } | Self::Revoke { name, .. } => name,
        }
    }

    /// The key that there was before, which goes.
    #[must_use]
    pub fn predecessor(&self) -> Option<&VendorKeyId> {
        match self {
            Self::Create { .. } => None,
            Self::Rotate { predecessor, .. } | Self::Replace { predecessor, .. } => Some(predecessor),
            Self::Revoke { key, .. } => Some(key),
        }
    }

    /// What a new key was asked to be.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Create { grant, .. } => Some(grant),
            Self::Replace { grant, .. } => grant.as_ref(),
            Self::Rotate { .. } | Self::Revoke { .. } => None,
        }
    }

    /// Its word in the journal.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Create { .. } => Action::Create,
            Self::Rotate { .. } | Self::Replace { .. } => Action::Rotate,
            Self::Revoke { .. } => Action::Revoke,
        }
    }
}

/// How far it went. Persisted before each act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The intent is on disk; the request may or may not have left.
    Sent,
    /// The secret is sealed; the person has not yet said that it is stored.
    Escrowed { key: KeyRef },
    /// The person has it. The escrow is destroyed.
    Acknowledged { key: KeyRef },
    /// Nothing came of it, for the reason given.
    Failed { reason: String },
    /// A key was made and its secret never received; `keys` are the candidates in the vendor's list.
    Orphaned { keys: Vec<KeyRef> },
    /// More steps than one: where the machine stands.
    Rotating(Rotation),
}

impl Stage {
    /// Whether something is still owed to the person.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::Sent | Self::Escrowed { .. } | Self::Orphaned { .. } => true,
            Self::Acknowledged { .. } | Self::Failed { .. } => false,
            Self::Rotating(rotation) => rotation.is_open(),
        }
    }

    /// Whether a request for a new key may have left and its end is not on disk.
    #[must_use]
    pub fn is_minting(&self) -> bool {
        match self {
            Self::Sent => true,
            Self::Rotating(rotation) => rotation.phase == Phase::Minting,
            Self::Escrowed { .. }
            | Self::Acknowledged { .. }
            | Self::Failed { .. }
            | Self::Orphaned { .. } => false,
        }
    }

    /// Whether the person may end it where it stands; of keys that may have been made they say that those are somebody's.
    #[must_use]
    pub fn can_be_left(&self) -> bool {
        match self {
            Self::Rotating(rotation) => rotation.can_be_left(),
            Self::Orphaned { .. } => true,
            Self::Sent | Self::Escrowed { .. } | Self::Acknowledged { .. } | Self::Failed { .. } => false,
        }
    }

    /// The new key whose value waits to be stored by the person.
    #[must_use]
    pub fn unsaved(&self) -> Option<&KeyRef> {
        match self {
            Self::Escrowed { key } => Some(key),
            Self::Rotating(rotation) => rotation.unsaved(),
            Self::Sent | Self::Acknowledged { .. } | Self::Failed { .. } | Self::Orphaned { .. } => None,
        }
    }

    /// Whether the sealed value of the old key is still needed for the proof of its death.
    #[must_use]
    pub fn needs_old_key(&self) -> bool {
        matches!(self, Self::Rotating(rotation)
            if !matches!(rotation.phase, Phase::Done { .. } | Phase::Undone { .. }))
    }

    /// Whether the sealed value of a new key must be kept.
    #[must_use]
    pub fn needs_value(&self) -> bool {
        match self {
            Self::Sent | Self::Escrowed { .. } | Self::Orphaned { .. } => true,
            Self::Acknowledged { .. } | Self::Failed { .. } => false,
            Self::Rotating(rotation) => rotation.needs_value(),
        }
    }
}
