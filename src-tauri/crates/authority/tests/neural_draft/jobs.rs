//! Jobs and the keys that queued them.

use std::time::Duration;

use keyturn_authority::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, json_of, text};
use crate::vendor::neural_draft;

async fn queue(house: &House, key: &str) -> (StatusCode, Value) {
    json_of(house.as_key(key, Method::POST, "/jobs").json(&json!({ "type": "translate" }))).await
}

async fn state(house: &House, key: &str, id: &str) -> (StatusCode, Value) {
    let (status, body) = json_of(house.as_key(key, Method::GET, &format!("/jobs/{id}"))).await;
    (status, body["data"]["status"].clone())
}

#[tokio::test]
async fn nd22_a_queued_job_finishes_although_its_key_was_revoked() {
    let house = neural_draft().await;
    let (worker, id) = house.made(&["content:write"]).await;
    let (reader, _) = house.made(&["jobs:read"]).await;
    let (status, queued) = queue(&house, &worker).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let job = text(&queued["data"]["id"]);
    assert_eq!(house.revoke(&id).await, StatusCode::NO_CONTENT);
    house.hand.advance(Duration::from_secs(60));
    assert_eq!(queue(&house, &worker).await.0, StatusCode::UNAUTHORIZED, "new requests fail");
    assert_eq!(state(&house, &reader, &job).await, (StatusCode::OK, json!("queued")));
    let house = house.restarted().await;
    house.hand.advance(Duration::from_secs(30));
    assert_eq!(state(&house, &reader, &job).await, (StatusCode::OK, json!("completed")));
}

#[tokio::test]
async fn another_project_s_job_is_404() {
    let house = neural_draft().await;
    let (worker, _) = house.made(&["content:write", "jobs:read"]).await;
    let job = text(&queue(&house, &worker).await.1["data"]["id"]);
    let admin = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    let body = json!({ "name": "n", "scopes": ["jobs:read"] });
    let (_, minted) = json_of(house.as_key(&admin, Method::POST, "/api-keys").json(&body)).await;
    let stranger = text(&minted["data"]["secret"]);
    assert_eq!(state(&house, &stranger, &job).await.0, StatusCode::NOT_FOUND);
    assert_eq!(state(&house, &worker, "job_unknown").await.0, StatusCode::NOT_FOUND);
    assert_eq!(state(&house, &worker, &job).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_job_needs_a_type() {
    let house = neural_draft().await;
    let (worker, _) = house.made(&["content:*"]).await;
    for odd in [json!({}), json!({ "type": "" }), json!({ "type": 7 }), json!([])] {
        let request = house.as_key(&worker, Method::POST, "/jobs").json(&odd);
        assert_eq!(json_of(request).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{odd}");
    }
}
