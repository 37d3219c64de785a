//! Natural against a scripted server. The vendor's documented list is a fixture, as it stands.

mod facts;
mod hostile;
mod leaks;
mod rows;

use keyturn_core::key::KeyRecord;
use keyturn_core::provider::{Fault, Operation, Provider};
use keyturn_core::secret::Secret;
use serde_json::{Value, json};
use wiremock::matchers::{any, method, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::Natural;
use crate::fixtures::account::{self, asked, grant_of, says};
use crate::fixtures::quick;

/// A managing key, and one that the server hands out. Both of the documented form.
const MANAGING: &str = "sk_ntl_prod_c0ffee00-c0ffee11c0ffee22c0ffee33c0ffee44co";
const FRESH: &str = "sk_ntl_prod_deadbeef00-deadbeef11deadbeef22deadbeef33dea";
/// The vendor's own example of a list. [seed]
const LIST: &str = include_str!("tests/list.json");
const EMPTY: &str = r#"{"data":[],"meta":{"pagination":{"hasMore":false,"nextCursor":null}}}"#;

type Account = account::Account<Natural>;

impl Account {
    fn at(base: &str) -> Self {
        let adapter = Natural::new(quick());
        let grant = grant_of(adapter.manifest(), "Production Backend", &["payments.read", "payments.create"]);
        Self::of(adapter, MANAGING, base, grant)
    }
}

fn key_json(id: &str) -> Value {
    let mut key = serde_json::from_str::<Value>(LIST).unwrap()["data"][0].clone();
    key["id"] = id.into();
    key
}

fn revoked_json(id: &str) -> Value {
    let mut key = key_json(id);
    key["attributes"]["status"] = "REVOKED".into();
    key["attributes"]["revokedAt"] = "2026-02-01T00:00:00Z".into();
    json!({ "data": key })
}

/// The documented reply to a creation: the resource and, this once, its value. [docs]
fn minted_json() -> Value {
    let mut key = key_json("apy_2");
    key["attributes"]["apiKeyPrefix"] = FRESH[..28].into();
    key["attributes"]["apiKey"] = FRESH.into();
    json!({ "data": key })
}

fn page_json(ids: std::ops::Range<usize>, next: Option<&str>) -> String {
    let keys: Vec<_> = ids.map(|n| key_json(&format!("apy_{n}"))).collect();
    json!({ "data": keys, "meta": { "pagination": { "hasMore": next.is_some(), "nextCursor": next } } })
        .to_string()
}

/// The documented shape of an error. [docs]
fn problem(status: u16, code: &str, detail: &str) -> ResponseTemplate {
    let error = json!({
        "code": code, "detail": detail, "status": status.to_string(), "meta": { "supportId": "req_1" }
    });
    says(status, &json!({ "errors": [error] }).to_string())
}

async fn vendor(answer: ResponseTemplate) -> (MockServer, Account) {
    let server = account::vendor(answer).await;
    let account = Account::at(&server.uri());
    (server, account)
}

async fn listed(body: &Value) -> Vec<KeyRecord> {
    let (_server, account) = vendor(says(200, &body.to_string())).await;
    account.list().await.unwrap()
}

async fn fault_of_list(answer: ResponseTemplate) -> Fault {
    let (_server, account) = vendor(answer).await;
    account.list().await.unwrap_err().fault
}
