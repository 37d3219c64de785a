//! Operations from the intent to the end, and the escrow that comes and goes with them.

use keyturn_core::journal::Action;
use keyturn_core::key::VendorKeyId;
use keyturn_core::operation::{Intent, Operation, OperationId, Stage};
use keyturn_core::ports::{Ledger, LedgerError, Sealed};

use crate::samples::{
    desk, entry, escrow, escrowed, furnished, id, key, merge, noon, operation, record, sealed,
};

fn op(id: &str) -> OperationId {
    OperationId(id.into())
}

#[tokio::test]
async fn an_operation_comes_back_as_it_was_begun_in_every_stage() {
    let desk = desk().await;
    merge(&desk.ledger, &id(), &[record("key_1")], noon()).await.unwrap();
    let rotate =
        Intent::Rotate { predecessor: VendorKeyId("key_1".into()), name: "CI".into(), known: vec![] };
    let stages = [
        Stage::Sent,
        Stage::Escrowed { key: key("key/with/slashes") },
        Stage::Acknowledged { key: key("key_1") },
        Stage::Failed { reason: "could not reach Naturalead".into() },
        Stage::Orphaned { keys: vec![] },
        Stage::Orphaned { keys: vec![key("key_1"), key("key_2")] },
    ];
    for (n, stage) in stages.into_iter().enumerate() {
        let name = format!("op-{n}");
        let mut begun = operation(&name);
        if n % 2 == 1 {
            begun.intent = rotate.clone();
        }
        begun.stage = stage;
        desk.ledger.begin(&begun, None, &entry(Action::Create, None)).await.unwrap();
        assert_eq!(desk.ledger.operation(&op(&name)).await.unwrap(), Some(begun));
        // Two at a time of one key are refused: the next one begins when this one has ended.
        let ended = Stage::Failed { reason: "for the next".into() };
        desk.ledger.advance(&op(&name), &ended, &entry(Action::Create, None)).await.unwrap();
    }
    assert_eq!(desk.ledger.operation(&op("another")).await.unwrap(), None);
}

#[tokio::test]
async fn the_open_ones_come_in_the_order_in_which_they_were_begun() {
    let desk = desk().await;
    for name in ["c", "a", "b", "d"] {
        desk.ledger.begin(&operation(name), None, &entry(Action::Create, None)).await.unwrap();
    }
    let failed = Stage::Failed { reason: "refused".into() };
    desk.ledger.advance(&op("a"), &failed, &entry(Action::Create, None)).await.unwrap();
    let orphaned = Stage::Orphaned { keys: vec![key("key_9")] };
    desk.ledger.advance(&op("c"), &orphaned, &entry(Action::Recover, None)).await.unwrap();
    let open: Vec<_> = desk.ledger.open_operations().await.unwrap().into_iter().map(|o| o.id.0).collect();
    assert_eq!(open, ["c", "b", "d"]);
}

#[tokio::test]
async fn escrow_writes_the_entry_the_row_the_stage_and_the_journal_together() {
    let desk = furnished().await;
    let stored = desk.ledger.operation(&op("op-1")).await.unwrap().unwrap();
    assert_eq!(stored, Operation { stage: Stage::Escrowed { key: key("key_3") }, ..operation("op-1") });
    assert_eq!(desk.ledger.sealed(&escrow("op-1")).await.unwrap(), Some(sealed(escrow("op-1"))));
    assert_eq!(desk.ledger.key(&key("key_3")).await.unwrap(), Some(record("key_3")));
    assert_eq!(desk.ledger.history(&key("key_3"), 10).await.unwrap().last().unwrap().action, Action::Create);
}

#[tokio::test]
async fn an_escrow_that_is_there_is_never_sealed_over() {
    let desk = furnished().await;
    let other = Sealed { ciphertext: b"another".to_vec(), ..sealed(escrow("op-1")) };
    let again = desk
        .ledger
        .escrow(&op("op-1"), &escrowed("key_4"), &record("key_4"), &other, &entry(Action::Create, None))
        .await;
    assert!(matches!(again, Err(LedgerError::Failed(_))));
    assert_eq!(desk.ledger.sealed(&escrow("op-1")).await.unwrap(), Some(sealed(escrow("op-1"))));
    assert_eq!(desk.ledger.key(&key("key_4")).await.unwrap(), None);
}

#[tokio::test]
async fn an_escrow_without_its_operation_changes_nothing() {
    let desk = desk().await;
    let (secret, minted) = (sealed(escrow("op-9")), entry(Action::Create, None));
    let orphan =
        desk.ledger.escrow(&op("op-9"), &escrowed("key_4"), &record("key_4"), &secret, &minted).await;
    assert!(matches!(orphan, Err(LedgerError::Failed(_))));
    assert!(!desk.ledger.has_sealed().await.unwrap());
    assert_eq!(desk.ledger.keys(&id()).await.unwrap(), []);
}

#[tokio::test]
async fn only_a_stage_that_is_not_open_destroys_the_escrow() {
    for (stage, kept) in [
        (Stage::Sent, true),
        (Stage::Orphaned { keys: vec![] }, true),
        (Stage::Acknowledged { key: key("key_3") }, false),
        (Stage::Failed { reason: "revoked again".into() }, false),
    ] {
        let desk = furnished().await;
        desk.ledger.advance(&op("op-1"), &stage, &entry(Action::Acknowledge, None)).await.unwrap();
        assert_eq!(desk.ledger.sealed(&escrow("op-1")).await.unwrap().is_some(), kept, "{stage:?}");
    }
}
