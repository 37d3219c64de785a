//! What a reading does to the rows, and what it says was done elsewhere.

use chrono::{DateTime, TimeDelta, Utc};
use keyturn_core::account::Freshness;
use keyturn_core::finding::{Acceptance, FindingKind};
use keyturn_core::journal::{Action, Entry};
use keyturn_core::key::{Hint, KeyRecord, KeyStatus, LastUse, Scope, VendorKeyId};
use keyturn_core::observed::Changed;
use keyturn_core::operation::{Intent, Operation, OperationId, Stage};
use keyturn_core::ports::{Ledger, MergeReport, Merged, Observations, Trust};
use keyturn_core::reading::Doubt;
use proptest::prelude::*;

use crate::samples::{
    Desk, advance, desk, entry, escrow, escrowed, furnished, id, key, merge, minutes, noon, operation,
    record, report, sealed,
};

fn later() -> DateTime<Utc> {
    noon() + TimeDelta::hours(1)
}

/// A ledger whose account was read once, with these keys.
async fn read(listed: &[KeyRecord]) -> Desk {
    let desk = desk().await;
    merge(&desk.ledger, &id(), listed, noon()).await.unwrap();
    desk
}

async fn outside(desk: &Desk, of: &str) -> Option<DateTime<Utc>> {
    let rows = desk.ledger.inventory_rows().await.unwrap();
    rows.into_iter().find(|row| row.record.id.0 == of).unwrap().changed_outside
}

fn with(status: KeyStatus) -> KeyRecord {
    KeyRecord { status, ..record("key_1") }
}

#[tokio::test]
async fn where_the_vendor_shows_nothing_of_a_key_its_hint_stays_and_another_takes_its_place() {
    let desk = read(&[record("key_1")]).await;
    let with = |prefix: &str, suffix: &str| {
        let hint = Hint { prefix: prefix.into(), suffix: suffix.into() };
        KeyRecord { name: "Renamed".into(), hint, ..record("key_1") }
    };
    for (listed, kept) in
        [(with("", ""), record("key_1").hint), (with("nl_live_", "0000"), with("nl_live_", "0000").hint)]
    {
        merge(&desk.ledger, &id(), &[listed], later()).await.unwrap();
        let row = desk.ledger.key(&key("key_1")).await.unwrap().unwrap();
        assert_eq!((row.name.as_str(), row.hint), ("Renamed", kept));
    }
}

#[tokio::test]
async fn f37_a_single_row_says_what_the_list_says_also_after_hundreds_of_entries() {
    let undated = |name: &str| KeyRecord { created_at: None, name: name.into(), ..record("key_1") };
    let desk = read(&[undated("Old"), record("key_2")]).await;
    for minute in 0..250 {
        let told = Entry { at: noon() + TimeDelta::minutes(minute), ..entry(Action::Probe, Some("key_1")) };
        desk.ledger.append(&told).await.unwrap();
    }
    merge(&desk.ledger, &id(), &[undated("Renamed elsewhere"), record("key_2")], later()).await.unwrap();
    for row in desk.ledger.inventory_rows().await.unwrap() {
        assert_eq!(desk.ledger.inventory_row(&row.key_ref()).await.unwrap(), Some(row));
    }
    let row = desk.ledger.inventory_row(&key("key_1")).await.unwrap().unwrap();
    assert!(row.changed_outside.is_some());
    assert!(row.since.unwrap() <= noon(), "the first entry counts, not the oldest of the newest");
    assert_eq!(desk.ledger.inventory_row(&key("absent")).await.unwrap(), None);
}

#[tokio::test]
async fn the_rows_become_exactly_what_was_listed_and_the_report_counts_it() {
    let desk = read(&[record("key_1"), record("key_2"), record("key_3")]).await;
    let renamed = KeyRecord { name: "Renamed".into(), ..record("key_2") };
    let listed = [record("key_1"), renamed, record("key_4"), record("key_5")];
    let report = merge(&desk.ledger, &id(), &listed, later()).await.unwrap();
    assert_eq!(report, MergeReport { added: 2, changed: 1, vanished: 1, unlisted: 0 });
    assert_eq!(desk.ledger.keys(&id()).await.unwrap(), listed);
    let fresh = Freshness::Fresh { read_at: later() };
    assert_eq!(desk.ledger.accounts().await.unwrap()[0].freshness, fresh);
}

