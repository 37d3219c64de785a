//! What outlives a request: state over restarts, last uses, the audit log, the end of the authority.

use std::time::Duration;

use keyturn_authority::{Authority, AuthorityError, Config, Role, Vendor};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tempfile::TempDir;

use crate::house::{House, json_of, text, text_of};

#[tokio::test]
async fn everything_is_the_same_after_a_restart() {
    let house = House::new().await;
    house.authority.seed_rehearsal().unwrap();
    let (used, id) = house.made(&["leads:view"]).await;
    let (revoked, revoked_id) = house.made(&["leads:view"]).await;
    house.revoke(&revoked_id).await;
    house.hand.advance(Duration::from_secs(90));
    assert_eq!(house.leads(&used).await.0, StatusCode::OK);
    let before = house.list().await;
    let house = house.restarted(|_| {}).await;
    assert!(!house.authority.is_empty());
    assert_eq!(house.list().await, before);
    let row = before.iter().find(|row| row["id"] == id.as_str()).unwrap();
    assert_eq!(row["lastUsedAt"], "2026-11-21T12:01:30.000Z");
    assert_eq!(house.leads(&used).await.0, StatusCode::OK);
    assert_eq!(house.leads(&revoked).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_change_of_role_outlives_a_restart() {
    let house = House::new().await;
    let (value, _) = house.made(&["audit:view"]).await;
    house.authority.change_role(Role::Owner, Role::Restricted).unwrap();
    let house = house.restarted(|_| {}).await;
    let (status, _) = text_of(house.as_key(&value, Method::GET, "/api/audit-logs")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_key_that_was_never_used_has_no_last_use() {
    let house = House::new().await;
    let (_, id) = house.made(&["leads:view"]).await;
    let list = house.list().await;
    let row = list.iter().find(|row| row["id"] == id.as_str()).unwrap();
    assert_eq!(row["lastUsedAt"], json!(null));
}

#[tokio::test]
async fn every_deed_stands_in_the_audit_log() {
    let house = House::new().await;
    let (_, id) = house.made(&["leads:view"]).await;
    let successor = text(&house.rotate(&id).await.1["apiKey"]["id"]);
    house.revoke(&successor).await;
    house.revoke(&successor).await;
    house.as_key(&house.key, Method::DELETE, &format!("/api/api-keys/{id}")).send().await.unwrap();
    let house = house.restarted(|_| {}).await;
    let (_, log) = json_of(house.as_key(&house.key, Method::GET, "/api/audit-logs")).await;
    let deeds: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (text(&entry["action"]), text(&entry["keyId"])))
        .take(4)
        .collect();
    let deed = |action: &str, id: &str| (action.to_owned(), id.to_owned());
    assert_eq!(
        deeds,
        [
            deed("api_key.deleted", &id),
            deed("api_key.revoked", &successor),
            deed("api_key.rotated", &id),
            deed("api_key.created", &id),
        ]
    );
    insta::with_settings!({ sort_maps => true }, {
        insta::assert_json_snapshot!(log[2], {
            ".keyId" => "[id]", ".newKeyId" => "[id]", ".apiKeyId" => "[id]"
        }, @r#"
      {
        "action": "api_key.rotated",
        "actor": "owner@rehearsal.example",
        "apiKeyId": "[id]",
        "createdAt": "2026-11-21T12:00:00.000Z",
        "id": 3,
        "keyId": "[id]",
        "keyName": "Made",
        "newKeyId": "[id]"
      }
      "#);
    });
}

#[tokio::test]
async fn the_audit_log_needs_audit_view_and_shows_one_account() {
    let house = House::new().await;
    let (blind, _) = house.made(&["api_keys:manage", "audit:export"]).await;
    let (status, body) = text_of(house.as_key(&blind, Method::GET, "/api/audit-logs")).await;
    let words = r#"{"error":"Forbidden","message":"API key does not have the required scope (requires: audit:view)."}"#;
    assert_eq!((status, body.as_str()), (StatusCode::FORBIDDEN, words));
    let stranger = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    let (_, log) = json_of(house.as_key(&stranger, Method::GET, "/api/audit-logs")).await;
    assert_eq!(log.as_array().unwrap().len(), 1, "its own creation");
}

#[tokio::test]
async fn a_stopped_authority_answers_nobody_any_more() {
    let House { authority, client, key, dir: _dir, .. } = House::new().await;
    let url = format!("{}/api/leads", authority.base_url());
    let ask = || client.get(&url).header("X-API-Key", &key).send();
    assert_eq!(ask().await.unwrap().status(), StatusCode::OK);
    authority.stop().await;
    assert!(ask().await.is_err(), "not even on the connection that the client kept open");
}

#[tokio::test]
async fn a_store_serves_one_authority_at_a_time() {
    let house = House::new().await;
    let second = Authority::start(Config::new(Vendor::Naturalead, house.dir.path().join("store.db"))).await;
    assert!(matches!(second, Err(AuthorityError::Store { .. })));
    assert_eq!(house.leads(&house.key).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_file_that_is_no_store_is_refused_and_left_as_it_is() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("store.db");
    std::fs::write(&path, "a letter to grandmother, kept for a long time".repeat(100)).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(Authority::start(Config::new(Vendor::Naturalead, &path)).await.is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let dir = TempDir::new().unwrap();
    let mut config = Config::new(Vendor::Naturalead, dir.path().join("store.db"));
    config.listen = "0.0.0.0:0".parse().unwrap();
    assert!(matches!(Authority::start(config).await, Err(AuthorityError::NotLoopback(_))));
}
