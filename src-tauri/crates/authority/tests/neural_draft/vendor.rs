//! What the tests of Neural Draft's dialect do again and again.

use keyturn_authority::Vendor;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, json_of, text};

pub(crate) async fn neural_draft() -> House {
    House::of(Vendor::NeuralDraft).await
}

impl House {
    pub(crate) async fn create(&self, body: Value) -> (StatusCode, Value) {
        json_of(self.as_owner(Method::POST, "/projects/me/api-keys").json(&body)).await
    }

    /// A new key with these scopes: its value and its id.
    pub(crate) async fn made(&self, scopes: &[&str]) -> (String, String) {
        let (status, body) = self.create(json!({ "name": "made", "scopes": scopes })).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        (text(&body["data"]["secret"]), text(&body["data"]["id"]))
    }

    pub(crate) async fn list(&self) -> Vec<Value> {
        let (status, body) = json_of(self.as_owner(Method::GET, "/projects/me/api-keys")).await;
        assert_eq!(status, StatusCode::OK);
        body["data"].as_array().unwrap().clone()
    }

    /// A key of the list.
    pub(crate) async fn listed(&self, id: &str) -> Value {
        self.list().await.into_iter().find(|key| key["id"] == id).unwrap()
    }

    pub(crate) async fn revoke(&self, id: &str) -> StatusCode {
        let reply = self.as_owner(Method::DELETE, &format!("/api-keys/{id}")).send().await.unwrap();
        let status = reply.status();
        let body = reply.text().await.unwrap();
        assert!(status != StatusCode::NO_CONTENT || body.is_empty(), "{body}");
        status
    }

    /// What a key is answered with by the vendor's own example of a call.
    pub(crate) async fn probe(&self, key: &str) -> StatusCode {
        self.as_key(key, Method::GET, "/projects/me").send().await.unwrap().status()
    }
}

/// A problem without its request id.
pub(crate) fn problem(mut body: Value) -> Value {
    let fields = body.as_object_mut().unwrap();
    let instance = text(&fields.remove("instance").unwrap());
    let id = instance.strip_prefix("req_").unwrap();
    assert!(id.len() == 12 && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
    body
}
