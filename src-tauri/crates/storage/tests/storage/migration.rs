//! A ledger of the first schema opens with all that it held.

use std::path::Path;

use keyturn_core::key::{Checked, KeyRecord};
use keyturn_core::ports::{Ledger, Purpose};
use keyturn_storage::{JournalCheck, SqliteLedger};
use rusqlite::Connection;

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
        let mut statement = old.prepare("SELECT name FROM pragma_table_info(?)").unwrap();
        let columns: Vec<String> =
            statement.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let columns = columns.join(", ");
        old.execute_batch(&format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM now.{table}"))
            .unwrap();
    }
}

#[tokio::test]
async fn d5_a_ledger_of_the_first_schema_opens_and_keeps_all() {
    let desk = furnished().await;
    let path = desk.dir.path().join("old.db");
    as_first_version(&desk, &path);
    let opened = SqliteLedger::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    let ledger = opened.ledger;
    assert_eq!(ledger.accounts().await.unwrap(), desk.ledger.accounts().await.unwrap());
    assert_eq!(ledger.inventory_rows().await.unwrap(), desk.ledger.inventory_rows().await.unwrap());
    assert_eq!(ledger.sealed(&escrow("op-1")).await.unwrap(), Some(sealed(escrow("op-1"))));
    let managing = Purpose::Managing(id());
    assert_eq!(ledger.sealed(&managing).await.unwrap(), Some(sealed(managing)));
    assert_eq!(ledger.open_operations().await.unwrap().len(), 1);
    assert_eq!(ledger.verify_journal().await.unwrap(), JournalCheck::Whole { entries: 6 });
    assert_eq!(ledger.setting("theme").await.unwrap().as_deref(), Some("dark"));
    ledger.verify().await.unwrap();
    // And what the first version had no place for is kept from now on.
    let checked = Some(Checked { at: noon(), alive: true });
    let seen = KeyRecord { checked, ..record("key_1") };
    ledger.put_key(&id(), &seen, &entry(keyturn_core::journal::Action::Adopt, Some("key_1"))).await.unwrap();
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
    let opened = SqliteLedger::open(&path).unwrap();
    assert!(opened.set_aside.is_some());
    assert_eq!(opened.ledger.setting("theme").await.unwrap().as_deref(), Some("dark"));
    assert_eq!(opened.ledger.verify_journal().await.unwrap(), JournalCheck::Whole { entries: 6 });
    opened.ledger.verify().await.unwrap();
}
