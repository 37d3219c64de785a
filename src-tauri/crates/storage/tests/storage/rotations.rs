//! Rotations on disk: each state comes back as it was written, and of two who step from one state one is too late.

use chrono::{DateTime, TimeDelta, Utc};
use keyturn_core::account::ManagingKey;
use keyturn_core::journal::Action;
use keyturn_core::key::{KeyStatus, VendorKeyId};
use keyturn_core::operation::{Intent, Operation, OperationId, Stage};
use keyturn_core::ports::{Along, Ledger, LedgerError, Purpose};
use keyturn_core::rotation::{Death, Overlap, Phase, Retry, Rotation, Successor, Until, Way};

use crate::samples::{advance, desk, entry, key, merge, operation, record, sealed};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn rotating(phase: Phase) -> Stage {
    Stage::Rotating(Rotation {
        way: Way::Api,
        overlap: Overlap::For(TimeDelta::hours(24)),
        phase,
        retry: None,
        asked_again: 0,
        refused_at: None,
        skew: None,
    })
}

fn successor() -> Successor {
    Successor { key: key("key_9"), exact: true, acknowledged: false, seen_at: None, manages: false }
}

fn replacement(id: &str, stage: Stage) -> Operation {
    let intent = Intent::Replace {
        predecessor: VendorKeyId("key_1".into()),
        name: "Production".into(),
        grant: None,
        known: vec![VendorKeyId("key_1".into())],
    };
    Operation { intent, stage, ..operation(id) }
}

#[tokio::test]
async fn every_state_comes_back_as_it_was_written() {
    let desk = desk().await;
    merge(&desk.ledger, &record_account(), &[record("key_1")], at(0)).await.unwrap();
    let seen = Successor { seen_at: Some(at(3)), acknowledged: true, exact: false, ..successor() };
    let phases = [
        Phase::Minting,
        Phase::Bringing,
        Phase::Minted(successor()),
        Phase::Verified(seen.clone()),
        Phase::Overlap { successor: seen.clone(), until: Until::Time(at(9)) },
        Phase::Overlap {
            successor: seen.clone(),
            until: Until::Quiet { quiet: TimeDelta::hours(24), since: at(4), successor_used: true },
        },
        Phase::Revoking { successor: None, since: at(5) },
        Phase::Dying { successor: Some(seen.clone()), since: at(6), resume: None },
        Phase::Dying { successor: Some(seen.clone()), since: at(6), resume: Some(Until::Time(at(9))) },
        Phase::Bereft { successor: Successor { manages: true, ..seen.clone() }, until: Until::Told },
        Phase::Fading { successor: seen.clone(), since: at(6) },
        Phase::Left { successor: Some(seen.clone()), at: at(8) },
        Phase::Left { successor: None, at: at(8) },
        Phase::Undoing(seen.clone()),
        Phase::Done {
            successor: Some(seen),
            death: Death::Proven { after: TimeDelta::seconds(41) },
            at: at(7),
        },
        Phase::Done { successor: None, death: Death::Declared, at: at(7) },
        Phase::Undone { left: Some(key("key_9")), at: at(8) },
        Phase::Undone { left: None, at: at(8) },
    ];
    let retry = Some(Retry { at: at(60), tries: 3, why: Some("no connection".into()) });
    for (number, phase) in phases.into_iter().enumerate() {
        for (way, overlap, retry) in [
            (Way::Api, Overlap::None, None),
            (Way::ByHand { at_once: true }, Overlap::UntilQuiet(TimeDelta::hours(24)), retry.clone()),
            (Way::End, Overlap::For(TimeDelta::days(7)), None),
        ] {
            let refused_at = retry.as_ref().map(|_| at(50));
            let stage = Stage::Rotating(Rotation {
                way,
                overlap,
                phase: phase.clone(),
                retry,
                asked_again: 2,
                refused_at,
                skew: refused_at.map(|_| TimeDelta::minutes(-12)),
            });
            let begun = replacement(&format!("op-{number}-{way:?}"), stage);
            desk.ledger.begin(&begun, None, &entry(Action::Rotate, Some("key_1"))).await.unwrap();
            assert_eq!(desk.ledger.operation(&begun.id).await.unwrap(), Some(begun.clone()));
            // One at a time: the next one of this key begins when this one has ended.
            let ended = Stage::Failed { reason: "for the next".into() };
            advance(&desk.ledger, &begun.id, &ended, &entry(Action::Rotate, None)).await;
        }
    }
}