#[tokio::test]
async fn an_unchanged_reading_reports_and_marks_nothing() {
    let desk = read(&[record("key_1")]).await;
    let report = merge(&desk.ledger, &id(), &[record("key_1")], later()).await.unwrap();
    assert_eq!(report, MergeReport::default());
    assert_eq!(outside(&desk, "key_1").await, None);
}

#[tokio::test]
async fn the_first_reading_marks_nothing_and_later_ones_mark_what_appeared() {
    let desk = read(&[record("key_1")]).await;
    merge(&desk.ledger, &id(), &[record("key_1"), record("key_2")], later()).await.unwrap();
    assert_eq!(outside(&desk, "key_1").await, None);
    assert_eq!(outside(&desk, "key_2").await, Some(later()));
}

#[tokio::test]
async fn name_scopes_expiry_and_status_mark_a_row_and_other_fields_do_not() {
    let marked = [
        KeyRecord { name: "Renamed".into(), ..record("key_1") },
        KeyRecord { scopes: vec![Scope("leads:read".into())], ..record("key_1") },
        KeyRecord { expires: None.into(), ..record("key_1") },
        with(KeyStatus::Revoked { at: None }),
        with(KeyStatus::Unknown("paused".into())),
    ];
    let unmarked = [
        KeyRecord { last_use: LastUse::At(noon()), ..record("key_1") },
        KeyRecord { creator: None, ..record("key_1") },
        KeyRecord { hint: Hint { prefix: "nl_".into(), suffix: String::new() }, ..record("key_1") },
    ];
    for (listed, mark) in marked.map(|r| (r, Some(later()))).into_iter().chain(unmarked.map(|r| (r, None))) {
        let desk = read(&[record("key_1")]).await;
        let report = merge(&desk.ledger, &id(), std::slice::from_ref(&listed), later()).await.unwrap();
        assert_eq!(report, MergeReport { changed: 1, ..MergeReport::default() });
        assert_eq!(outside(&desk, "key_1").await, mark, "{listed:?}");
    }
}

#[tokio::test]
async fn what_time_alone_did_is_not_outside() {
    let past = Some(noon() + minutes(10));
    let ends = |status| KeyRecord { expires: past.into(), ..with(status) };
    let until = noon() + minutes(10);
    for (before, after) in [
        (ends(KeyStatus::Active), ends(KeyStatus::Expired { at: past })),
        (with(KeyStatus::Retiring { until }), with(KeyStatus::Revoked { at: Some(until) })),
    ] {
        let desk = read(std::slice::from_ref(&before)).await;
        merge(&desk.ledger, &id(), std::slice::from_ref(&after), later()).await.unwrap();
        assert_eq!(desk.ledger.keys(&id()).await.unwrap(), [after]);
        assert_eq!(outside(&desk, "key_1").await, None);
    }
}

#[tokio::test]
async fn a_key_that_keyturn_made_or_changed_itself_is_not_outside() {
    let desk = read(&[record("key_1")]).await;
    let revoked = with(KeyStatus::Revoked { at: Some(noon()) });
    desk.ledger.put_key(&id(), &revoked, &entry(Action::Revoke, Some("key_1"))).await.unwrap();
    desk.ledger.begin(&operation("op-1"), None, &entry(Action::Create, None)).await.unwrap();
    let (op, secret) = (OperationId("op-1".into()), sealed(escrow("op-1")));
    let minted = entry(Action::Create, Some("key_2"));
    desk.ledger
        .escrow(&op, &Stage::Sent, &escrowed("key_2"), &record("key_2"), &secret, &minted)
        .await
        .unwrap();
    merge(&desk.ledger, &id(), &[revoked, record("key_2")], later()).await.unwrap();
    assert_eq!(outside(&desk, "key_1").await, None);
    assert_eq!(outside(&desk, "key_2").await, None);
}

#[tokio::test]
async fn a_key_that_a_lost_reply_may_have_made_is_not_outside() {
    let desk = read(&[record("key_1")]).await;
    desk.ledger.begin(&operation("op-1"), None, &entry(Action::Create, None)).await.unwrap();
    let ours = KeyRecord { name: "CI deploy".into(), ..record("key_2") };
    merge(&desk.ledger, &id(), &[record("key_1"), ours, record("key_3")], later()).await.unwrap();
    assert_eq!(outside(&desk, "key_2").await, None);
    assert_eq!(outside(&desk, "key_3").await, Some(later()));
}

