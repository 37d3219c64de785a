//! Limits belong to a key: ten a second, sixty a minute, a thousand an hour, or what the plan says.

use std::time::Duration;

use keyturn_authority::{Limits, Vendor};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::house::House;

/// Limit, what remains of it, and the second in which it is whole again.
fn allowance(reply: &Response) -> [&str; 3] {
    let header = |name| reply.headers()[name].to_str().unwrap();
    [header("x-ratelimit-limit"), header("x-ratelimit-remaining"), header("x-ratelimit-reset")]
}

async fn probe(house: &House) -> Response {
    house.as_key(&house.key, Method::GET, "/campaigns/").send().await.unwrap()
}

#[tokio::test]
async fn sl10_ten_requests_a_second() {
    let house = House::with(Limits::of(Vendor::SmartLead)).await;
    let reply = probe(&house).await;
    // 2026-11-21T12:00:01Z
    assert_eq!(allowance(&reply), ["10", "9", "1795262401"]);
    for _ in 0..9 {
        assert_eq!(probe(&house).await.status(), StatusCode::OK);
    }
    let reply = probe(&house).await;
    assert_eq!(reply.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(reply.headers()["retry-after"], "1");
    assert_eq!(allowance(&reply), ["10", "0", "1795262401"]);
    let body: Value = reply.json().await.unwrap();
    assert_eq!(
        body,
        json!({ "error": {
            "code": "RATE_LIMIT_EXCEEDED",
            "message": "Rate limit exceeded. Please retry after 1 seconds.",
            "retry_after": 1,
        } })
    );
    house.hand.advance(Duration::from_secs(1));
    assert_eq!(probe(&house).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn sl10_sixty_a_minute_and_a_thousand_an_hour() {
    let house = House::with(Limits { per_key_second: None, ..Limits::of(Vendor::SmartLead) }).await;
    for _ in 0..60 {
        assert_eq!(probe(&house).await.status(), StatusCode::OK);
    }
    let reply = probe(&house).await;
    assert_eq!(
        (reply.status(), &reply.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"60".parse().unwrap())
    );
    let mut answered = 60;
    for _ in 0..16 {
        house.hand.advance(Duration::from_secs(60));
        for _ in 0..60 {
            answered += usize::from(probe(&house).await.status() == StatusCode::OK);
        }
    }
    assert_eq!(answered, 1000);
    house.hand.advance(Duration::from_secs(60));
    let reply = probe(&house).await;
    assert_eq!(reply.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(reply.headers()["x-ratelimit-limit"], "1000");
}

#[tokio::test]
async fn sl10_a_limit_belongs_to_its_key() {
    let house = House::with(Limits { per_key: 1, ..Limits::unlimited() }).await;
    let other = house.authority.dashboard_issue("Other", None).unwrap();
    assert_eq!(probe(&house).await.status(), StatusCode::OK);
    assert_eq!(probe(&house).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(house.probe(&other.value).await, StatusCode::OK);
}
