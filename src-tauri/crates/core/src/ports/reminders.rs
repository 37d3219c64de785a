//! Reminders, as the ledger keeps them: each is told once, also after a restart.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::LedgerError;
use crate::reminder::{Kept, Reminder, ReminderId};

/// Each method is one transaction, as the rest of the ledger's.
#[async_trait]
pub trait Reminders: Send + Sync {
    /// Keeps those whose key, kind and mark are new, and answers with them.
    async fn remind(&self, wanted: &[Reminder]) -> Result<Vec<Reminder>, LedgerError>;

    /// Those that were not dismissed, newest first, at most `limit`.
    async fn reminders(&self, limit: usize) -> Result<Vec<Kept>, LedgerError>;

    async fn see_reminders(&self) -> Result<(), LedgerError>;

    /// `None`: all of them.
    async fn dismiss_reminders(&self, which: Option<&ReminderId>) -> Result<(), LedgerError>;

    /// Of what was told before `before` only that it was told remains, and nothing where the key is gone.
    async fn compact_reminders(&self, before: DateTime<Utc>) -> Result<(), LedgerError>;
}
