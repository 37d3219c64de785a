//! Naturalead's contract, row by row, over real HTTP: the server's half.

use std::path::Path;
use std::time::Duration;

use chrono::{TimeZone, Utc};
use keyturn_authority::{Authority, Clock, Config, Limits, ManualClock, Role, Vendor};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

const INVALID: &str = r#"{"error":"Invalid or expired API key"}"#;
const MISSING: &str = r#"{"error":"Authentication required. Provide an API key via X-API-Key header or Authorization: Bearer header."}"#;

struct House {
    authority: Authority,
    client: Client,
    key: String,
    hand: ManualClock,
    clock: Clock,
    dir: TempDir,
}

impl House {
    async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    async fn with(limits: Limits) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let dir = TempDir::new().unwrap();
        let (clock, hand) = Clock::manual(Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap());
        let authority = start(dir.path(), limits, clock.clone()).await;
        let key = authority.issue_bootstrap_key(Role::Owner).unwrap();
        Self { authority, client: Client::builder().no_proxy().build().unwrap(), key, hand, clock, dir }
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.authority.base_url()))
    }

    fn as_key(&self, key: &str, method: Method, path: &str) -> RequestBuilder {
        self.call(method, path).header("X-API-Key", key)
    }

    async fn create(&self, body: Value) -> (StatusCode, Value) {
        json_of(self.as_key(&self.key, Method::POST, "/api/api-keys").json(&body)).await
    }

    /// A new key with these scopes: its value and its id.
    async fn made(&self, scopes: &[&str]) -> (String, String) {
        let (status, body) =
            self.create(json!({ "name": "Made", "scopes": scopes, "environment": "live" })).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        (text(&body["fullKey"]), text(&body["apiKey"]["id"]))
    }

    async fn leads(&self, key: &str) -> (StatusCode, String) {
        text_of(self.as_key(key, Method::GET, "/api/leads")).await
    }
}

async fn start(dir: &Path, limits: Limits, clock: Clock) -> Authority {
    let config = Config::new(Vendor::Naturalead, dir.join("store.db"));
    Authority::start(Config { limits, clock, ..config }).await.unwrap()
}

async fn json_of(request: RequestBuilder) -> (StatusCode, Value) {
    let reply = request.send().await.unwrap();
    (reply.status(), reply.json().await.unwrap())
}

