//! What the ledger remembers of keys beyond their present state: uses, addresses, changes outside, acceptances.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::LedgerError;
use crate::account::AccountId;
use crate::finding::{Acceptance, Acceptances, FindingKind, Sightings};
use crate::journal::Entry;
use crate::key::{KeyRef, Usage, VendorKeyId};
use crate::observed::{Change, UseLog};

/// Written by each reading, in its own transaction; read by the Audit screen and the list.
#[async_trait]
pub trait Observations: Send + Sync {
    /// What stands out at `since` or later.
    async fn sightings(&self, since: DateTime<Utc>) -> Result<Sightings, LedgerError>;

    async fn acceptances(&self) -> Result<Acceptances, LedgerError>;

    /// Accepts a finding in each key, over what was accepted before, with its entry of the journal. Keys that are
    /// not there any more are passed over, and their entries; answers how many were there.
    async fn accept(
        &self,
        keys: &[KeyRef],
        acceptance: &Acceptance,
        entries: &[Entry],
    ) -> Result<usize, LedgerError>;

    /// `false`, and no entry, where nothing was accepted.
    async fn withdraw(&self, key: &KeyRef, finding: FindingKind, entry: &Entry) -> Result<bool, LedgerError>;

    /// The days on which a key was used; empty where the key is gone.
    async fn use_log(&self, key: &KeyRef) -> Result<UseLog, LedgerError>;

    /// Keys of the account that were used after their addresses were last kept, the last used first.
    async fn unlocated(&self, account: &AccountId, limit: usize) -> Result<Vec<VendorKeyId>, LedgerError>;

    /// Keeps from where a key was used, as told at `at`.
    async fn locate(&self, key: &KeyRef, usage: &[Usage], at: DateTime<Utc>) -> Result<(), LedgerError>;

    /// Newest first, and how many there are in all.
    async fn outside_changes(&self, offset: usize, limit: usize)
    -> Result<(Vec<Change>, usize), LedgerError>;
}
