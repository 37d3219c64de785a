//! Where the key stands, and what is said to who has none.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, UNAUTHORIZED, json_of, text_of};

#[tokio::test]
async fn sl01_the_key_stands_in_the_query() {
    let house = House::new().await;
    let (status, body) = json_of(house.as_key(&house.key, Method::GET, "/campaigns/")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.is_array(), "{body}");
    assert_eq!(house.as_key(&house.key, Method::GET, "/campaigns").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn sl01_a_percent_encoded_key_is_the_same_key() {
    let house = House::new().await;
    let encoded: String = house.key.bytes().map(|byte| format!("%{byte:02X}")).collect();
    assert_eq!(house.probe(&encoded).await, StatusCode::OK);
}

#[tokio::test]
async fn sl02_post_and_patch_take_the_key_from_the_body() {
    let house = House::new().await;
    let body = json!({ "api_key": house.key, "clientId": 301, "keyName": "From the body" });
    let posted = house.bare(Method::POST, "/client/api-key").json(&body).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::CREATED);
    // Nothing here is patched: that it says so, and not 401, shows that the key was found.
    let patched = house.bare(Method::PATCH, "/campaigns").json(&body).send().await.unwrap();
    assert_eq!(patched.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn sl02_no_other_method_takes_the_key_from_the_body() {
    let house = House::new().await;
    let id = house.create(301, "Kept").await["id"].clone();
    let body = json!({ "api_key": house.key });
    for (method, path) in [
        (Method::GET, "/campaigns/".to_owned()),
        (Method::PUT, format!("/client/api-key/reset/{id}")),
        (Method::DELETE, format!("/client/api-key/{id}")),
    ] {
        let (status, words) = text_of(house.bare(method.clone(), &path).json(&body)).await;
        assert_eq!((status, words.as_str()), (StatusCode::UNAUTHORIZED, UNAUTHORIZED), "{method}");
    }
    assert_eq!(house.list("").await.len(), 1);
}

#[tokio::test]
async fn sl02_the_query_wins_over_the_body() {
    let house = House::new().await;
    let create = |query: &str, body: &str| {
        let body = json!({ "api_key": body, "clientId": 301, "keyName": "Either" });
        house.as_key(query, Method::POST, "/client/api-key").json(&body).send()
    };
    assert_eq!(create(&house.key, "no key").await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(create("no-key", &house.key).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(create("", &house.key).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sl05_missing_and_invalid_keys_get_the_same_401_to_the_letter() {
    let house = House::new().await;
    let long = "x".repeat(4000);
    let cases = [
        house.bare(Method::GET, "/campaigns/"),
        house.as_key("", Method::GET, "/campaigns/"),
        house.as_key("wrong", Method::GET, "/campaigns/"),
        house.as_key(&long, Method::GET, "/campaigns/"),
        house.as_key("%ff%00", Method::GET, "/campaigns/"),
        house.as_key(&house.key[1..], Method::GET, "/campaigns/"),
        house.as_key(&format!("{}%20", house.key), Method::GET, "/campaigns/"),
        house.bare(Method::GET, "/campaigns/").bearer_auth(&house.key),
        house.bare(Method::GET, "/campaigns/").header("X-API-Key", &house.key),
        house.bare(Method::GET, "/campaigns/").header("Cookie", format!("api_key={}", house.key)),
        house.bare(Method::POST, "/client/api-key").body("not json"),
        house.bare(Method::GET, "/nowhere"),
    ];
    for (number, request) in cases.into_iter().enumerate() {
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status(), StatusCode::UNAUTHORIZED, "case {number}");
        let body: Value = reply.json().await.unwrap();
        let documented = json!({
            "success": false,
            "error": { "code": "UNAUTHORIZED", "message": "Invalid or missing API key" }
        });
        assert_eq!(body, documented, "case {number}");
    }
}

#[tokio::test]
async fn odd_requests_get_the_vendor_s_error_shape() {
    let house = House::new().await;
    let call = |method, path: &str| house.as_key(&house.key, method, path);
    let create = || call(Method::POST, "/client/api-key");
    let cases = [
        (create().body("{"), StatusCode::BAD_REQUEST),
        (create().json(&json!({ "clientId": "301", "keyName": "x" })), StatusCode::BAD_REQUEST),
        (create().json(&json!({ "clientId": 0, "keyName": "x" })), StatusCode::BAD_REQUEST),
        (create().json(&json!({ "clientId": 301, "keyName": " " })), StatusCode::BAD_REQUEST),
        (create().json(&json!({ "clientId": 301, "keyName": "a<b" })), StatusCode::BAD_REQUEST),
        (create().json(&json!({ "clientId": 301, "keyName": "x".repeat(256) })), StatusCode::BAD_REQUEST),
        (create().body("x".repeat(1024 * 1024 + 1)), StatusCode::PAYLOAD_TOO_LARGE),
        (call(Method::GET, "/nowhere"), StatusCode::NOT_FOUND),
        (call(Method::DELETE, "/client/api-key/999"), StatusCode::NOT_FOUND),
        (call(Method::PUT, "/client/api-key/reset/999"), StatusCode::NOT_FOUND),
        (call(Method::POST, "/client/api-key/reset/999"), StatusCode::METHOD_NOT_ALLOWED),
        (call(Method::PUT, "/client/api-key"), StatusCode::METHOD_NOT_ALLOWED),
    ];
    for (number, (request, expected)) in cases.into_iter().enumerate() {
        let (status, body) = json_of(request).await;
        assert_eq!(status, expected, "case {number}");
        assert_eq!(body["success"], json!(false), "case {number}");
        assert!(body["error"]["code"].is_string() && body["error"]["message"].is_string(), "case {number}");
    }
    let outside = house.outside(Method::GET, &format!("/campaigns?api_key={}", house.key));
    assert_eq!(json_of(outside).await.0, StatusCode::NOT_FOUND, "everything is under /api/v1");
}
