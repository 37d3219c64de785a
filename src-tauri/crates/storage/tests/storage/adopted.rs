//! Assisted accounts and adopted keys: no managing key, settings, a sealed value that lives as long as its row.

use std::collections::BTreeMap;

use keyturn_core::account::{Account, Freshness};
use keyturn_core::journal::{Action, Entry};
use keyturn_core::key::{Checked, KeyRecord};
use keyturn_core::ports::{Ledger, Purpose};

use crate::samples::{Desk, account, empty, entry, id, key, minutes, noon, put, record, sealed};

fn purpose(of: &str) -> Purpose {
    Purpose::Adopted(key(of))
}

fn by_hand() -> Account {
    Account {
        managing: None,
        freshness: Freshness::ByHand,
        settings: BTreeMap::from([("client".into(), "7".into()), ("note".into(), "\"ä\"\n".into())]),
        ..account("naturalead-1")
    }
}

/// An assisted account with one adopted key.
async fn adopted() -> Desk {
    let desk = empty();
    put(&desk.ledger, &by_hand(), None).await;
    let told = adopting();
    desk.ledger.adopt(&id(), &record("key_1"), &sealed(purpose("key_1")), &told).await.unwrap();
    desk
}

fn adopting() -> Entry {
    entry(Action::Adopt, Some("key_1"))
}

#[tokio::test]
async fn an_assisted_account_comes_back_without_a_managing_key_and_with_its_settings() {
    let desk = empty();
    put(&desk.ledger, &by_hand(), None).await;
    assert_eq!(desk.ledger.accounts().await.unwrap(), [by_hand()]);
}

#[tokio::test]
async fn an_adopted_key_is_there_with_its_value_and_its_journal_entry() {
    let desk = adopted().await;
    assert_eq!(desk.ledger.key(&key("key_1")).await.unwrap(), Some(record("key_1")));
    assert_eq!(desk.ledger.sealed(&purpose("key_1")).await.unwrap(), Some(sealed(purpose("key_1"))));
    assert_eq!(desk.ledger.history(&key("key_1"), 9).await.unwrap(), [adopting()]);
    assert!(desk.ledger.has_sealed().await.unwrap());
}

#[tokio::test]
async fn a_second_key_under_the_same_name_changes_nothing() {
    let desk = adopted().await;
    let other = KeyRecord { name: "Another".into(), ..record("key_1") };
    let mut value = sealed(purpose("key_1"));
    value.ciphertext = b"another".to_vec();
    assert!(desk.ledger.adopt(&id(), &other, &value, &adopting()).await.is_err());
    assert_eq!(desk.ledger.key(&key("key_1")).await.unwrap(), Some(record("key_1")));
    assert_eq!(desk.ledger.sealed(&purpose("key_1")).await.unwrap(), Some(sealed(purpose("key_1"))));
    assert_eq!(desk.ledger.history(&key("key_1"), 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_probe_saw_stands_in_the_row_and_in_the_inventory() {
    let desk = adopted().await;
    for alive in [true, false] {
        let checked = Some(Checked { at: noon() + minutes(1), alive });
        let seen = KeyRecord { checked, ..record("key_1") };
        desk.ledger.put_key(&id(), &seen, &adopting()).await.unwrap();
        assert_eq!(desk.ledger.key(&key("key_1")).await.unwrap(), Some(seen.clone()));
        assert_eq!(desk.ledger.inventory_rows().await.unwrap()[0].record, seen);
    }
}

#[tokio::test]
async fn the_value_goes_with_the_row_and_the_history_stays() {
    let desk = adopted().await;
    desk.ledger.remove_key(&key("key_1"), &entry(Action::Delete, Some("key_1"))).await.unwrap();
    assert_eq!(desk.ledger.sealed(&purpose("key_1")).await.unwrap(), None);
    assert!(!desk.ledger.has_sealed().await.unwrap());
    assert_eq!(desk.ledger.history(&key("key_1"), 9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_values_go_with_the_account() {
    let desk = adopted().await;
    desk.ledger.remove_account(&id(), &entry(Action::Disconnect, None)).await.unwrap();
    assert!(!desk.ledger.has_sealed().await.unwrap());
}
