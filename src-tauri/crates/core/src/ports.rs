//! What the flows need from the outside: a vault, a ledger, a clock. Storage and the shell provide them.

mod authenticity;
mod batches;
mod lookups;
mod observations;
mod policies;
mod records;
mod reminders;

pub use records::{
    Fingerprint, HeadSignature, JournalCheck, JournalFilter, JournalLink, JournalRow, JournalWindow,
    OutcomeKind, Records, Signature, Source,
};

pub use authenticity::{Authenticity, Foreign, JournalHead};

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use batches::Batches;
pub use lookups::{Listed, Lookups};

use crate::account::{Account, AccountId, Freshness, ManagingKey, Place, RefusedScope};
use crate::inventory::InventoryRow;
use crate::journal::Entry;
use crate::key::{KeyRecord, KeyRef, VendorKeyId};
use crate::operation::{Operation, OperationId, Stage};
use crate::reading::Doubt;
use crate::secret::Secret;

pub use observations::Observations;
pub use policies::{Policies, Relabelled};
pub use reminders::Reminders;

/// The time, as the flows see it.
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;
}

/// What a sealed entry is for. Part of the associated data: an entry cannot be passed off as another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Purpose {
    Managing(AccountId),
    /// A minted secret that waits for its acknowledgement.
    Escrow(OperationId),
    /// A key of an assisted account, entered by hand and kept for probes.
    Adopted(KeyRef),
    /// The old key of a rotation, kept for the proof of its death.
    Predecessor(OperationId),
}

impl Purpose {
    /// `managing:naturalead-1`, `escrow:…`: the entry's id in the ledger and in the associated data.
    #[must_use]
    pub fn entry_id(&self) -> String {
        match self {
            Self::Managing(account) => format!("managing:{}", account.0),
            Self::Escrow(operation) => format!("escrow:{}", operation.0),
            Self::Adopted(key) => format!("adopted:{key}"),
            Self::Predecessor(operation) => format!("predecessor:{}", operation.0),
        }
    }

    /// The purpose of an entry with this id.
    #[must_use]
    pub fn parse(entry_id: &str) -> Option<Self> {
        let (kind, id) = entry_id.split_once(':')?;
        match kind {
            "managing" => Some(Self::Managing(AccountId(id.to_owned()))),
            "escrow" => Some(Self::Escrow(OperationId(id.to_owned()))),
            "adopted" => KeyRef::parse(id).map(Self::Adopted),
            "predecessor" => Some(Self::Predecessor(OperationId(id.to_owned()))),
            _ => None,
        }
    }
}

/// What is part of a sealed entry beside the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealForm {
    /// Its id. In ledgers of before version 9.
    First,
    /// Its id and its [place](crate::account::Place).
    Placed,
}

/// A secret under the vault's key: XChaCha20-Poly1305, with the entry's id and its place as associated data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub purpose: Purpose,
    pub form: SealForm,
    pub nonce: [u8; 24],
    pub ciphertext: Vec<u8>,
    /// That of the value inside, where it was sealed just now; kept beyond the entry itself.
    pub fingerprint: Option<Fingerprint>,
}

/// Whether secrets can be used at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultStatus {
    /// The vault's key is in memory.
    Open,
    /// Locked by the person, by idling, or not opened yet.
    Locked,
    /// The keyring did not give the key, for the reason given.
    Unavailable(VaultError),
}

/// Why the vault cannot be used. Every variant is shown in words that say what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    #[error("the vault is locked")]
    Locked,
    /// No keyring service on this machine or in this session.
    #[error("no keyring answered on this computer")]
    NoKeyring,
    /// The keyring is there and its collection is locked, or the prompt was dismissed.
    #[error("the keyring is locked")]
    KeyringLocked,
    /// No answer within the deadline.
    #[error("the keyring did not answer")]
    TimedOut,
    /// Sealed entries exist and the keyring has no key for them: never made anew.
    #[error("the keyring no longer holds the key that opens this profile's secrets")]
    KeyMissing,
    /// An entry does not open with this key: damaged, sealed under another, or for another place.
    #[error(
        "a stored secret could not be opened: it is damaged, or the account's address was changed outside Keyturn"
    )]
    Corrupt,
    #[error("the keyring failed: {0}")]
    Failed(String),
}

/// Seals and opens with the one key that the keyring holds. Stores nothing itself.
#[async_trait]
pub trait Vault: Send + Sync {
    fn status(&self) -> VaultStatus;

    /// Fetches the key from the keyring, within a deadline of 5 s; makes one on the first start only.
    ///
    /// # Errors
    /// [`VaultError::KeyMissing`] where `sealed_exist` and the keyring has no key: never a new one then.
    async fn unlock(&self, sealed_exist: bool) -> Result<(), VaultError>;

