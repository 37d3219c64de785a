//! Who is let in, and to what.

use keyturn_authority::{AuthorityError, Role, Switch};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{json_of, text};
use crate::vendor::{neural_draft, problem};

fn unauthorized() -> Value {
    json!({
        "type": "https://api.neuraldraft.io/errors/unauthorized",
        "title": "Unauthorized",
        "status": 401,
        "code": "unauthorized",
        "detail": "The API key is missing, malformed, expired or revoked."
    })
}

#[tokio::test]
async fn nd01_a_key_in_query_or_body_is_ignored() {
    let house = neural_draft().await;
    assert_eq!(house.probe(&house.key).await, StatusCode::OK);
    let key = &house.key;
    let elsewhere = [
        house.call(Method::GET, "/projects/me"),
        house.call(Method::GET, &format!("/projects/me?api_key={key}&token={key}&access_token={key}")),
        house.call(Method::POST, "/projects/me/api-keys").json(&json!({ "name": "n", "api_key": key })),
        house.call(Method::GET, "/projects/me").header("X-API-Key", key),
        house.call(Method::GET, "/projects/me").header("Authorization", key),
    ];
    for (number, request) in elsewhere.into_iter().enumerate() {
        let (status, body) = json_of(request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "case {number}");
        assert_eq!(problem(body), unauthorized(), "case {number}");
    }
    let bad_bearer = format!("/projects/me?api_key={key}");
    assert_eq!(
        json_of(house.as_key("ndsk_live_x", Method::GET, &bad_bearer)).await.0,
        StatusCode::UNAUTHORIZED,
        "nor does a good key in the query mend a bad one in the header"
    );
}

#[tokio::test]
async fn nd04_a_key_reaches_one_project() {
    let house = neural_draft().await;
    let stranger = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    let project = async |key: &str| json_of(house.as_key(key, Method::GET, "/projects/me")).await.1;
    let (own, foreign) = (project(&house.key).await, project(&stranger).await);
    assert_ne!(own["data"]["id"], foreign["data"]["id"]);
    let (value, id) = house.made(&["project:read"]).await;
    let (_, list) = json_of(house.as_key(&stranger, Method::GET, "/api-keys")).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 1, "its own");
    let ask = async |id: &str| {
        let request = house.as_key(&stranger, Method::DELETE, &format!("/api-keys/{id}"));
        let (status, body) = json_of(request).await;
        (status, problem(body))
    };
    assert_eq!(ask(&id).await, ask("key_unknown00000").await);
    assert_eq!(ask(&id).await.0, StatusCode::NOT_FOUND);
    assert_eq!(house.probe(&value).await, StatusCode::OK);
}

#[tokio::test]
async fn nd09_a_wildcard_covers_its_domain_and_a_star_everything() {
    let house = neural_draft().await;
    let table: [(&[&str], StatusCode); 6] = [
        (&["*"], StatusCode::OK),
        (&["project:*"], StatusCode::OK),
        (&["project:read"], StatusCode::OK),
        (&["project:write", "project:admin"], StatusCode::FORBIDDEN),
        (&["content:*"], StatusCode::FORBIDDEN),
        (&["content:*", "project:*"], StatusCode::OK),
    ];
    for (scopes, expected) in table {
        let (value, _) = house.made(scopes).await;
        assert_eq!(house.probe(&value).await, expected, "{scopes:?}");
    }
}

