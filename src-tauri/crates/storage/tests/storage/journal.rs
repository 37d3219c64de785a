//! The journal: first in its transaction, chained, and no byte of it can change unseen.

use keyturn_core::journal::{Action, Entry, Outcome};
use keyturn_core::key::KeyStatus;
use keyturn_core::operation::Stage;
use keyturn_core::ports::{Along, Ledger, LedgerError, Records};
use keyturn_storage::JournalCheck;

use crate::samples::{account, desk, entry, escrowed, furnished, id, key, operation, record};

const FREE: &str = "DROP TRIGGER journal_never_changes; DROP TRIGGER journal_never_shrinks;";

#[tokio::test]
async fn entries_come_back_newest_first_and_no_more_than_asked_for() {
    let desk = desk().await;
    let outcomes = [Outcome::Intended, Outcome::Done("revoked".into()), Outcome::Failed(String::new())];
    for (action, outcome) in Action::ALL.into_iter().zip(outcomes.into_iter().cycle()) {
        desk.ledger.append(&Entry { outcome, ..entry(action, Some("key_1")) }).await.unwrap();
        desk.ledger.append(&entry(action, Some("key_2"))).await.unwrap();
    }
    let history = desk.ledger.history(&key("key_1"), 100).await.unwrap();
    assert_eq!(history.len(), Action::ALL.len());
    assert_eq!(
        history.last().unwrap(),
        &Entry { outcome: Outcome::Intended, ..entry(Action::Connect, Some("key_1")) }
    );
    assert_eq!(desk.ledger.history(&key("key_1"), 2).await.unwrap(), history[..2]);
}

#[tokio::test]
async fn a_whole_journal_is_found_whole_and_an_empty_one_too() {
    assert_eq!(desk().await.ledger.verify_journal().await.unwrap(), crate::samples::whole(0));
    assert_eq!(furnished().await.ledger.verify_journal().await.unwrap(), crate::samples::whole(6));
}

#[tokio::test]
async fn d4_every_act_writes_its_journal_record_and_none_happens_without() {
    let desk = furnished().await;
    let stop = "CREATE TRIGGER stop BEFORE INSERT ON journal BEGIN SELECT raise(ABORT, 'no'); END";
    desk.raw().execute_batch(stop).unwrap();
    let (ledger, op) = (&desk.ledger, operation("op-2"));
    let entry = entry(Action::Revoke, Some("key_1"));
    let before = ledger.inventory_rows().await.unwrap();
    let revoked = keyturn_core::key::KeyRecord { status: KeyStatus::Revoked { at: None }, ..record("key_1") };
    let failed = Stage::Failed { reason: "x".into() };
    let along = Along { entry: Some(&entry), ..Along::default() };
    let answers = [
        ledger.put_key(&id(), &revoked, &entry).await,
        ledger.remove_key(&key("key_1"), &entry).await,
        ledger.begin(&op, None, &entry).await,
        ledger.step(&operation("op-1").id, &escrowed("key_3"), &failed, along).await.map(|_| ()),
        ledger.add_account(&account("naturalead-2"), None, Some(&entry)).await,
        ledger.remove_account(&id(), &entry).await,
        ledger.append(&entry).await,
    ];
    for (n, answer) in answers.into_iter().enumerate() {
        assert!(matches!(answer, Err(LedgerError::Failed(_))), "{n}");
    }
    assert_eq!(ledger.inventory_rows().await.unwrap(), before);
    assert_eq!(ledger.accounts().await.unwrap().len(), 1);
    assert_eq!(ledger.open_operations().await.unwrap().len(), 1);
    assert!(ledger.has_sealed().await.unwrap());
}

#[tokio::test]
async fn d4_the_journal_can_neither_be_changed_nor_cut() {
    let desk = furnished().await;
    for sql in ["UPDATE journal SET detail = 'x'", "DELETE FROM journal WHERE seq = 6"] {
        assert!(desk.raw().execute_batch(sql).is_err(), "{sql}");
    }
}

#[tokio::test]
async fn d4_every_tampered_field_and_every_missing_entry_is_named() {
    for (sql, broken) in [
        ("UPDATE journal SET at = at + 1 WHERE seq = 3", 3),
        ("UPDATE journal SET account = 'naturalead-2' WHERE seq = 2", 2),
        ("UPDATE journal SET key = NULL WHERE seq = 4", 4),
        ("UPDATE journal SET key = 'key_4' WHERE seq = 4", 4),
        ("UPDATE journal SET action = 'copy' WHERE seq = 1", 1),
        ("UPDATE journal SET outcome = 'failed' WHERE seq = 5", 5),
        ("UPDATE journal SET detail = 'seem' WHERE seq = 6", 6),
        ("UPDATE journal SET reason = 'because' WHERE seq = 2", 2),
        ("UPDATE journal SET fingerprint = NULL WHERE seq = 2", 2),
        ("UPDATE journal SET form = 1 WHERE seq = 3", 3),
        ("UPDATE journal SET hash = zeroblob(32) WHERE seq = 2", 2),
        ("UPDATE journal SET hash = 'text' WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 1", 1),
        ("DELETE FROM journal WHERE seq = 4", 4),
        ("DELETE FROM journal WHERE seq = 6", 6),
        ("DELETE FROM journal", 1),
        ("UPDATE journal SET seq = 7 WHERE seq = 6", 6),
    ] {
        let desk = furnished().await;
        desk.raw().execute_batch(&format!("{FREE} {sql}")).unwrap();
        assert_eq!(
            desk.ledger.verify_journal().await.unwrap(),
            JournalCheck::Broken { seq: broken },
            "{sql}"
        );
    }
}

#[tokio::test]
async fn d4_one_changed_byte_in_the_journal_is_found() {
    let desk = furnished().await;
    for word in ["first canary", "second canary", "third canary"] {
        let outcome = Outcome::Done(word.into());
        desk.ledger.append(&Entry { outcome, ..entry(Action::Reveal, Some("key_1")) }).await.unwrap();
    }
    let path = desk.path();
    let dir = desk.close();
    let whole = std::fs::read(&path).unwrap();
    let at = whole.windows(13).rposition(|part| part == b"second canary").unwrap();
    // The record's account, key, words, detail and hash lie around its detail.
    for offset in at - 40..at + 13 + 32 {
        let mut bent = whole.clone();
        bent[offset] ^= 1;
        let copy = dir.path().join("bent.db");
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", copy.display()));
        }
        std::fs::write(&copy, bent).unwrap();
        match crate::samples::open(&copy) {
            Ok(opened) if opened.set_aside.is_some() => {}
            Ok(opened) => {
                let check = opened.ledger.verify_journal().await;
                assert!(!matches!(check, Ok(JournalCheck::Whole { .. })), "byte {offset}");
            }
            Err(error) => assert!(matches!(error, LedgerError::Damaged(_)), "byte {offset}: {error}"),
        }
    }
}