    /// Wipes the key from memory. Never waits for the keyring.
    fn lock(&self);

    /// Whether everything in the ledger carries what shows that Keyturn wrote it, as the keyring remembers.
    fn is_settled(&self) -> bool;

    /// Has the keyring remember that, within the deadline. From then on nothing is taken on trust.
    async fn settle(&self) -> Result<(), VaultError>;

    /// Seals a secret that may go to `place` only.
    fn seal(&self, purpose: Purpose, place: &Place, secret: &Secret) -> Result<Sealed, VaultError>;

    /// # Errors
    /// [`VaultError::Corrupt`] where it was sealed for another place; and in the first form, once settled.
    fn open(&self, sealed: &Sealed, place: &Place) -> Result<Secret, VaultError>;

    /// The same for the same value, and of no use to anyone without the vault's key.
    fn fingerprint(&self, secret: &Secret) -> Result<Fingerprint, VaultError>;

    /// Signs what leaves the application, with a key that follows from the vault's.
    fn sign(&self, message: &[u8]) -> Result<Signature, VaultError>;
}

/// Why the ledger did not do what was asked. Nothing was changed then: every write is one transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    #[error("the disk is full")]
    Full,
    #[error("the ledger cannot be written to")]
    ReadOnly,
    #[error("the ledger was written by a newer version of Keyturn")]
    NewerSchema,
    /// The key is being replaced or revoked already; nothing was begun.
    #[error("this key is part of another operation")]
    UnderWay,
    /// The key was replaced, revoked or deleted since it was looked at; nothing was begun.
    #[error("this key was replaced, revoked or deleted meanwhile")]
    Over,
    /// Whether an earlier request made a key of this name is not known yet; nothing was begun.
    #[error("whether an earlier request made a key of this name is not known yet")]
    InDoubt,
    /// What Keyturn goes on with by itself is written only once the vault was open in this process.
    #[error("the vault must be opened first")]
    Locked,
    #[error("the ledger is damaged: {0}")]
    Damaged(String),
    #[error("the ledger failed: {0}")]
    Failed(String),
}

/// A moment by the clock, for people, and by the journal, for what comes before what: clocks are set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub at: DateTime<Utc>,
    /// The number of the journal's last entry then; 0 before the first.
    pub entry: u64,
}

/// What a refresh changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergeReport {
    pub added: usize,
    pub changed: usize,
    /// Listed before and not any more, as two readings agree: removed outside Keyturn.
    pub vanished: usize,
    /// Not listed by this reading; the next one decides.
    pub unlisted: usize,
}

/// How far a reading is believed that lacks keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// As [`crate::reading`] says.
    Usual,
    /// A person has said that it is right.
    Accepted,
}

/// What became of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merged {
    Done(MergeReport),
    /// Nothing was changed.
    Doubtful(Doubt),
}

