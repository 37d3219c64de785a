//! Key rows: what is put comes back; staleness, the managing key and escrow are derived.

use chrono::{DateTime, NaiveDate, Utc};
use keyturn_core::account::{Freshness, ManagingKey};
use keyturn_core::journal::Action;
use keyturn_core::key::{Environment, Hint, KeyRecord, KeyStatus, LastUse, Scope, VendorKeyId};
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::ports::{AccountChange, Ledger, Purpose};
use keyturn_core::timestamp::Timestamp;
use proptest::prelude::*;

use crate::samples::{advance, desk, entry, furnished, hint, id, key, merge, noon, record, sealed};

fn time() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..253_402_300_799_999).prop_map(|ms| DateTime::from_timestamp_millis(ms).unwrap())
}

fn day() -> impl Strategy<Value = NaiveDate> {
    time().prop_map(|at| at.date_naive())
}

fn any_record() -> impl Strategy<Value = KeyRecord> {
    let environment = prop_oneof![
        Just(Environment::Live),
        Just(Environment::Test),
        Just(Environment::None),
        any::<String>().prop_map(Environment::Other)
    ];
    let status = prop_oneof![
        Just(KeyStatus::Active),
        time().prop_map(|until| KeyStatus::Retiring { until }),
        Just(KeyStatus::Revoking),
        prop::option::of(time()).prop_map(|at| KeyStatus::Revoked { at }),
        prop::option::of(time()).prop_map(|at| KeyStatus::Expired { at }),
        Just(KeyStatus::Orphan),
        any::<String>().prop_map(KeyStatus::Unknown),
    ];
    let last_use = prop_oneof![
        time().prop_map(LastUse::At),
        day().prop_map(LastUse::On),
        Just(LastUse::Never),
        Just(LastUse::NotReported),
        Just(LastUse::Unreadable),
        time().prop_map(LastUse::UntrackedBefore)
    ];
    let expires = prop_oneof![
        Just(Timestamp::None),
        time().prop_map(Timestamp::At),
        day().prop_map(Timestamp::On),
        Just(Timestamp::Unreadable)
    ];
    let times = (prop::option::of(time()), expires);
    let words = (any::<String>(), any::<String>(), any::<String>(), prop::option::of(any::<String>()));
    let scopes = prop::collection::vec(any::<String>().prop_map(Scope), 0..4);
    (words, environment, status, last_use, times, scopes).prop_map(
        |((name, prefix, suffix, creator), environment, status, last_use, (created_at, expires), scopes)| {
            KeyRecord {
                id: VendorKeyId("key_1".into()),
                hint: Hint { prefix, suffix },
                name,
                environment,
                scopes,
                status,
                created_at,
                expires,
                last_use,
                creator,
                checked: None,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_record_comes_back_as_it_was_merged_and_as_it_was_put(record in any_record()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (merged, put) = runtime.block_on(async {
            let desk = desk().await;
            merge(&desk.ledger, &id(), std::slice::from_ref(&record), noon()).await.unwrap();
            let merged = desk.ledger.key(&key("key_1")).await.unwrap();
            desk.ledger.put_key(&id(), &record, &entry(Action::Create, Some("key_1"))).await.unwrap();
            (merged, desk.ledger.keys(&id()).await.unwrap())
        });
        prop_assert_eq!(merged.as_ref(), Some(&record));
        prop_assert_eq!(put, vec![record]);
    }
}

#[tokio::test]
async fn expiring_is_derived_when_shown_and_never_stored() {
    let desk = desk().await;
    let expiring = KeyRecord { status: KeyStatus::Expiring, ..record("key_1") };
    desk.ledger.put_key(&id(), &expiring, &entry(Action::Create, None)).await.unwrap();
    assert_eq!(desk.ledger.key(&key("key_1")).await.unwrap(), Some(record("key_1")));
}

#[tokio::test]
async fn a_stale_account_makes_its_readings_stale_and_a_fresh_one_mends_them() {
    let desk = desk().await;
    let uses = [
        (LastUse::At(noon()), LastUse::Stale { last: Some(noon()), read_at: noon() }),
        (LastUse::Never, LastUse::Stale { last: None, read_at: noon() }),
        (LastUse::NotReported, LastUse::NotReported),
        (LastUse::UntrackedBefore(noon()), LastUse::UntrackedBefore(noon())),
    ];
    let listed: Vec<_> = uses
        .iter()
        .enumerate()
        .map(|(n, (last_use, _))| KeyRecord { last_use: last_use.clone(), ..record(&format!("key_{n}")) })
        .collect();
    merge(&desk.ledger, &id(), &listed, noon()).await.unwrap();
    let freshness = Freshness::Stale {
        since: noon(),
        read_at: Some(noon()),
        reason: "gone".into(),
        doubted: false,
        rests_until: None,
    };
    desk.ledger.change_account(&id(), AccountChange::Freshness(&freshness), None).await.unwrap();
    for (n, (_, stale)) in uses.iter().enumerate() {
        let seen = desk.ledger.key(&key(&format!("key_{n}"))).await.unwrap().unwrap();
        assert_eq!(seen.last_use, *stale);
        assert_eq!(desk.ledger.inventory_rows().await.unwrap()[n].record, seen);
    }
    // A record that was read while stale and is put back does not keep the staleness.
    let stale = desk.ledger.key(&key("key_1")).await.unwrap().unwrap();
    desk.ledger.put_key(&id(), &stale, &entry(Action::Revoke, Some("key_1"))).await.unwrap();
    merge(&desk.ledger, &id(), &listed, noon()).await.unwrap();
    assert_eq!(desk.ledger.keys(&id()).await.unwrap(), listed);
}

#[tokio::test]
async fn a_stale_account_that_was_never_read_claims_no_reading() {
    let desk = desk().await;
    desk.ledger.put_key(&id(), &record("key_1"), &entry(Action::Create, None)).await.unwrap();
    let freshness = Freshness::Stale {
        since: noon(),
        read_at: None,
        reason: "gone".into(),
        doubted: false,
        rests_until: None,
    };
    desk.ledger.change_account(&id(), AccountChange::Freshness(&freshness), None).await.unwrap();
    assert_eq!(desk.ledger.key(&key("key_1")).await.unwrap(), Some(record("key_1")));
}

#[tokio::test]
async fn the_list_marks_the_managing_key_and_the_key_that_is_not_yet_saved() {
    let desk = furnished().await;
    let managing = ManagingKey { hint: hint("m4n4"), key: Some(VendorKeyId("key_2".into())) };
    let value = sealed(Purpose::Managing(id()));
    let change = AccountChange::Managing(&managing, &value);
    desk.ledger.change_account(&id(), change, None).await.unwrap();
    let marks = |rows: Vec<keyturn_core::inventory::InventoryRow>| -> Vec<_> {
        rows.into_iter().map(|row| (row.record.id.0, row.managing, row.unsaved.map(|id| id.0))).collect()
    };
    let op = OperationId("op-1".into());
    assert_eq!(
        marks(desk.ledger.inventory_rows().await.unwrap()),
        [
            ("key_1".into(), false, None),
            ("key_2".into(), true, None),
            ("key_3".into(), false, Some("op-1".to_owned()))
        ]
    );
    let stage = Stage::Acknowledged { key: key("key_3") };
    advance(&desk.ledger, &op, &stage, &entry(Action::Acknowledge, Some("key_3"))).await;
    assert!(desk.ledger.inventory_rows().await.unwrap().iter().all(|row| row.unsaved.is_none()));
}

#[tokio::test]
async fn a_key_that_a_lost_reply_may_have_made_is_an_orphan_until_that_is_decided() {
    let desk = furnished().await;
    let op = OperationId("op-1".into());
    let orphaned = Stage::Orphaned { keys: vec![key("key_1"), key("key_2")] };
    advance(&desk.ledger, &op, &orphaned, &entry(Action::Recover, None)).await;
    let dead = KeyRecord { status: KeyStatus::Revoked { at: None }, ..record("key_2") };
    desk.ledger.put_key(&id(), &dead, &entry(Action::Revoke, Some("key_2"))).await.unwrap();
    let statuses = async || -> Vec<_> {
        desk.ledger.keys(&id()).await.unwrap().into_iter().map(|record| record.status).collect()
    };
    assert_eq!(statuses().await, [KeyStatus::Orphan, KeyStatus::Revoked { at: None }, KeyStatus::Active]);
    let row = desk.ledger.inventory_rows().await.unwrap().remove(0);
    assert_eq!(row.record.status, KeyStatus::Orphan);
    let decided = Stage::Failed { reason: "not ours".into() };
    advance(&desk.ledger, &op, &decided, &entry(Action::Recover, None)).await;
    assert_eq!(statuses().await[0], KeyStatus::Active);
}

#[tokio::test]
async fn a_removed_key_is_gone_and_the_others_stay() {
    let desk = furnished().await;
    desk.ledger.remove_key(&key("key_1"), &entry(Action::Delete, Some("key_1"))).await.unwrap();
    assert_eq!(desk.ledger.key(&key("key_1")).await.unwrap(), None);
    assert_eq!(desk.ledger.keys(&id()).await.unwrap().len(), 2);
}

/// Before times were bounded where they come in, a vendor's year 262142 went into the ledger as it was.
#[tokio::test]
async fn f56_a_time_that_no_key_can_have_says_nothing_and_breaks_nothing() {
    let desk = furnished().await;
    let raw = desk.raw();
    let far = 8_210_266_876_799_000_i64;
    for (status, last_use) in [("active", "at"), ("retiring", "untracked_before"), ("revoked", "at")] {
        raw.execute(
            "UPDATE keys SET created_at = ?1, expires_at = ?1, status = ?2, status_at = ?1, last_use = ?3, last_use_at = ?1",
            (far, status, last_use),
        )
        .unwrap();
        for row in desk.ledger.inventory_rows().await.unwrap() {
            assert_eq!((row.record.created_at, row.record.expires), (None, Timestamp::None));
            assert_eq!(row.record.last_use, LastUse::NotReported);
            assert!(!matches!(row.record.status, KeyStatus::Retiring { .. }));
        }
    }
}
