//! Rows about the resource and its creation.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{json_of, text};
use crate::vendor::{natural, problem};

#[tokio::test]
async fn a_created_key_is_the_resource_with_its_value() {
    let house = natural().await;
    let (status, reply) = house
        .create(json!({ "name": "Production Backend", "scopes": ["payments.read", "payments.create"] }))
        .await;
    assert_eq!(status, StatusCode::CREATED);
    insta::with_settings!({ sort_maps => true }, {
        insta::assert_json_snapshot!(reply, {
            ".data.id" => "[id]",
            ".data.attributes.apiKey" => "[key]",
            ".data.attributes.apiKeyPrefix" => "[prefix]",
        }, @r#"
      {
        "data": {
          "attributes": {
            "apiKey": "[key]",
            "apiKeyPrefix": "[prefix]",
            "createdAt": "2026-11-21T12:00:00.000Z",
            "createdBy": "usr_221799226ec1cd4b0f9735edc15c1ef2",
            "environment": "prod",
            "expiresAt": null,
            "lastUsedAt": null,
            "name": "Production Backend",
            "revokedAt": null,
            "revokedBy": null,
            "scopes": [
              "payments.read",
              "payments.create"
            ],
            "status": "ACTIVE"
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
      }
      "#);
    });
}

#[tokio::test]
async fn nt10_the_prefix_is_16_characters_after_the_environment() {
    let house = natural().await;
    let (value, id) = house.made(&["party.read"]).await;
    let body = value.strip_prefix("sk_ntl_prod_").unwrap();
    let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    assert!(body.len() == 43 && body.bytes().all(base64url));
    let prefix = text(&house.get(&id).await.1["data"]["attributes"]["apiKeyPrefix"]);
    assert_eq!(prefix, format!("sk_ntl_prod_{}", &body[..16]));
}

#[tokio::test]
async fn nt11_ids_and_types_are_the_vendor_s() {
    let house = natural().await;
    let (_, id) = house.made(&["party.read"]).await;
    house.revoke(&id, "one").await;
    let (_, reply) = house.get(&id).await;
    let key = &reply["data"];
    assert_eq!(key["type"], "apiKey");
    assert_eq!(key["relationships"]["party"]["data"]["type"], "party");
    let ids = [
        (&key["id"], "apy_"),
        (&key["attributes"]["createdBy"], "usr_"),
        (&key["attributes"]["revokedBy"], "usr_"),
        (&key["relationships"]["party"]["data"]["id"], "pty_"),
    ];
    for (id, prefix) in ids {
        let hex = text(id).strip_prefix(prefix).map(str::to_owned).unwrap();
        assert!(hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    }
}

#[tokio::test]
async fn a_create_without_scopes_grants_all_32() {
    let house = natural().await;
    let (status, reply) = house.create(json!({ "name": "All" })).await;
    assert_eq!(status, StatusCode::CREATED);
    // The vendor's table, in its order.
    let table = "party.read party.update invite.read invite.create invite.update invite.delete \
        membership.create membership.read membership.update membership.delete \
        payments.create payments.read external_accounts.create \
        wallets.read wallets.create wallets.update wallets.delete wallets.fund wallets.withdraw \
        delegations.read delegations.create delegations.update delegations.delete \
        api_keys.read api_keys.create api_keys.delete \
        agents.read agents.create agents.update agents.delete disputes.read disputes.create";
    let table: Vec<_> = table.split(' ').collect();
    assert_eq!(table.len(), 32);
    assert_eq!(reply["data"]["attributes"]["scopes"], json!(table));
}

#[tokio::test]
async fn a_create_that_makes_no_sense_is_422_and_says_where() {
    let house = natural().await;
    let cases = [
        (json!({}), "/data/attributes/name"),
        (json!({ "name": "" }), "/data/attributes/name"),
        (json!({ "name": "   " }), "/data/attributes/name"),
        (json!({ "name": 7 }), "/data/attributes/name"),
        (json!({ "name": "ü".repeat(33) }), "/data/attributes/name"),
        (json!({ "name": "N", "scopes": [] }), "/data/attributes/scopes"),
        (json!({ "name": "N", "scopes": "party.read" }), "/data/attributes/scopes"),
        (json!({ "name": "N", "scopes": ["party.*"] }), "/data/attributes/scopes"),
        (json!({ "name": "N", "scopes": ["*"] }), "/data/attributes/scopes"),
        (json!({ "name": "N", "scopes": ["party.read", 7] }), "/data/attributes/scopes"),
        (json!([]), "/data/attributes"),
        (Value::Null, "/data/attributes"),
    ];
    for (attributes, pointer) in cases {
        let (status, body) = house.create(attributes.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{attributes}");
        let problem = problem(body);
        assert_eq!(problem["code"], "invalid_value");
        assert_eq!(problem["source"], json!({ "pointer": pointer }), "{attributes}");
    }
    assert_eq!(house.list("").await["data"].as_array().unwrap().len(), 1, "nothing was made");
    let longest = house.create(json!({ "name": "ü".repeat(32), "scopes": ["party.read"] })).await;
    assert_eq!(longest.0, StatusCode::CREATED);
}

#[tokio::test]
async fn a_new_key_works_where_its_maker_does_and_its_use_is_dated() {
    let house = natural().await;
    let (value, id) = house.made(&["api_keys.read"]).await;
    assert_eq!(house.get(&id).await.1["data"]["attributes"]["lastUsedAt"], Value::Null);
    assert_eq!(house.status_of(&value).await, StatusCode::OK);
    let attributes = house.get(&id).await.1["data"]["attributes"].clone();
    assert_eq!(attributes["lastUsedAt"], "2026-11-21T12:00:00.000Z");
    assert_eq!(attributes["environment"], "prod");
}

#[tokio::test]
async fn nt17_the_secret_is_only_in_the_201() {
    let house = natural().await;
    let (value, id) = house.made(&["api_keys.read"]).await;
    let mut replies = vec![house.list("").await, house.get(&id).await.1, house.revoke(&id, "one").await.1];
    replies.push(house.revoke(&id, "one").await.1);
    let duplicate = json!({ "data": { "attributes": { "name": value, "scopes": [value] } } });
    replies.push(json_of(house.as_owner(Method::POST, "/api-keys").json(&duplicate)).await.1);
    for reply in replies {
        assert!(!reply.to_string().contains(&value), "{reply}");
    }
    assert_eq!(house.where_found(&[&value[12..]]), Vec::<String>::new());
}
