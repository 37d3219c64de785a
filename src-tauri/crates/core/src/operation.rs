//! What the application has under way, as the ledger keeps it until the person has said that it is safe.

use chrono::{DateTime, Utc};

use crate::account::AccountId;
use crate::grant::Grant;
use crate::key::{KeyRef, VendorKeyId};

/// Keyturn's own id of one action.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId(pub String);

/// One create or rotate, from the intent to the acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub id: OperationId,
    pub account: AccountId,
    pub intent: Intent,
    pub stage: Stage,
    pub started_at: DateTime<Utc>,
}

/// What was to be done. Written before the request leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// `known` are the vendor's ids before the request: what is new and bears the name afterwards is ours.
    Create { grant: Grant, known: Vec<VendorKeyId> },
    /// The vendor's one-call rotation of `predecessor`.
    Rotate { predecessor: VendorKeyId, name: String, known: Vec<VendorKeyId> },
}

impl Intent {
    /// The name of the key that is made.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Create { grant, .. } => &grant.name,
            Self::Rotate { name, .. } => name,
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
}

impl Stage {
    /// Whether something is still owed to the person.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Sent | Self::Escrowed { .. } | Self::Orphaned { .. })
    }
}
