//! Where acts on many keys are kept, so that a restart goes on with them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::LedgerError;
use crate::batch::{Batch, BatchId, BatchState, FoundItem, Item, ItemKind, Standing};

/// Batches and their items. Each method is one transaction, synced to disk before it answers.
#[async_trait]
pub trait Batches: Send + Sync {
    /// Adds a batch with all of its items.
    async fn put_batch(&self, batch: &Batch, items: &[Item]) -> Result<(), LedgerError>;

    async fn batch(&self, id: &BatchId) -> Result<Option<Standing>, LedgerError>;

    /// Those that have not ended, and those that ended at `since` or later; newest first.
    async fn batches(&self, since: DateTime<Utc>) -> Result<Vec<Standing>, LedgerError>;

    /// Moves a batch on; `false`, and nothing changed, where it stands elsewhere than at `from` meanwhile.
    async fn move_batch(
        &self,
        id: &BatchId,
        from: BatchState,
        to: BatchState,
        ended_at: Option<DateTime<Utc>>,
    ) -> Result<bool, LedgerError>;

    /// The items that are not over, in their order.
    async fn open_items(&self, id: &BatchId) -> Result<Vec<FoundItem>, LedgerError>;

    /// A part of the items, in their order, and how many there are of this kind.
    async fn items(
        &self,
        id: &BatchId,
        kind: Option<ItemKind>,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<FoundItem>, usize), LedgerError>;

    /// Writes the state, the tries and the waiting time of items of a batch.
    async fn put_items(&self, id: &BatchId, items: &[Item]) -> Result<(), LedgerError>;
}
