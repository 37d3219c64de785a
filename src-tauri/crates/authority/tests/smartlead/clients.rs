//! The keys of clients, which the API manages.

use keyturn_authority::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, json_of, text};

#[tokio::test]
async fn sl06_a_client_s_key_is_shown_once() {
    let house = House::new().await;
    let made = house.create(301, "Production Key").await;
    assert!(text(&made["api_key"]).starts_with("cl_live_"));
    insta::with_settings!({ sort_maps => true }, {
        insta::assert_json_snapshot!(made, { ".id" => "[id]", ".api_key" => "[value]" }, @r#"
      {
        "api_key": "[value]",
        "client_id": 301,
        "created_at": "2026-11-21T12:00:00.000Z",
        "id": "[id]",
        "key_name": "Production Key",
        "status": "active"
      }
      "#);
    });
    let listed = house.list("").await;
    let mut expected = made.clone();
    expected.as_object_mut().unwrap().remove("api_key");
    assert_eq!(listed, [expected]);
}

#[tokio::test]
async fn the_list_is_filtered_and_holds_no_account_key() {
    let house = House::new().await;
    house.authority.seed_rehearsal().unwrap();
    let count = async |query: &str| house.list(query).await.len();
    assert_eq!(count("").await, 6);
    assert_eq!(count("?clientId=302").await, 2);
    assert_eq!(count("?clientId=302&status=inactive").await, 1);
    assert_eq!(count("?keyName=Production%20key").await, 2);
    assert_eq!(count("?keyName=Production").await, 0, "that is an account's key");
}

#[tokio::test]
async fn a_reset_keeps_the_record_and_replaces_the_value() {
    let house = House::new().await;
    let made = house.create(301, "Reset me").await;
    let (old, id) = (text(&made["api_key"]), made["id"].clone());
    assert_eq!(house.probe(&old).await, StatusCode::OK);
    let before = house.list("").await;
    let request = house.as_key(&house.key, Method::PUT, &format!("/client/api-key/reset/{id}"));
    let (status, body) = json_of(request).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let new = text(&body["data"]["api_key"]);
    assert_ne!(new, old);
    assert_eq!(
        (house.probe(&old).await, house.probe(&new).await),
        (StatusCode::UNAUTHORIZED, StatusCode::OK)
    );
    assert_eq!(house.list("").await, before);
    let house = house.restarted().await;
    assert_eq!(
        (house.probe(&old).await, house.probe(&new).await),
        (StatusCode::UNAUTHORIZED, StatusCode::OK)
    );
    assert_eq!(house.list("").await, before);
}

#[tokio::test]
async fn a_deleted_key_is_gone_and_dead() {
    let house = House::new().await;
    let made = house.create(301, "Short-lived").await;
    let delete = async || {
        let path = format!("/client/api-key/{}", made["id"]);
        json_of(house.as_key(&house.key, Method::DELETE, &path)).await
    };
    assert_eq!(delete().await, (StatusCode::OK, json!({ "ok": true })));
    assert_eq!(house.probe(&text(&made["api_key"])).await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.list("").await, Vec::<Value>::new());
    assert_eq!(delete().await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_inactive_key_cannot_be_reset() {
    let house = House::new().await;
    house.authority.seed_rehearsal().unwrap();
    let inactive = house.list("?status=inactive").await[0]["id"].clone();
    let request = house.as_key(&house.key, Method::PUT, &format!("/client/api-key/reset/{inactive}"));
    assert_eq!(json_of(request).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_api_reaches_neither_account_keys_nor_other_accounts() {
    let house = House::new().await;
    let account_key = house.authority.dashboard_issue("Zapier", None).unwrap();
    let client_key = house.create(301, "Mine").await;
    let stranger = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    for (key, id) in [(&house.key, account_key.id.clone()), (&stranger, client_key["id"].to_string())] {
        for (method, path) in [
            (Method::DELETE, format!("/client/api-key/{id}")),
            (Method::PUT, format!("/client/api-key/reset/{id}")),
        ] {
            assert_eq!(json_of(house.as_key(key, method, &path)).await.0, StatusCode::NOT_FOUND);
        }
    }
    assert_eq!(house.probe(&account_key.value).await, StatusCode::OK);
    assert_eq!(house.probe(&text(&client_key["api_key"])).await, StatusCode::OK);
    let (_, listed) = json_of(house.as_key(&stranger, Method::GET, "/client/api-key")).await;
    assert_eq!(listed["data"], json!([]));
}

#[tokio::test]
async fn a_client_s_key_manages_no_keys() {
    let house = House::new().await;
    let made = house.create(301, "Reads only").await;
    let (key, id) = (text(&made["api_key"]), made["id"].clone());
    for (method, path) in [
        (Method::GET, "/client/api-key".to_owned()),
        (Method::DELETE, format!("/client/api-key/{id}")),
        (Method::PUT, format!("/client/api-key/reset/{id}")),
    ] {
        assert_eq!(json_of(house.as_key(&key, method, &path)).await.0, StatusCode::FORBIDDEN);
    }
    assert_eq!(house.probe(&key).await, StatusCode::OK);
}