#[tokio::test]
async fn revoking_and_orphan_stand_until_the_vendor_says_that_the_key_is_dead() {
    for ours in [KeyStatus::Revoking, KeyStatus::Orphan] {
        let desk = read(&[record("key_1")]).await;
        desk.ledger.put_key(&id(), &with(ours.clone()), &entry(Action::Revoke, Some("key_1"))).await.unwrap();
        let report = merge(&desk.ledger, &id(), &[record("key_1")], later()).await.unwrap();
        assert_eq!(report, MergeReport::default());
        assert_eq!(desk.ledger.keys(&id()).await.unwrap(), [with(ours.clone())]);
        let dead = with(KeyStatus::Revoked { at: None });
        merge(&desk.ledger, &id(), std::slice::from_ref(&dead), later()).await.unwrap();
        assert_eq!(desk.ledger.keys(&id()).await.unwrap(), [dead]);
        let asked_for_here = ours == KeyStatus::Revoking;
        assert_eq!(outside(&desk, "key_1").await.is_none(), asked_for_here);
    }
}

#[tokio::test]
async fn a_row_that_an_open_operation_holds_survives_its_absence_from_the_list() {
    let desk = furnished().await;
    let rotate =
        Intent::Rotate { predecessor: VendorKeyId("key_2".into()), name: "CI".into(), known: vec![] };
    desk.ledger
        .begin(
            &Operation { intent: rotate, ..operation("op-2") },
            None,
            &entry(Action::Rotate, Some("key_2")),
        )
        .await
        .unwrap();
    let report = merge(&desk.ledger, &id(), &[], later()).await.unwrap();
    assert_eq!(report.vanished, 1);
    let held = |keys: Vec<KeyRecord>| keys.into_iter().map(|record| record.id.0).collect::<Vec<_>>();
    assert_eq!(held(desk.ledger.keys(&id()).await.unwrap()), ["key_2", "key_3"]);
    for (op, key_of) in [("op-1", "key_3"), ("op-2", "key_2")] {
        let stage = Stage::Acknowledged { key: key(key_of) };
        advance(&desk.ledger, &OperationId(op.into()), &stage, &entry(Action::Acknowledge, None)).await;
    }
    merge(&desk.ledger, &id(), &[], later()).await.unwrap();
    assert_eq!(desk.ledger.keys(&id()).await.unwrap(), []);
}

