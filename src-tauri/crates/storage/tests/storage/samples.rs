//! Believable values, and a ledger in a directory of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use keyturn_core::account::{Account, AccountId, Freshness, ManagingKey, Place, RefusedScope, VendorId};
use keyturn_core::grant::Grant;
use keyturn_core::journal::{Action, Entry, Outcome};
use keyturn_core::key::{Environment, Hint, KeyRecord, KeyRef, KeyStatus, LastUse, Scope, VendorKeyId};
use keyturn_core::operation::{Intent, Operation, OperationId, Stage};
use keyturn_core::ports::{
    Along, HeadSignature, JournalCheck, Ledger, LedgerError, MergeReport, Merged, Purpose, SealForm, Sealed,
    Trust,
};
use keyturn_storage::{Authenticator, KEY_LENGTH, Opened, SqliteLedger};
use tempfile::TempDir;

/// The vault's.
const KEY: [u8; KEY_LENGTH] = [5; KEY_LENGTH];

pub(crate) struct Desk {
    pub(crate) ledger: SqliteLedger,
    pub(crate) dir: TempDir,
}

impl Desk {
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("ledger.db")
    }

    /// A second connection, past the ledger: to look and to tamper.
    pub(crate) fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }

    /// Closes the ledger; the directory stays.
    pub(crate) fn close(self) -> TempDir {
        drop(self.ledger);
        self.dir
    }
}

/// The ledger at this path, with a vault that is open.
pub(crate) fn open(path: &Path) -> Result<Opened, LedgerError> {
    SqliteLedger::open_with(path, Arc::new(Authenticator::with_key(&KEY).unwrap()))
}

/// A whole journal that nobody has signed.
pub(crate) fn whole(entries: u64) -> JournalCheck {
    JournalCheck::Whole { entries, signed: HeadSignature::None }
}

pub(crate) fn home() -> Place {
    account("naturalead-1").place()
}

/// An empty ledger.
pub(crate) fn empty() -> Desk {
    let dir = TempDir::new().unwrap();
    let opened = open(&dir.path().join("ledger.db")).unwrap();
    assert_eq!(opened.set_aside, None);
    Desk { ledger: opened.ledger, dir }
}

/// A ledger with one account, `naturalead-1`, never read.
pub(crate) async fn desk() -> Desk {
    let desk = empty();
    put(&desk.ledger, &account("naturalead-1"), None).await;
    desk
}

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

pub(crate) fn id() -> AccountId {
    AccountId("naturalead-1".into())
}

pub(crate) fn account(id: &str) -> Account {
    Account {
        id: AccountId(id.into()),
        vendor: VendorId("naturalead".into()),
        label: "Naturalead, live".into(),
        base_url: "https://api.naturalead.example".into(),
        environment: Environment::Live,
        rehearsal: false,
        managing: Some(ManagingKey { hint: hint("m4n4"), key: Some(VendorKeyId("key_manager".into())) }),
        settings: BTreeMap::new(),
        connected_at: noon(),
        freshness: Freshness::Unread,
        refused_scopes: vec![RefusedScope { scope: Scope("billing:write".into()), at: noon() }],
    }
}

pub(crate) fn hint(suffix: &str) -> Hint {
    Hint { prefix: "nl_live_".into(), suffix: suffix.into() }
}

pub(crate) fn key(id: &str) -> KeyRef {
    KeyRef { account: AccountId("naturalead-1".into()), key: VendorKeyId(id.into()) }
}

pub(crate) fn record(id: &str) -> KeyRecord {
    KeyRecord {
        id: VendorKeyId(id.into()),
        name: format!("Key {id}"),
        hint: hint("e5f6"),
        environment: Environment::Live,
        scopes: vec![Scope("leads:read".into()), Scope("leads:write".into())],
        status: KeyStatus::Active,
        created_at: Some(noon() - TimeDelta::days(40)),
        expires: Some(noon() + TimeDelta::days(50)).into(),
        last_use: LastUse::At(noon() - TimeDelta::hours(3)),
        creator: Some("ada@example.com".into()),
        checked: None,
    }
}

