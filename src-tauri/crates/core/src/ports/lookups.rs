//! What the ledger finds without reading all of it: with a thousand operations under way that is a matter of seconds.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::LedgerError;
use crate::account::AccountId;
use crate::key::{KeyRef, VendorKeyId};
use crate::operation::Operation;

/// What the vendor's list last said of a key, whatever our own word for it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    Alive,
    /// As revoked or expired.
    Dead,
    /// Not any more, first seen at a reading begun at `since`.
    Missing {
        since: DateTime<Utc>,
    },
}

/// Questions about one key or one name.
#[async_trait]
pub trait Lookups: Send + Sync {
    /// The open operations that begin with this key, or lead to it, oldest first.
    async fn operations_of(&self, key: &KeyRef) -> Result<Vec<Operation>, LedgerError>;

    /// Whether any operation of ours ever led to a key of this id, or its value was ever sealed here, whatever account
    /// it was listed by.
    async fn was_ours(&self, key: &VendorKeyId) -> Result<bool, LedgerError>;

    /// What the vendor's list last said of a key; `None` where it has no row any more.
    async fn listed(&self, key: &KeyRef) -> Result<Option<Listed>, LedgerError>;

    /// Which other accounts of the same vendor list keys of this one as well, and how many.
    async fn shared_keys(&self, account: &AccountId) -> Result<Vec<(AccountId, usize)>, LedgerError>;

    /// The account's keys of this name.
    async fn keys_named(&self, account: &AccountId, name: &str) -> Result<Vec<VendorKeyId>, LedgerError>;
}
