//! What every library below writes into a log at its most talkative. A process of its own, because the level
//! of a log is one for a whole process.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use chrono::Utc;
use keyturn_core::account::VendorId;
use keyturn_core::grant::Grant;
use keyturn_core::key::{Scope, VendorKeyId};
use keyturn_core::provider::{Connection, Paging};
use keyturn_core::secret::Secret;
use keyturn_providers::{HttpSettings, ProxyChoice, providers};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A vendor's id, a managing key, a fresh key, and a scope that it grants.
const VENDORS: [[&str; 4]; 6] = [
    ["leadterra", "sk_live_c0ffee00c0ffee11c0ffee22", "sk_live_deadbeef00deadbeef11deadbeef", ""],
    ["smartlead", "c0ffee33-c0ffee44-c0ffee55_c0ffee66", "deadbeef22-deadbeef33_deadbeef44dead", ""],
    ["smartlead-clients", "c0ffee77-c0ffee88-c0ffee99_c0ffeeaa", "cl_live_deadbeef55deadbeef66deadbeef", ""],
    [
        "naturalead",
        "nl_live_c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55c0ffee66c0ffee77",
        "nl_live_deadbeef00deadbeef11deadbeef22deadbeef33deadbeef44deadbeef5566ab",
        "leads:view",
    ],
    [
        "natural",
        "sk_ntl_prod_c0ffee00-c0ffee11c0ffee22c0ffee33c0ffee44co",
        "sk_ntl_prod_deadbeef00-deadbeef11deadbeef22deadbeef33dea",
        "payments.read",
    ],
    [
        "neural-draft",
        "ndsk_live_c0FFee00c0FFee11c0FFee22c0FFee33",
        "ndsk_live_deadBEEF00deadBEEF11deadBEEF22de",
        "content:read",
    ],
];

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
    for vendor in VENDORS {
        for status in [201, 401, 500] {
            call_everything(vendor, status).await;
        }
    }
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("vendor answered"), "nothing was captured");
    for [_, managing, fresh, _] in VENDORS {
        for key in [managing, fresh] {
            let body = key.rsplit('_').next().unwrap();
            assert!(!log.contains(body) && !log.contains(&hex::encode(key)), "a key stands in the log");
        }
    }
}

#[test]
fn every_vendor_is_looked_at() {
    let known = providers(HttpSettings::default());
    for provider in known.iter() {
        let id = provider.manifest().vendor.0.as_str();
        assert!(VENDORS.iter().any(|[vendor, ..]| *vendor == id), "{id} has no row in this test");
    }
}

async fn call_everything([vendor, managing, fresh, scope]: [&str; 4], status: u16) {
    let server = MockServer::start().await;
    // The dialects of all vendors at once: each finds its own.
    let body = serde_json::json!({
        "fullKey": fresh, "apiKey": { "id": "key_2" }, "secret": fresh,
        "data": { "id": "key_2", "api_key": fresh, "attributes": { "apiKey": fresh } },
        "error": managing, "code": managing, "detail": managing, "errors": [{ "detail": managing }]
    });
    let answer = ResponseTemplate::new(status).insert_header("x-echo", managing).set_body_json(body);
    Mock::given(any()).respond_with(answer).mount(&server).await;

    let registry =
        providers(HttpSettings { proxy: ProxyChoice::Off, attempts: 1, ..HttpSettings::default() });
    let provider = registry.get(&VendorId(vendor.into())).expect("a known vendor");
    let managing = Secret::new(managing.into());
    let base = server.uri();
    let settings = BTreeMap::from([("client".to_owned(), "7".to_owned())]);
    let connection = Connection { base_url: &base, managing_key: &managing, settings: &settings };
    let scopes = if scope.is_empty() { Vec::new() } else { vec![Scope(scope.into())] };
    let environment = provider.manifest().environments[0].clone();
    let grant =
        Grant::check(provider.manifest(), "CI", environment, scopes, None, Utc::now()).expect("a good grant");
    let id = VendorKeyId("key_1".into());
    // Only what they log counts here.
    let _ = provider.list(connection, &|_| Paging::Continue).await;
    let _ = provider.mint(connection, &grant).await;
    let _ = provider.rotate(connection, &id).await;
    let _ = provider.revoke(connection, &id).await;
    let _ = provider.delete(connection, &id).await;
    let _ = provider.probe(connection).await;
}
