//! Damaged files: set aside under a name of their own, what reads is carried over, nothing is overwritten.

use std::path::{Path, PathBuf};

use keyturn_core::account::Freshness;
use keyturn_core::operation::OperationId;
use keyturn_core::ports::{Ledger, LedgerError, Purpose, Records};
use keyturn_storage::{Opened, SqliteLedger};
use tempfile::TempDir;

use crate::samples::{escrow, furnished, id, merge, record, sealed};

const PAGE: usize = 4096;

/// A closed ledger with something of everything, and its bytes.
async fn closed() -> (TempDir, PathBuf, Vec<u8>) {
    let desk = furnished().await;
    let path = desk.path();
    let dir = desk.close();
    let bytes = std::fs::read(&path).unwrap();
    (dir, path, bytes)
}

/// Opens what must be set aside, and checks that the copy is what was there.
fn set_aside(path: &Path, expected: &[u8]) -> Opened {
    let opened = crate::samples::open(path).unwrap();
    let aside = opened.set_aside.clone().unwrap();
    assert!(aside.file_name().unwrap().to_string_lossy().starts_with("ledger.db.damaged-"));
    assert!(std::fs::read(&aside).unwrap() == expected, "the copy is not what was found");
    opened
}

/// `entries`: how many stand in the journal; one more where the ledger was rebuilt.
async fn assert_everything_is_there(ledger: &SqliteLedger, entries: u64) {
    assert_eq!(ledger.accounts().await.unwrap()[0].id, id());
    assert_eq!(ledger.keys(&id()).await.unwrap().len(), 3);
    assert_eq!(ledger.sealed(&escrow("op-1")).await.unwrap(), Some(sealed(escrow("op-1"))));
    let managing = Purpose::Managing(id());
    assert_eq!(ledger.sealed(&managing).await.unwrap(), Some(sealed(managing)));
    assert_eq!(ledger.open_operations().await.unwrap()[0].id, OperationId("op-1".into()));
    assert_eq!(ledger.setting("theme").await.unwrap().as_deref(), Some("dark"));
    assert_eq!(ledger.verify_journal().await.unwrap(), crate::samples::whole(entries));
    ledger.verify().await.unwrap();
}

/// The numbers of the pages that belong to one table or index.
pub(crate) fn root_page(path: &Path, name: &str) -> usize {
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?";
    let page: i64 = connection.query_row(sql, [name], |row| row.get(0)).unwrap();
    usize::try_from(page).unwrap()
}

pub(crate) fn wipe_page(bytes: &mut [u8], page: usize) {
    bytes[(page - 1) * PAGE..page * PAGE].fill(0xa5);
}

#[tokio::test]
async fn d3_an_empty_file_is_a_new_ledger() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("ledger.db");
    std::fs::write(&path, b"").unwrap();
    let opened = crate::samples::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    assert_eq!(opened.ledger.accounts().await.unwrap(), []);
}

#[tokio::test]
async fn d3_a_missing_log_is_no_damage() {
    let desk = furnished().await;
    desk.raw().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let bytes = std::fs::read(desk.path()).unwrap();
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("ledger.db");
    std::fs::write(&path, bytes).unwrap();
    let opened = crate::samples::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    assert_everything_is_there(&opened.ledger, 6).await;
}

#[tokio::test]
async fn d3_an_emptied_file_beside_a_full_log_is_set_aside_with_its_log() {
    let desk = furnished().await;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("ledger.db");
    let log = std::fs::read(desk.dir.path().join("ledger.db-wal")).unwrap();
    std::fs::write(&path, b"").unwrap();
    std::fs::write(dir.path().join("ledger.db-wal"), &log).unwrap();
    let opened = set_aside(&path, b"");
    let aside = format!("{}-wal", opened.set_aside.unwrap().display());
    assert_eq!(std::fs::read(aside).unwrap(), log);
}

#[tokio::test]
async fn d3_a_newer_schema_is_refused_and_the_file_is_not_touched() {
    let (_dir, path, _) = closed().await;
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert_eq!(crate::samples::open(&path).map(|_| ()).unwrap_err(), LedgerError::NewerSchema);
    assert!(std::fs::read(&path).unwrap() == before);
}

#[tokio::test]
async fn d3_garbage_is_set_aside_and_never_overwritten() {
    for length in [1, 50, 100, PAGE, 5 * PAGE + 7] {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("ledger.db");
        let garbage: Vec<u8> = (0..length).map(|n| (n * 7 + 13) as u8).collect();
        std::fs::write(&path, &garbage).unwrap();
        let opened = set_aside(&path, &garbage);
        assert_eq!(opened.ledger.accounts().await.unwrap(), []);
    }
}

#[tokio::test]
async fn d3_another_applications_database_is_set_aside() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("ledger.db");
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
        .unwrap();
    set_aside(&path, &std::fs::read(&path).unwrap());
}

#[tokio::test]
async fn d3_a_wiped_first_page_is_replaced_and_everything_is_carried_over() {
    let (_dir, path, mut bytes) = closed().await;
    wipe_page(&mut bytes, 1);
    std::fs::write(&path, &bytes).unwrap();
    let opened = set_aside(&path, &bytes);
    assert_everything_is_there(&opened.ledger, 7).await;
    let freshness = opened.ledger.accounts().await.unwrap().remove(0).freshness;
    assert!(matches!(freshness, Freshness::Stale { read_at: Some(_), .. }), "{freshness:?}");
}