#[tokio::test]
async fn of_two_who_step_from_one_state_one_is_too_late() {
    let desk = desk().await;
    merge(&desk.ledger, &record_account(), &[record("key_1")], at(0)).await.unwrap();
    let from = rotating(Phase::Revoking { successor: Some(successor()), since: at(1) });
    let begun = replacement("op-1", from.clone());
    desk.ledger.begin(&begun, None, &entry(Action::Rotate, Some("key_1"))).await.unwrap();
    let to = rotating(Phase::Dying { successor: Some(successor()), since: at(2), resume: None });
    let mut dying = record("key_1");
    dying.status = KeyStatus::Revoking;
    let told = entry(Action::Revoke, Some("key_1"));
    let (records, late) = ([dying.clone()], [record("key_1")]);
    let along = Along { entry: Some(&told), records: &records, managing: None };
    let first = desk.ledger.step(&begun.id, &from, &to, along).await.unwrap();
    let second = desk.ledger.step(&begun.id, &from, &to, Along { records: &late, ..along }).await.unwrap();
    assert!(first && !second);
    assert_eq!(desk.ledger.key(&key("key_1")).await.unwrap(), Some(dying), "the late one changed no row");
    assert_eq!(desk.ledger.history(&key("key_1"), 9).await.unwrap().len(), 2, "and told nothing");
}

#[tokio::test]
async fn r8_of_two_who_begin_with_one_key_the_second_is_refused_and_writes_nothing() {
    let desk = desk().await;
    merge(&desk.ledger, &record_account(), &[record("key_1")], at(0)).await.unwrap();
    let told = entry(Action::Rotate, Some("key_1"));
    let going = Phase::Revoking { successor: Some(successor()), since: at(1) };
    for (name, phase) in [("made", Phase::Minting), ("going", going)] {
        let (first, second) =
            (replacement(name, rotating(phase)), replacement("op-2", rotating(Phase::Minting)));
        desk.ledger.begin(&first, None, &told).await.unwrap();
        let before = desk.ledger.history(&key("key_1"), 9).await.unwrap().len();
        let refused = desk.ledger.begin(&second, None, &told).await;
        assert!(matches!(refused, Err(LedgerError::UnderWay)), "{refused:?}");
        assert_eq!(desk.ledger.operation(&second.id).await.unwrap(), None);
        assert_eq!(desk.ledger.history(&key("key_1"), 9).await.unwrap().len(), before);
        let ended = Stage::Failed { reason: "for the next".into() };
        advance(&desk.ledger, &first.id, &ended, &told).await;
    }
    let mut revoked = record("key_1");
    revoked.status = KeyStatus::Revoked { at: None };
    desk.ledger.put_key(&record_account(), &revoked, &told).await.unwrap();
    let late = async || desk.ledger.begin(&replacement("op-3", rotating(Phase::Minting)), None, &told).await;
    assert_eq!(late().await, Err(LedgerError::Over), "somebody else has replaced it");
    merge(&desk.ledger, &record_account(), &[], at(2)).await.unwrap();
    assert_eq!(late().await, Err(LedgerError::Over), "and it is not listed any more");
}

