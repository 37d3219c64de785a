//! An authority that speaks SmartLead, with a clock that only the test moves, and a client.

use std::path::Path;

use chrono::{TimeZone, Utc};
use keyturn_authority::{Authority, Clock, Config, Limits, ManualClock, Role, Vendor};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The 401 for a key that is missing or not good.
pub(crate) const UNAUTHORIZED: &str =
    r#"{"error":{"code":"UNAUTHORIZED","message":"Invalid or missing API key"},"success":false}"#;

pub(crate) struct House {
    pub(crate) authority: Authority,
    /// The account key that the house was opened with.
    pub(crate) key: String,
    pub(crate) hand: ManualClock,
    client: Client,
    clock: Clock,
    limits: Limits,
    dir: TempDir,
}

impl House {
    /// Without limits, so that only the tests of limits meet them.
    pub(crate) async fn new() -> Self {
        Self::with(Limits::unlimited()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let dir = TempDir::new().unwrap();
        let (clock, hand) = Clock::manual(Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap());
        let authority = start(dir.path(), limits, clock.clone()).await;
        let key = authority.issue_bootstrap_key(Role::Owner).unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { authority, key, hand, client, clock, limits, dir }
    }

    pub(crate) async fn restarted(self) -> Self {
        let Self { authority, key, hand, client, clock, limits, dir } = self;
        authority.stop().await;
        let authority = start(dir.path(), limits, clock.clone()).await;
        Self { authority, key, hand, client, clock, limits, dir }
    }

    /// A request under the base URL, without a key.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.authority.base_url()))
    }

    /// A request to any path of the authority.
    pub(crate) fn outside(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.authority.address()))
    }

    /// A request with this key in the query; `path` may have a query already.
    pub(crate) fn as_key(&self, key: &str, method: Method, path: &str) -> RequestBuilder {
        let mark = if path.contains('?') { '&' } else { '?' };
        self.bare(method, &format!("{path}{mark}api_key={key}"))
    }

    /// The status of the harmless probe.
    pub(crate) async fn probe(&self, key: &str) -> StatusCode {
        self.as_key(key, Method::GET, "/campaigns/").send().await.unwrap().status()
    }

    pub(crate) async fn create(&self, client: u64, name: &str) -> Value {
        let body = json!({ "clientId": client, "keyName": name });
        let request = self.as_key(&self.key, Method::POST, "/client/api-key").json(&body);
        let (status, body) = json_of(request).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body["data"].clone()
    }

    /// The keys of clients that match `query`.
    pub(crate) async fn list(&self, query: &str) -> Vec<Value> {
        let request = self.as_key(&self.key, Method::GET, &format!("/client/api-key{query}"));
        let (status, body) = json_of(request).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["data"].as_array().unwrap().clone()
    }
}

async fn start(dir: &Path, limits: Limits, clock: Clock) -> Authority {
    let config = Config::new(Vendor::SmartLead, dir.join("store.db"));
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
