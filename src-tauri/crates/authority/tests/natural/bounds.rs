//! Limits and odd requests: always the vendor's error shape.

use keyturn_authority::{Limits, Vendor};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::house::{House, json_of};
use crate::vendor::{natural, problem};

#[tokio::test]
async fn too_many_requests_are_429_with_when_to_come_back() {
    let limits = Limits { per_key: 2, ..Limits::default() };
    let house = House::with(Vendor::Natural, |config| config.limits = limits).await;
    for _ in 0..2 {
        assert_eq!(house.status_of(&house.key).await, StatusCode::OK);
    }
    let reply = house.as_owner(Method::GET, "/api-keys").send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(reply.headers()["retry-after"], "60");
    let expected = json!({ "code": "rate_limited", "status": "429", "detail": "Too many requests." });
    assert_eq!(problem(reply.json().await.unwrap()), expected);
    house.hand.advance(std::time::Duration::from_secs(60));
    assert_eq!(house.status_of(&house.key).await, StatusCode::OK);
}

#[tokio::test]
async fn odd_requests_get_the_vendor_s_error_shape() {
    let house = natural().await;
    let large = || "x".repeat(1024 * 1024 + 1);
    let create = || house.as_owner(Method::POST, "/api-keys");
    let with = |method, path| house.as_owner(method, path).header("Idempotency-Key", "one");
    let cases = [
        (create().body(large()), 413),
        (with(Method::DELETE, "/api-keys/x").body(large()), 413),
        (house.call(Method::POST, "/api-keys").body(large()), 401),
        (create().body("{"), 400),
        (create().body(""), 400),
        (create().body("[".repeat(500_000)), 400),
        (create().body(vec![0xff, 0xfe, 0x00]), 400),
        (with(Method::GET, "/"), 404),
        (with(Method::GET, "/payments"), 404),
        (with(Method::GET, "/api-keys/a/b"), 404),
        (with(Method::GET, "/api-keys/%ff%00%2f"), 404),
        (with(Method::DELETE, "/api-keys/unknown"), 404),
        (with(Method::PUT, "/api-keys"), 405),
        (with(Method::PATCH, "/api-keys/x"), 405),
        (house.call(Method::GET, "/nowhere"), 401),
    ];
    for (number, (request, expected)) in cases.into_iter().enumerate() {
        let (status, body) = json_of(request).await;
        assert_eq!(status.as_u16(), expected, "case {number}: {body}");
        assert_eq!(problem(body)["status"], expected.to_string(), "case {number}");
    }
}
