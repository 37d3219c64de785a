//! The one header, and what is said to who has none that is good.

use keyturn_authority::{Role, Switch};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::house::{House, json_of};

const REFUSED: &str = "The API key is missing, malformed, invalid or revoked";

#[tokio::test]
async fn lt01_one_bearer_header_opens_every_endpoint() {
    let house = House::new().await;
    assert!(house.key.starts_with("sk_live_"));
    for (method, path, status) in [
        (Method::GET, "/sender-pools", StatusCode::OK),
        (Method::GET, "/campaigns", StatusCode::OK),
        (Method::GET, "/leads", StatusCode::OK),
        (Method::POST, "/leads", StatusCode::ACCEPTED),
    ] {
        assert_eq!(json_of(house.as_key(&house.key, method, path)).await.0, status, "{path}");
    }
}

#[tokio::test]
async fn lt02_no_cookie_and_no_other_place_is_a_key() {
    let house = House::new().await;
    let probe = |path: &str| house.bare(Method::GET, path);
    for request in [
        probe("/sender-pools").header("Cookie", format!("session={0}; api_key={0}", house.key)),
        probe("/sender-pools").header("X-API-Key", &house.key),
        probe(&format!("/sender-pools?api_key={}", house.key)),
        probe("/sender-pools").body(json!({ "api_key": house.key }).to_string()),
        probe("/sender-pools").basic_auth(&house.key, None::<&str>),
    ] {
        assert_eq!(json_of(request).await.0, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn lt05_live_is_production_and_test_is_the_sandbox_where_there_is_one() {
    let house = House::new().await;
    let live = house.authority.dashboard_issue("production-agent", None).unwrap().value;
    let test = house.authority.dashboard_issue("staging-agent", Some("test")).unwrap().value;
    assert!(live.starts_with("sk_live_") && test.starts_with("sk_test_"));
    for (key, environment) in [(&live, "live"), (&test, "test")] {
        let (status, pools) = house.get(key, "/sender-pools").await;
        assert_eq!((status, &pools["data"][0]["environment"]), (StatusCode::OK, &json!(environment)));
    }
    house.authority.turn(Switch::NoSandbox, true);
    assert_eq!(house.probe(&test).await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.probe(&live).await, StatusCode::OK);
    let refused = house.authority.dashboard_issue("staging-agent", Some("test")).unwrap_err();
    assert_eq!(refused.to_string(), "the dashboard refused: there is no such environment");
}

#[tokio::test]
async fn lt12_a_missing_or_malformed_header_is_401() {
    let house = House::new().await;
    let with = |value: String| house.bare(Method::GET, "/sender-pools").header("Authorization", value);
    let key = &house.key;
    for (number, request) in [
        house.bare(Method::GET, "/sender-pools"),
        with(String::new()),
        with(key.clone()),
        with("Bearer".to_owned()),
        with(format!("Bearer  {key}")),
        with(format!("Bearer:{key}")),
        with(format!("Token {key}")),
        with(format!("Bearer \"{key}\"")),
        with(format!("Bearer {} {}", &key[..20], &key[20..])),
        house.bare(Method::GET, "/nowhere"),
    ]
    .into_iter()
    .enumerate()
    {
        let (status, body) = json_of(request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "case {number}");
        let expected = json!({ "error": { "code": "authentication_failed", "message": REFUSED } });
        assert_eq!(body, expected, "case {number}");
    }
}

#[tokio::test]
async fn lt13_an_invalid_key_is_401() {
    let house = House::new().await;
    for key in [
        "sk_live_YOUR_KEY".to_owned(),
        house.key[..house.key.len() - 1].to_owned(),
        format!("{}x", house.key),
        house.key.replace("sk_live_", "sk_test_"),
        house.key.replace("sk_live_", ""),
    ] {
        assert_eq!(house.probe(&key).await, StatusCode::UNAUTHORIZED, "{key}");
    }
}

#[tokio::test]
async fn lt13_a_revoked_key_is_401_at_once_and_for_good() {
    let house = House::new().await;
    let key = house.authority.dashboard_issue("ci-pipeline", None).unwrap();
    assert_eq!(house.probe(&key.value).await, StatusCode::OK);
    house.authority.dashboard_revoke(&key.id).unwrap();
    assert_eq!(house.probe(&key.value).await, StatusCode::UNAUTHORIZED);
    let house = house.restarted().await;
    assert_eq!(house.probe(&key.value).await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.probe(&house.key).await, StatusCode::OK);
}

#[tokio::test]
async fn lt14_a_restricted_key_is_403_for_what_it_may_not_do() {
    let house = House::new().await;
    let restricted = house.authority.issue_bootstrap_key(Role::Restricted).unwrap();
    assert_eq!(house.probe(&restricted).await, StatusCode::OK);
    let (status, body) = json_of(house.as_key(&restricted, Method::POST, "/leads")).await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::FORBIDDEN, &json!("permission_denied")));
}

#[tokio::test]
async fn odd_requests_get_the_vendor_s_error_shape() {
    let house = House::new().await;
    let call = |method, path: &str| house.as_key(&house.key, method, path);
    for (request, expected) in [
        (call(Method::GET, "/nowhere"), StatusCode::NOT_FOUND),
        (call(Method::GET, "/campaigns/none"), StatusCode::NOT_FOUND),
        (call(Method::DELETE, "/sender-pools"), StatusCode::METHOD_NOT_ALLOWED),
        (call(Method::GET, "/api-keys"), StatusCode::NOT_FOUND),
        (call(Method::POST, "/leads").body("x".repeat(2 << 20)), StatusCode::ACCEPTED),
    ] {
        let (status, body) = json_of(request).await;
        assert_eq!(status, expected);
        assert_eq!(body["error"]["message"].is_string(), !status.is_success(), "{body}");
    }
}
