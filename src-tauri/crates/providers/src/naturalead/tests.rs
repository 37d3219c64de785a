//! Naturalead against a scripted server. The documented examples are the fixtures.

mod hostile;
mod leaks;
mod rows;

use chrono::Utc;
use keyturn_core::grant::Grant;
use keyturn_core::key::{Environment, KeyRecord, Scope, VendorKeyId};
use keyturn_core::provider::{Connection, Fault, Manifest, Operation, Paging, Provider, ProviderError};
use keyturn_core::secret::Secret;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::Naturalead;
use crate::fixtures::quick;

/// A managing key, and one that the server hands out. Both of the documented form.
const MANAGING: &str = "nl_live_c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55c0ffee66c0ffee77";
const FRESH: &str = "nl_test_deadbeef00deadbeef11deadbeef22deadbeef33deadbeef44deadbeef5566ab";

const REVOKED: &str = r#"{"error":"Invalid or expired API key"}"#;
const NO_KEY: &str = r#"{"error":"Authentication required. Provide an API key via X-API-Key header or Authorization: Bearer header."}"#;
const NO_SCOPE: &str =
    r#"{"error":"Forbidden","message":"API key does not have the required scope (requires: leads:view)."}"#;
const NO_ROLE: &str = r#"{"error":"Forbidden","message":"You do not have permission to perform this action (requires: leads:view)."}"#;

/// An adapter, a managing key and an address to use them at.
struct Account {
    adapter: Naturalead,
    managing: Secret,
    base: String,
}

impl Account {
    fn at(base: &str) -> Self {
        Self {
            adapter: Naturalead::new(quick()),
            managing: Secret::new(MANAGING.into()),
            base: base.to_owned(),
        }
    }

    fn connection(&self) -> Connection<'_> {
        Connection { base_url: &self.base, managing_key: &self.managing }
    }

    async fn list(&self) -> Result<Vec<KeyRecord>, ProviderError> {
        self.adapter.list(self.connection(), &|_| Paging::Continue).await
    }

    /// Each of the six operations once; what came of it, without the value.
    async fn everything(&self) -> Vec<(Operation, Result<(), ProviderError>)> {
        let id = VendorKeyId("key_1".into());
        let (c, a) = (self.connection(), &self.adapter);
        vec![
            (Operation::List, self.list().await.map(drop)),
            (Operation::Mint, a.mint(c, &grant()).await.map(drop)),
            (Operation::Rotate, a.rotate(c, &id).await.map(drop)),
            (Operation::Revoke, a.revoke(c, &id).await),
            (Operation::Delete, a.delete(c, &id).await),
            (Operation::Probe, a.probe(&self.base, &self.managing).await.map(drop)),
        ]
    }
}

/// The vendor's own example of a creation. [seed]
fn grant() -> Grant {
    let manifest = Naturalead::new(quick()).manifest().clone();
    grant_of(&manifest, &["leads:view", "leads:import", "leads:sync_create"])
}

fn grant_of(manifest: &Manifest, scopes: &[&str]) -> Grant {
    let scopes = scopes.iter().map(|s| Scope((*s).to_owned())).collect();
    Grant::check(manifest, "CRM Integration", Environment::Live, scopes, None, Utc::now()).unwrap()
}

fn key_json(id: &str) -> Value {
    json!({
        "id": id, "name": "CRM Integration", "keyPrefix": "nl_live_", "keyHint": "e5f6",
        "scopes": ["leads:view", "leads:import", "leads:sync_create"], "environment": "live",
        "status": "active", "createdAt": "2026-01-04T15:30:00.000Z", "expiresAt": null
    })
}

/// The documented reply to a creation. [docs]
fn minted_json() -> Value {
    let mut key = key_json("key_2");
    key["keyPrefix"] = "nl_test_".into();
    key["keyHint"] = "66ab".into();
    key["environment"] = "test".into();
    json!({ "fullKey": FRESH, "apiKey": key })
}

async fn vendor(answer: ResponseTemplate) -> (MockServer, Account) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let account = Account::at(&server.uri());
    (server, account)
}

fn says(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body.to_owned(), "application/json")
}

async fn fault_of_list(answer: ResponseTemplate) -> Fault {
    let (_server, account) = vendor(answer).await;
    account.list().await.unwrap_err().fault
}