#[tokio::test]
async fn r8_a_reading_that_began_before_our_own_writes_does_not_undo_them_however_long_it_took() {
    for after in [TimeDelta::seconds(1), TimeDelta::days(2)] {
        let desk = read(&[record("key_1"), record("key_2"), record("key_3")]).await;
        let began = desk.ledger.moment(noon()).await.unwrap();
        let told = |action, key| Entry { at: noon() + after, ..entry(action, Some(key)) };
        let revoked = with(KeyStatus::Revoked { at: None });
        desk.ledger.put_key(&id(), &revoked, &told(Action::Revoke, "key_1")).await.unwrap();
        desk.ledger.remove_key(&key("key_2"), &told(Action::Delete, "key_2")).await.unwrap();
        desk.ledger.put_key(&id(), &record("key_4"), &told(Action::Create, "key_4")).await.unwrap();
        desk.ledger.append(&told(Action::Label, "key_3")).await.unwrap();
        let renamed = KeyRecord { name: "Renamed".into(), ..record("key_3") };
        let listed = [record("key_1"), record("key_2"), renamed.clone()];
        let merged = desk.ledger.merge_keys(&id(), &listed, began, Trust::Accepted).await.unwrap();
        let report = report(merged);
        assert_eq!(report, MergeReport { changed: 1, ..MergeReport::default() });
        assert_eq!(desk.ledger.keys(&id()).await.unwrap(), [revoked, renamed, record("key_4")]);
        // What another reading swept away in between does not come back either.
        merge(&desk.ledger, &id(), &[record("key_3")], later()).await.unwrap();
        desk.ledger.merge_keys(&id(), &listed, began, Trust::Accepted).await.unwrap();
        let left: Vec<String> =
            desk.ledger.keys(&id()).await.unwrap().into_iter().map(|record| record.id.0).collect();
        assert_eq!(left, ["key_3"]);
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_stop_the_readings() {
    for ahead in [TimeDelta::seconds(1), TimeDelta::days(1)] {
        let desk = read(&[record("key_1")]).await;
        let told = Entry { at: later() + ahead, ..entry(Action::Revoke, Some("key_1")) };
        desk.ledger.put_key(&id(), &record("key_1"), &told).await.unwrap();
        let renamed = KeyRecord { name: "Renamed".into(), ..record("key_1") };
        merge(&desk.ledger, &id(), std::slice::from_ref(&renamed), later()).await.unwrap();
        assert_eq!(desk.ledger.keys(&id()).await.unwrap(), [renamed]);
    }
}

#[tokio::test]
async fn a_key_listed_twice_is_one_row_as_listed_last() {
    let twice = [record("key_1"), KeyRecord { name: "Last".into(), ..record("key_1") }];
    let desk = read(&twice).await;
    assert_eq!(desk.ledger.keys(&id()).await.unwrap(), [twice[1].clone()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_does_not_wait_for_a_writer() {
    let desk = read(&[record("key_1")]).await;
    let writer = desk.raw();
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM keys").unwrap();
    assert_eq!(desk.ledger.inventory_rows().await.unwrap().len(), 1);
    writer.execute_batch("ROLLBACK").unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_was_there_a_reading_makes_it_the_list(
        first in prop::collection::btree_map(0_u8..12, 0_u8..3, 0..12),
        second in prop::collection::btree_map(0_u8..12, 0_u8..3, 0..12),
    ) {
        let records = |listed: &std::collections::BTreeMap<u8, u8>| -> Vec<KeyRecord> {
            listed.iter().map(|(id, name)| KeyRecord { name: name.to_string(), ..record(&format!("key_{id:02}")) }).collect()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (report, mut rows) = runtime.block_on(async {
            let desk = read(&records(&first)).await;
            let report = merge(&desk.ledger, &id(), &records(&second), later()).await.unwrap();
            (report, desk.ledger.keys(&id()).await.unwrap())
        });
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        prop_assert_eq!(rows, records(&second));
        prop_assert_eq!(report.added, second.keys().filter(|id| !first.contains_key(id)).count());
        prop_assert_eq!(report.vanished, first.keys().filter(|id| !second.contains_key(id)).count());
        prop_assert_eq!(report.changed, second.iter().filter(|(id, name)| first.get(id).is_some_and(|old| old != *name)).count());
    }
}

/// A reading as the vendor gave it: what it is worth is for the rule to say.
async fn usual(desk: &Desk, listed: &[KeyRecord], at: DateTime<Utc>) -> Merged {
    let read = desk.ledger.moment(at).await.unwrap();
    desk.ledger.merge_keys(&id(), listed, read, Trust::Usual).await.unwrap()
}

fn many(ids: std::ops::Range<u8>) -> Vec<KeyRecord> {
    ids.map(|n| record(&format!("key_{n}"))).collect()
}

#[tokio::test]
async fn f43_one_reading_that_lacks_a_key_leaves_it_there_and_two_agree_that_it_is_gone() {
    let desk = read(&many(1..4)).await;
    let rest = many(1..3);
    assert_eq!(report(usual(&desk, &rest, later()).await).unlisted, 1);
    let status = async || desk.ledger.key(&key("key_3")).await.unwrap().map(|record| record.status);
    assert_eq!(status().await, Some(KeyStatus::Unlisted { since: later() }));
    assert_eq!(outside(&desk, "key_3").await, None, "nothing is said of it yet");
    // A moment later is no second opinion, and another program's write is none either.
    usual(&desk, &rest, later() + minutes(1)).await;
    assert_eq!(status().await, Some(KeyStatus::Unlisted { since: later() }));
    assert_eq!(report(usual(&desk, &rest, later() + minutes(3)).await).vanished, 1);
    assert_eq!(status().await, None);
    let (changes, _) = desk.ledger.outside_changes(0, 9).await.unwrap();
    assert!(matches!(changes[0].changed, Changed::Vanished { .. }));
}

#[tokio::test]
async fn f43_a_key_that_was_missing_once_is_as_it_was() {
    let desk = read(&many(1..4)).await;
    usual(&desk, &many(1..3), later()).await;
    usual(&desk, &many(1..4), later() + minutes(9)).await;
    assert_eq!(desk.ledger.keys(&id()).await.unwrap(), many(1..4));
    assert_eq!(desk.ledger.outside_changes(0, 9).await.unwrap().1, 0);
}

#[tokio::test]
async fn f44_what_a_person_and_time_gave_to_a_key_outlives_its_absence() {
    let desk = read(&many(1..4)).await;
    let used = |day: i64| LastUse::At(noon() + TimeDelta::days(day));
    let with_use = |day| {
        let mut keys = many(1..4);
        keys[2].last_use = used(day);
        keys
    };
    usual(&desk, &with_use(1), noon() + TimeDelta::days(1)).await;
    usual(&desk, &with_use(2), noon() + TimeDelta::days(2)).await;
    let acceptance = Acceptance { finding: FindingKind::NeverExpires, reason: "ours".into(), until: None };
    let told = entry(Action::Accept, Some("key_3"));
    desk.ledger.accept(&[key("key_3")], &acceptance, &[told]).await.unwrap();
    let log = desk.ledger.use_log(&key("key_3")).await.unwrap().months;
    assert!(!log.is_empty());
    for hours in [72, 73] {
        usual(&desk, &many(1..3), noon() + TimeDelta::hours(hours)).await;
    }
    assert_eq!(desk.ledger.key(&key("key_3")).await.unwrap(), None);
    usual(&desk, &with_use(2), noon() + TimeDelta::days(4)).await;
    assert_eq!(desk.ledger.use_log(&key("key_3")).await.unwrap().months, log);
    let accepted = desk.ledger.acceptances().await.unwrap();
    assert!(!accepted.of(&key("key_3")).is_empty());
    let (changes, _) = desk.ledger.outside_changes(0, 9).await.unwrap();
    assert_eq!(changes[0].changed, Changed::Returned, "it is not said to have appeared");
}

#[tokio::test]
async fn f43_a_key_that_an_operation_holds_is_not_called_revoked_though_two_readings_lack_it() {
    let desk = read(&many(1..12)).await;
    let held = Operation {
        intent: Intent::Revoke { key: VendorKeyId("key_3".into()), name: "Deploy".into() },
        stage: Stage::Escrowed { key: key("key_3") },
        ..operation("op-1")
    };
    desk.ledger.begin(&held, None, &entry(Action::Create, None)).await.unwrap();
    let without: Vec<_> = many(1..12).into_iter().filter(|it| it.id.0 != "key_3").collect();
    for at in [later(), later() + minutes(9)] {
        usual(&desk, &without, at).await;
        let status = desk.ledger.key(&key("key_3")).await.unwrap().unwrap().status;
        assert_eq!(status, KeyStatus::Unlisted { since: later() }, "nobody saw it end");
    }
    // Nor where a person has said that the list is right.
    merge(&desk.ledger, &id(), &without, later() + minutes(20)).await.unwrap();
    let status = desk.ledger.key(&key("key_3")).await.unwrap().unwrap().status;
    assert_eq!(status, KeyStatus::Unlisted { since: later() });
}

#[tokio::test]
async fn f45_a_reading_that_lacks_too_much_changes_nothing_until_a_person_accepts_it() {
    let with_managing = || {
        let mut keys = many(1..20);
        keys.push(record("key_manager"));
        keys
    };
    let some = |n: usize| with_managing().into_iter().skip(n).collect::<Vec<_>>();
    let doubtful = [
        (Vec::new(), Doubt::Empty { live: 20 }),
        (many(1..20), Doubt::Managing),
        (some(3), Doubt::Many { missing: 3, live: 20 }),
    ];
    for (listed, doubt) in doubtful {
        let desk = read(&with_managing()).await;
        let before = desk.ledger.inventory_rows().await.unwrap();
        for at in [later(), later() + TimeDelta::days(1)] {
            assert_eq!(usual(&desk, &listed, at).await, Merged::Doubtful(doubt));
        }
        assert_eq!(desk.ledger.inventory_rows().await.unwrap(), before);
        let accepted = merge(&desk.ledger, &id(), &listed, later()).await.unwrap();
        assert_eq!(accepted.vanished, 20 - listed.len());
        assert_eq!(desk.ledger.keys(&id()).await.unwrap(), listed);
    }
    let desk = read(&with_managing()).await;
    assert_eq!(
        report(usual(&desk, &some(2), later()).await).unlisted,
        2,
        "two of twenty are deleted by people"
    );
}
