//! Accounts, their sealed managing keys, and the settings.

use chrono::{DateTime, Utc};
use keyturn_core::account::{Account, AccountId, Freshness, ManagingKey};
use keyturn_core::journal::Action;
use keyturn_core::key::{Environment, VendorKeyId};
use keyturn_core::ports::{AccountChange, Ledger, LedgerError, Purpose, Sealed};

use crate::samples::{
    account, empty, entry, escrow, furnished, hint, id, key, merge, minutes, noon, put, record, sealed,
};

fn stale(read_at: Option<DateTime<Utc>>, reason: &str, doubted: bool) -> Freshness {
    Freshness::Stale { since: noon(), read_at, reason: reason.into(), doubted, rests_until: None }
}

#[tokio::test]
async fn an_account_comes_back_as_it_was_put_in_every_state_of_freshness() {
    let desk = empty();
    let states = [
        Freshness::Unread,
        Freshness::Fresh { read_at: noon() },
        stale(None, "could not reach Naturalead", false),
        stale(Some(noon() - minutes(5)), "", true),
    ];
    put(&desk.ledger, &account("naturalead-1"), None).await;
    for freshness in states {
        let change = AccountChange::Freshness(&freshness);
        assert!(desk.ledger.change_account(&id(), change, None).await.unwrap());
        assert_eq!(desk.ledger.accounts().await.unwrap(), [Account { freshness, ..account("naturalead-1") }]);
    }
}

#[tokio::test]
async fn accounts_come_in_the_order_in_which_they_were_connected() {
    let desk = empty();
    for id in ["b", "a", "c"] {
        let account = Account { environment: Environment::None, ..account(id) };
        put(&desk.ledger, &account, None).await;
    }
    let ids: Vec<_> = desk.ledger.accounts().await.unwrap().into_iter().map(|account| account.id.0).collect();
    assert_eq!(ids, ["b", "a", "c"]);
}

#[tokio::test]
async fn which_key_manages_the_account_changes_with_its_sealed_value_alone() {
    let desk = empty();
    let seal = sealed(Purpose::Managing(id()));
    let with = |end: &str, row: &str| ManagingKey { hint: hint(end), key: Some(VendorKeyId(row.into())) };
    assert!(!desk.ledger.has_sealed().await.unwrap());
    let old = Account { managing: Some(with("old1", "key_old")), ..account("naturalead-1") };
    put(&desk.ledger, &old, Some(&seal)).await;
    let (new, value) = (with("new1", "key_new"), Sealed { ciphertext: b"another".to_vec(), ..seal.clone() });
    let change = AccountChange::Managing(&new, &value);
    assert!(desk.ledger.change_account(&id(), change, None).await.unwrap());
    assert_eq!(desk.ledger.sealed(&seal.purpose).await.unwrap(), Some(value));
    // One who read the account before that says how its own call went.
    let freshness = stale(None, "refused", false);
    desk.ledger.change_account(&id(), AccountChange::Freshness(&freshness), None).await.unwrap();
    let kept = Account { freshness, managing: Some(new), ..old };
    assert_eq!(desk.ledger.accounts().await.unwrap(), std::slice::from_ref(&kept));
    // Its row is known: another reading names no other.
    let other = VendorKeyId("key_other".into());
    desk.ledger.change_account(&id(), AccountChange::ManagingRow(&other), None).await.unwrap();
    assert_eq!(desk.ledger.accounts().await.unwrap(), [kept]);
}

#[tokio::test]
async fn f58_an_account_that_was_disconnected_is_not_brought_back_by_a_late_word() {
    let desk = furnished().await;
    desk.ledger.remove_account(&id(), &entry(Action::Disconnect, None)).await.unwrap();
    let late = stale(None, "no answer", false);
    let seal = sealed(Purpose::Managing(id()));
    let managing = account("naturalead-1").managing.unwrap();
    for change in [
        AccountChange::Freshness(&late),
        AccountChange::Managing(&managing, &seal),
        AccountChange::Address("https://elsewhere.example", &[]),
    ] {
        assert!(!desk.ledger.change_account(&id(), change, None).await.unwrap());
    }
    assert_eq!(desk.ledger.accounts().await.unwrap(), []);
    assert!(!desk.ledger.has_sealed().await.unwrap());
}

#[tokio::test]
async fn removing_an_account_takes_all_that_is_its_own_and_leaves_the_journal() {
    let desk = furnished().await;
    put(&desk.ledger, &account("naturalead-2"), None).await;
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
    let opened = crate::samples::open(&path).unwrap();
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
    let opened = crate::samples::open(&home.join("ledger.db")).unwrap();
    opened.ledger.put_setting("theme", "dark").await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home), 0o700);
    for file in std::fs::read_dir(&home).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
}
