//! Telling what Keyturn wrote into the ledger from what somebody else wrote there.

use async_trait::async_trait;

use super::{LedgerError, Sealed};
use crate::account::AccountId;
use crate::batch::BatchId;
use crate::journal::Entry;
use crate::key::KeyRef;
use crate::label::Label;
use crate::operation::OperationId;
use crate::policy::{PolicyId, Reach};

/// Something that Keyturn would go on with by itself, and did not write as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    Operation { id: OperationId, account: AccountId, name: String },
    Batch { id: BatchId },
    Item { batch: BatchId, number: u32, key: KeyRef, name: String },
    Policy { id: PolicyId, reach: Reach },
    Label { key: KeyRef, label: String },
}

/// What the signature says of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalHead {
    /// There is no entry yet.
    Empty,
    /// What was signed last stands in it as it was signed.
    AsSigned,
    Unsigned,
    /// What was signed last does not stand in it, or somebody else signed.
    Broken,
}

/// A part of [`super::Ledger`]. Each method is one transaction.
#[async_trait]
pub trait Authenticity: Send + Sync {
    /// Everything of an account that is sealed.
    async fn sealed_of(&self, account: &AccountId) -> Result<Vec<Sealed>, LedgerError>;

    /// Trusts the file this once: puts these entries in the place of those that they were made from, takes each row as
    /// Keyturn's own, and signs the journal. `entry` is its last one.
    async fn take_over(&self, resealed: &[Sealed], entry: Option<&Entry>) -> Result<(), LedgerError>;

    /// What does not bear Keyturn's mark, and was not disowned before.
    async fn foreign(&self) -> Result<Vec<Foreign>, LedgerError>;

    /// Writes down that one of these is not Keyturn's: it stays inert, and is not told of again.
    async fn disown(&self, foreign: &Foreign, entry: &Entry) -> Result<(), LedgerError>;

    /// The labels of a key that bear Keyturn's mark.
    async fn own_labels(&self, key: &KeyRef) -> Result<Vec<Label>, LedgerError>;

    async fn journal_head(&self) -> Result<JournalHead, LedgerError>;

    /// Signs the journal's end, now and whenever it moves. With an entry the signature stands for nothing before that.
    async fn sign_journal(&self, anew: Option<&Entry>) -> Result<(), LedgerError>;
}
