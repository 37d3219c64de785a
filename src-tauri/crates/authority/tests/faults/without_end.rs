//! What is too much: lists that never end, and a reply that is nearly all white space.

use std::collections::HashSet;

use keyturn_authority::{Fault, Times, Vendor};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::house::House;

#[tokio::test]
async fn every_page_of_an_endless_list_is_full_of_keys_that_are_not_there() {
    let house = House::new().await;
    for name in ["One", "Two", "Three"] {
        house.create(name).await.unwrap();
    }
    let real = house.list().await;
    house.authority.faults().set(Fault::EndlessPaging, Times::UntilCleared);
    let mut ids = HashSet::new();
    for skip in [0, 3, 6, 900] {
        let page: Vec<Value> =
            house.get(&format!("/api/api-keys?skip={skip}&limit=3")).await.json().await.unwrap();
        assert_eq!(page.len(), 3, "page at {skip}");
        for key in page {
            assert!(key["status"].is_string());
            assert!(ids.insert(key["id"].as_str().unwrap().to_owned()), "no id comes twice");
        }
    }
    assert!(real.iter().all(|key| ids.contains(key["id"].as_str().unwrap())), "the real ones come too");
    house.authority.faults().clear();
    assert_eq!(house.list().await.len(), real.len());
}

#[tokio::test]
async fn a_cursor_never_ends_either() {
    let house = House::of(Vendor::Natural).await;
    house.authority.seed_rehearsal().unwrap();
    house.authority.faults().set(Fault::EndlessPaging, Times::UntilCleared);
    let (mut ids, mut total, mut cursor) = (HashSet::new(), 0, String::new());
    for _ in 0..5 {
        let path = format!("/api-keys?limit=20&cursor={cursor}");
        let reply = house.bare(Method::GET, &path).bearer_auth(&house.key).send().await.unwrap();
        let page: Value = reply.json().await.unwrap();
        let keys = page["data"].as_array().unwrap();
        assert!(!keys.is_empty());
        total += keys.len();
        ids.extend(keys.iter().map(|key| key["id"].as_str().unwrap().to_owned()));
        assert_eq!(page["meta"]["pagination"]["hasMore"], true);
        page["meta"]["pagination"]["nextCursor"].as_str().unwrap().clone_into(&mut cursor);
    }
    assert_eq!(ids.len(), total, "no id comes twice");
}

#[tokio::test]
async fn an_endless_list_leaves_other_replies_alone() {
    let house = House::new().await;
    house.authority.faults().set(Fault::EndlessPaging, Times::UntilCleared);
    assert_eq!(house.create("Made").await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(house.get("/api/nowhere").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_huge_reply_is_streamed_and_valid_to_its_last_byte() {
    let house = House::new().await;
    house.next_write(Fault::HugeBody { megabytes: 100 });
    let mut reply = house.create("Huge").await.unwrap();
    assert_eq!(reply.status(), StatusCode::CREATED);
    assert_eq!(reply.content_length(), None);
    let (mut total, mut end) = (0, Vec::new());
    while let Some(chunk) = reply.chunk().await.unwrap() {
        total += chunk.len();
        end.extend(chunk.iter().filter(|byte| **byte != b' '));
    }
    let text = String::from_utf8(end).unwrap();
    assert_eq!(total, 100 * 1024 * 1024 + text.len());
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["apiKey"]["name"], "Huge");
    assert!(house.has("Huge").await);
}
