//! No key stands in any error, whatever the vendor answers: least of all in an address.

use serde_json::json;

use super::*;
use crate::fixtures::leaks::{assert_no_answer_leaks, assert_no_broken_exchange_leaks};

fn echo(key: &str) -> Vec<String> {
    vec![
        json!({ "success": false, "error": { "code": key, "message": format!("no key {key}") } }).to_string(),
        json!({ "ok": false, "message": format!("GET /api/v1/campaigns/?api_key={key} failed") }).to_string(),
        json!({ "ok": true, "data": [{ "id": key, "key_name": key, "api_key": key, "status": key }] })
            .to_string(),
        key.to_owned(),
    ]
}

#[tokio::test]
async fn sl03_no_answer_brings_a_key_into_an_error() {
    assert_no_answer_leaks(Account::at, [KEY, CLIENT_KEY], echo).await;
}

#[tokio::test]
async fn sl03_no_answer_brings_a_clients_key_into_an_error() {
    assert_no_answer_leaks(Clients::at, [KEY, CLIENT_KEY], echo).await;
}

#[tokio::test]
async fn sl03_no_broken_exchange_brings_a_key_into_an_error() {
    assert_no_broken_exchange_leaks(Account::hasty, [KEY, CLIENT_KEY]).await;
    assert_no_broken_exchange_leaks(Clients::hasty, [KEY, CLIENT_KEY]).await;
}
