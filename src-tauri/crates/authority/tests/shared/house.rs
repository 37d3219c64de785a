//! An authority on a store of its own, with a clock that only the test moves, and a client with a Bearer key.

use std::path::Path;

use chrono::{TimeZone, Utc};
use keyturn_authority::{Authority, Clock, Config, Limits, ManualClock, Role, Vendor};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct House {
    pub(crate) authority: Authority,
    pub(crate) client: Client,
    /// The owner's managing key.
    pub(crate) key: String,
    pub(crate) hand: ManualClock,
    pub(crate) dir: TempDir,
    config: Config,
}

impl House {
    pub(crate) async fn of(vendor: Vendor) -> Self {
        Self::with(vendor, |_| {}).await
    }

    pub(crate) async fn with(vendor: Vendor, adjust: impl FnOnce(&mut Config)) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let dir = TempDir::new().unwrap();
        let (clock, hand) = Clock::manual(Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap());
        let mut config = Config::new(vendor, dir.path().join("store.db"));
        (config.clock, config.limits) = (clock, Limits::unlimited());
        adjust(&mut config);
        let authority = Authority::start(config.clone()).await.unwrap();
        let key = authority.issue_bootstrap_key(Role::Owner).unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { authority, client, key, hand, dir, config }
    }

    /// Stops the authority and starts one on the same store.
    pub(crate) async fn restarted(self) -> Self {
        let Self { authority, client, key, hand, dir, config } = self;
        authority.stop().await;
        let authority = Authority::start(config.clone()).await.unwrap();
        Self { authority, client, key, hand, dir, config }
    }

    /// Without a key.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.authority.base_url()))
    }

    pub(crate) fn as_key(&self, key: &str, method: Method, path: &str) -> RequestBuilder {
        self.call(method, path).bearer_auth(key)
    }

    /// With the owner's managing key.
    pub(crate) fn as_owner(&self, method: Method, path: &str) -> RequestBuilder {
        self.as_key(&self.key, method, path)
    }

    /// Which files of the store hold the bytes of any of these texts.
    pub(crate) fn where_found(&self, texts: &[&str]) -> Vec<String> {
        files(self.dir.path())
            .filter(|(_, bytes)| {
                texts.iter().any(|text| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
            })
            .map(|(name, _)| name)
            .collect()
    }
}

fn files(dir: &Path) -> impl Iterator<Item = (String, Vec<u8>)> {
    std::fs::read_dir(dir).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        (path.display().to_string(), std::fs::read(&path).unwrap())
    })
}

pub(crate) async fn json_of(request: RequestBuilder) -> (StatusCode, Value) {
    let reply = request.send().await.unwrap();
    (reply.status(), reply.json().await.unwrap())
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