async fn text_of(request: RequestBuilder) -> (StatusCode, String) {
    let reply = request.send().await.unwrap();
    (reply.status(), reply.text().await.unwrap())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn nl01_every_request_needs_a_key() {
    let house = House::new().await;
    for (method, path) in [
        (Method::GET, "/api/leads"),
        (Method::GET, "/api/api-keys"),
        (Method::POST, "/api/api-keys"),
        (Method::PATCH, "/api/api-keys/x/revoke"),
        (Method::POST, "/api/api-keys/x/rotate"),
        (Method::DELETE, "/api/api-keys/x"),
        (Method::GET, "/anything"),
    ] {
        assert_eq!(
            text_of(house.call(method, path)).await,
            (StatusCode::UNAUTHORIZED, MISSING.to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn nl02_no_session_is_made_or_taken() {
    let house = House::new().await;
    let reply = house.as_key(&house.key, Method::GET, "/api/leads").send().await.unwrap();
    assert!(reply.headers().get("set-cookie").is_none());
    let after = house.call(Method::GET, "/api/leads").header("Cookie", "session=1").send().await.unwrap();
    assert_eq!(after.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nl03_the_prefix_follows_the_environment_and_64_hex_follow_it() {
    let house = House::new().await;
    for environment in ["live", "test"] {
        let (_, body) =
            house.create(json!({ "name": "N", "scopes": ["leads:view"], "environment": environment })).await;
        let key = text(&body["fullKey"]);
        let hex = key.strip_prefix(&format!("nl_{environment}_")).unwrap();
        assert_eq!(hex.len(), 64);
        assert!(hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    }
}

#[tokio::test]
async fn nl05_a_bearer_key_is_accepted() {
    let house = House::new().await;
    let (status, _) = text_of(house.call(Method::GET, "/api/leads").bearer_auth(&house.key)).await;
    assert_eq!(status, StatusCode::OK);
    let foreign = text_of(house.call(Method::GET, "/api/leads").bearer_auth("eyJhbGciOi")).await;
    assert_eq!(
        foreign,
        (StatusCode::UNAUTHORIZED, MISSING.to_owned()),
        "a Bearer that is no nl_ key is no key"
    );
}

#[tokio::test]
async fn nl06_x_api_key_takes_precedence() {
    let house = House::new().await;
    let bad = format!("nl_live_{}", "0".repeat(64));
    let worse = house.as_key(&bad, Method::GET, "/api/leads").bearer_auth(&house.key);
    assert_eq!(text_of(worse).await.0, StatusCode::UNAUTHORIZED);
    let better = house.as_key(&house.key, Method::GET, "/api/leads").bearer_auth(&bad);
    assert_eq!(text_of(better).await.0, StatusCode::OK);
}

#[tokio::test]
async fn nl07_the_full_key_appears_at_creation_and_rotation_only() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    let (_, rotated) =
        json_of(house.as_key(&house.key, Method::POST, &format!("/api/api-keys/{id}/rotate"))).await;
    let successor = text(&rotated["fullKey"]);
    assert_ne!(value, successor);
    for path in ["/api/api-keys", "/api/audit-logs"] {
        let (_, body) = text_of(house.as_key(&house.key, Method::GET, path)).await;
        assert!(!body.contains(&value) && !body.contains(&successor) && !body.contains("fullKey"), "{path}");
    }
}

#[tokio::test]
async fn nl08_only_hashes_are_stored() {
    let house = House::new().await;
    let (value, _) = house.made(&["leads:view"]).await;
    let body = value.trim_start_matches("nl_live_").to_owned();
    house.authority.stop().await;
    for entry in std::fs::read_dir(house.dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(&body));
    }
}

#[tokio::test]
async fn nl09_another_account_s_key_cannot_be_seen_or_managed() {
    let house = House::new().await;
    let (_, id) = house.made(&["leads:view"]).await;
    let stranger = house.authority.issue_foreign_key("elsewhere", Role::Owner).unwrap();
    let (_, list) = json_of(house.as_key(&stranger, Method::GET, "/api/api-keys")).await;
    assert_eq!(list.as_array().unwrap().len(), 1, "its own only");
    let foreign =
        text_of(house.as_key(&stranger, Method::PATCH, &format!("/api/api-keys/{id}/revoke"))).await;
    let unknown = text_of(house.as_key(&stranger, Method::PATCH, "/api/api-keys/none/revoke")).await;
    assert_eq!(foreign, unknown);
    assert_eq!(foreign.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nl10_the_hint_is_the_last_four_characters() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    let (_, list) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys")).await;
    let row = list.as_array().unwrap().iter().find(|key| key["id"] == id.as_str()).unwrap();
    assert_eq!(row["keyHint"], value[value.len() - 4..]);
}

#[tokio::test]
async fn nl11_past_its_expiry_a_key_is_401() {
    let house = House::new().await;
    let (_, body) = house
        .create(json!({ "name": "N", "scopes": ["leads:view"], "environment": "live", "expiresAt": "2026-11-21T13:00:00Z" }))
        .await;
    let value = text(&body["fullKey"]);
    assert_eq!(house.leads(&value).await.0, StatusCode::OK);
    house.hand.advance(Duration::from_secs(3600));
    assert_eq!(house.leads(&value).await, (StatusCode::UNAUTHORIZED, INVALID.to_owned()));
    let past = house.create(json!({ "name": "N", "scopes": ["leads:view"], "environment": "live", "expiresAt": "2020-01-01T00:00:00Z" })).await;
    assert_eq!(past.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nl12_create_takes_name_scopes_and_environment() {
    let house = House::new().await;
    // The documented example, as it stands.
    let example = json!({ "name": "CRM Integration", "scopes": ["leads:view", "leads:import", "leads:sync_create"], "environment": "live" });
    let (status, body) = house.create(example.clone()).await;
    assert_eq!(status, StatusCode::CREATED);
    for field in ["name", "scopes", "environment"] {
        assert_eq!(body["apiKey"][field], example[field]);
    }
    for odd in [
        json!({ "scopes": ["leads:view"], "environment": "live" }),
        json!({ "name": "", "scopes": ["leads:view"], "environment": "live" }),
        json!({ "name": "N", "scopes": [], "environment": "live" }),
        json!({ "name": "N", "scopes": ["leads:*"], "environment": "live" }),
        json!({ "name": "N", "scopes": ["leads:view"], "environment": "prod" }),
        json!([]),
    ] {
        let (status, body) = house.create(odd.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{odd}");
        assert!(body["error"].is_string());
    }
}

#[tokio::test]
async fn nl13_the_list_shows_all_keys_masked() {
    let house = House::new().await;
    house.authority.seed_rehearsal().unwrap();
    let (_, list) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys?limit=1000")).await;
    assert_eq!(list.as_array().unwrap().len(), 25);
    let (_, first) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys?limit=10")).await;
    let (_, rest) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys?skip=10&limit=100")).await;
    let both: Vec<_> = first.as_array().unwrap().iter().chain(rest.as_array().unwrap()).collect();
    assert_eq!(both, list.as_array().unwrap().iter().collect::<Vec<_>>());
    for status in ["active", "revoked", "expired"] {
        assert!(list.as_array().unwrap().iter().any(|key| key["status"] == status), "{status}");
    }
}

#[tokio::test]
async fn nl14_a_revoked_key_never_works_again() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    let revoke = format!("/api/api-keys/{id}/revoke");
    assert_eq!(text_of(house.as_key(&house.key, Method::PATCH, &revoke)).await.0, StatusCode::OK);
    assert_eq!(house.leads(&value).await, (StatusCode::UNAUTHORIZED, INVALID.to_owned()));
    let rotate = text_of(house.as_key(&house.key, Method::POST, &format!("/api/api-keys/{id}/rotate"))).await;
    assert_eq!(rotate.0, StatusCode::CONFLICT, "no way back through a rotation");
}

#[tokio::test]
async fn nl15_rotate_is_atomic_and_a_refused_one_changes_nothing() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    let reader = house.made(&["api_keys:view"]).await.0;
    let path = format!("/api/api-keys/{id}/rotate");
    assert_eq!(text_of(house.as_key(&reader, Method::POST, &path)).await.0, StatusCode::FORBIDDEN);
    assert_eq!(house.leads(&value).await.0, StatusCode::OK, "a refused rotation leaves the old key valid");
    let (status, body) = json_of(house.as_key(&house.key, Method::POST, &path)).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(house.leads(&value).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(house.leads(&text(&body["fullKey"])).await.0, StatusCode::OK);
    assert_eq!(body["apiKey"]["name"], "Made");
    assert_eq!(body["apiKey"]["scopes"], json!(["leads:view"]));
}

#[tokio::test]
async fn nl16_only_a_revoked_key_can_be_deleted() {
    let house = House::new().await;
    let (_, id) = house.made(&["leads:view"]).await;
    let path = format!("/api/api-keys/{id}");
    assert_eq!(text_of(house.as_key(&house.key, Method::DELETE, &path)).await.0, StatusCode::CONFLICT);
    house.as_key(&house.key, Method::PATCH, &format!("{path}/revoke")).send().await.unwrap();
    assert_eq!(text_of(house.as_key(&house.key, Method::DELETE, &path)).await.0, StatusCode::OK);
    let (_, list) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys")).await;
    assert!(list.as_array().unwrap().iter().all(|key| key["id"] != id.as_str()));
}

#[tokio::test]
async fn nl17_a_key_without_the_scope_is_refused() {
    let house = House::new().await;
    let (value, _) = house.made(&["leads:view"]).await;
    assert_eq!(house.leads(&value).await.0, StatusCode::OK);
    assert_eq!(text_of(house.as_key(&value, Method::GET, "/api/api-keys")).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nl18_exactly_26_scopes_can_be_granted_and_no_wildcard() {
    let house = House::new().await;
    let (_, list) = json_of(house.as_key(&house.key, Method::GET, "/api/api-keys")).await;
    assert_eq!(list[0]["scopes"].as_array().unwrap().len(), 26);
    for wildcard in ["*", "leads:*"] {
        let (status, _) =
            house.create(json!({ "name": "N", "scopes": [wildcard], "environment": "live" })).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn nl19_only_scopes_of_one_s_own_role_can_be_granted() {
    let house = House::new().await;
    let restricted = house.authority.issue_bootstrap_key(Role::Restricted).unwrap();
    let body = json!({ "name": "N", "scopes": ["leads:view", "campaigns:delete"], "environment": "live" });
    let words = r#"{"error":"Forbidden","message":"You do not have permission to perform this action (requires: campaigns:delete)."}"#;
    let refused = text_of(house.as_key(&restricted, Method::POST, "/api/api-keys").json(&body)).await;
    assert_eq!(refused, (StatusCode::FORBIDDEN, words.to_owned()));
}

#[tokio::test]
async fn nl20_revoked_expired_and_unknown_keys_get_the_identical_body() {
    let house = House::new().await;
    let (revoked, id) = house.made(&["leads:view"]).await;
    house.as_key(&house.key, Method::PATCH, &format!("/api/api-keys/{id}/revoke")).send().await.unwrap();
    let unknown = format!("nl_live_{}", "f".repeat(64));
    for key in [revoked.as_str(), &unknown, "nonsense", ""] {
        assert_eq!(house.leads(key).await, (StatusCode::UNAUTHORIZED, INVALID.to_owned()), "{key:?}");
    }
}

#[tokio::test]
async fn nl21_no_key_gets_the_other_401_body() {
    let house = House::new().await;
    assert_eq!(
        text_of(house.call(Method::GET, "/api/leads")).await,
        (StatusCode::UNAUTHORIZED, MISSING.to_owned())
    );
}

#[tokio::test]
async fn nl22_a_missing_scope_is_named() {
    let house = House::new().await;
    let (value, _) = house.made(&["leads:view"]).await;
    let words = r#"{"error":"Forbidden","message":"API key does not have the required scope (requires: api_keys:view)."}"#;
    assert_eq!(
        text_of(house.as_key(&value, Method::GET, "/api/api-keys")).await,
        (StatusCode::FORBIDDEN, words.to_owned())
    );
}

#[tokio::test]
async fn nl23_a_missing_role_permission_gets_the_other_403_body() {
    let house = House::new().await;
    // The key was granted the scope while its maker was an owner; the role is gone since.
    let (value, _) = house.made(&["audit:view"]).await;
    house.authority.change_role(Role::Owner, Role::Restricted).unwrap();
    let words = r#"{"error":"Forbidden","message":"You do not have permission to perform this action (requires: audit:view)."}"#;
    assert_eq!(
        text_of(house.as_key(&value, Method::GET, "/api/audit-logs")).await,
        (StatusCode::FORBIDDEN, words.to_owned())
    );
}

#[tokio::test]
async fn nl25_reading_keys_needs_view_and_writing_needs_manage() {
    let house = House::new().await;
    let (reader, _) = house.made(&["api_keys:view"]).await;
    let (writer, _) = house.made(&["api_keys:manage"]).await;
    assert_eq!(text_of(house.as_key(&reader, Method::GET, "/api/api-keys")).await.0, StatusCode::OK);
    assert_eq!(text_of(house.as_key(&writer, Method::GET, "/api/api-keys")).await.0, StatusCode::FORBIDDEN);
    let body = json!({ "name": "N", "scopes": ["leads:view"], "environment": "live" });
    assert_eq!(
        text_of(house.as_key(&reader, Method::POST, "/api/api-keys").json(&body)).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        text_of(house.as_key(&writer, Method::POST, "/api/api-keys").json(&body)).await.0,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn the_last_use_moves_when_a_key_is_used_and_state_outlives_a_restart() {
    let house = House::new().await;
    let (value, id) = house.made(&["leads:view"]).await;
    house.hand.advance(Duration::from_secs(90));
    assert_eq!(house.leads(&value).await.0, StatusCode::OK);
    let House { authority, client, key, clock, dir, .. } = house;
    authority.stop().await;
    let authority = start(dir.path(), Limits::default(), clock).await;
    let list = client
        .get(format!("{}/api/api-keys", authority.base_url()))
        .header("X-API-Key", &key)
        .send()
        .await
        .unwrap();
    let list: Value = list.json().await.unwrap();
    let row = list.as_array().unwrap().iter().find(|row| row["id"] == id.as_str()).unwrap();
    assert_eq!(row["lastUsedAt"], "2026-11-21T12:01:30.000Z");
}

#[tokio::test]
async fn too_many_requests_are_429_with_when_to_come_back() {
    let house = House::with(Limits { per_key: 3, ..Limits::default() }).await;
    for left in ["2", "1", "0"] {
        let reply = house.as_key(&house.key, Method::GET, "/api/leads").send().await.unwrap();
        assert_eq!(reply.headers()["ratelimit-limit"], "3");
        assert_eq!(reply.headers()["ratelimit-remaining"], left);
    }
    let reply = house.as_key(&house.key, Method::GET, "/api/leads").send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(reply.headers()["retry-after"], "60");
    assert_eq!(
        reply.text().await.unwrap(),
        r#"{"error":"API key rate limit exceeded, please try again later"}"#
    );
    house.hand.advance(Duration::from_secs(60));
    assert_eq!(house.leads(&house.key).await.0, StatusCode::OK);
}

#[tokio::test]
async fn odd_requests_get_the_vendor_s_error_shape() {
    let house = House::new().await;
    let large = "x".repeat(1024 * 1024 + 1);
    let cases = [
        (house.as_key(&house.key, Method::POST, "/api/api-keys").body(large), StatusCode::PAYLOAD_TOO_LARGE),
        (house.as_key(&house.key, Method::POST, "/api/api-keys").body("{"), StatusCode::BAD_REQUEST),
        (house.as_key(&house.key, Method::GET, "/api/nowhere"), StatusCode::NOT_FOUND),
        (house.as_key(&house.key, Method::PUT, "/api/api-keys"), StatusCode::METHOD_NOT_ALLOWED),
        (house.as_key(&house.key, Method::DELETE, "/api/api-keys/unknown"), StatusCode::NOT_FOUND),
        (house.as_key(&house.key, Method::GET, "/api/api-keys?limit=x"), StatusCode::BAD_REQUEST),
    ];
    for (request, expected) in cases {
        let (status, body) = json_of(request).await;
        assert_eq!(status, expected);
        assert!(body["error"].is_string(), "{body}");
    }
}

#[tokio::test]
async fn creating_rotating_revoking_and_deleting_stand_in_the_audit_log() {
    let house = House::new().await;
    let (_, id) = house.made(&["leads:view"]).await;
    house.as_key(&house.key, Method::POST, &format!("/api/api-keys/{id}/rotate")).send().await.unwrap();
    house.as_key(&house.key, Method::DELETE, &format!("/api/api-keys/{id}")).send().await.unwrap();
    let (_, log) = json_of(house.as_key(&house.key, Method::GET, "/api/audit-logs")).await;
    let actions: Vec<_> = log.as_array().unwrap().iter().map(|entry| text(&entry["action"])).collect();
    assert_eq!(actions, ["api_key.deleted", "api_key.rotated", "api_key.created", "api_key.created"]);
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let dir = TempDir::new().unwrap();
    let mut config = Config::new(Vendor::Naturalead, dir.path().join("store.db"));
    config.listen = "0.0.0.0:0".parse().unwrap();
    assert!(Authority::start(config).await.is_err());
}
