//! What every library below writes into a log at its most talkative. A process of its own, because the level
//! of a log is one for a whole process.

use std::io::Write;
use std::sync::{Arc, Mutex};

use chrono::Utc;
use keyturn_core::account::VendorId;
use keyturn_core::grant::Grant;
use keyturn_core::key::{Environment, Scope, VendorKeyId};
use keyturn_core::provider::{Connection, Paging};
use keyturn_core::secret::Secret;
use keyturn_providers::{HttpSettings, ProxyChoice, providers};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const MANAGING: &str = "nl_live_c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55c0ffee66c0ffee77";
const FRESH: &str = "nl_live_deadbeef00deadbeef11deadbeef22deadbeef33deadbeef44deadbeef5566ab";

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn s1_a_log_of_every_call_at_trace_level_holds_no_secret() {
    let captured = Captured::default();
    let writer = captured.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    for status in [201, 401, 500] {
        call_everything(status).await;
    }
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("vendor answered"), "nothing was captured");
    for key in [MANAGING, FRESH] {
        let body = &key["nl_live_".len()..];
        assert!(!log.contains(body) && !log.contains(&hex::encode(key)), "a key stands in the log");
    }
}

async fn call_everything(status: u16) {
    let server = MockServer::start().await;
    let body = serde_json::json!({ "fullKey": FRESH, "apiKey": { "id": "key_2" }, "error": MANAGING });
    let answer = ResponseTemplate::new(status).insert_header("x-echo", MANAGING).set_body_json(body);
    Mock::given(any()).respond_with(answer).mount(&server).await;

    let registry =
        providers(HttpSettings { proxy: ProxyChoice::Off, attempts: 1, ..HttpSettings::default() });
    let provider = registry.get(&VendorId("naturalead".into())).expect("a known vendor");
    let managing = Secret::new(MANAGING.into());
    let base = server.uri();
    let connection = Connection { base_url: &base, managing_key: &managing };
    let scopes = vec![Scope("leads:view".into())];
    let grant = Grant::check(provider.manifest(), "CI", Environment::Live, scopes, None, Utc::now())
        .expect("a good grant");
    let id = VendorKeyId("key_1".into());
    // Only what they log counts here.
    let _ = provider.list(connection, &|_| Paging::Continue).await;
    let _ = provider.mint(connection, &grant).await;
    let _ = provider.rotate(connection, &id).await;
    let _ = provider.revoke(connection, &id).await;
    let _ = provider.delete(connection, &id).await;
    let _ = provider.probe(&base, &managing).await;
}
