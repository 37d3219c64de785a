//! Accounts, their sealed managing keys, and the settings.

use keyturn_core::account::{Account, AccountId, Freshness, ManagingKey};
use keyturn_core::journal::Action;
use keyturn_core::key::{Environment, VendorKeyId};
use keyturn_core::ports::{Ledger, LedgerError, Purpose};

use crate::samples::{
    account, empty, entry, escrow, furnished, hint, id, key, merge, minutes, noon, record, sealed,
};

#[tokio::test]
async fn an_account_comes_back_as_it_was_put_in_every_state_of_freshness() {
    let desk = empty();
    let states = [
        Freshness::Unread,
        Freshness::Fresh { read_at: noon() },
        Freshness::Stale { since: noon(), read_at: None, reason: "could not reach Naturalead".into() },
        Freshness::Stale { since: noon(), read_at: Some(noon() - minutes(5)), reason: String::new() },
    ];
    for freshness in states {
        let account = Account { freshness, ..account("naturalead-1") };
        desk.ledger.put_account(&account, None, None).await.unwrap();
        assert_eq!(desk.ledger.accounts().await.unwrap(), [account]);
    }
}

#[tokio::test]
async fn accounts_come_in_the_order_in_which_they_were_connected() {
    let desk = empty();
    for id in ["b", "a", "c"] {
        let account = Account { environment: Environment::None, ..account(id) };
        desk.ledger.put_account(&account, None, None).await.unwrap();
    }
    let ids: Vec<_> = desk.ledger.accounts().await.unwrap().into_iter().map(|account| account.id.0).collect();
    assert_eq!(ids, ["b", "a", "c"]);
}

#[tokio::test]
async fn a_new_managing_key_takes_the_place_of_the_old_one_and_none_leaves_it() {
    let desk = empty();
    let purpose = Purpose::Managing(id());
    assert!(!desk.ledger.has_sealed().await.unwrap());
    let first = sealed(purpose.clone());
    desk.ledger.put_account(&account("naturalead-1"), Some(&first), None).await.unwrap();
    let second = keyturn_core::ports::Sealed { ciphertext: b"another".to_vec(), ..first };
    desk.ledger.put_account(&account("naturalead-1"), Some(&second), None).await.unwrap();
    desk.ledger.put_account(&account("naturalead-1"), None, None).await.unwrap();
    assert_eq!(desk.ledger.sealed(&purpose).await.unwrap(), Some(second));
    assert!(desk.ledger.has_sealed().await.unwrap());
}

#[tokio::test]
async fn which_key_manages_the_account_changes_with_its_sealed_value_alone() {
    let desk = empty();
    let seal = sealed(Purpose::Managing(id()));
    let with = |end: &str, row: Option<&str>| {
        let key = row.map(|row| VendorKeyId(row.into()));
        Account { managing: Some(ManagingKey { hint: hint(end), key }), ..account("naturalead-1") }
    };
    let old = with("old1", Some("key_old"));
    desk.ledger.put_account(&old, Some(&seal), None).await.unwrap();
    let new = with("new1", Some("key_new"));
    desk.ledger.put_account(&new, Some(&seal), None).await.unwrap();
    // One who read the account before that says how its own call went.
    let freshness = Freshness::Stale { since: noon(), read_at: None, reason: "refused".into() };
    desk.ledger.put_account(&Account { freshness: freshness.clone(), ..old }, None, None).await.unwrap();
    assert_eq!(desk.ledger.accounts().await.unwrap(), [Account { freshness, ..new }]);
    // Of the key that it is, the row may be seen or lost from one reading to the next.
    for seen in [with("new1", None), with("new1", Some("key_seen"))] {
        desk.ledger.put_account(&seen, None, None).await.unwrap();
        assert_eq!(desk.ledger.accounts().await.unwrap(), [seen]);
    }
}

#[tokio::test]
async fn removing_an_account_takes_all_that_is_its_own_and_leaves_the_journal() {
    let desk = furnished().await;
    desk.ledger.put_account(&account("naturalead-2"), None, None).await.unwrap();
    merge(&desk.ledger, &AccountId("naturalead-2".into()), &[record("key_1")], noon()).await.unwrap();
    desk.ledger.remove_account(&id(), &entry(Action::Disconnect, None)).await.unwrap();
    assert_eq!(desk.ledger.accounts().await.unwrap().len(), 1);
    assert_eq!(desk.ledger.inventory_rows().await.unwrap().len(), 1);
    assert_eq!(desk.ledger.open_operations().await.unwrap(), []);
    assert_eq!(desk.ledger.sealed(&escrow("op-1")).await.unwrap(), None);
    assert!(!desk.ledger.has_sealed().await.unwrap());
    assert_eq!(desk.ledger.history(&key("key_3"), 10).await.unwrap().len(), 4);
}

#[tokio::test]
async fn destroyed_ciphertext_is_nowhere_in_the_files_once_the_ledger_is_closed() {
    let desk = furnished().await;
    desk.ledger.remove_account(&id(), &entry(Action::Disconnect, None)).await.unwrap();
    let dir = desk.close();
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(24).any(|part| part == b"ciphertext of the canary"), "kept");
    }
}

#[tokio::test]
async fn an_account_that_is_not_there_is_said_in_words() {
    let desk = empty();
    let gone = LedgerError::Failed("the account is not connected any more".into());
    assert_eq!(merge(&desk.ledger, &id(), &[], noon()).await, Err(gone.clone()));
    let put = desk.ledger.put_key(&id(), &record("key_1"), &entry(Action::Create, None)).await;
    assert_eq!(put, Err(gone));
}

#[tokio::test]
async fn a_setting_comes_back_until_it_is_replaced() {
    let desk = empty();
    assert_eq!(desk.ledger.setting("theme").await.unwrap(), None);
    for value in ["dark", "", "light"] {
        desk.ledger.put_setting("theme", value).await.unwrap();
        assert_eq!(desk.ledger.setting("theme").await.unwrap().as_deref(), Some(value));
    }
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let desk = furnished().await;
    let rows = desk.ledger.inventory_rows().await.unwrap();
    let path = desk.path();
    let _dir = desk.close();
    let opened = keyturn_storage::SqliteLedger::open(&path).unwrap();
    assert_eq!(opened.set_aside, None);
    assert_eq!(opened.ledger.inventory_rows().await.unwrap(), rows);
    assert_eq!(opened.ledger.setting("theme").await.unwrap().as_deref(), Some("dark"));
    opened.ledger.verify().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::TempDir::new().unwrap();
    let home = dir.path().join("profile");
    let opened = keyturn_storage::SqliteLedger::open(&home.join("ledger.db")).unwrap();
    opened.ledger.put_setting("theme", "dark").await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home), 0o700);
    for file in std::fs::read_dir(&home).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
}
