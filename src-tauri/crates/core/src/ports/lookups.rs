//! What the ledger finds without reading all of it: with a thousand operations under way that is a matter of seconds.

use async_trait::async_trait;

use super::LedgerError;
use crate::account::AccountId;
use crate::key::{KeyRef, VendorKeyId};
use crate::operation::Operation;

/// Questions about one key or one name.
#[async_trait]
pub trait Lookups: Send + Sync {
    /// The open operations that begin with this key, or lead to it, oldest first.
    async fn operations_of(&self, key: &KeyRef) -> Result<Vec<Operation>, LedgerError>;

    /// The account's keys of this name.
    async fn keys_named(&self, account: &AccountId, name: &str) -> Result<Vec<VendorKeyId>, LedgerError>;
}
