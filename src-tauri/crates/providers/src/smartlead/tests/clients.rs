//! The keys of clients: where the key stands in each call, and what becomes of each reply. [docs]

use keyturn_core::fields::check_fields;
use keyturn_core::key::{KeyStatus, LastUse, VendorKeyId};
use keyturn_core::timestamp::parse_time;
use serde_json::{Value, json};

use super::*;
use crate::fixtures::account::{asked, says, vendor};

fn key_json(id: &str, api_key: &str) -> Value {
    json!({
        "id": id, "client_id": 299, "key_name": "Integration Key", "api_key": api_key,
        "status": "active", "created_at": "2026-01-04T15:30:00.000Z"
    })
}

fn fresh_json() -> String {
    json!({ "ok": true, "data": key_json("17", CLIENT_KEY) }).to_string()
}

fn list_json(keys: &[Value]) -> String {
    json!({ "ok": true, "data": keys }).to_string()
}

#[tokio::test]
async fn sl01_and_sl02_the_key_stands_in_the_body_of_a_post_and_in_the_query_of_the_rest() {
    let server = vendor(says(200, &fresh_json())).await;
    Clients::at(&server.uri()).everything().await;
    let expected = [
        "GET /api/v1/client/api-key",
        "POST /api/v1/client/api-key",
        "PUT /api/v1/client/api-key/reset/key_1",
        "DELETE /api/v1/client/api-key/key_1",
        "DELETE /api/v1/client/api-key/key_1",
        "GET /api/v1/campaigns/",
    ];
    assert_eq!(asked(&server).await, expected);
    for request in server.received_requests().await.unwrap() {
        let in_query = request.url.query_pairs().any(|(name, value)| name == "api_key" && value == KEY);
        let is_post = request.method.as_str() == "POST";
        assert_eq!(in_query, !is_post, "{}", request.method);
        if is_post {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            assert_eq!(body, json!({ "api_key": KEY, "clientId": 299, "keyName": "Integration Key" }));
        } else {
            assert!(request.body.is_empty());
        }
    }
}

#[tokio::test]
async fn the_list_is_that_of_the_one_client() {
    let keys = [
        key_json("17", "cl_live_****ee22"),
        json!({ "id": 18, "status": "inactive" }),
        json!({ "id": "19", "status": "frozen" }),
    ];
    let server = vendor(says(200, &list_json(&keys))).await;
    let account = Clients::at(&server.uri());
    let records = account.list().await.unwrap();
    let request = &server.received_requests().await.unwrap()[0];
    assert!(request.url.query_pairs().any(|(name, value)| name == "clientId" && value == "299"));
    let first = &records[0];
    assert_eq!((first.id.0.as_str(), first.name.as_str()), ("17", "Integration Key"));
    assert_eq!(first.hint.masked(), "cl_live_…ee22");
    assert_eq!(first.created_at, parse_time("2026-01-04T15:30:00Z"));
    assert_eq!(first.last_use, LastUse::NotReported);
    let statuses: Vec<_> = records.into_iter().map(|record| record.status).collect();
    let expected = [KeyStatus::Active, KeyStatus::Revoked { at: None }, KeyStatus::Unknown("frozen".into())];
    assert_eq!(statuses, expected);
}

#[tokio::test]
async fn a_list_that_shows_whole_keys_is_cut_to_their_hints() {
    let server = vendor(says(200, &list_json(&[key_json("17", CLIENT_KEY)]))).await;
    let records = Clients::at(&server.uri()).list().await.unwrap();
    assert!(!format!("{records:?}").contains("deadbeef11"));
    assert_eq!(records[0].hint.masked(), "cl_live_…ef22");
}

#[tokio::test]
async fn sl06_the_value_of_a_new_key_is_kept_with_its_record() {
    let server = vendor(says(201, &fresh_json())).await;
    let account = Clients::at(&server.uri());
    let minted = account.mint().await.unwrap();
    // EXPOSE: compared with what the vendor sent.
    assert_eq!(minted.secret.expose(), CLIENT_KEY);
    assert_eq!(minted.record.id.0, "17");
    assert_eq!(minted.record.environment, Environment::Live);
    assert_eq!(minted.record.hint, account.adapter.hint(&minted.secret));
}

#[tokio::test]
async fn sl12_a_reset_is_the_same_record_with_another_value() {
    for body in [fresh_json(), json!({ "ok": true, "data": { "api_key": CLIENT_KEY } }).to_string()] {
        let server = vendor(says(200, &body)).await;
        let account = Clients::at(&server.uri());
        let minted = account.adapter.rotate(account.connection(), &VendorKeyId("17".into())).await.unwrap();
        assert_eq!(asked(&server).await, ["PUT /api/v1/client/api-key/reset/17"]);
        assert_eq!(minted.record.id.0, "17");
        // EXPOSE: compared with what the vendor sent.
        assert_eq!(minted.secret.expose(), CLIENT_KEY);
    }
    assert_eq!(
        SmartLeadClients::new(quick()).manifest().capabilities.rotate,
        RotateSupport::Atomic { same_record: true }
    );
}

