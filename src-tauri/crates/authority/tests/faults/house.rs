//! An authority without limits, and a client that follows nothing and keeps no connection.

use keyturn_authority::{Authority, Config, Fault, Limits, Requests, Role, Times, Vendor};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct House {
    pub(crate) authority: Authority,
    /// The owner's managing key.
    pub(crate) key: String,
    client: Client,
    _dir: TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::of(Vendor::Naturalead).await
    }

    pub(crate) async fn of(vendor: Vendor) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let dir = TempDir::new().unwrap();
        let config = Config::new(vendor, dir.path().join("store.db"));
        let authority = Authority::start(Config { limits: Limits::unlimited(), ..config }).await.unwrap();
        let key = authority.issue_bootstrap_key(Role::Owner).unwrap();
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { authority, key, client, _dir: dir }
    }

    /// Arms a fault for the next request that writes.
    pub(crate) fn next_write(&self, fault: Fault) {
        self.authority.faults().set_on(Requests::writes(), fault, Times::Next(1));
    }

    /// Arms a fault for the next request that reads.
    pub(crate) fn next_read(&self, fault: Fault) {
        self.authority.faults().set_on(Requests::reads(), fault, Times::Next(1));
    }

    /// A request without a key.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.authority.base_url()))
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header("X-API-Key", &self.key)
    }

    /// Makes a key of this name.
    pub(crate) async fn create(&self, name: &str) -> reqwest::Result<Response> {
        let body = json!({ "name": name, "scopes": ["leads:view", "audit:view"], "environment": "live" });
        self.call(Method::POST, "/api/api-keys").json(&body).send().await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.call(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn list(&self) -> Vec<Value> {
        let reply = self.get("/api/api-keys?limit=1000").await;
        assert_eq!(reply.status(), StatusCode::OK);
        reply.json().await.unwrap()
    }

    /// Whether a key of this name exists.
    pub(crate) async fn has(&self, name: &str) -> bool {
        self.list().await.iter().any(|key| key["name"] == name)
    }
}
