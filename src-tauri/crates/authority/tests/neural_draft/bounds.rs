//! Limits and odd requests: always problem+json.

use keyturn_authority::{Limits, Vendor};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::house::House;
use crate::vendor::{neural_draft, problem};

#[tokio::test]
async fn nd16_a_429_carries_retry_after() {
    let limits = Limits { per_account: 2, ..Limits::default() };
    let house = House::with(Vendor::NeuralDraft, |config| config.limits = limits).await;
    for _ in 0..2 {
        assert_eq!(house.probe(&house.key).await, StatusCode::OK);
    }
    house.hand.advance(std::time::Duration::from_secs(12));
    let reply = house.as_owner(Method::GET, "/projects/me").send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(reply.headers()["retry-after"], "48");
    let expected = json!({
        "type": "https://api.neuraldraft.io/errors/rate_limited",
        "title": "Too Many Requests",
        "status": 429,
        "code": "rate_limited",
        "detail": "The window of this project is exhausted. See Retry-After."
    });
    assert_eq!(problem(reply.json().await.unwrap()), expected);
    house.hand.advance(std::time::Duration::from_secs(48));
    assert_eq!(house.probe(&house.key).await, StatusCode::OK);
}

#[tokio::test]
async fn odd_requests_get_the_vendor_s_error_shape() {
    let house = neural_draft().await;
    let large = || "x".repeat(1024 * 1024 + 1);
    let create = || house.as_owner(Method::POST, "/api-keys");
    let with = |method, path| house.as_owner(method, path);
    let root = house.authority.base_url().replace("/v1", "");
    let cases = [
        (create().body(large()), 413),
        (with(Method::DELETE, "/api-keys/x").body(large()), 413),
        (house.call(Method::POST, "/api-keys").body(large()), 401),
        (create().body("{"), 422),
        (create().body(""), 422),
        (create().body("[".repeat(500_000)), 422),
        (create().body(vec![0xff, 0xfe, 0x00]), 422),
        (with(Method::GET, ""), 404),
        (with(Method::GET, "/posts"), 404),
        (with(Method::GET, "/projects/other"), 404),
        (with(Method::DELETE, "/api-keys/%ff%00%2f"), 404),
        (with(Method::PUT, "/api-keys"), 405),
        (with(Method::DELETE, "/projects/me"), 405),
        (with(Method::GET, "/api-keys/x"), 405),
        (house.client.get(&root).bearer_auth(&house.key), 404),
        (house.client.get(format!("{root}/api-keys")).bearer_auth(&house.key), 404),
        (house.call(Method::GET, "/nowhere"), 401),
    ];
    for (number, (request, expected)) in cases.into_iter().enumerate() {
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status().as_u16(), expected, "case {number}");
        assert_eq!(reply.headers()["content-type"], "application/problem+json", "case {number}");
        assert_eq!(problem(reply.json().await.unwrap())["status"], expected, "case {number}");
    }
}