#[tokio::test]
async fn whatever_else_is_wrong_with_a_creation_its_key_is_kept() {
    for body in [
        json!({ "api_key": CLIENT_KEY }),
        json!({ "data": { "api_key": CLIENT_KEY, "id": null, "status": 7, "key_name": {} } }),
        json!({ "data": { "api_key": CLIENT_KEY, "id": "../x" } }),
    ] {
        let server = vendor(says(200, &body.to_string())).await;
        let minted = Clients::at(&server.uri()).mint().await.unwrap();
        // EXPOSE: compared with what the vendor sent.
        assert_eq!(minted.secret.expose(), CLIENT_KEY, "{body}");
        assert!(!minted.record.id.0.is_empty());
        assert_eq!(minted.record.name, "Integration Key");
    }
    for body in ["{}", "[]", r#"{"ok":true,"data":{"api_key":""}}"#, r#"{"data":{"api_key":7}}"#, "cl_live_"]
    {
        let server = vendor(says(200, body)).await;
        let fault = Clients::at(&server.uri()).mint().await.unwrap_err().fault;
        assert!(matches!(fault, Fault::Malformed(_)) && fault.leaves_doubt(), "{body} {fault:?}");
    }
}

#[tokio::test]
async fn a_deletion_counts_only_where_the_vendor_did_it() {
    let server = vendor(says(200, r#"{"ok":true}"#)).await;
    Clients::at(&server.uri()).revoke("17").await.unwrap();
    let server = vendor(says(200, r#"{"ok":false,"message":"Key belongs to another client"}"#)).await;
    let fault = Clients::at(&server.uri()).revoke("17").await.unwrap_err().fault;
    assert!(matches!(fault, Fault::Refused { message, .. } if message == "Key belongs to another client"));
    for id in ["", ".", ".."] {
        assert!(Clients::at(&server.uri()).revoke(id).await.is_err(), "{id:?}");
    }
    assert_eq!(asked(&server).await.len(), 1, "no odd id reached the collection");
}

#[tokio::test]
async fn f50_a_deletion_counts_in_the_vendors_own_words_only() {
    for (status, body) in [
        (200, "<html>We are back soon</html>"),
        (200, ""),
        (204, ""),
        (200, "{}"),
        (200, "[]"),
        (200, r#"{"data":{"id":17}}"#),
        (404, "<html>Not here</html>"),
        (404, ""),
        (404, r#"{"message":"no Route matched"}"#),
        (401, r#"{"message":"Unauthorized"}"#),
    ] {
        let server = vendor(says(status, body)).await;
        let account = Clients::at(&server.uri());
        for fault in [
            account.revoke("17").await.unwrap_err().fault,
            account.adapter.delete(account.connection(), &VendorKeyId("17".into())).await.unwrap_err().fault,
        ] {
            assert!(matches!(fault, Fault::Malformed(_)), "{status} {body}: {fault:?}");
        }
    }
    let server = vendor(says(404, GONE)).await;
    assert!(matches!(Clients::at(&server.uri()).revoke("17").await.unwrap_err().fault, Fault::NotFound));
}

#[tokio::test]
async fn each_refusal_is_told_apart() {
    for (status, body, words) in [
        (401, REFUSED, "the key was not accepted"),
        (403, r#"{"message":"Only for the agency plan"}"#, "refused: Only for the agency plan"),
        (404, GONE, "there are no SmartLead client keys at this address"),
        (422, r#"{"error":{"message":"keyName is taken"}}"#, "refused: keyName is taken"),
        (429, LIMITED, "too many requests; the vendor asks to wait 30 s"),
        (500, "{}", "the vendor has a fault of its own (status 500)"),
    ] {
        let server = vendor(says(status, body)).await;
        let error = Clients::at(&server.uri()).mint().await.unwrap_err();
        assert_eq!(error.to_string(), format!("could not create a key at SmartLead client keys: {words}"));
        assert_eq!(asked(&server).await.len(), 1, "a creation is sent once");
    }
}

#[tokio::test]
async fn an_account_must_say_of_which_client_the_keys_are() {
    let server = vendor(says(200, &list_json(&[]))).await;
    let mut account = Clients::at(&server.uri());
    let fields = account.adapter.manifest().fields;
    assert_eq!(check_fields(fields, &Default::default()).unwrap_err().to_string(), "Client id is missing");
    assert!(check_fields(fields, &account.settings).is_ok());
    account.settings.clear();
    assert!(matches!(account.list().await.unwrap_err().fault, Fault::Address(_)));
    assert!(matches!(account.mint().await.unwrap_err().fault, Fault::Address(_)));
    assert!(asked(&server).await.is_empty());
}

#[tokio::test]
async fn a_client_that_is_no_number_is_sent_as_it_stands() {
    let server = vendor(says(200, &fresh_json())).await;
    let mut account = Clients::at(&server.uri());
    account.settings.insert("client".into(), "acme/&?".into());
    account.mint().await.unwrap();
    account.list().await.unwrap_err();
    let seen = server.received_requests().await.unwrap();
    let body: Value = serde_json::from_slice(&seen[0].body).unwrap();
    assert_eq!(body["clientId"], "acme/&?");
    assert!(seen[1].url.query_pairs().any(|(name, value)| name == "clientId" && value == "acme/&?"));
}
