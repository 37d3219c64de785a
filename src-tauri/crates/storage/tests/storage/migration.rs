//! A ledger of the first schema opens with all that it held.

use std::path::Path;

use keyturn_core::journal::{Action, Entry};
use keyturn_core::key::{Checked, KeyRecord};
use keyturn_core::ports::{Ledger, Purpose, Records, SealForm, Sealed};
use keyturn_storage::JournalCheck;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::samples::{Desk, entry, escrow, furnished, id, key, noon, record, sealed};

const FIRST: &str = include_str!("../../src/ledger/schema/1.sql");
const TABLES: [&str; 8] =
    ["accounts", "scope_sets", "keys", "operations", "sealed", "settings", "journal", "journal_head"];

/// What `desk` holds, in a file as the first version of Keyturn wrote it.
fn as_first_version(desk: &Desk, path: &Path) {
    let old = Connection::open(path).unwrap();
    old.execute_batch(FIRST).unwrap();
    old.pragma_update(None, "application_id", 0x4b74_6e4c).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute("ATTACH ? AS now", [desk.path().to_str().unwrap()]).unwrap();
    for table in TABLES {
        let both = "SELECT name FROM pragma_table_info(?1) WHERE name IN
                    (SELECT name FROM pragma_table_info(?1, 'now'))";
        let mut statement = old.prepare(both).unwrap();
        let columns: Vec<String> =
            statement.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let columns = columns.join(", ");
        old.execute_batch(&format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM now.{table}"))
            .unwrap();
    }
    old.execute_batch("UPDATE keys SET written_at = 1").unwrap();
    chain_as_first_version(&old);
}

/// The journal as the first version chained it: without reason and fingerprint.
fn chain_as_first_version(old: &Connection) {
    old.execute_batch("DROP TRIGGER journal_never_changes").unwrap();
    let mut statement =
        old.prepare("SELECT seq, at, account, key, action, outcome, detail FROM journal").unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut last = (0_i64, [0_u8; 32]);
    while let Some(row) = rows.next().unwrap() {
        let mut hash = Sha256::new();
        hash.update(last.1);
        let seq: i64 = row.get(0).unwrap();
        hash.update(seq.to_be_bytes());
        hash.update(row.get::<_, i64>(1).unwrap().to_be_bytes());
        for field in 2..7 {
            match row.get::<_, Option<String>>(field).unwrap() {
                None => hash.update([0]),
                Some(text) => {
                    hash.update([1]);
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text);
                }
            }
        }
        last = (seq, hash.finalize().into());
        old.execute("UPDATE journal SET hash = ?2 WHERE seq = ?1", (seq, last.1.as_slice())).unwrap();
    }
    old.execute("UPDATE journal_head SET seq = ?1, hash = ?2", (last.0, last.1.as_slice())).unwrap();
    old.execute_batch(
        "CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal is only ever appended to'); END",
    )
    .unwrap();
}

#[tokio::test]
async fn d5_a_ledger_of_the_first_schema_opens_and_keeps_all() {
    let desk = furnished().await;
    let path = desk.dir.path().join("old.db");
    as_first_version(&desk, &path);
    let opened = crate::samples::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    let ledger = opened.ledger;
    assert_eq!(ledger.accounts().await.unwrap(), desk.ledger.accounts().await.unwrap());
    assert_eq!(ledger.inventory_rows().await.unwrap(), desk.ledger.inventory_rows().await.unwrap());
    assert_eq!(
        ledger.sealed(&escrow("op-1")).await.unwrap(),
        Some(Sealed { form: SealForm::First, ..sealed(escrow("op-1")) })
    );
    let managing = Purpose::Managing(id());
    assert_eq!(
        ledger.sealed(&managing).await.unwrap(),
        Some(Sealed { form: SealForm::First, ..sealed(managing) })
    );
    assert_eq!(ledger.open_operations().await.unwrap().len(), 1);
    assert_eq!(ledger.verify_journal().await.unwrap(), crate::samples::whole(6));
    assert_eq!(ledger.setting("theme").await.unwrap().as_deref(), Some("dark"));
    ledger.verify().await.unwrap();
    // New entries hang on the old ones, and nothing can be added to an old one unseen.
    let told = Entry { reason: Some("left the company".into()), ..entry(Action::Revoke, Some("key_1")) };
    ledger.append(&told).await.unwrap();
    assert_eq!(ledger.verify_journal().await.unwrap(), crate::samples::whole(7));
    assert_eq!(ledger.history(&key("key_1"), 1).await.unwrap(), [told]);
    for (sql, broken) in [
        ("UPDATE journal SET reason = 'because' WHERE seq = 2", 2),
        ("UPDATE journal SET form = 2 WHERE seq = 3", 3),
        ("UPDATE journal SET form = 3 WHERE seq = 4", 4),
    ] {
        let copy = desk.dir.path().join(format!("bent-{broken}.db"));
        Connection::open(&path).unwrap().execute("VACUUM INTO ?", [copy.to_str().unwrap()]).unwrap();
        let bent = Connection::open(&copy).unwrap();
        bent.execute_batch(&format!("DROP TRIGGER journal_never_changes; {sql}")).unwrap();
        let trigger = "CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal is only ever appended to'); END";
        bent.execute_batch(trigger).unwrap();
        drop(bent);
        let bent = crate::samples::open(&copy).unwrap();
        assert_eq!(bent.set_aside, None);
        assert_eq!(
            bent.ledger.verify_journal().await.unwrap(),
            JournalCheck::Broken { seq: broken },
            "{sql}"
        );
    }
    // And what the first version had no place for is kept from now on.
    let checked = Some(Checked { at: noon(), alive: true });
    let seen = KeyRecord { checked, ..record("key_1") };
    ledger.put_key(&id(), &seen, &entry(Action::Adopt, Some("key_1"))).await.unwrap();
    assert_eq!(ledger.key(&key("key_1")).await.unwrap().unwrap().checked, checked);
}

#[tokio::test]
async fn d3_a_damaged_ledger_of_the_first_schema_is_set_aside_and_what_reads_is_carried_over() {
    let desk = furnished().await;
    let path = desk.dir.path().join("old.db");
    as_first_version(&desk, &path);
    let old = Connection::open(&path).unwrap();
    old.execute_batch("UPDATE accounts SET freshness = 'never heard of'").unwrap();
    drop(old);
    let opened = crate::samples::open(&path).unwrap();
    assert!(opened.set_aside.is_some());
    assert_eq!(opened.ledger.setting("theme").await.unwrap().as_deref(), Some("dark"));
    assert_eq!(opened.ledger.verify_journal().await.unwrap(), crate::samples::whole(7));
    opened.ledger.verify().await.unwrap();
}
