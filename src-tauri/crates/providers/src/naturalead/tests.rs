//! Naturalead against a scripted server. The documented examples are the fixtures.

mod hostile;
mod leaks;
mod rows;

use keyturn_core::grant::Grant;
use keyturn_core::key::{Environment, Scope, VendorKeyId};
use keyturn_core::provider::{Fault, Operation, Paging, Provider};
use keyturn_core::secret::Secret;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::Naturalead;
use crate::fixtures::account::{self, grant_of, says};
use crate::fixtures::quick;

/// A managing key, and one that the server hands out. Both of the documented form.
const MANAGING: &str = "nl_live_c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55c0ffee66c0ffee77";
const FRESH: &str = "nl_test_deadbeef00deadbeef11deadbeef22deadbeef33deadbeef44deadbeef5566ab";

const REVOKED: &str = r#"{"error":"Invalid or expired API key"}"#;
/// A key that is not there. [assumed]
const GONE: &str = r#"{"error":"API key not found"}"#;
const NO_KEY: &str = r#"{"error":"Authentication required. Provide an API key via X-API-Key header or Authorization: Bearer header."}"#;
const NO_SCOPE: &str =
    r#"{"error":"Forbidden","message":"API key does not have the required scope (requires: leads:view)."}"#;
const NO_ROLE: &str = r#"{"error":"Forbidden","message":"You do not have permission to perform this action (requires: leads:view)."}"#;

type Account = crate::fixtures::account::Account<Naturalead>;

impl Account {
    fn at(base: &str) -> Self {
        Self::of(Naturalead::new(quick()), MANAGING, base, grant())
    }
}

/// The vendor's own example of a creation. [seed]
fn grant() -> Grant {
    let manifest = Naturalead::new(quick()).manifest().clone();
    grant_of(&manifest, "CRM Integration", &["leads:view", "leads:import", "leads:sync_create"])
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
    let server = account::vendor(answer).await;
    let account = Account::at(&server.uri());
    (server, account)
}

async fn fault_of_list(answer: ResponseTemplate) -> Fault {
    let (_server, account) = vendor(answer).await;
    account.list().await.unwrap_err().fault
}
