//! An authority on a store of its own, with a clock that only the test moves, and a client.

use std::path::Path;

use chrono::{TimeZone, Utc};
use keyturn_authority::{Authority, Clock, Config, Limits, ManualClock, Role, Vendor};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The 401 for a key that is revoked, expired or unknown.
pub(crate) const INVALID: &str = r#"{"error":"Invalid or expired API key"}"#;
/// The 401 for no key.
pub(crate) const MISSING: &str = r#"{"error":"Authentication required. Provide an API key via X-API-Key header or Authorization: Bearer header."}"#;

pub(crate) struct House {
    pub(crate) authority: Authority,
    pub(crate) client: Client,
    /// The owner's managing key.
    pub(crate) key: String,
    pub(crate) hand: ManualClock,
    pub(crate) dir: TempDir,
    clock: Clock,
    limits: Limits,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let dir = TempDir::new().unwrap();
        let (clock, hand) = Clock::manual(Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap());
        let authority = start(dir.path(), limits, clock.clone()).await;
        let key = authority.issue_bootstrap_key(Role::Owner).unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { authority, client, key, hand, dir, clock, limits }
    }

    /// Stops the authority, does `meanwhile` to its directory, and starts one on the same store.
    pub(crate) async fn restarted(self, meanwhile: impl FnOnce(&Path)) -> Self {
        let Self { authority, client, key, hand, dir, clock, limits } = self;
        authority.stop().await;
        meanwhile(dir.path());
        let authority = start(dir.path(), limits, clock.clone()).await;
        Self { authority, client, key, hand, dir, clock, limits }
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.authority.base_url()))
    }

    pub(crate) fn as_key(&self, key: &str, method: Method, path: &str) -> RequestBuilder {
        self.call(method, path).header("X-API-Key", key)
    }

    pub(crate) async fn create(&self, body: Value) -> (StatusCode, Value) {
        json_of(self.as_key(&self.key, Method::POST, "/api/api-keys").json(&body)).await
    }

    /// A new key with these scopes: its value and its id.
    pub(crate) async fn made(&self, scopes: &[&str]) -> (String, String) {
        let (status, body) =
            self.create(json!({ "name": "Made", "scopes": scopes, "environment": "live" })).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        (text(&body["fullKey"]), text(&body["apiKey"]["id"]))
    }

    /// All keys of the owner's account.
    pub(crate) async fn list(&self) -> Vec<Value> {
        let (status, body) = json_of(self.as_key(&self.key, Method::GET, "/api/api-keys?limit=1000")).await;
        assert_eq!(status, StatusCode::OK);
        body.as_array().unwrap().clone()
    }

    pub(crate) async fn rotate(&self, id: &str) -> (StatusCode, Value) {
        json_of(self.as_key(&self.key, Method::POST, &format!("/api/api-keys/{id}/rotate"))).await
    }

    pub(crate) async fn revoke(&self, id: &str) -> (StatusCode, Value) {
        json_of(self.as_key(&self.key, Method::PATCH, &format!("/api/api-keys/{id}/revoke"))).await
    }

    /// Uses a key.
    pub(crate) async fn leads(&self, key: &str) -> (StatusCode, String) {
        text_of(self.as_key(key, Method::GET, "/api/leads")).await
    }
}

async fn start(dir: &Path, limits: Limits, clock: Clock) -> Authority {
    let config = Config::new(Vendor::Naturalead, dir.join("store.db"));
    Authority::start(Config { limits, clock, ..config }).await.unwrap()
}

pub(crate) async fn json_of(request: RequestBuilder) -> (StatusCode, Value) {
    let reply = request.send().await.unwrap();
    (reply.status(), reply.json().await.unwrap())
}

pub(crate) async fn text_of(request: RequestBuilder) -> (StatusCode, String) {
    let reply = request.send().await.unwrap();
    (reply.status(), reply.text().await.unwrap())
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
