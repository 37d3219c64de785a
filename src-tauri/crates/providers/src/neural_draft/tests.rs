//! Neural Draft against a scripted server. The vendor's documented refusal is a fixture, as it stands.

mod facts;
mod hostile;
mod leaks;
mod rows;

use keyturn_core::key::{KeyRecord, Scope};
use keyturn_core::provider::{Fault, Operation, Provider};
use keyturn_core::secret::Secret;
use serde_json::{Value, json};
use wiremock::matchers::{any, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::NeuralDraft;
use crate::fixtures::account::{self, asked, grant_of, says};
use crate::fixtures::quick;

/// A managing key, and one that the server hands out. Both of the documented form.
const MANAGING: &str = "ndsk_live_c0FFee00c0FFee11c0FFee22c0FFee33";
const FRESH: &str = "ndsk_live_deadBEEF00deadBEEF11deadBEEF22de";
/// The vendor's own example of a key [seed], which is nobody's.
const DOCUMENTED: &str = "ndsk_live_2NgcaXxFqLPo7K3vR8zHwT5sE9bM1nDc";
/// The vendor's own example of a refusal. [seed]
const FORBIDDEN: &str = include_str!("tests/forbidden.json");

type Account = account::Account<NeuralDraft>;

impl Account {
    fn at(base: &str) -> Self {
        let adapter = NeuralDraft::new(quick());
        let grant = grant_of(adapter.manifest(), "prod-builder", &["content:read", "blog:read"]);
        Self::of(adapter, MANAGING, &format!("{base}/v1"), grant)
    }
}

fn scopes(texts: &[&str]) -> Vec<Scope> {
    texts.iter().map(|text| Scope((*text).to_owned())).collect()
}

/// The documented shape of a key in a list. [docs]
fn key_json(id: &str) -> Value {
    json!({
        "id": id, "name": "vercel-prod", "prefix": "ndsk_live_", "masked": "ndsk_live_…7yQp",
        "scopes": ["content:read", "blog:read"], "last_used_at": "2026-01-05T00:00:00Z",
        "created_at": "2026-01-04T15:30:00Z"
    })
}

/// The documented reply to a creation: the object and, this once, its value. [docs]
fn minted_json() -> Value {
    let mut key = key_json("key_2");
    key["masked"] = "ndsk_live_…22de".into();
    key["secret"] = FRESH.into();
    key
}

fn problem(status: u16, code: &str, detail: &str) -> ResponseTemplate {
    let body = json!({
        "type": format!("https://api.neuraldraft.io/errors/{code}"), "title": "Forbidden",
        "status": status, "code": code, "detail": detail, "instance": "req_1"
    });
    ResponseTemplate::new(status).set_body_raw(body.to_string(), "application/problem+json")
}

async fn vendor(answer: ResponseTemplate) -> (MockServer, Account) {
    let server = account::vendor(answer).await;
    let account = Account::at(&server.uri());
    (server, account)
}

async fn listed(keys: &Value) -> Vec<KeyRecord> {
    let (_server, account) = vendor(says(200, &keys.to_string())).await;
    account.list().await.unwrap()
}

async fn fault_of_list(answer: ResponseTemplate) -> Fault {
    let (_server, account) = vendor(answer).await;
    account.list().await.unwrap_err().fault
}
