//! Replies that arrive and are wrong, after the work was done.

use keyturn_authority::Fault;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

async fn created(house: &House, fault: Fault) -> (StatusCode, String) {
    house.next_write(fault);
    let reply = house.create("Spoiled").await.unwrap();
    (reply.status(), reply.text().await.unwrap())
}

/// The new key as the reply shows it, and as the list then does.
async fn twice(fault: Fault) -> (Value, Value) {
    let house = House::new().await;
    let (status, body) = created(&house, fault).await;
    assert_eq!(status, StatusCode::CREATED);
    let reply: Value = serde_json::from_str(&body).unwrap();
    let listed = house.list().await.into_iter().find(|key| key["name"] == "Spoiled").unwrap();
    (reply["apiKey"].clone(), listed)
}

#[tokio::test]
async fn a_garbled_reply_holds_the_key_and_is_no_json() {
    let house = House::new().await;
    let (status, body) = created(&house, Fault::MalformedJson).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(serde_json::from_str::<Value>(&body).is_err());
    assert!(body.contains("nl_live_"), "{body}");
    assert!(house.has("Spoiled").await);
}

#[tokio::test]
async fn half_a_reply_is_a_complete_message() {
    let house = House::new().await;
    let (status, body) = created(&house, Fault::TruncatedJson).await;
    assert_eq!(status, StatusCode::CREATED);
    let failure = serde_json::from_str::<Value>(&body).unwrap_err();
    assert!(failure.is_eof(), "{failure}");
    assert!(house.has("Spoiled").await);
}

#[tokio::test]
async fn one_scope_too_many_is_one_that_the_vendor_has() {
    let (reply, listed) = twice(Fault::ScopeTooMany).await;
    assert_eq!(listed["scopes"], json!(["leads:view", "audit:view"]));
    assert_eq!(reply["scopes"], json!(["leads:view", "audit:view", "leads:import"]));
}

#[tokio::test]
async fn one_scope_too_few_is_the_last_one() {
    let (reply, listed) = twice(Fault::ScopeTooFew).await;
    assert_eq!(listed["scopes"], json!(["leads:view", "audit:view"]));
    assert_eq!(reply["scopes"], json!(["leads:view"]));
}

#[tokio::test]
async fn a_wrong_hint_differs_in_its_last_character() {
    let (reply, listed) = twice(Fault::WrongHint).await;
    let (wrong, right) = (reply["keyHint"].as_str().unwrap(), listed["keyHint"].as_str().unwrap());
    assert_ne!(wrong, right);
    assert_eq!(wrong.len(), right.len());
    assert_eq!(wrong[..wrong.len() - 1], right[..right.len() - 1]);
}

#[tokio::test]
async fn lists_are_spoiled_as_well() {
    let house = House::new().await;
    house.create("Listed").await.unwrap();
    let right = house.list().await;
    house.next_read(Fault::ScopeTooFew);
    let wrong = house.list().await;
    assert_eq!(wrong.len(), right.len());
    for (wrong, right) in wrong.iter().zip(&right) {
        let length = |key: &Value| key["scopes"].as_array().unwrap().len();
        assert_eq!(length(wrong) + 1, length(right));
    }
}
