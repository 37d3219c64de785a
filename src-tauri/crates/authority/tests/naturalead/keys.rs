//! A key's life: rows about creating, listing, revoking, rotating and deleting.

use keyturn_authority::Role;
use reqwest::{Method, StatusCode};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::house::{House, INVALID, json_of, text, text_of};

#[tokio::test]
async fn nl03_the_prefix_follows_the_environment_and_64_hex_follow_it() {
    let house = House::new().await;
    for environment in ["live", "test"] {
        let (_, body) =
            house.create(json!({ "name": "N", "scopes": ["leads:view"], "environment": environment })).await;
        let key = text(&body["fullKey"]);
        let hex = key.strip_prefix(&format!("nl_{environment}_")).unwrap();
        assert_eq!(hex.len(), 64);
        assert!(hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    }
}

#[tokio::test]
async fn nl07_the_full_key_appears_at_creation_and_rotation_only() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    let (_, rotated) =
        json_of(house.as_key(&house.key, Method::POST, &format!("/api/api-keys/{id}/rotate"))).await;
    let successor = text(&rotated["fullKey"]);
    assert_ne!(value, successor);
    for path in ["/api/api-keys", "/api/audit-logs"] {
        let (_, body) = text_of(house.as_key(&house.key, Method::GET, path)).await;
        assert!(!body.contains(&value) && !body.contains(&successor) && !body.contains("fullKey"), "{path}");
    }
}

#[tokio::test]
async fn nl08_only_hashes_are_stored() {
    let house = House::new().await;
    let (value, _) = house.made(&["leads:view"]).await;
    let body = value.trim_start_matches("nl_live_").to_owned();
    house.authority.stop().await;
    for entry in std::fs::read_dir(house.dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(&body));
    }
}

#[tokio::test]
async fn nl10_the_hint_is_the_last_four_characters() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    let (_, list) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys")).await;
    let row = list.as_array().unwrap().iter().find(|key| key["id"] == id.as_str()).unwrap();
    assert_eq!(row["keyHint"], value[value.len() - 4..]);
}

#[tokio::test]
async fn nl12_create_takes_name_scopes_and_environment() {
    let house = House::new().await;
    // The documented example, as it stands.
    let example = json!({ "name": "CRM Integration", "scopes": ["leads:view", "leads:import", "leads:sync_create"], "environment": "live" });
    let (status, body) = house.create(example.clone()).await;
    assert_eq!(status, StatusCode::CREATED);
    for field in ["name", "scopes", "environment"] {
        assert_eq!(body["apiKey"][field], example[field]);
    }
    for odd in [
        json!({ "scopes": ["leads:view"], "environment": "live" }),
        json!({ "name": "", "scopes": ["leads:view"], "environment": "live" }),
        json!({ "name": "N", "scopes": [], "environment": "live" }),
        json!({ "name": "N", "scopes": ["leads:*"], "environment": "live" }),
        json!({ "name": "N", "scopes": ["leads:view"], "environment": "prod" }),
        json!([]),
    ] {
        let (status, body) = house.create(odd.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{odd}");
        assert!(body["error"].is_string());
    }
}

#[tokio::test]
async fn nl13_the_list_shows_all_keys_masked() {
    let house = House::new().await;
    house.authority.seed_rehearsal().unwrap();
    let (_, list) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys?limit=1000")).await;
    assert_eq!(list.as_array().unwrap().len(), 25);
    let (_, first) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys?limit=10")).await;
    let (_, rest) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys?skip=10&limit=100")).await;
    let both: Vec<_> = first.as_array().unwrap().iter().chain(rest.as_array().unwrap()).collect();
    assert_eq!(both, list.as_array().unwrap().iter().collect::<Vec<_>>());
    for status in ["active", "revoked", "expired"] {
        assert!(list.as_array().unwrap().iter().any(|key| key["status"] == status), "{status}");
    }
}

#[tokio::test]
async fn nl14_a_revoked_key_never_works_again() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    let revoke = format!("/api/api-keys/{id}/revoke");
    assert_eq!(text_of(house.as_key(&house.key, Method::PATCH, &revoke)).await.0, StatusCode::OK);
    assert_eq!(house.leads(&value).await, (StatusCode::UNAUTHORIZED, INVALID.to_owned()));
    let rotate = text_of(house.as_key(&house.key, Method::POST, &format!("/api/api-keys/{id}/rotate"))).await;
    assert_eq!(rotate.0, StatusCode::CONFLICT, "no way back through a rotation");
}

#[tokio::test]
async fn nl15_rotate_is_atomic_and_a_refused_one_changes_nothing() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    let reader = house.made(&["api_keys:view"]).await.0;
    let path = format!("/api/api-keys/{id}/rotate");
    assert_eq!(text_of(house.as_key(&reader, Method::POST, &path)).await.0, StatusCode::FORBIDDEN);
    assert_eq!(house.leads(&value).await.0, StatusCode::OK, "a refused rotation leaves the old key valid");
    let (status, body) = json_of(house.as_key(&house.key, Method::POST, &path)).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(house.leads(&value).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(house.leads(&text(&body["fullKey"])).await.0, StatusCode::OK);
    assert_eq!(body["apiKey"]["name"], "Made");
    assert_eq!(body["apiKey"]["scopes"], json!(["leads:view"]));
}

#[tokio::test]
async fn nl16_only_a_revoked_key_can_be_deleted() {
    let house = House::new().await;
    let (_, id) = house.made(&["leads:view"]).await;
    let path = format!("/api/api-keys/{id}");
    assert_eq!(text_of(house.as_key(&house.key, Method::DELETE, &path)).await.0, StatusCode::CONFLICT);
    house.as_key(&house.key, Method::PATCH, &format!("{path}/revoke")).send().await.unwrap();
    assert_eq!(text_of(house.as_key(&house.key, Method::DELETE, &path)).await.0, StatusCode::OK);
    let (_, list) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys")).await;
    assert!(list.as_array().unwrap().iter().all(|key| key["id"] != id.as_str()));
}

#[tokio::test]
async fn nl18_exactly_26_scopes_can_be_granted_and_no_wildcard() {
    let house = House::new().await;
    let (_, list) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys")).await;
    assert_eq!(list[0]["scopes"].as_array().unwrap().len(), 26);
    for wildcard in ["*", "leads:*"] {
        let (status, _) =
            house.create(json!({ "name": "N", "scopes": [wildcard], "environment": "live" })).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}

