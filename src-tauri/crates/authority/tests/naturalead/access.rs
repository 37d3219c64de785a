//! Who may do what: rows about authentication, scopes, roles and accounts.

use std::time::Duration;

use keyturn_authority::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::house::{House, INVALID, MISSING, json_of, text, text_of};

#[tokio::test]
async fn nl01_every_request_needs_a_key() {
    let house = House::new().await;
    for (method, path) in [
        (Method::GET, "/api/leads"),
        (Method::GET, "/api/api-keys"),
        (Method::POST, "/api/api-keys"),
        (Method::PATCH, "/api/api-keys/x/revoke"),
        (Method::POST, "/api/api-keys/x/rotate"),
        (Method::DELETE, "/api/api-keys/x"),
        (Method::GET, "/anything"),
    ] {
        assert_eq!(
            text_of(house.call(method, path)).await,
            (StatusCode::UNAUTHORIZED, MISSING.to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn nl02_no_session_is_made_or_taken() {
    let house = House::new().await;
    let reply = house.as_key(&house.key, Method::GET, "/api/leads").send().await.unwrap();
    assert!(reply.headers().get("set-cookie").is_none());
    let after = house.call(Method::GET, "/api/leads").header("Cookie", "session=1").send().await.unwrap();
    assert_eq!(after.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nl05_a_bearer_key_is_accepted() {
    let house = House::new().await;
    let (status, _) = text_of(house.call(Method::GET, "/api/leads").bearer_auth(&house.key)).await;
    assert_eq!(status, StatusCode::OK);
    let foreign = text_of(house.call(Method::GET, "/api/leads").bearer_auth("eyJhbGciOi")).await;
    assert_eq!(
        foreign,
        (StatusCode::UNAUTHORIZED, MISSING.to_owned()),
        "a Bearer that is no nl_ key is no key"
    );
}

#[tokio::test]
async fn nl06_x_api_key_takes_precedence() {
    let house = House::new().await;
    let bad = format!("nl_live_{}", "0".repeat(64));
    let worse = house.as_key(&bad, Method::GET, "/api/leads").bearer_auth(&house.key);
    assert_eq!(text_of(worse).await.0, StatusCode::UNAUTHORIZED);
    let better = house.as_key(&house.key, Method::GET, "/api/leads").bearer_auth(&bad);
    assert_eq!(text_of(better).await.0, StatusCode::OK);
}

#[tokio::test]
async fn nl09_another_account_s_key_cannot_be_seen_or_managed() {
    let house = House::new().await;
    let (_, id) = house.made(&["leads:view"]).await;
    let stranger = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    let (_, list) = json_of(house.as_key(&stranger, Method::GET, "/api/api-keys")).await;
    assert_eq!(list.as_array().unwrap().len(), 1, "its own only");
    let foreign =
        text_of(house.as_key(&stranger, Method::PATCH, &format!("/api/api-keys/{id}/revoke"))).await;
    let unknown = text_of(house.as_key(&stranger, Method::PATCH, "/api/api-keys/none/revoke")).await;
    assert_eq!(foreign, unknown);
    assert_eq!(foreign.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nl11_past_its_expiry_a_key_is_401() {
    let house = House::new().await;
    let (_, body) = house
        .create(json!({ "name": "N", "scopes": ["leads:view"], "environment": "live", "expiresAt": "2026-11-21T13:00:00Z" }))
        .await;
    let value = text(&body["fullKey"]);
    assert_eq!(house.leads(&value).await.0, StatusCode::OK);
    house.hand.advance(Duration::from_secs(3600));
    assert_eq!(house.leads(&value).await, (StatusCode::UNAUTHORIZED, INVALID.to_owned()));
    let past = house.create(json!({ "name": "N", "scopes": ["leads:view"], "environment": "live", "expiresAt": "2020-01-01T00:00:00Z" })).await;
    assert_eq!(past.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nl17_a_key_without_the_scope_is_refused() {
    let house = House::new().await;
    let (value, _) = house.made(&["leads:view"]).await;
    assert_eq!(house.leads(&value).await.0, StatusCode::OK);
    assert_eq!(text_of(house.as_key(&value, Method::GET, "/api/api-keys")).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nl19_only_scopes_of_one_s_own_role_can_be_granted() {
    let house = House::new().await;
    let restricted = house.authority.issue_bootstrap_key(Role::Restricted).unwrap();
    let body = json!({ "name": "N", "scopes": ["leads:view", "campaigns:delete"], "environment": "live" });
    let words = r#"{"error":"Forbidden","message":"You do not have permission to perform this action (requires: campaigns:delete)."}"#;
    let refused = text_of(house.as_key(&restricted, Method::POST, "/api/api-keys").json(&body)).await;
    assert_eq!(refused, (StatusCode::FORBIDDEN, words.to_owned()));
}

#[tokio::test]
async fn nl20_revoked_expired_and_unknown_keys_get_the_identical_body() {
    let house = House::new().await;
    let (revoked, id) = house.made(&["leads:view"]).await;
    house.revoke(&id).await;
    let short = json!({
        "name": "N", "scopes": ["leads:view"], "environment": "live", "expiresAt": "2026-11-21T12:00:01Z"
    });
    let expired = text(&house.create(short).await.1["fullKey"]);
    house.hand.advance(Duration::from_secs(1));
    let unknown = format!("nl_live_{}", "f".repeat(64));
    for key in [revoked.as_str(), &expired, &unknown, "nonsense", ""] {
        assert_eq!(house.leads(key).await, (StatusCode::UNAUTHORIZED, INVALID.to_owned()), "{key:?}");
    }
}

#[tokio::test]
async fn nl21_no_key_gets_the_other_401_body() {
    let house = House::new().await;
    assert_eq!(
        text_of(house.call(Method::GET, "/api/leads")).await,
        (StatusCode::UNAUTHORIZED, MISSING.to_owned())
    );
}

#[tokio::test]
async fn nl22_a_missing_scope_is_named() {
    let house = House::new().await;
    let (value, _) = house.made(&["leads:view"]).await;
    let words = r#"{"error":"Forbidden","message":"API key does not have the required scope (requires: api_keys:view)."}"#;
    assert_eq!(
        text_of(house.as_key(&value, Method::GET, "/api/api-keys")).await,
        (StatusCode::FORBIDDEN, words.to_owned())
    );
}

#[tokio::test]
async fn nl23_a_missing_role_permission_gets_the_other_403_body() {
    let house = House::new().await;
    // The key was granted the scope while its maker was an owner; the role is gone since.
    let (value, _) = house.made(&["audit:view"]).await;
    house.authority.change_role(Role::Owner, Role::Restricted).unwrap();
    let words = r#"{"error":"Forbidden","message":"You do not have permission to perform this action (requires: audit:view)."}"#;
    assert_eq!(
        text_of(house.as_key(&value, Method::GET, "/api/audit-logs")).await,
        (StatusCode::FORBIDDEN, words.to_owned())
    );
}

#[tokio::test]
async fn nl25_reading_keys_needs_view_and_writing_needs_manage() {
    let house = House::new().await;
    let (reader, _) = house.made(&["api_keys:view"]).await;
    let (writer, _) = house.made(&["api_keys:manage"]).await;
    assert_eq!(text_of(house.as_key(&reader, Method::GET, "/api/api-keys")).await.0, StatusCode::OK);
    assert_eq!(text_of(house.as_key(&writer, Method::GET, "/api/api-keys")).await.0, StatusCode::FORBIDDEN);
    let body = json!({ "name": "N", "scopes": ["leads:view"], "environment": "live" });
    assert_eq!(
        text_of(house.as_key(&reader, Method::POST, "/api/api-keys").json(&body)).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        text_of(house.as_key(&writer, Method::POST, "/api/api-keys").json(&body)).await.0,
        StatusCode::CREATED
    );
}