/// One change of an account that is there; its other fields stay as they are.
#[derive(Debug, Clone, Copy)]
pub enum AccountChange<'a> {
    Freshness(&'a Freshness),
    /// The row of the managing key, which is still the same key.
    ManagingRow(&'a VendorKeyId),
    /// Another managing key, with its value.
    Managing(&'a ManagingKey, &'a Sealed),
    /// Another address, with everything of the account that is sealed for the old one, sealed for the new one.
    Address(&'a str, &'a [Sealed]),
    /// What a person calls it and where it is. `sealed`: all that is sealed for it, sealed for the new place, where that
    /// is another one; refused with [`LedgerError::UnderWay`] where something is being made there.
    Details {
        label: &'a str,
        base_url: &'a str,
        settings: &'a BTreeMap<String, String>,
        sealed: &'a [Sealed],
    },
    /// One more scope that the vendor does not grant.
    Refused(&'a RefusedScope),
}

/// What is written together with a step of an operation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Along<'a> {
    /// Without an entry nothing was done that the journal must tell.
    pub entry: Option<&'a Entry>,
    /// The rows that change with it; with an entry only.
    pub records: &'a [KeyRecord],
    /// The key with which the operation's account is managed from then on.
    pub managing: Option<(&'a ManagingKey, &'a Sealed)>,
}

/// Metadata, history, journal and sealed entries in one file. Each method is one transaction, synced to disk
/// before it answers.
#[async_trait]
pub trait Ledger:
    Authenticity + Batches + Lookups + Observations + Policies + Records + Reminders + Send + Sync
{
    async fn accounts(&self) -> Result<Vec<Account>, LedgerError>;

    /// Adds an account with its sealed managing key and the journal's entry, where there are such, together.
    async fn add_account(
        &self,
        account: &Account,
        managing: Option<&Sealed>,
        entry: Option<&Entry>,
    ) -> Result<(), LedgerError>;

    /// Changes one thing of an account; `false`, and nothing changed, where it was disconnected meanwhile.
    async fn change_account(
        &self,
        account: &AccountId,
        change: AccountChange<'_>,
        entry: Option<&Entry>,
    ) -> Result<bool, LedgerError>;

    /// Removes the account, its rows, its operations and its sealed entries.
    async fn remove_account(&self, account: &AccountId, entry: &Entry) -> Result<(), LedgerError>;

    /// The present moment, where the clock says `at`: taken before a vendor is asked for its list.
    async fn moment(&self, at: DateTime<Utc>) -> Result<Moment, LedgerError>;

    /// The account's rows become those of `keys`, as they were asked for at `read`. What is not listed any more goes as
    /// [`crate::reading`] says, unless an open operation holds it; what a person or time gave to a key outlives that. Of
    /// a key that the journal says was changed here since, the reading says nothing. Marks the account fresh as of
    /// `read`, or changes nothing where the reading is doubtful.
    async fn merge_keys(
        &self,
        account: &AccountId,
        keys: &[KeyRecord],
        read: Moment,
        trust: Trust,
    ) -> Result<Merged, LedgerError>;

    async fn keys(&self, account: &AccountId) -> Result<Vec<KeyRecord>, LedgerError>;

    async fn key(&self, key: &KeyRef) -> Result<Option<KeyRecord>, LedgerError>;

    /// Adds or replaces one row, with the journal's entry.
    async fn put_key(
        &self,
        account: &AccountId,
        record: &KeyRecord,
        entry: &Entry,
    ) -> Result<(), LedgerError>;

    /// Adds an adopted key: its row, its sealed value and the journal's entry, together. Never over another.
    async fn adopt(
        &self,
        account: &AccountId,
        record: &KeyRecord,
        sealed: &Sealed,
        entry: &Entry,
    ) -> Result<(), LedgerError>;

    /// Removes the row, and with it the sealed value of an adopted key.
    async fn remove_key(&self, key: &KeyRef, entry: &Entry) -> Result<(), LedgerError>;

    /// Writes the intent, before the request leaves. `sealed`: the old key, where its death is to be proven.
    async fn begin(
        &self,
        operation: &Operation,
        sealed: Option<&Sealed>,
        entry: &Entry,
    ) -> Result<(), LedgerError>;

    /// Seals a minted secret: the entry, the key's row, the stage and the journal, together; `false`, and nothing
    /// changed, where the operation does not stand at `from` any more.
    async fn escrow(
        &self,
        operation: &OperationId,
        from: &Stage,
        to: &Stage,
        record: &KeyRecord,
        sealed: &Sealed,
        entry: &Entry,
    ) -> Result<bool, LedgerError>;

    /// Moves an operation on from `from`; `false`, and nothing changed, where it stands elsewhere meanwhile. Its sealed
    /// entries are destroyed in the same transaction once the stage needs them no more.
    async fn step(
        &self,
        operation: &OperationId,
        from: &Stage,
        to: &Stage,
        along: Along<'_>,
    ) -> Result<bool, LedgerError>;

    async fn operation(&self, operation: &OperationId) -> Result<Option<Operation>, LedgerError>;

    /// Those whose stage is open, oldest first.
    async fn open_operations(&self) -> Result<Vec<Operation>, LedgerError>;

    /// Those that are open or were begun at `since` or later, oldest first.
    async fn operations_since(&self, since: DateTime<Utc>) -> Result<Vec<Operation>, LedgerError>;

    async fn sealed(&self, purpose: &Purpose) -> Result<Option<Sealed>, LedgerError>;

    async fn has_sealed(&self) -> Result<bool, LedgerError>;

    async fn append(&self, entry: &Entry) -> Result<(), LedgerError>;

    /// The journal's entries for one key, newest first, at most `limit`.
    async fn history(&self, key: &KeyRef, limit: usize) -> Result<Vec<Entry>, LedgerError>;

    /// One key's row, as it stands among all of them.
    async fn inventory_row(&self, key: &KeyRef) -> Result<Option<InventoryRow>, LedgerError>;

    /// Every row of every account, in one pass, for the in-memory index.
    async fn inventory_rows(&self) -> Result<Vec<InventoryRow>, LedgerError>;

    async fn setting(&self, name: &str) -> Result<Option<String>, LedgerError>;

    async fn put_setting(&self, name: &str, value: &str) -> Result<(), LedgerError>;
}
