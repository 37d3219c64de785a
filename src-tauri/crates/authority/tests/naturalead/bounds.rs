//! Limits and odd requests: always the vendor's error shape, never a panic.

use std::time::Duration;

use keyturn_authority::{Limits, Role};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::house::{House, INVALID, json_of};

const LIMITED: &str = r#"{"error":"API key rate limit exceeded, please try again later"}"#;

/// Limit, what remains of it, seconds until it is whole again.
fn allowance(reply: &Response) -> [&str; 3] {
    let header = |name| reply.headers()[name].to_str().unwrap();
    [header("ratelimit-limit"), header("ratelimit-remaining"), header("ratelimit-reset")]
}

#[tokio::test]
async fn too_many_requests_with_a_key_are_429_with_when_to_come_back() {
    let house = House::with(Limits { per_key: 3, ..Limits::default() }).await;
    let other = house.authority.issue_bootstrap_key(Role::Owner).unwrap();
    for left in ["2", "1", "0"] {
        let reply = house.as_key(&house.key, Method::GET, "/api/leads").send().await.unwrap();
        assert_eq!(allowance(&reply), ["3", left, "60"]);
    }
    house.hand.advance(Duration::from_millis(17_500));
    let reply = house.as_key(&house.key, Method::GET, "/api/leads").send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(reply.headers()["retry-after"], "43");
    assert_eq!(allowance(&reply), ["3", "0", "43"]);
    assert_eq!(reply.text().await.unwrap(), LIMITED);
    assert_eq!(house.leads(&other).await.0, StatusCode::OK, "another key has its own");
    house.hand.advance(Duration::from_secs(43));
    assert_eq!(house.leads(&house.key).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_keys_of_an_account_share_a_limit() {
    let house = House::with(Limits { per_account: 2, ..Limits::default() }).await;
    let second = house.authority.issue_bootstrap_key(Role::Owner).unwrap();
    let stranger = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    assert_eq!(house.leads(&house.key).await.0, StatusCode::OK);
    assert_eq!(house.leads(&second).await.0, StatusCode::OK);
    let over = house.leads(&house.key).await;
    assert_eq!(over, (StatusCode::TOO_MANY_REQUESTS, LIMITED.to_owned()));
    assert_eq!(house.leads(&stranger).await.0, StatusCode::OK, "another account has its own");
}

#[tokio::test]
async fn an_address_has_a_limit_with_or_without_a_key() {
    let house = House::with(Limits { per_ip: 2, ..Limits::default() }).await;
    let guess = format!("nl_live_{}", "0".repeat(64));
    assert_eq!(house.leads(&guess).await, (StatusCode::UNAUTHORIZED, INVALID.to_owned()));
    assert_eq!(house.leads(&guess).await.0, StatusCode::UNAUTHORIZED);
    let over = house.leads(&house.key).await;
    assert_eq!(over, (StatusCode::TOO_MANY_REQUESTS, LIMITED.to_owned()), "guessing ends for everyone there");
}

#[tokio::test]
async fn the_documented_limits_are_the_defaults() {
    let house = House::new().await;
    let with_key = house.as_key(&house.key, Method::GET, "/api/leads").send().await.unwrap();
    assert_eq!(allowance(&with_key), ["500", "499", "60"]);
    let without = house.call(Method::GET, "/api/leads").send().await.unwrap();
    assert_eq!(allowance(&without), ["1000", "998", "60"]);
    assert_eq!(Limits::default().per_account, 2000);
}

#[tokio::test]
async fn odd_requests_get_the_vendor_s_error_shape() {
    let house = House::new().await;
    let large = || "x".repeat(1024 * 1024 + 1);
    let deep = "[".repeat(500_000);
    let with = |method: Method, path: &str| house.as_key(&house.key, method, path);
    let create = || with(Method::POST, "/api/api-keys");
    let cases = [
        (create().body(large()), StatusCode::PAYLOAD_TOO_LARGE),
        (with(Method::PATCH, "/api/api-keys/x/revoke").body(large()), StatusCode::PAYLOAD_TOO_LARGE),
        (house.call(Method::POST, "/api/api-keys").body(large()), StatusCode::UNAUTHORIZED),
        (create().body("{"), StatusCode::BAD_REQUEST),
        (create().body(""), StatusCode::BAD_REQUEST),
        (create().body(deep), StatusCode::BAD_REQUEST),
        (create().body(vec![0xff, 0xfe, 0x00]), StatusCode::BAD_REQUEST),
        (with(Method::GET, "/"), StatusCode::NOT_FOUND),
        (with(Method::GET, "/api/nowhere"), StatusCode::NOT_FOUND),
        (with(Method::PUT, "/api/api-keys"), StatusCode::METHOD_NOT_ALLOWED),
        (with(Method::GET, "/api/api-keys/x/rotate"), StatusCode::METHOD_NOT_ALLOWED),
        (with(Method::DELETE, "/api/api-keys/unknown"), StatusCode::NOT_FOUND),
        (with(Method::DELETE, "/api/api-keys/%ff%00%2f"), StatusCode::NOT_FOUND),
        (with(Method::PATCH, "/api/api-keys/unknown/revoke"), StatusCode::NOT_FOUND),
        (with(Method::POST, "/api/api-keys/unknown/rotate"), StatusCode::NOT_FOUND),
        (with(Method::GET, "/api/api-keys?limit=x"), StatusCode::BAD_REQUEST),
        (with(Method::GET, "/api/api-keys?limit=0"), StatusCode::BAD_REQUEST),
        (with(Method::GET, "/api/api-keys?skip=-1"), StatusCode::BAD_REQUEST),
    ];
    for (number, (request, expected)) in cases.into_iter().enumerate() {
        let (status, body) = json_of(request).await;
        assert_eq!(status, expected, "case {number}");
        assert!(body["error"].is_string(), "case {number}: {body}");
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_is_cut_off_at_the_limit() {
    let house = House::new().await;
    let head = format!(
        "POST /api/api-keys HTTP/1.1\r\nHost: x\r\nX-API-Key: {}\r\nTransfer-Encoding: chunked\r\n\r\n",
        house.key
    );
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut connection = TcpStream::connect(house.authority.address()).await.unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..40 {
        connection.write_all(chunk.as_bytes()).await.unwrap();
    }
    connection.write_all(b"0\r\n\r\n").await.unwrap();
    let mut reply = [0; 12];
    connection.read_exact(&mut reply).await.unwrap();
    assert_eq!(&reply, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_name_is_data_whatever_stands_in_it() {
    let house = House::new().await;
    let names = [
        "<script>alert(1)</script>",
        "\u{202e}gnissecorp",
        "a\0b",
        "\u{1b}[31mred",
        "=cmd|' /C calc'!A0",
        "'; DROP TABLE keys; --",
        &"ü".repeat(255),
    ];
    for name in names {
        let (status, body) =
            house.create(json!({ "name": name, "scopes": ["leads:view"], "environment": "live" })).await;
        assert_eq!((status, &body["apiKey"]["name"]), (StatusCode::CREATED, &json!(name)));
    }
    let house = house.restarted(|_| {}).await;
    let list = house.list().await;
    for name in names {
        assert!(list.iter().any(|key| key["name"] == name), "{name:?}");
    }
}
