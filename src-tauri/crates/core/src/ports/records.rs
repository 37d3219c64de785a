//! What the ledger keeps for the Audit screen: the journal in windows, the vendors' own records, fingerprints of the
//! values that were ever sealed.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::LedgerError;
use crate::account::AccountId;
use crate::journal::Entry;
use crate::key::{KeyRecord, KeyRef, VendorKeyId};
use crate::provider::VendorRecord;

/// A keyed digest of a secret: tells two values apart, and gives away neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

/// An Ed25519 signature, with the key that it is checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    pub public_key: [u8; 32],
    pub signature: [u8; 64],
}

/// Whose record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    #[default]
    All,
    Keyturn,
    Vendor,
}

/// How an entry ended, without the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeKind {
    Intended,
    Done,
    Failed,
}

/// Which entries. An empty list means: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalFilter {
    pub search: String,
    pub accounts: Vec<AccountId>,
    /// Stable words: our own and the vendors'.
    pub actions: Vec<String>,
    pub outcomes: Vec<OutcomeKind>,
    pub source: Source,
    pub since: Option<DateTime<Utc>>,
    /// Not included.
    pub until: Option<DateTime<Utc>>,
}

/// One line: our own entry, or a vendor's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// `None` in a vendor's record.
    pub link: Option<JournalLink>,
    /// Unique among those of its source: our own count from 1 without a gap.
    pub number: i64,
    pub at: DateTime<Utc>,
    pub account: AccountId,
    pub key: Option<VendorKeyId>,
    /// As it is listed now, or as the vendor's record has it.
    pub key_name: Option<String>,
    /// The key still has a row.
    pub listed: bool,
    pub action: String,
    pub outcome: OutcomeKind,
    /// Empty where the entry was written before the act.
    pub words: String,
    pub reason: Option<String>,
    pub fingerprint: Option<String>,
    /// Who did it, in the vendor's words.
    pub actor: Option<String>,
}

/// How an entry hangs on the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalLink {
    /// Which fields the hash covers; 1 is the first form, without reason and fingerprint.
    pub form: u8,
    pub previous: [u8; 32],
    pub hash: [u8; 32],
}

/// A part of the journal, newest first, with its counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalWindow {
    pub rows: Vec<JournalRow>,
    /// Entries that pass the filter.
    pub total: usize,
    pub everything: usize,
    /// How many entries each choice would leave, given the other filters but not the search.
    pub actions: Vec<(String, usize)>,
    pub accounts: Vec<(AccountId, usize)>,
}

/// Who says that a whole journal is the one that was written: hashes alone anybody can make anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadSignature {
    None,
    /// By the key `by`, for the entries from `from` to `to`.
    Good {
        by: [u8; 32],
        from: u64,
        to: u64,
    },
    /// It is not that of this journal, or not this profile's.
    Bad,
}

/// What a check of the whole journal found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalCheck {
    /// Every entry hangs on the one before it.
    Whole { entries: u64, signed: HeadSignature },
    /// `seq` is the first entry that was changed, removed or cannot be read; entries count from 1.
    Broken { seq: u64 },
}

/// A part of [`super::Ledger`].
#[async_trait]
pub trait Records {
    async fn journal_window(
        &self,
        filter: &JournalFilter,
        offset: usize,
        limit: usize,
    ) -> Result<JournalWindow, LedgerError>;

    /// For a reader of the whole: the entries that come after `after`, oldest first, at most `limit`, each of our own
    /// with its link.
    async fn journal_after(
        &self,
        filter: &JournalFilter,
        after: Option<&JournalRow>,
        limit: usize,
    ) -> Result<Vec<JournalRow>, LedgerError>;

    /// Reads every entry and compares every hash.
    async fn verify_journal(&self) -> Result<JournalCheck, LedgerError>;

    /// Adds the vendor's records; those that are known already are left as they are.
    async fn put_records(&self, account: &AccountId, records: &[VendorRecord]) -> Result<(), LedgerError>;

    /// The time of the vendor's newest record.
    async fn newest_record(&self, account: &AccountId) -> Result<Option<DateTime<Utc>>, LedgerError>;

    /// The key of each value that was ever sealed and has one of these fingerprints.
    async fn held_as(&self, fingerprints: &[Fingerprint]) -> Result<Vec<(Fingerprint, KeyRef)>, LedgerError>;

    /// Remembers what a value looks like that was sealed before fingerprints were kept.
    async fn put_fingerprint(&self, key: &KeyRef, fingerprint: &Fingerprint) -> Result<(), LedgerError>;

    /// Adds rows of keys whose values nobody gave, each with its entry: all of them or none.
    async fn import(&self, account: &AccountId, rows: &[(KeyRecord, Entry)]) -> Result<(), LedgerError>;
}
