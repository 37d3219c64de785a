//! A key's life: rows about creating, listing, revoking and deleting.

use reqwest::{Method, StatusCode};
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
    let (value, id) = house.made(&["leads:view"]).await;
    let successor = text(&house.rotate(&id).await.1["fullKey"]);
    // While it runs (the write-ahead log is full) and after it stopped.
    assert_eq!(where_found(&house, &[&value, &successor]), Vec::<String>::new());
    let house = house.restarted(|_| {}).await;
    assert_eq!(where_found(&house, &[&value, &successor]), Vec::<String>::new());
    assert_eq!(house.leads(&successor).await.0, StatusCode::OK, "the hash is there");
}

/// Which files of the store hold any of these keys' random part, as hex or as the bytes it stands for.
fn where_found(house: &House, keys: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(house.dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.is_empty() || path.to_string_lossy().ends_with("-wal"), "{path:?}");
        for key in keys {
            let body = key.trim_start_matches("nl_live_");
            let needles = [body.as_bytes().to_vec(), hex::decode(body).unwrap()];
            if needles.iter().any(|needle| bytes.windows(needle.len()).any(|part| part == needle)) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test]
async fn nl10_the_hint_is_the_last_four_characters_and_the_list_has_it() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    let list = house.list().await;
    let row = list.iter().find(|key| key["id"] == id.as_str()).unwrap();
    assert_eq!(row["keyHint"], value[value.len() - 4..]);
}

