//! Labels and policies, as the ledger keeps them.

use async_trait::async_trait;

use super::LedgerError;
use crate::journal::Entry;
use crate::key::KeyRef;
use crate::label::Label;
use crate::policy::{Policy, PolicyId};

/// One key's labels as they are to be, and what the journal says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relabelled {
    pub key: KeyRef,
    pub labels: Vec<Label>,
    pub entry: Entry,
}

/// Each method is one transaction, as the rest of the ledger's.
#[async_trait]
pub trait Policies: Send + Sync {
    /// Every label on a listed key or in a policy, each once, in order.
    async fn labels(&self) -> Result<Vec<Label>, LedgerError>;

    /// The name and the labels of each key, in the order asked for; `None` where there is no such key.
    async fn labelled(&self, keys: &[KeyRef]) -> Result<Vec<Option<(String, Vec<Label>)>>, LedgerError>;

    /// Labels stay with the vendor's id: a key that is not listed for a while has them again when it comes back.
    async fn relabel(&self, changes: &[Relabelled]) -> Result<(), LedgerError>;

    /// In the order in which they were made.
    async fn policies(&self) -> Result<Vec<Policy>, LedgerError>;

    /// Adds or replaces one.
    async fn put_policy(&self, policy: &Policy, entry: &Entry) -> Result<(), LedgerError>;

    async fn remove_policy(&self, policy: &PolicyId, entry: &Entry) -> Result<(), LedgerError>;
}
