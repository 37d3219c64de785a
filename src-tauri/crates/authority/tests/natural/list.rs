//! Rows about lists.

use std::collections::HashSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, json_of, text};
use crate::vendor::{natural, problem};

fn keys(list: &Value) -> &Vec<Value> {
    list["data"].as_array().unwrap()
}

async fn refused(house: &House, query: &str) -> Value {
    let (status, body) = json_of(house.as_owner(Method::GET, &format!("/api-keys?{query}"))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    problem(body)
}

#[tokio::test]
async fn nt04_status_is_active_or_revoked() {
    let house = natural().await;
    house.authority.seed_rehearsal().unwrap();
    assert_eq!(keys(&house.list("").await).len(), 25);
    for (status, count) in [("ACTIVE", 22), ("REVOKED", 3)] {
        let list = house.list(&format!("?status={status}")).await;
        assert_eq!(keys(&list).len(), count);
        assert!(keys(&list).iter().all(|key| key["attributes"]["status"] == status));
    }
    for odd in ["status=active", "status=EXPIRED", "status="] {
        assert_eq!(refused(&house, odd).await["source"], json!({ "parameter": "status" }));
    }
}

#[tokio::test]
async fn nt05_environment_is_sandbox_or_prod() {
    let house = natural().await;
    house.authority.seed_rehearsal().unwrap();
    for (environment, count) in [("sandbox", 4), ("prod", 21)] {
        let list = house.list(&format!("?environment={environment}")).await;
        assert_eq!(keys(&list).len(), count);
        assert!(keys(&list).iter().all(|key| key["attributes"]["environment"] == environment));
    }
    assert_eq!(keys(&house.list("?environment=sandbox&status=REVOKED").await).len(), 1);
    for odd in ["environment=live", "environment=PROD", "environment="] {
        assert_eq!(refused(&house, odd).await["source"], json!({ "parameter": "environment" }));
    }
}

#[tokio::test]
async fn nt06_limit_is_1_to_100_and_50_unless_asked_otherwise() {
    let house = natural().await;
    house.authority.seed_many(150).unwrap();
    for (query, count) in [("", 50), ("?limit=1", 1), ("?limit=100", 100)] {
        assert_eq!(keys(&house.list(query).await).len(), count, "{query}");
    }
    for odd in ["limit=0", "limit=101", "limit=-1", "limit=ten", "limit="] {
        let expected = json!({
            "code": "invalid_value", "status": "400", "source": { "parameter": "limit" },
            "detail": "limit must be a whole number from 1 to 100"
        });
        assert_eq!(refused(&house, odd).await, expected);
    }
}

/// Follows the cursor from `query` to the end.
async fn all(house: &House, query: &str, mut between: impl AsyncFnMut()) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let list = house.list(&format!("?{query}&cursor={cursor}")).await;
        ids.extend(keys(&list).iter().map(|key| text(&key["id"])));
        let pagination = &list["meta"]["pagination"];
        if pagination["hasMore"] == false {
            assert_eq!(pagination["nextCursor"], Value::Null);
            return ids;
        }
        cursor = text(&pagination["nextCursor"]);
        between().await;
    }
}

#[tokio::test]
async fn nt07_the_cursor_leads_through_every_key_once() {
    let house = natural().await;
    house.authority.seed_many(249).unwrap();
    let ids = all(&house, "limit=100", async || {}).await;
    let different: HashSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), different.len()), (250, 250));
    assert_eq!(all(&house, "limit=50", async || {}).await, ids, "250 keys end with a full page");
    let sandbox = all(&house, "limit=10&environment=sandbox", async || {}).await;
    assert!(sandbox.len() > 10 && sandbox.iter().all(|id| different.contains(id)));
}

#[tokio::test]
async fn nt07_a_cursor_stays_good_while_keys_come() {
    let house = natural().await;
    house.authority.seed_many(29).unwrap();
    let before: HashSet<_> = all(&house, "limit=100", async || {}).await.into_iter().collect();
    let seen = all(&house, "limit=10", async || {
        house.made(&["party.read"]).await;
    })
    .await;
    let different: HashSet<_> = seen.iter().cloned().collect();
    assert_eq!(different.len(), seen.len(), "none twice");
    assert_eq!(different, before, "none missing, and the new ones are newer than the place");
}

#[tokio::test]
async fn nt07_a_cursor_that_was_not_given_is_refused() {
    let house = natural().await;
    for odd in ["x", "00", "%ff", "7a7a", &"ab".repeat(300)] {
        let problem = refused(&house, &format!("cursor={odd}")).await;
        assert_eq!(problem["source"], json!({ "parameter": "cursor" }), "{odd}");
    }
}

#[tokio::test]
async fn nt08_data_and_meta_are_there_even_when_there_is_nothing() {
    let house = natural().await;
    let nothing = house.list("?environment=sandbox").await;
    assert_eq!(
        nothing,
        json!({ "data": [], "meta": { "pagination": { "hasMore": false, "nextCursor": null } } })
    );
}

#[tokio::test]
async fn nt09_a_list_never_contains_a_full_key() {
    let house = natural().await;
    let (value, id) = house.made(&["party.read"]).await;
    for body in [house.list("").await, house.get(&id).await.1] {
        let body = body.to_string();
        assert!(body.contains(&value[..28]) && !body.contains(&value[..29]));
        assert!(!body.contains(&house.key) && !body.contains("\"apiKey\":"));
    }
}

#[tokio::test]
async fn nt15_times_are_rfc_3339_utc_with_z() {
    let house = natural().await;
    house.authority.seed_rehearsal().unwrap();
    let list = house.list("").await;
    let mut times = 0;
    for key in keys(&list) {
        for field in ["createdAt", "expiresAt", "lastUsedAt", "revokedAt"] {
            let Some(time) = key["attributes"][field].as_str() else {
                assert_eq!(key["attributes"][field], Value::Null);
                continue;
            };
            assert!(time.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{time}");
            times += 1;
        }
    }
    assert!(times > 40);
}

#[tokio::test]
async fn the_rehearsal_looks_like_a_company_at_work() {
    let house = natural().await;
    house.authority.seed_rehearsal().unwrap();
    let list = house.list("").await;
    let leaked = keys(&list).iter().find(|key| key["attributes"]["name"] == "Leaked in a screenshot");
    insta::with_settings!({ sort_maps => true }, {
        insta::assert_json_snapshot!(leaked.unwrap(), {
            ".id" => "[id]", ".attributes.apiKeyPrefix" => "[prefix]"
        }, @r#"
      {
        "attributes": {
          "apiKeyPrefix": "[prefix]",
          "createdAt": "2026-09-16T12:00:00.000Z",
          "createdBy": "usr_607302654c739c62d7ce7e68071a3618",
          "environment": "prod",
          "expiresAt": null,
          "lastUsedAt": "2026-09-18T12:00:00.000Z",
          "name": "Leaked in a screenshot",
          "revokedAt": "2026-09-18T12:00:00.000Z",
          "revokedBy": "usr_607302654c739c62d7ce7e68071a3618",
          "scopes": [
            "payments.read",
            "payments.create"
          ],
          "status": "REVOKED"
        },
        "id": "[id]",
        "relationships": {
          "party": {
            "data": {
              "id": "pty_2bcd3e14dca8fdb18ca3d4e958bb1c4d",
              "type": "party"
            }
          }
        },
        "type": "apiKey"
      }
      "#);
    });
}
