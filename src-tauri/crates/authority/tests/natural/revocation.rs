//! Rows about revoking, and about idempotency keys.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::house::{House, json_of, text};
use crate::vendor::{natural, problem};

const REPLAYED: &str = "x-idempotency-replayed";

async fn replayed(house: &House, id: &str, key: &str) -> (StatusCode, Option<String>) {
    let request = house.as_owner(Method::DELETE, &format!("/api-keys/{id}")).header("Idempotency-Key", key);
    let reply = request.send().await.unwrap();
    let header = reply.headers().get(REPLAYED).map(|value| value.to_str().unwrap().to_owned());
    (reply.status(), header)
}

#[tokio::test]
async fn nt18_a_delete_revokes_and_the_key_stays_in_the_list() {
    let house = natural().await;
    let (value, id) = house.made(&["api_keys.read"]).await;
    house.hand.advance(Duration::from_secs(5));
    let (status, reply) = house.revoke(&id, "one").await;
    assert_eq!(status, StatusCode::OK);
    let attributes = &reply["data"]["attributes"];
    assert_eq!(attributes["status"], "REVOKED");
    assert_eq!(attributes["revokedAt"], "2026-11-21T12:00:05.000Z");
    assert_eq!(attributes["revokedBy"], attributes["createdBy"]);
    assert_eq!(house.status_of(&value).await, StatusCode::UNAUTHORIZED);
    let revoked = house.list("?status=REVOKED").await;
    assert_eq!(revoked["data"], json!([reply["data"]]));
}

#[tokio::test]
async fn a_revocation_needs_an_idempotency_key_of_at_most_255_characters() {
    let house = natural().await;
    let (_, id) = house.made(&["party.read"]).await;
    let delete = || house.as_owner(Method::DELETE, &format!("/api-keys/{id}"));
    for request in [
        delete(),
        delete().header("Idempotency-Key", ""),
        delete().header("Idempotency-Key", "k".repeat(256)),
    ] {
        let (status, body) = json_of(request).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        let problem = problem(body);
        assert_eq!(problem["code"], "invalid_value");
        assert_eq!(problem["source"], json!({ "header": "Idempotency-Key" }));
    }
    assert_eq!(house.get(&id).await.1["data"]["attributes"]["status"], "ACTIVE");
    assert_eq!(house.revoke(&id, &"k".repeat(255)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn nt16_a_repetition_is_marked_and_changes_nothing() {
    let house = natural().await;
    let (_, id) = house.made(&["party.read"]).await;
    let first = house.revoke(&id, "one").await;
    house.hand.advance(Duration::from_secs(48 * 3600 - 1));
    assert_eq!(house.revoke(&id, "one").await, first, "the same reply");
    let house = house.restarted().await;
    assert_eq!(replayed(&house, &id, "one").await, (StatusCode::OK, Some("true".into())));
    assert_eq!(replayed(&house, &id, "two").await, (StatusCode::OK, None), "a request of its own");
    assert_eq!(house.revoke(&id, "three").await, first, "which changes nothing either");
}

#[tokio::test]
async fn the_same_idempotency_key_for_another_revocation_is_409() {
    let house = natural().await;
    let (_, first) = house.made(&["party.read"]).await;
    let (value, second) = house.made(&["api_keys.read"]).await;
    assert_eq!(replayed(&house, &first, "one").await, (StatusCode::OK, None));
    let (status, body) = house.revoke(&second, "one").await;
    assert_eq!(status, StatusCode::CONFLICT);
    let expected = json!({
        "code": "conflict", "status": "409", "detail": "This Idempotency-Key was used for another request."
    });
    assert_eq!(problem(body), expected);
    assert_eq!(house.status_of(&value).await, StatusCode::OK, "nothing was done");
}

#[tokio::test]
async fn an_idempotency_key_is_forgotten_after_48_hours() {
    let house = natural().await;
    let (_, first) = house.made(&["party.read"]).await;
    let (_, second) = house.made(&["party.read"]).await;
    house.revoke(&first, "one").await;
    house.hand.advance(Duration::from_secs(48 * 3600));
    assert_eq!(replayed(&house, &second, "one").await, (StatusCode::OK, None));
}

#[tokio::test]
async fn a_refused_revocation_leaves_its_idempotency_key_free() {
    let house = natural().await;
    let (_, id) = house.made(&["party.read"]).await;
    assert_eq!(replayed(&house, "apy_unknown", "one").await.0, StatusCode::NOT_FOUND);
    assert_eq!(replayed(&house, &id, "one").await, (StatusCode::OK, None));
}

#[tokio::test]
async fn idempotency_keys_of_two_parties_have_nothing_to_do_with_each_other() {
    let house = natural().await;
    let (_, id) = house.made(&["party.read"]).await;
    house.revoke(&id, "one").await;
    let stranger = house.authority.issue_foreign_key("elsewhere", keyturn_authority::Role::Owner).unwrap();
    let (_, list) = json_of(house.as_key(&stranger, Method::GET, "/api-keys")).await;
    let own = text(&list["data"][0]["id"]);
    let request = house.as_key(&stranger, Method::DELETE, &format!("/api-keys/{own}"));
    assert_eq!(json_of(request.header("Idempotency-Key", "one")).await.0, StatusCode::OK);
}
