//! Rotation: one step, or none.

use keyturn_authority::Role;
use reqwest::{Method, StatusCode};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::house::{House, INVALID, text, text_of};

#[tokio::test]
async fn nl15_rotate_replaces_the_key_in_one_step() {
    let house = House::new().await;
    let body = json!({
        "name": "Rotated", "scopes": ["leads:view", "audit:view"], "environment": "test",
        "expiresAt": "2027-02-01T00:00:00Z"
    });
    let (_, made) = house.create(body).await;
    let (old, id) = (text(&made["fullKey"]), text(&made["apiKey"]["id"]));
    let (status, rotated) = house.rotate(&id).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(house.leads(&old).await, (StatusCode::UNAUTHORIZED, INVALID.to_owned()));
    assert_eq!(house.leads(&text(&rotated["fullKey"])).await.0, StatusCode::OK);
    for kept in ["name", "scopes", "environment", "expiresAt"] {
        assert_eq!(rotated["apiKey"][kept], made["apiKey"][kept], "{kept}");
    }
    let list = house.list().await;
    let old = list.iter().find(|key| key["id"] == id.as_str()).unwrap();
    assert_eq!(old["status"], "revoked");
}

#[tokio::test]
async fn nl15_a_failed_rotation_leaves_the_old_key_valid() {
    // The store breaks at each of the three writes of a rotation in turn.
    for breakage in ["UPDATE OF revoked_at ON keys", "INSERT ON keys", "INSERT ON audit"] {
        let house = House::new().await;
        let (value, id) = house.made(&["leads:view"]).await;
        let before = house.list().await;
        let house = house
            .restarted(|dir| {
                let store = Connection::open(dir.join("store.db")).unwrap();
                let fault =
                    format!("CREATE TRIGGER fault BEFORE {breakage} BEGIN SELECT RAISE(ABORT, 'no'); END");
                store.execute_batch(&fault).unwrap();
            })
            .await;
        let (status, body) = house.rotate(&id).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{breakage}");
        assert_eq!(body, json!({ "error": "Internal server error" }));
        let same = |keys: Vec<Value>| -> Vec<_> {
            keys.into_iter().map(|key| (key["id"].clone(), key["status"].clone())).collect()
        };
        assert_eq!(same(house.list().await), same(before.clone()), "{breakage}");
        assert_eq!(house.leads(&value).await.0, StatusCode::OK, "{breakage}");
        let house = house.restarted(|_| {}).await;
        assert_eq!(same(house.list().await), same(before), "{breakage}, on disk");
    }
}

#[tokio::test]
async fn nl15_of_many_rotations_at_once_one_wins() {
    let house = House::new().await;
    let (_, id) = house.made(&["leads:view"]).await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..20 {
        racing.spawn(house.as_key(&house.key, Method::POST, &format!("/api/api-keys/{id}/rotate")).send());
    }
    let replies = racing.join_all().await;
    let statuses: Vec<_> = replies.into_iter().map(|reply| reply.unwrap().status()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::CREATED).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::CONFLICT).count(), 19);
    let made = house.list().await.into_iter().filter(|key| key["name"] == "Made");
    assert_eq!(made.filter(|key| key["status"] == "active").count(), 1);
}

#[tokio::test]
async fn a_rotation_gives_no_more_than_a_role_may_grant() {
    let house = House::new().await;
    let (value, id) = house.made(&["campaigns:delete"]).await;
    let restricted = house.authority.issue_bootstrap_key(Role::Restricted).unwrap();
    let path = format!("/api/api-keys/{id}/rotate");
    let (status, _) = text_of(house.as_key(&restricted, Method::POST, &path)).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "or it would hand out what its maker may not grant");
    assert_eq!(house.leads(&value).await.0, StatusCode::FORBIDDEN, "alive: a scope is missing, not the key");
}

#[tokio::test]
async fn an_expired_key_is_not_rotated_into_one_that_is_born_expired() {
    let house = House::new().await;
    let body = json!({
        "name": "N", "scopes": ["leads:view"], "environment": "live", "expiresAt": "2026-11-21T12:00:01Z"
    });
    let (_, made) = house.create(body).await;
    house.hand.advance(std::time::Duration::from_secs(1));
    assert_eq!(house.rotate(&text(&made["apiKey"]["id"])).await.0, StatusCode::CONFLICT);
}