#[tokio::test]
async fn the_sealed_values_go_when_no_state_needs_them_any_more() {
    let desk = desk().await;
    merge(&desk.ledger, &record_account(), &[record("key_1")], at(0)).await.unwrap();
    let old = Purpose::Predecessor(OperationId("op-1".into()));
    let new = Purpose::Escrow(OperationId("op-1".into()));
    let begun = replacement("op-1", rotating(Phase::Minting));
    let told = entry(Action::Rotate, Some("key_1"));
    desk.ledger.begin(&begun, Some(&sealed(old.clone())), &told).await.unwrap();
    let minted = rotating(Phase::Minted(successor()));
    desk.ledger
        .escrow(&begun.id, &begun.stage, &minted, &record("key_9"), &sealed(new.clone()), &told)
        .await
        .unwrap();
    let stored = Successor { acknowledged: true, ..successor() };
    let overlap = rotating(Phase::Overlap { successor: stored.clone(), until: Until::Time(at(9)) });
    let has = async |purpose: &Purpose| desk.ledger.sealed(purpose).await.unwrap().is_some();
    assert!(has(&old).await && has(&new).await);
    advance(&desk.ledger, &begun.id, &overlap, &told).await;
    assert!(
        has(&old).await && !has(&new).await,
        "the person has the new key; the old one is still to be proven"
    );
    let done = rotating(Phase::Done { successor: Some(stored), death: Death::Declared, at: at(10) });
    advance(&desk.ledger, &begun.id, &done, &told).await;
    assert!(!has(&old).await);
    assert_eq!(desk.ledger.open_operations().await.unwrap(), []);
}

#[tokio::test]
async fn both_keys_of_a_rotation_bear_its_mark() {
    let desk = desk().await;
    let (account, keys) = (record_account(), [record("key_1"), record("key_2"), record("key_9")]);
    merge(&desk.ledger, &account, &keys, at(0)).await.unwrap();
    let overlap = rotating(Phase::Overlap { successor: successor(), until: Until::Time(at(9)) });
    let begun = replacement("op-1", overlap);
    desk.ledger.begin(&begun, None, &entry(Action::Rotate, Some("key_1"))).await.unwrap();
    let rows = desk.ledger.inventory_rows().await.unwrap();
    let marked: Vec<(&str, bool)> =
        rows.iter().map(|row| (row.record.id.0.as_str(), row.operation.is_some())).collect();
    assert_eq!(marked, [("key_1", true), ("key_2", false), ("key_9", true)]);
    // The vendor lists the old one no more: its row stays until the rotation has seen its end.
    merge(&desk.ledger, &account, &[record("key_9")], at(1)).await.unwrap();
    assert!(desk.ledger.key(&key("key_1")).await.unwrap().is_some());
}

fn record_account() -> keyturn_core::account::AccountId {
    key("key_1").account
}

#[tokio::test]
async fn f52_the_managing_key_is_replaced_in_the_transaction_of_its_step_or_not_at_all() {
    let desk = desk().await;
    merge(&desk.ledger, &record_account(), &[record("key_1")], at(0)).await.unwrap();
    let begun = replacement("op-1", rotating(Phase::Minted(successor())));
    let told = entry(Action::Rotate, Some("key_1"));
    desk.ledger.begin(&begun, None, &told).await.unwrap();
    let before = desk.ledger.accounts().await.unwrap();
    let managing = ManagingKey { hint: record("key_9").hint, key: Some(VendorKeyId("key_9".into())) };
    let value = sealed(Purpose::Managing(record_account()));
    let works = Successor { manages: true, ..successor() };
    let along = Along { entry: Some(&told), records: &[], managing: Some((&managing, &value)) };
    // The person had undone it in that second.
    let undone = rotating(Phase::Undoing(successor()));
    let elsewhere =
        desk.ledger.step(&begun.id, &undone, &rotating(Phase::Verified(works.clone())), along).await;
    assert_eq!(elsewhere, Ok(false));
    assert_eq!(desk.ledger.accounts().await.unwrap(), before);
    assert!(
        desk.ledger.step(&begun.id, &begun.stage, &rotating(Phase::Verified(works)), along).await.unwrap()
    );
    assert_eq!(desk.ledger.accounts().await.unwrap()[0].managing, Some(managing));
    assert!(desk.ledger.sealed(&value.purpose).await.unwrap().is_some());
}
