//! Operations from the intent to the end, and the escrow that comes and goes with them.

use keyturn_core::journal::Action;
use keyturn_core::key::VendorKeyId;
use keyturn_core::operation::{Intent, Operation, OperationId, Stage};
use keyturn_core::ports::{Along, Ledger, LedgerError, Lookups, Sealed};

use crate::samples::{
    advance, desk, entry, escrow, escrowed, furnished, id, key, merge, noon, operation, record, sealed,
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
        advance(&desk.ledger, &op(&name), &ended, &entry(Action::Create, None)).await;
    }
    assert_eq!(desk.ledger.operation(&op("another")).await.unwrap(), None);
}

#[tokio::test]
async fn the_open_ones_come_in_the_order_in_which_they_were_begun() {
    let desk = desk().await;
    for name in ["c", "a", "b", "d"] {
        let begun = Operation { stage: Stage::Orphaned { keys: vec![] }, ..operation(name) };
        desk.ledger.begin(&begun, None, &entry(Action::Create, None)).await.unwrap();
    }
    let failed = Stage::Failed { reason: "refused".into() };
    advance(&desk.ledger, &op("a"), &failed, &entry(Action::Create, None)).await;
    let orphaned = Stage::Orphaned { keys: vec![key("key_9")] };
    advance(&desk.ledger, &op("c"), &orphaned, &entry(Action::Recover, None)).await;
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
        .escrow(
            &op("op-1"),
            &escrowed("key_3"),
            &escrowed("key_4"),
            &record("key_4"),
            &other,
            &entry(Action::Create, None),
        )
        .await;
    assert!(matches!(again, Err(LedgerError::Failed(_))));
    assert_eq!(desk.ledger.sealed(&escrow("op-1")).await.unwrap(), Some(sealed(escrow("op-1"))));
    assert_eq!(desk.ledger.key(&key("key_4")).await.unwrap(), None);
}

#[tokio::test]
async fn an_escrow_without_its_operation_changes_nothing() {
    let desk = desk().await;
    let (secret, minted) = (sealed(escrow("op-9")), entry(Action::Create, None));
    let orphan = desk
        .ledger
        .escrow(&op("op-9"), &Stage::Sent, &escrowed("key_4"), &record("key_4"), &secret, &minted)
        .await;
    assert_eq!(orphan, Ok(false));
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
        advance(&desk.ledger, &op("op-1"), &stage, &entry(Action::Acknowledge, None)).await;
        assert_eq!(desk.ledger.sealed(&escrow("op-1")).await.unwrap().is_some(), kept, "{stage:?}");
    }
}

#[tokio::test]
async fn f40_a_second_request_for_a_name_waits_while_one_is_in_doubt() {
    let desk = desk().await;
    let told = entry(Action::Create, None);
    desk.ledger.begin(&operation("op-1"), None, &told).await.unwrap();
    assert_eq!(desk.ledger.begin(&operation("op-2"), None, &told).await, Err(LedgerError::InDoubt));
    assert_eq!(desk.ledger.operation(&op("op-2")).await.unwrap(), None);
    advance(&desk.ledger, &op("op-1"), &Stage::Failed { reason: "settled".into() }, &told).await;
    desk.ledger.begin(&operation("op-2"), None, &told).await.unwrap();
}

#[tokio::test]
async fn f40_a_key_whose_value_was_ever_sealed_here_is_known_as_ours_also_when_it_is_stored() {
    let desk = furnished().await;
    let ours = async |id: &str| desk.ledger.was_ours(&VendorKeyId(id.into())).await.unwrap();
    assert!(ours("key_3").await && !ours("key_1").await);
    let stored = Stage::Acknowledged { key: key("key_3") };
    advance(&desk.ledger, &op("op-1"), &stored, &entry(Action::Acknowledge, None)).await;
    assert!(ours("key_3").await);
}

#[tokio::test]
async fn f41_who_comes_second_overwrites_nothing_and_destroys_no_value() {
    let desk = furnished().await;
    let told = entry(Action::Create, Some("key_3"));
    let along = Along { entry: Some(&told), ..Along::default() };
    let failed = Stage::Failed { reason: "interrupted".into() };
    // Recovery had read the operation while its reply was still out.
    assert!(!desk.ledger.step(&op("op-1"), &Stage::Sent, &failed, along).await.unwrap());
    assert!(desk.ledger.sealed(&escrow("op-1")).await.unwrap().is_some());
    assert_eq!(desk.ledger.history(&key("key_3"), 10).await.unwrap().len(), 4, "and nothing was told");
}
