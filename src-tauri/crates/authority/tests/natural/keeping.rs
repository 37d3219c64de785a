//! What is found again after a restart.

use keyturn_authority::{Authority, AuthorityError, Config, Role, Vendor};

use crate::vendor::natural;

#[tokio::test]
async fn everything_is_the_same_after_a_restart() {
    let house = natural().await;
    house.authority.seed_rehearsal().unwrap();
    let (_, id) = house.made(&["party.read"]).await;
    house.revoke(&id, "one").await;
    let before = house.list("?limit=100").await;
    let house = house.restarted().await;
    assert_eq!(house.list("?limit=100").await, before);
    assert_eq!(before["data"].as_array().unwrap().len(), 26);
}

#[tokio::test]
async fn a_store_serves_the_vendor_it_was_made_for() {
    let house = natural().await;
    let store = house.dir.path().join("store.db");
    house.authority.stop().await;
    let refused = Authority::start(Config::new(Vendor::Naturalead, store)).await.unwrap_err();
    assert!(matches!(refused, AuthorityError::Foreign(_)), "{refused}");
}

#[tokio::test]
async fn the_vendor_has_roles() {
    let house = natural().await;
    house.authority.issue_bootstrap_key(Role::Restricted).unwrap();
    house.authority.change_role(Role::Restricted, Role::Owner).unwrap();
}
