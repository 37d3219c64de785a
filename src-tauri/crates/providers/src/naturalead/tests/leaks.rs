//! No path out of the adapter but `Minted::secret` holds a key, in whatever form a vendor echoes it.

use std::time::Duration;

use super::*;
use crate::fixtures::{RawServer, Script, assert_error_free_of, assert_free_of, forms, impatient, nobody};

const KEYS: [&str; 2] = [MANAGING, FRESH];

/// Bodies that say a key back, in each form and in each place that might be read.
fn echoes() -> Vec<String> {
    let mut bodies = Vec::new();
    for form in KEYS.iter().flat_map(|key| forms(key)) {
        bodies.push(json!({ "error": form }).to_string());
        bodies.push(
            json!({ "error": "Forbidden", "message": format!("{form} lacks it (requires: {form}).") })
                .to_string(),
        );
        bodies.push(
            json!({ "error": "x", "message": format!("no (required scope: /?k={form}&x) \"{form}\"") })
                .to_string(),
        );
        bodies.push(format!("<html>{form}</html>"));
        bodies.push(format!("{{\"fullKey\":\"{form}\",\"apiKey\":{form}"));
        bodies.push(json!({ "fullKey": [form], "data": form }).to_string());
        bodies.push(json!([{ "id": form, "name": 1 }, form]).to_string());
    }
    bodies
}

async fn assert_silent(what: &str, account: &Account) {
    for (operation, outcome) in account.everything().await {
        if let Err(error) = outcome {
            assert_error_free_of(&KEYS, &format!("{what}, {operation}"), &error);
        }
    }
}

#[tokio::test]
async fn s2_no_error_path_holds_a_secret() {
    let server = MockServer::start().await;
    let account = Account::at(&server.uri());
    for status in [200, 201, 301, 307, 400, 401, 402, 403, 404, 409, 422, 429, 500, 503] {
        for body in echoes() {
            server.reset().await;
            let answer = says(status, &body)
                .insert_header("retry-after", "99")
                .insert_header("location", format!("http://127.0.0.1/?api_key={MANAGING}"));
            Mock::given(any()).respond_with(answer).mount(&server).await;
            assert_silent(&format!("{status} {body}"), &account).await;
        }
    }
}

#[tokio::test]
async fn s2_no_error_below_http_holds_a_secret() {
    let head = format!("HTTP/1.1 200 OK\r\nx-echo: {MANAGING}\r\ncontent-length: 999\r\n\r\n");
    let mut bases = vec![
        nobody().await,
        "http://vendor.example".to_owned(),
        format!("https://{MANAGING}@vendor.example"),
        format!("https://vendor.example/?api_key={MANAGING}"),
        format!("https://vendor.example/#{MANAGING}"),
        MANAGING.to_owned(),
    ];
    let scripts = [
        Script::send(""),
        Script::send(MANAGING),
        Script::send(&format!("HTTP/1.1 200 {MANAGING}\r\n{MANAGING}\r\n\r\n")),
        Script::send(&format!("{head}{{\"fullKey\":\"{FRESH}\"")),
        Script::Drip(head.into_bytes(), Duration::from_millis(20)),
    ];
    for script in scripts {
        let server = RawServer::start(script).await;
        bases.push(server.base.replace("http:", "https:"));
        bases.push(server.base);
    }
    for base in bases {
        let account = Account { adapter: Naturalead::new(impatient()), ..Account::at(&base) };
        assert_silent(&base, &account).await;
    }
}

#[tokio::test]
async fn s2_a_record_does_not_hold_the_key_that_the_vendor_echoes() {
    let mut body = minted_json();
    for field in ["name", "createdBy", "status", "environment", "keyPrefix", "keyHint", "id"] {
        body["apiKey"][field] = format!("see {FRESH} and {MANAGING}").into();
    }
    body["apiKey"]["scopes"] = json!([FRESH, MANAGING]);
    let (_server, account) = vendor(says(201, &body.to_string())).await;
    let minted = account.adapter.mint(account.connection(), &grant()).await.unwrap();
    assert_free_of(&KEYS, "minted", &format!("{minted:?}"));
}