#[tokio::test]
async fn d3_after_a_rebuild_the_first_reading_marks_nothing_as_outside() {
    let (_dir, path, mut bytes) = closed().await;
    wipe_page(&mut bytes, 1);
    std::fs::write(&path, &bytes).unwrap();
    let opened = set_aside(&path, &bytes);
    let at = crate::samples::noon() + crate::samples::minutes(60);
    merge(&opened.ledger, &id(), &[record("key_1"), record("key_9")], at).await.unwrap();
    assert!(opened.ledger.inventory_rows().await.unwrap().iter().all(|row| row.changed_outside.is_none()));
}

#[tokio::test]
async fn d3_damage_in_the_keys_costs_no_account_and_no_secret() {
    let (_dir, path, mut bytes) = closed().await;
    let page = root_page(&path, "keys");
    wipe_page(&mut bytes, page);
    std::fs::write(&path, &bytes).unwrap();
    let opened = set_aside(&path, &bytes);
    let managing = Purpose::Managing(id());
    assert_eq!(opened.ledger.sealed(&managing).await.unwrap(), Some(sealed(managing)));
    assert_eq!(opened.ledger.sealed(&escrow("op-1")).await.unwrap(), Some(sealed(escrow("op-1"))));
    assert_eq!(opened.ledger.keys(&id()).await.unwrap(), []);
    opened.ledger.verify().await.unwrap();
}

#[tokio::test]
async fn d3_a_row_that_does_not_read_is_left_out_and_the_rest_is_carried_over() {
    let (_dir, path, _) = closed().await;
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch(
        "UPDATE operations SET stage = 'nonsense'; UPDATE keys SET status = 'x' WHERE id = 'key_1'",
    )
    .unwrap();
    drop(raw);
    let opened = set_aside(&path, &std::fs::read(&path).unwrap());
    let kept: Vec<_> =
        opened.ledger.keys(&id()).await.unwrap().into_iter().map(|record| record.id.0).collect();
    assert_eq!(kept, ["key_2", "key_3"]);
    assert!(opened.ledger.has_sealed().await.unwrap());
    opened.ledger.verify().await.unwrap();
}

#[tokio::test]
async fn d3_every_truncation_is_set_aside_or_reads_whole() {
    let (dir, path, bytes) = closed().await;
    let tail = bytes.len() - PAGE;
    for length in (1..bytes.len()).step_by(PAGE / 2).chain([tail, tail + 1, bytes.len() - 1]) {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let opened = set_aside(&path, &bytes[..length]);
        opened.ledger.verify().await.unwrap();
        drop(opened);
        clear(dir.path());
    }
}

/// The fault that a cheap check cannot see is found by the background check, and mended by the next start.
#[tokio::test]
async fn d3_what_the_background_check_finds_the_next_start_sets_aside() {
    let (_dir, path, mut bytes) = closed().await;
    let page = root_page(&path, "journal_key");
    wipe_page(&mut bytes, page);
    std::fs::write(&path, &bytes).unwrap();
    let opened = crate::samples::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    assert!(matches!(opened.ledger.verify().await, Err(LedgerError::Damaged(_))));
    drop(opened);
    let bytes = std::fs::read(&path).unwrap();
    let opened = set_aside(&path, &bytes);
    assert_everything_is_there(&opened.ledger, 7).await;
    drop(opened);
    assert_eq!(crate::samples::open(&path).unwrap().set_aside, None);
}

#[tokio::test]
async fn d3_a_rebuild_that_was_interrupted_goes_on_at_the_next_start() {
    let (dir, path, bytes) = closed().await;
    let aside = dir.path().join("ledger.db.damaged-20260101T000000Z");
    std::fs::rename(&path, &aside).unwrap();
    std::fs::write(dir.path().join("ledger.db.rebuilding"), b"half").unwrap();
    let opened = crate::samples::open(&path).unwrap();
    assert_eq!(opened.set_aside, Some(aside.clone()));
    assert!(std::fs::read(aside).unwrap() == bytes);
    assert_everything_is_there(&opened.ledger, 7).await;
    assert!(!dir.path().join("ledger.db.rebuilding").exists());
    assert!(!dir.path().join("ledger.db.salvage").exists());
}

#[tokio::test]
async fn d3_a_flipped_bit_is_set_aside_or_found_or_harms_no_secret() {
    let (dir, path, bytes) = closed().await;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..150 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let bit = usize::try_from(random % (bytes.len() as u64 * 8)).unwrap();
        let mut bent = bytes.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &bent).unwrap();
        match crate::samples::open(&path) {
            Ok(opened) => {
                if let Some(aside) = &opened.set_aside {
                    assert!(std::fs::read(aside).unwrap() == bent, "bit {bit}");
                }
                // Whatever reads, reads without a panic; an altered ciphertext is refused by its vault.
                let _ = opened.ledger.inventory_rows().await;
                let _ = opened.ledger.verify().await;
                let _ = opened.ledger.verify_journal().await;
            }
            Err(error) => {
                assert!(matches!(error, LedgerError::NewerSchema), "bit {bit}: {error}");
                assert!(std::fs::read(&path).unwrap() == bent, "bit {bit}");
            }
        }
        clear(dir.path());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_cannot_be_made_is_said_in_words() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("file"), b"").unwrap();
    let under_a_file = dir.path().join("file").join("ledger.db");
    assert!(matches!(crate::samples::open(&under_a_file), Err(LedgerError::Failed(_))));
}

/// Empties the directory between two attempts.
fn clear(dir: &Path) {
    for file in std::fs::read_dir(dir).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
}
