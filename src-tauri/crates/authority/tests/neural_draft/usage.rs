//! When a key was used last, and from where.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::vendor::neural_draft;

#[tokio::test]
async fn nd26_every_key_tells_when_it_was_used_last() {
    let house = neural_draft().await;
    let (value, id) = house.made(&["content:read"]).await;
    assert_eq!(house.listed(&id).await["last_used_at"], Value::Null);
    assert_eq!(house.listed(&id).await["usage"], json!([]));
    house.hand.advance(Duration::from_secs(7));
    assert_eq!(house.probe(&value).await, StatusCode::FORBIDDEN, "it counts as a use");
    assert_eq!(house.listed(&id).await["last_used_at"], "2026-11-21T12:00:07.000Z");
    for key in house.list().await {
        assert!(key.as_object().unwrap().contains_key("last_used_at"));
    }
}

#[tokio::test]
async fn uses_are_counted_by_address_and_outlive_a_restart() {
    let house = neural_draft().await;
    let (value, id) = house.made(&["project:read"]).await;
    for _ in 0..3 {
        house.probe(&value).await;
    }
    house.hand.advance(Duration::from_secs(60));
    house.probe(&value).await;
    let expected = json!([{ "ip": "127.0.0.1", "last_used_at": "2026-11-21T12:01:00.000Z", "count": 4 }]);
    assert_eq!(house.listed(&id).await["usage"], expected);
    let house = house.restarted().await;
    assert_eq!(house.listed(&id).await["usage"], expected);
    house.probe(&value).await;
    assert_eq!(house.listed(&id).await["usage"][0]["count"], 5);
}

/// Elsewhere than on Linux only one address of the loopback network is there to be used.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_use_from_elsewhere_stands_out() {
    let house = neural_draft().await;
    let (value, id) = house.made(&["project:read"]).await;
    house.probe(&value).await;
    house.hand.advance(Duration::from_secs(5));
    let elsewhere = std::net::IpAddr::from([127, 0, 0, 2]);
    let client = reqwest::Client::builder().no_proxy().local_address(elsewhere).build().unwrap();
    let url = format!("{}/projects/me", house.authority.base_url());
    let reply = client.request(Method::GET, url).bearer_auth(&value).send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    let expected = json!([
        { "ip": "127.0.0.2", "last_used_at": "2026-11-21T12:00:05.000Z", "count": 1 },
        { "ip": "127.0.0.1", "last_used_at": "2026-11-21T12:00:00.000Z", "count": 1 },
    ]);
    assert_eq!(house.listed(&id).await["usage"], expected);
}
