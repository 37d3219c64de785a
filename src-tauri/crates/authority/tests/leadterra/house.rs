//! An authority that speaks Leadterra, and a client.

use keyturn_authority::{Authority, Config, Limits, Role, Vendor};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct House {
    pub(crate) authority: Authority,
    /// The key that the house was opened with: live, and may do everything.
    pub(crate) key: String,
    client: Client,
    dir: TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::of(Vendor::Leadterra)).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let dir = TempDir::new().unwrap();
        let config = Config::new(Vendor::Leadterra, dir.path().join("store.db"));
        let authority = Authority::start(Config { limits, ..config }).await.unwrap();
        let key = authority.issue_bootstrap_key(Role::Owner).unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { authority, key, client, dir }
    }

    pub(crate) async fn restarted(self) -> Self {
        let Self { authority, key, client, dir } = self;
        authority.stop().await;
        let config = Config::new(Vendor::Leadterra, dir.path().join("store.db"));
        Self { authority: Authority::start(config).await.unwrap(), key, client, dir }
    }

    /// A request under the base URL, without a key.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.authority.base_url()))
    }

    pub(crate) fn as_key(&self, key: &str, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(key)
    }

    pub(crate) async fn get(&self, key: &str, path: &str) -> (StatusCode, Value) {
        json_of(self.as_key(key, Method::GET, path)).await
    }

    /// The status of the harmless probe.
    pub(crate) async fn probe(&self, key: &str) -> StatusCode {
        self.get(key, "/sender-pools").await.0
    }

    /// The dashboard's page, after a form was sent or before.
    pub(crate) async fn page(&self, sent: Option<(&str, String)>) -> (StatusCode, String) {
        let url = self.authority.dashboard_url().unwrap();
        let request = match sent {
            None => self.client.get(url),
            Some((deed, fields)) => self
                .client
                .post(format!("{url}/{deed}"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(fields),
        };
        let reply = request.send().await.unwrap();
        assert!(!reply.headers().contains_key("set-cookie"));
        (reply.status(), reply.text().await.unwrap())
    }
}

pub(crate) async fn json_of(request: RequestBuilder) -> (StatusCode, Value) {
    let reply = request.send().await.unwrap();
    assert!(!reply.headers().contains_key("set-cookie"));
    (reply.status(), reply.json().await.unwrap())
}
