//! Which actions a key allows, and why not. Pure: the UI disables by it and the flows refuse by it.

use crate::key::{KeyRecord, KeyStatus};
use crate::provider::{Capabilities, DeleteSupport, Support};

/// Whether an action can be taken; if not, the sentence that says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permit {
    Allowed,
    Denied(String),
}

impl Permit {
    fn denied(reason: impl Into<String>) -> Self {
        Self::Denied(reason.into())
    }

    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }
}

/// Every action on one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permits {
    pub rotate: Permit,
    pub revoke: Permit,
    pub delete: Permit,
}

impl Permits {
    /// What the vendor's capabilities and the key's state allow.
    #[must_use]
    pub fn of(capabilities: &Capabilities, record: &KeyRecord) -> Self {
        Self {
            rotate: rotate(&record.status),
            revoke: revoke(capabilities, &record.status),
            delete: delete(capabilities, &record.status),
        }
    }
}

fn rotate(status: &KeyStatus) -> Permit {
    match status {
        KeyStatus::Revoked { .. } => {
            Permit::denied("This key is revoked. Create a new one with the same scopes instead.")
        }
        KeyStatus::Expired { .. } => {
            Permit::denied("This key has expired. Create a new one with the same scopes instead.")
        }
        KeyStatus::Revoking => Permit::denied("This key is being revoked."),
        KeyStatus::Retiring { .. } => Permit::denied("This key is being replaced already."),
        KeyStatus::Unlisted { .. } => Permit::denied(
            "The vendor did not list this key when it was read last. Refresh the account first.",
        ),
        KeyStatus::Active | KeyStatus::Expiring | KeyStatus::Orphan | KeyStatus::Unknown(_) => {
            Permit::Allowed
        }
    }
}

fn revoke(capabilities: &Capabilities, status: &KeyStatus) -> Permit {
    match (capabilities.revoke, status) {
        (Support::No(reason), _) => Permit::denied(reason),
        (_, KeyStatus::Revoked { .. }) => Permit::denied("This key is already revoked."),
        (_, KeyStatus::Revoking) => Permit::denied("This key is already being revoked."),
        (_, _) => Permit::Allowed,
    }
}

fn delete(capabilities: &Capabilities, status: &KeyStatus) -> Permit {
    match (capabilities.delete, status) {
        (DeleteSupport::No(reason), _) => Permit::denied(reason),
        (DeleteSupport::OnceRevoked, KeyStatus::Revoked { .. }) => Permit::Allowed,
        (DeleteSupport::OnceRevoked, _) => {
            Permit::denied("Only a revoked key can be deleted. Revoke it first.")
        }
    }
}