pub(crate) fn entry(action: Action, key: Option<&str>) -> Entry {
    Entry {
        at: noon(),
        account: id(),
        key: key.map(|key| VendorKeyId(key.into())),
        action,
        outcome: Outcome::Done("seen".into()),
        reason: None,
        fingerprint: Some("nl_live_…e5f6".into()),
    }
}

pub(crate) fn operation(id_of: &str) -> Operation {
    let grant = Grant {
        name: "CI deploy".into(),
        environment: Environment::Test,
        scopes: vec![Scope("leads:read".into())],
        expires_at: Some(noon() + TimeDelta::days(90)),
    };
    Operation {
        id: OperationId(id_of.into()),
        account: id(),
        intent: Intent::Create { grant, known: vec![VendorKeyId("key_1".into())] },
        stage: Stage::Sent,
        started_at: noon(),
    }
}

pub(crate) fn sealed(purpose: Purpose) -> Sealed {
    let ciphertext = b"ciphertext of the canary".to_vec();
    Sealed { purpose, form: SealForm::Placed, nonce: [7; 24], ciphertext, fingerprint: None }
}

pub(crate) fn escrowed(name: &str) -> Stage {
    Stage::Escrowed { key: key(name) }
}

pub(crate) fn escrow(operation: &str) -> Purpose {
    Purpose::Escrow(OperationId(operation.into()))
}

/// A ledger with something of everything: two keys, an escrow and a managing key, six journal entries.
pub(crate) async fn furnished() -> Desk {
    let desk = empty();
    let ledger = &desk.ledger;
    let managing = sealed(Purpose::Managing(id()));
    let told = entry(Action::Connect, None);
    ledger.add_account(&account("naturalead-1"), Some(&managing), Some(&told)).await.unwrap();
    merge(ledger, &id(), &[record("key_1"), record("key_2")], noon()).await.unwrap();
    ledger.begin(&operation("op-1"), None, &entry(Action::Create, None)).await.unwrap();
    ledger
        .escrow(
            &OperationId("op-1".into()),
            &Stage::Sent,
            &escrowed("key_3"),
            &record("key_3"),
            &sealed(escrow("op-1")),
            &entry(Action::Create, Some("key_3")),
        )
        .await
        .unwrap();
    for action in [Action::Copy, Action::Reveal, Action::Copy] {
        ledger.append(&entry(action, Some("key_3"))).await.unwrap();
    }
    ledger.put_setting("theme", "dark").await.unwrap();
    desk
}

/// Adds an account.
pub(crate) async fn put(ledger: &SqliteLedger, account: &Account, managing: Option<&Sealed>) {
    ledger.add_account(account, managing, None).await.unwrap();
}

/// Moves an operation on from wherever it stands.
pub(crate) async fn advance(ledger: &SqliteLedger, operation: &OperationId, to: &Stage, entry: &Entry) {
    let from = ledger.operation(operation).await.unwrap().unwrap().stage;
    let along = Along { entry: Some(entry), ..Along::default() };
    assert!(ledger.step(operation, &from, to, along).await.unwrap());
}

/// Merges a list that was asked for at this moment and that a person has said to be right.
pub(crate) async fn merge(
    ledger: &SqliteLedger,
    account: &AccountId,
    listed: &[KeyRecord],
    at: DateTime<Utc>,
) -> Result<MergeReport, LedgerError> {
    let read = ledger.moment(at).await?;
    ledger.merge_keys(account, listed, read, Trust::Accepted).await.map(report)
}

/// What became of a reading that was taken over.
pub(crate) fn report(merged: Merged) -> MergeReport {
    match merged {
        Merged::Done(report) => report,
        Merged::Doubtful(doubt) => panic!("doubted: {doubt}"),
    }
}

/// Waits for a condition that another process or thread brings about.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !condition() {
        assert!(std::time::Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Gives another thread the time to do what it must not do.
pub(crate) fn never(what: &str, mut condition: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_millis(100);
    while std::time::Instant::now() < end {
        assert!(!condition(), "{what}");
        std::thread::yield_now();
    }
}

pub(crate) fn threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}
