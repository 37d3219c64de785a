//! What the tests of Natural's dialect do again and again.

use keyturn_authority::Vendor;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, json_of, text};

pub(crate) async fn natural() -> House {
    House::of(Vendor::Natural).await
}

impl House {
    pub(crate) async fn create(&self, attributes: Value) -> (StatusCode, Value) {
        let body = json!({ "data": { "attributes": attributes } });
        json_of(self.as_owner(Method::POST, "/api-keys").json(&body)).await
    }

    /// A new key with these scopes: its value and its id.
    pub(crate) async fn made(&self, scopes: &[&str]) -> (String, String) {
        let (status, body) = self.create(json!({ "name": "Made", "scopes": scopes })).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        (text(&body["data"]["attributes"]["apiKey"]), text(&body["data"]["id"]))
    }

    /// The list with this query, which must be a good one.
    pub(crate) async fn list(&self, query: &str) -> Value {
        let (status, body) = json_of(self.as_owner(Method::GET, &format!("/api-keys{query}"))).await;
        assert_eq!(status, StatusCode::OK, "{query}: {body}");
        body
    }

    pub(crate) async fn get(&self, id: &str) -> (StatusCode, Value) {
        json_of(self.as_owner(Method::GET, &format!("/api-keys/{id}"))).await
    }

    pub(crate) async fn revoke(&self, id: &str, idempotency_key: &str) -> (StatusCode, Value) {
        let request = self.as_owner(Method::DELETE, &format!("/api-keys/{id}"));
        json_of(request.header("Idempotency-Key", idempotency_key)).await
    }

    /// What a key's list is answered with.
    pub(crate) async fn status_of(&self, key: &str) -> StatusCode {
        self.as_key(key, Method::GET, "/api-keys?limit=1").send().await.unwrap().status()
    }
}

/// The one error in a reply, without its support id.
pub(crate) fn problem(mut body: Value) -> Value {
    let errors = body["errors"].as_array_mut().unwrap();
    assert_eq!(errors.len(), 1);
    let mut error = errors.remove(0);
    let id = text(&error["meta"]["supportId"]);
    assert!(id.strip_prefix("req_").is_some_and(|id| id.len() == 32), "{id}");
    error.as_object_mut().unwrap().remove("meta");
    error
}
