//! Rows about minting and listing.

use keyturn_authority::{AuthorityError, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{json_of, text};
use crate::vendor::{neural_draft, problem};

#[tokio::test]
async fn nd03_a_key_is_prefix_environment_and_32_letters_and_digits() {
    let house = neural_draft().await;
    let (value, id) = house.made(&["content:read"]).await;
    let secret = value.strip_prefix("ndsk_live_").unwrap();
    assert!(secret.len() == 32 && secret.bytes().all(|b| b.is_ascii_alphanumeric()));
    let listed = house.listed(&id).await;
    assert_eq!(listed["prefix"], "ndsk_live_");
    assert_eq!(listed["masked"], format!("ndsk_live_…{}", &secret[28..]));
    assert!(id.strip_prefix("key_").is_some_and(|id| id.len() == 12));
}

#[tokio::test]
async fn a_minted_key_is_the_object_plus_its_secret() {
    let house = neural_draft().await;
    let (status, reply) =
        house.create(json!({ "name": "prod-builder", "scopes": ["content:read", "blog:read"] })).await;
    assert_eq!(status, StatusCode::CREATED);
    insta::with_settings!({ sort_maps => true }, {
        insta::assert_json_snapshot!(reply, {
            ".data.id" => "[id]", ".data.secret" => "[key]", ".data.masked" => "[masked]"
        }, @r#"
      {
        "data": {
          "created_at": "2026-11-21T12:00:00.000Z",
          "id": "[id]",
          "last_used_at": null,
          "masked": "[masked]",
          "name": "prod-builder",
          "prefix": "ndsk_live_",
          "scopes": [
            "content:read",
            "blog:read"
          ],
          "secret": "[key]",
          "usage": []
        }
      }
      "#);
    });
}

#[tokio::test]
async fn nd06_a_name_is_required() {
    let house = neural_draft().await;
    let long = "x".repeat(256);
    for odd in [
        json!({ "scopes": ["content:read"] }),
        json!({ "name": "", "scopes": ["content:read"] }),
        json!({ "name": "  ", "scopes": ["content:read"] }),
        json!({ "name": null, "scopes": ["content:read"] }),
        json!({ "name": long, "scopes": ["content:read"] }),
        json!({ "name": "n", "scopes": [] }),
        json!({ "name": "n", "scopes": ["content"] }),
        json!({ "name": "n", "scopes": ["nothing:*"] }),
        json!({ "name": "n", "scopes": "*" }),
        json!({ "name": "n", "expires_at": "tomorrow" }),
        json!({ "name": "n", "expires_at": "2026-11-21T12:00:00Z" }),
        json!([]),
    ] {
        let (status, body) = house.create(odd.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{odd}");
        let problem = problem(body);
        assert_eq!(problem["code"], "validation_failed", "{odd}");
        assert_eq!(problem["type"], "https://api.neuraldraft.io/errors/validation_failed");
    }
    assert_eq!(house.list().await.len(), 1, "nothing was made");
}

#[tokio::test]
async fn nd07_without_scopes_a_key_reads_and_writes_content_blog_and_social() {
    let house = neural_draft().await;
    let (status, reply) = house.create(json!({ "name": "n" })).await;
    assert_eq!(status, StatusCode::CREATED);
    let default = ["content:read", "content:write", "blog:read", "blog:write", "social:read", "social:write"];
    assert_eq!(reply["data"]["scopes"], json!(default));
}

#[tokio::test]
async fn every_scope_of_the_page_and_a_wildcard_of_each_domain_can_be_granted() {
    let house = neural_draft().await;
    let page = "* project:read project:write project:admin content:read content:write brand:read brand:write \
        images:read images:write blog:read blog:write social:read social:write social:publish social:connect \
        booking:read booking:write booking:admin commerce:read commerce:write commerce:admin \
        webhooks:read webhooks:write jobs:read \
        project:* content:* brand:* images:* blog:* social:* booking:* commerce:* webhooks:* jobs:*";
    let all: Vec<_> = page.split(' ').collect();
    let (status, reply) = house.create(json!({ "name": "n", "scopes": all })).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(reply["data"]["scopes"], json!(all));
}

#[tokio::test]
async fn nd08_a_key_is_shown_once_and_only_its_hash_is_stored() {
    let house = neural_draft().await;
    let (value, id) = house.made(&["project:read"]).await;
    for path in ["/api-keys", "/projects/me/api-keys", "/projects/me"] {
        let (_, body) = json_of(house.as_key(&value, Method::GET, path)).await;
        assert!(!body.to_string().contains(&value[..14]) && !body.to_string().contains("secret"), "{path}");
    }
    let duplicate =
        json_of(house.as_owner(Method::POST, "/api-keys").json(&json!({ "scopes": [value] }))).await;
    assert!(!duplicate.1.to_string().contains(&value));
    assert_eq!(house.where_found(&[&value[10..]]), Vec::<String>::new());
    assert_eq!(house.where_found(&[&id]).len(), 1, "the search finds what is there");
    let house = house.restarted().await;
    assert_eq!(house.where_found(&[&value[10..]]), Vec::<String>::new());
    assert_eq!(house.probe(&value).await, StatusCode::OK);
}

#[tokio::test]
async fn both_paths_are_one_list() {
    let house = neural_draft().await;
    house.authority.seed_rehearsal().unwrap();
    let (_, one) = json_of(house.as_owner(Method::GET, "/api-keys")).await;
    let ids = |keys: &[Value]| keys.iter().map(|key| text(&key["id"])).collect::<Vec<_>>();
    assert_eq!(ids(one["data"].as_array().unwrap()), ids(&house.list().await));
    let (status, minted) =
        json_of(house.as_owner(Method::POST, "/api-keys").json(&json!({ "name": "n" }))).await;
    assert_eq!(status, StatusCode::CREATED);
    let id = text(&minted["data"]["id"]);
    let delete = house.as_owner(Method::DELETE, &format!("/projects/me/api-keys/{id}"));
    assert_eq!(delete.send().await.unwrap().status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn nd24_the_21st_active_key_is_409_and_a_revoked_one_frees_its_place() {
    let house = neural_draft().await;
    let mut last = String::new();
    for _ in 0..19 {
        last = house.made(&["content:read"]).await.1;
    }
    assert_eq!(house.list().await.len(), 20, "the managing key is one of them");
    let (status, body) = house.create(json!({ "name": "one too many" })).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let expected = json!({
        "type": "https://api.neuraldraft.io/errors/key_limit_reached",
        "title": "Conflict",
        "status": 409,
        "code": "key_limit_reached",
        "detail": "This project has 20 active API keys. Revoke an unused one first."
    });
    assert_eq!(problem(body), expected);
    let refused = house.authority.issue_bootstrap_key(Role::Owner).unwrap_err();
    assert!(matches!(refused, AuthorityError::KeyLimit(20)));
    house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    assert_eq!(house.revoke(&last).await, StatusCode::NO_CONTENT);
    assert_eq!(
        house.create(json!({ "name": "fits" })).await.0,
        StatusCode::CREATED,
        "although it is still accepted"
    );
    assert_eq!(house.create(json!({ "name": "too many again" })).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn nd24_of_many_who_want_the_last_place_one_gets_it() {
    let house = neural_draft().await;
    for _ in 0..18 {
        house.made(&["content:read"]).await;
    }
    let body = json!({ "name": "n" });
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..8 {
        crowd.spawn(house.as_owner(Method::POST, "/api-keys").json(&body).send());
    }
    let statuses: Vec<_> = crowd.join_all().await.into_iter().map(|reply| reply.unwrap().status()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::CREATED).count(), 1, "{statuses:?}");
    assert_eq!(house.list().await.len(), 20);
}

#[tokio::test]
async fn the_rehearsal_leaves_room_below_the_limit() {
    let house = neural_draft().await;
    house.authority.seed_rehearsal().unwrap();
    let list = house.list().await;
    assert_eq!(list.len(), 17, "16 active ones and the managing key; revoked ones are not listed");
    assert!(list.iter().any(|key| key["prefix"] == "ndsk_test_"));
    assert!(list.iter().any(|key| key["last_used_at"] == Value::Null));
    let server = list.iter().find(|key| key["name"] == "prod-server").unwrap();
    insta::with_settings!({ sort_maps => true }, {
        insta::assert_json_snapshot!(server, { ".id" => "[id]", ".masked" => "[masked]" }, @r#"
      {
        "created_at": "2025-10-07T12:00:00.000Z",
        "id": "[id]",
        "last_used_at": "2026-11-21T11:59:30.000Z",
        "masked": "[masked]",
        "name": "prod-server",
        "prefix": "ndsk_live_",
        "scopes": [
          "*"
        ],
        "usage": [
          {
            "count": 16440,
            "ip": "203.0.113.162",
            "last_used_at": "2026-11-21T11:59:30.000Z"
          },
          {
            "count": 411,
            "ip": "198.51.100.162",
            "last_used_at": "2026-11-18T11:59:30.000Z"
          }
        ]
      }
      "#);
    });
}

#[tokio::test]
async fn a_crowd_of_believable_keys_keeps_the_limit() {
    let house = neural_draft().await;
    house.authority.seed_many(300).unwrap();
    assert_eq!(house.list().await.len(), 17);
    assert_eq!(house.create(json!({ "name": "n" })).await.0, StatusCode::CREATED);
}