#[tokio::test]
async fn nd11_listing_needs_read_and_minting_and_revoking_need_admin() {
    let house = neural_draft().await;
    let (reader, id) = house.made(&["project:read"]).await;
    let (admin, _) = house.made(&["project:admin"]).await;
    let body = json!({ "name": "n", "scopes": ["content:read"] });
    for base in ["/projects/me/api-keys", "/api-keys"] {
        let ask = async |key: &str, method: Method, path: &str| {
            let request = house.as_key(key, method, &format!("{base}{path}")).json(&body);
            request.send().await.unwrap().status()
        };
        assert_eq!(ask(&reader, Method::GET, "").await, StatusCode::OK);
        assert_eq!(ask(&admin, Method::GET, "").await, StatusCode::FORBIDDEN);
        assert_eq!(ask(&reader, Method::POST, "").await, StatusCode::FORBIDDEN);
        assert_eq!(ask(&admin, Method::POST, "").await, StatusCode::CREATED);
        let one = format!("/{id}");
        assert_eq!(ask(&reader, Method::DELETE, &one).await, StatusCode::FORBIDDEN);
        assert_eq!(ask(&admin, Method::DELETE, &one).await, StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn nd12_a_403_names_the_needed_scope() {
    let house = neural_draft().await;
    let (value, _) = house.made(&["content:read"]).await;
    let cases = [
        (Method::GET, "/projects/me", "project:read"),
        (Method::GET, "/api-keys", "project:read"),
        (Method::POST, "/api-keys", "project:admin"),
        (Method::DELETE, "/api-keys/key_x", "project:admin"),
        (Method::POST, "/jobs", "content:write"),
        (Method::GET, "/jobs/job_x", "jobs:read"),
    ];
    for (method, path, needed) in cases {
        let reply = house.as_key(&value, method, path).body("{}").send().await.unwrap();
        assert_eq!(reply.status(), StatusCode::FORBIDDEN, "{path}");
        assert_eq!(reply.headers()["content-type"], "application/problem+json");
        // The documented example, with another scope.
        let expected = json!({
            "type": "https://api.neuraldraft.io/errors/forbidden",
            "title": "Forbidden",
            "status": 403,
            "code": "forbidden",
            "detail": format!("This API key does not have the `{needed}` scope.")
        });
        assert_eq!(problem(reply.json().await.unwrap()), expected, "{path}");
    }
}

#[tokio::test]
async fn nd14_missing_malformed_expired_and_revoked_are_401_alike() {
    let house = neural_draft().await;
    let soon = json!({ "name": "n", "scopes": ["project:read"], "expires_at": "2026-11-21T12:00:30Z" });
    let (_, expiring) = house.create(soon).await;
    let expired = text(&expiring["data"]["secret"]);
    let (revoked, id) = house.made(&["project:read"]).await;
    assert_eq!(house.probe(&expired).await, StatusCode::OK);
    assert_eq!(house.revoke(&id).await, StatusCode::NO_CONTENT);
    house.hand.advance(std::time::Duration::from_secs(61));
    let unknown = format!("ndsk_live_{}", "0".repeat(32));
    for key in [&expired, &revoked, &unknown, "ndsk_live_", "ndsk_prod_x", "x", ""] {
        let (status, body) = json_of(house.as_key(key, Method::GET, "/projects/me")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{key}");
        assert_eq!(problem(body), unauthorized(), "{key}");
    }
    let (_, missing) = json_of(house.call(Method::GET, "/projects/me")).await;
    assert_eq!(problem(missing), unauthorized());
}

#[tokio::test]
async fn nd15_without_credits_a_good_key_gets_402_and_a_bad_one_401() {
    let house = neural_draft().await;
    house.authority.turn(Switch::OutOfCredits, true);
    let (status, body) = json_of(house.as_owner(Method::GET, "/projects/me")).await;
    assert_eq!(status, StatusCode::PAYMENT_REQUIRED);
    let expected = json!({
        "type": "https://api.neuraldraft.io/errors/out_of_credits",
        "title": "Payment Required",
        "status": 402,
        "code": "out_of_credits",
        "detail": "This project has 0 credits. Top up or upgrade."
    });
    assert_eq!(problem(body), expected);
    assert_eq!(house.probe(&format!("ndsk_live_{}", "0".repeat(32))).await, StatusCode::UNAUTHORIZED);
    house.authority.turn(Switch::OutOfCredits, false);
    assert_eq!(house.probe(&house.key).await, StatusCode::OK);
}

#[tokio::test]
async fn nd18_several_keys_are_valid_at_once() {
    let house = neural_draft().await;
    let (first, _) = house.made(&["project:read"]).await;
    let (second, _) = house.made(&["project:read"]).await;
    for key in [&house.key, &first, &second] {
        assert_eq!(house.probe(key).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn there_are_no_roles() {
    let house = neural_draft().await;
    let refused = house.authority.issue_bootstrap_key(Role::Restricted).unwrap_err();
    assert!(matches!(refused, AuthorityError::NoRoles(_)));
    assert!(matches!(
        house.authority.change_role(Role::Owner, Role::Restricted).unwrap_err(),
        AuthorityError::NoRoles(_)
    ));
    let list = house.list().await;
    assert_eq!(list[0]["scopes"], json!(["project:read", "project:admin"]), "what managing takes");
}