#[tokio::test]
async fn nl12_create_takes_name_scopes_and_environment() {
    let house = House::new().await;
    // The documented example, as it stands.
    let (status, reply) = house
        .create(json!({
            "name": "CRM Integration",
            "scopes": ["leads:view", "leads:import", "leads:sync_create"],
            "environment": "live"
        }))
        .await;
    assert_eq!(status, StatusCode::CREATED);
    insta::with_settings!({ sort_maps => true }, {
        insta::assert_json_snapshot!(reply, {
            ".fullKey" => "[key]", ".apiKey.id" => "[id]", ".apiKey.keyHint" => "[last four]"
        }, @r#"
      {
        "apiKey": {
          "createdAt": "2026-11-21T12:00:00.000Z",
          "createdBy": "owner@rehearsal.example",
          "environment": "live",
          "expiresAt": null,
          "id": "[id]",
          "keyHint": "[last four]",
          "keyPrefix": "nl_live_",
          "lastUsedAt": null,
          "name": "CRM Integration",
          "revokedAt": null,
          "scopes": [
            "leads:view",
            "leads:import",
            "leads:sync_create"
          ],
          "status": "active"
        },
        "fullKey": "[key]"
      }
      "#);
    });
}

#[tokio::test]
async fn a_create_that_makes_no_sense_is_refused_in_words() {
    let house = House::new().await;
    let long = "x".repeat(256);
    for odd in [
        json!({ "scopes": ["leads:view"], "environment": "live" }),
        json!({ "name": "", "scopes": ["leads:view"], "environment": "live" }),
        json!({ "name": "  ", "scopes": ["leads:view"], "environment": "live" }),
        json!({ "name": long, "scopes": ["leads:view"], "environment": "live" }),
        json!({ "name": 7, "scopes": ["leads:view"], "environment": "live" }),
        json!({ "name": "N", "scopes": [], "environment": "live" }),
        json!({ "name": "N", "scopes": "leads:view", "environment": "live" }),
        json!({ "name": "N", "scopes": ["leads:*"], "environment": "live" }),
        json!({ "name": "N", "scopes": ["leads:view"], "environment": "prod" }),
        json!({ "name": "N", "scopes": ["leads:view"], "environment": "live", "expiresAt": "tomorrow" }),
        json!({ "name": "N", "scopes": ["leads:view"], "environment": "live", "expiresAt": "2026-11-21T12:00:00Z" }),
        json!([]),
        json!(null),
    ] {
        let (status, body) = house.create(odd.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{odd}");
        assert!(body["error"].is_string(), "{odd}");
    }
    assert_eq!(house.list().await.len(), 1, "nothing was made");
}

#[tokio::test]
async fn nl13_the_list_shows_all_keys_masked() {
    let house = House::new().await;
    house.authority.seed_rehearsal().unwrap();
    let list = house.list().await;
    assert_eq!(list.len(), 25);
    for status in ["active", "revoked", "expired"] {
        assert!(list.iter().any(|key| key["status"] == status), "{status}");
    }
    let crm = list.iter().find(|key| key["name"] == "CRM integration").unwrap();
    insta::with_settings!({ sort_maps => true }, {
        insta::assert_json_snapshot!(crm, { ".id" => "[id]", ".keyHint" => "[last four]" }, @r#"
      {
        "createdAt": "2026-04-25T12:00:00.000Z",
        "createdBy": "ana@rehearsal.example",
        "environment": "live",
        "expiresAt": "2027-04-25T12:00:00.000Z",
        "id": "[id]",
        "keyHint": "[last four]",
        "keyPrefix": "nl_live_",
        "lastUsedAt": "2026-11-21T11:56:00.000Z",
        "name": "CRM integration",
        "revokedAt": null,
        "scopes": [
          "leads:view",
          "leads:import",
          "leads:sync_create"
        ],
        "status": "active"
      }
      "#);
    });
}

#[tokio::test]
async fn the_list_comes_in_pages_of_50_unless_asked_otherwise() {
    let house = House::new().await;
    house.authority.seed_many(1500).unwrap();
    let page = async |query: &str| -> Vec<Value> {
        let (status, body) =
            json_of(house.as_key(&house.key, Method::GET, &format!("/api/api-keys{query}"))).await;
        assert_eq!(status, StatusCode::OK, "{query}");
        body.as_array().unwrap().clone()
    };
    assert_eq!(page("").await.len(), 50);
    assert_eq!(page("?limit=5000").await.len(), 1000, "the most that is given at once");
    assert_eq!(page("?skip=5000").await.len(), 0);
    let mut together = page("?limit=1000").await;
    together.extend(page("?skip=1000&limit=1000").await);
    let ids: std::collections::HashSet<_> = together.iter().map(|key| text(&key["id"])).collect();
    assert_eq!((together.len(), ids.len()), (1501, 1501), "none twice, none missing");
    assert!(together.is_sorted_by(|newer, older| text(&newer["createdAt"]) >= text(&older["createdAt"])));
}

#[tokio::test]
async fn nl14_a_revoked_key_never_works_again() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    let (status, reply) = house.revoke(&id).await;
    assert_eq!((status, &reply["status"]), (StatusCode::OK, &json!("revoked")));
    assert_eq!(house.leads(&value).await, (StatusCode::UNAUTHORIZED, INVALID.to_owned()));
    assert_eq!(house.rotate(&id).await.0, StatusCode::CONFLICT, "no way back through a rotation");
    house.hand.advance(std::time::Duration::from_secs(60));
    let again = house.revoke(&id).await;
    assert_eq!(again, (StatusCode::OK, reply), "repeating it changes nothing, not even its time");
}

#[tokio::test]
async fn nl16_only_a_revoked_key_can_be_deleted() {
    let house = House::new().await;
    let (_, id) = house.made(&["leads:view"]).await;
    let delete = || text_of(house.as_key(&house.key, Method::DELETE, &format!("/api/api-keys/{id}")));
    assert_eq!(delete().await.0, StatusCode::CONFLICT);
    house.revoke(&id).await;
    assert_eq!(delete().await.0, StatusCode::OK);
    assert!(house.list().await.iter().all(|key| key["id"] != id.as_str()));
    assert_eq!(delete().await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nl18_exactly_26_scopes_can_be_granted_and_no_wildcard() {
    let house = House::new().await;
    let list = house.list().await;
    // The vendor's table, in its order.
    let table = "leads:view leads:import leads:start_conversation leads:sync_create leads:sync_delete \
        conversations:view conversations:edit conversations:send_message conversations:change_status \
        agent_config:view agent_config:edit \
        knowledge:view knowledge:upload knowledge:delete \
        campaigns:view campaigns:create campaigns:edit campaigns:launch campaigns:delete \
        analytics:view \
        ab_testing:view ab_testing:manage \
        audit:view audit:export \
        api_keys:view api_keys:manage";
    let table: Vec<_> = table.split(' ').collect();
    assert_eq!(list[0]["scopes"], json!(table), "an owner's bootstrap key has them all");
    assert_eq!(table.len(), 26);
    for wildcard in ["*", "leads:*"] {
        let (status, _) =
            house.create(json!({ "name": "N", "scopes": [wildcard], "environment": "live" })).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}
