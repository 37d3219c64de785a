//! Who is let in, and to what.

use keyturn_authority::{Role, Switch};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::house::{json_of, text};
use crate::vendor::{natural, problem};

#[tokio::test]
async fn nt01_a_key_is_taken_from_bearer_only() {
    let house = natural().await;
    assert_eq!(house.status_of(&house.key).await, StatusCode::OK);
    let lower = house.call(Method::GET, "/api-keys").header("Authorization", format!("bearer {}", house.key));
    assert_eq!(json_of(lower).await.0, StatusCode::OK, "the scheme is any case's");
    let key = &house.key;
    let elsewhere = [
        house.call(Method::GET, "/api-keys"),
        house.call(Method::GET, "/api-keys").header("X-API-Key", key),
        house.call(Method::GET, "/api-keys").header("Authorization", key),
        house.call(Method::GET, "/api-keys").basic_auth(key, Some("")),
        house.call(Method::GET, &format!("/api-keys?api_key={key}&access_token={key}")),
        house.call(Method::POST, "/api-keys").json(&json!({ "api_key": key })),
    ];
    for (number, request) in elsewhere.into_iter().enumerate() {
        let (status, body) = json_of(request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "case {number}");
        let expected = json!({
            "code": "unauthenticated", "status": "401",
            "detail": "The API key is missing, malformed, unknown, expired or revoked."
        });
        assert_eq!(problem(body), expected, "case {number}");
    }
}

#[tokio::test]
async fn what_is_no_key_of_this_vendor_is_401() {
    let house = natural().await;
    let body = "A".repeat(43);
    for odd in [
        format!("sk_ntl_prod_{body}"),
        format!("sk_ntl_live_{body}"),
        format!("sk_ntl_prod_{body}A"),
        format!("sk_ntl_sandbox_{}!", &body[1..]),
        house.key.to_uppercase(),
        house.key[..28].to_owned(),
    ] {
        assert_eq!(house.status_of(&odd).await, StatusCode::UNAUTHORIZED, "{odd}");
    }
}

#[tokio::test]
async fn nt02_an_instance_is_required_with_an_agent() {
    let house = natural().await;
    let list = || house.as_owner(Method::GET, "/api-keys");
    for request in [
        list().header("X-Agent-ID", "agt_1"),
        list().header("X-Agent-ID", "agt_1").header("X-Instance-ID", ""),
    ] {
        let (status, body) = json_of(request).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        let expected = json!({
            "code": "invalid_value", "status": "400", "source": { "header": "X-Instance-ID" },
            "detail": "X-Instance-ID is required when X-Agent-ID is present"
        });
        assert_eq!(problem(body), expected);
    }
    let both = list().header("X-Agent-ID", "agt_1").header("X-Instance-ID", "s");
    assert_eq!(json_of(both).await.0, StatusCode::OK);
}

#[tokio::test]
async fn nt03_an_instance_of_more_than_1024_characters_is_refused() {
    let house = natural().await;
    for (length, expected) in [(1024, StatusCode::OK), (1025, StatusCode::BAD_REQUEST)] {
        let request = house.as_owner(Method::GET, "/api-keys").header("X-Agent-ID", "agt_1");
        let (status, body) = json_of(request.header("X-Instance-ID", "i".repeat(length))).await;
        assert_eq!(status, expected, "{length}: {body}");
    }
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let house = natural().await;
    let (reader, _) = house.made(&["api_keys.read"]).await;
    let (other, id) = house.made(&["payments.read"]).await;
    let create = json!({ "data": { "attributes": { "name": "N", "scopes": ["party.read"] } } });
    let cases = [
        (house.as_key(&other, Method::GET, "/api-keys"), "api_keys.read"),
        (house.as_key(&other, Method::GET, &format!("/api-keys/{id}")), "api_keys.read"),
        (house.as_key(&reader, Method::POST, "/api-keys").json(&create), "api_keys.create"),
        (house.as_key(&reader, Method::DELETE, &format!("/api-keys/{id}")), "api_keys.delete"),
    ];
    for (request, needed) in cases {
        let (status, body) = json_of(request.header("Idempotency-Key", "one")).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let detail = format!("This API key does not have the {needed} scope.");
        assert_eq!(problem(body), json!({ "code": "forbidden", "status": "403", "detail": detail }));
    }
}

#[tokio::test]
async fn a_role_grants_what_it_holds_and_no_more() {
    let house = natural().await;
    let restricted = house.authority.issue_bootstrap_key(Role::Restricted).unwrap();
    let create = async |attributes| {
        let body = json!({ "data": { "attributes": attributes } });
        json_of(house.as_key(&restricted, Method::POST, "/api-keys").json(&body)).await
    };
    let (status, body) = create(json!({ "name": "N", "scopes": ["payments.create"] })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(text(&problem(body)["detail"]).contains("payments.create"));
    assert_eq!(create(json!({ "name": "N", "scopes": ["payments.read"] })).await.0, StatusCode::CREATED);
    let (_, all) = create(json!({ "name": "All" })).await;
    assert_eq!(all["data"]["attributes"]["scopes"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn a_managing_key_holds_what_managing_takes() {
    let house = natural().await;
    let list = house.list("").await;
    let managing = json!(["api_keys.read", "api_keys.create", "api_keys.delete"]);
    assert_eq!(list["data"][0]["attributes"]["scopes"], managing);
}

#[tokio::test]
async fn nt19_a_missing_and_a_foreign_id_are_the_same_404() {
    let house = natural().await;
    let (_, id) = house.made(&["party.read"]).await;
    let stranger = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    for method in [Method::GET, Method::DELETE] {
        let ask = async |id: &str| {
            let request = house.as_key(&stranger, method.clone(), &format!("/api-keys/{id}"));
            let (status, body) = json_of(request.header("Idempotency-Key", "one")).await;
            (status, problem(body))
        };
        let foreign = ask(&id).await;
        assert_eq!(foreign.0, StatusCode::NOT_FOUND);
        assert_eq!(foreign.1["code"], "not_found");
        assert_eq!(foreign, ask("apy_00000000000000000000000000000000").await);
    }
    assert_eq!(house.get(&id).await.1["data"]["attributes"]["status"], "ACTIVE", "and nothing was done");
}

#[tokio::test]
async fn nt20_where_factors_are_required_keys_are_neither_made_nor_revoked() {
    let house = natural().await;
    let (_, id) = house.made(&["party.read"]).await;
    house.authority.turn(Switch::MfaRequired, true);
    let refused = [
        house.create(json!({ "name": "N", "scopes": ["party.read"] })).await,
        house.revoke(&id, "one").await,
    ];
    for (status, body) in refused {
        assert_eq!(status, StatusCode::PRECONDITION_REQUIRED);
        let expected = json!({
            "code": "mfa_required", "status": "428",
            "detail": "Multi-factor authentication is required for this."
        });
        assert_eq!(problem(body), expected);
    }
    assert_eq!(house.list("?status=ACTIVE").await["data"].as_array().unwrap().len(), 2);
    house.authority.turn(Switch::MfaRequired, false);
    assert_eq!(house.revoke(&id, "one").await.0, StatusCode::OK);
}
