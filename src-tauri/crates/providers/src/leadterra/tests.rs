//! The Leadterra adapter against a scripted vendor: the rows of its contract, faults, and the search for leaks.

use std::time::Duration;

use keyturn_core::key::VendorKeyId;
use keyturn_core::paste::{PasteFault, check_paste};
use serde_json::json;

use super::*;
use crate::fixtures::account::{self, asked, grant_of, says, vendor};
use crate::fixtures::leaks::{assert_no_answer_leaks, assert_no_broken_exchange_leaks};
use crate::fixtures::{assert_error_free_of, impatient, quick};

const KEY: &str = "sk_live_c0ffee00c0ffee11c0ffee22c0ffee33";
/// The vendor's own example of a key. [seed]
const DOCUMENTED: &str = "sk_live_YOUR_KEY";
/// [assumed]: the vendor does not document the bodies of its refusals.
const REFUSED: &str = r#"{"error":{"code":"authentication_failed","message":"Invalid API key"}}"#;

type Account = account::Account<Leadterra>;

impl Account {
    fn at(base: &str) -> Self {
        Self::over(Leadterra::new(quick()), base)
    }

    fn hasty(base: &str) -> Self {
        Self::over(Leadterra::new(impatient()), base)
    }

    fn over(adapter: Leadterra, base: &str) -> Self {
        let grant = grant_of(adapter.manifest(), "production-agent", &[]);
        Self::of(adapter, KEY, &format!("{base}/v1"), grant)
    }
}

async fn seen(status: u16, body: &str) -> Result<Probe, Fault> {
    let server = vendor(says(status, body)).await;
    let account = Account::at(&server.uri());
    let seen = account.adapter.probe(account.connection()).await;
    assert_eq!(asked(&server).await.first().map(String::as_str), Some("GET /v1/sender-pools"));
    seen.map_err(|error| {
        assert_error_free_of(&[KEY], body, &error);
        error.fault
    })
}

fn paste(text: &str) -> Result<Environment, PasteFault> {
    check_paste(Leadterra::new(quick()).manifest(), &Secret::new(text.to_owned()))
}

#[tokio::test]
async fn lt01_one_bearer_header_and_nothing_else_carries_the_key() {
    let server = vendor(says(200, "[]")).await;
    let account = Account::at(&server.uri());
    account.everything().await;
    let seen = server.received_requests().await.unwrap();
    assert_eq!(seen.len(), 1, "only the probe is a call");
    let request = &seen[0];
    assert_eq!(request.headers.get_all("authorization").iter().count(), 1);
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    assert!(!request.headers.contains_key("cookie"));
    assert!(!request.url.as_str().contains(KEY) && request.body.is_empty());
}

#[test]
fn lt05_the_prefix_names_the_environment() {
    assert_eq!(paste(DOCUMENTED), Ok(Environment::Live));
    assert_eq!(paste("sk_test_0123456789abcdef"), Ok(Environment::Test));
}

#[test]
fn lt07_and_the_hint_shows_four_characters_at_most() {
    let adapter = Leadterra::new(quick());
    let hint = |text: &str| adapter.hint(&Secret::new(text.to_owned())).masked();
    assert_eq!(hint(KEY), "sk_live_…ee33");
    assert_eq!(hint("sk_test_0123456789abcdef"), "sk_test_…cdef");
    assert_eq!(hint(DOCUMENTED), "sk_live_…", "half of a short one would be told");
}

#[test]
fn lt08_the_suggested_variable_is_the_vendors_own() {
    assert_eq!(Leadterra::new(quick()).manifest().variable, "LEADTERRA_API_KEY");
}

#[tokio::test]
async fn lt10_what_the_dashboard_alone_can_do_is_refused_with_the_way_to_do_it() {
    let server = vendor(says(200, "[]")).await;
    let account = Account::at(&server.uri());
    for (operation, outcome) in account.everything().await {
        if operation == Operation::Probe {
            continue;
        }
        let words = outcome.unwrap_err().to_string();
        assert!(words.contains("dashboard") && words.contains("API Keys"), "{operation}: {words}");
    }
    let rotation = account.adapter.rotate(account.connection(), &VendorKeyId("x".into())).await;
    assert!(rotation.unwrap_err().to_string().ends_with("After a leak revoke the old one there first."));
    assert!(account.adapter.manifest().capabilities.is_assisted());
    assert!(account.adapter.manifest().full_privilege.is_some());
}

#[tokio::test]
async fn lt13_a_401_means_that_the_key_was_refused_whatever_its_body() {
    for body in [REFUSED, r#"{"message":"nope"}"#, "Unauthorized", ""] {
        assert_eq!(seen(401, body).await.unwrap(), Probe::Refused, "{body}");
    }
}

#[tokio::test]
async fn lt14_a_403_proves_that_the_key_lives() {
    for body in [r#"{"error":{"code":"forbidden"}}"#, "Forbidden", ""] {
        assert_eq!(seen(403, body).await.unwrap(), Probe::Alive, "{body}");
    }
}

#[tokio::test]
async fn a_200_proves_that_the_key_lives_if_it_is_the_vendors() {
    assert_eq!(seen(200, r#"{"data":[]}"#).await.unwrap(), Probe::Alive);
    assert_eq!(seen(200, "[]").await.unwrap(), Probe::Alive);
    for body in ["", "not JSON", "[1,"] {
        assert!(matches!(seen(200, body).await, Err(Fault::Malformed(_))), "{body}");
    }
}

#[tokio::test]
async fn a_page_of_markup_proves_nothing() {
    for status in [200, 401, 403] {
        let fault =
            seen(status, "\n<!DOCTYPE html><h1>Sign in to the hotel's network</h1>").await.unwrap_err();
        assert!(matches!(fault, Fault::Malformed(words) if words.contains("markup")), "{status}");
    }
}

#[tokio::test]
async fn passing_failures_stay_what_they_are() {
    let fault = seen(404, "{}").await.unwrap_err();
    assert!(matches!(fault, Fault::Address(_)), "{fault:?}");
    assert!(matches!(seen(500, "{}").await.unwrap_err(), Fault::Server { status: 500, .. }));
    assert!(matches!(seen(402, "{}").await.unwrap_err(), Fault::Refused { status: 402, .. }));
    let server = vendor(says(429, "{}").insert_header("retry-after", "77")).await;
    let account = Account::at(&server.uri());
    let fault = account.adapter.probe(account.connection()).await.unwrap_err().fault;
    let wait = Duration::from_secs(77);
    assert!(matches!(fault, Fault::RateLimited { retry_after } if retry_after == wait), "{fault:?}");
}

#[test]
fn lt15_the_mistakes_of_copying_are_told_apart() {
    let table = [
        ("", "nothing was entered"),
        (" sk_live_0123456789abcdef", "there is a space at the beginning or the end"),
        ("sk_live_0123456789abcdef ", "there is a space at the beginning or the end"),
        ("sk_live_0123456789\u{a0}abcdef", "there is a space in the middle"),
        (
            "sk_live_01234567\n89abcdef",
            "there is a line break in it: copy it from where it stands on one line",
        ),
        (
            "sk_live_0123456789abcdef\r\n",
            "there is a line break in it: copy it from where it stands on one line",
        ),
        (
            "k_live_0123456789abcdef",
            "it does not begin like a Leadterra key (expected sk_live_… or sk_test_…)",
        ),
        (
            "sk_ntl_prod_0123456789abcdef",
            "it does not begin like a Leadterra key (expected sk_live_… or sk_test_…)",
        ),
        ("sk_live_", "it is cut short: 0 characters, where a Leadterra key has 8 at least"),
        ("sk_live_0123", "it is cut short: 4 characters, where a Leadterra key has 8 at least"),
        ("sk_live_…cdef", "it is the shortened form that lists show; copy the key itself"),
        ("sk_live_****cdef", "it is the shortened form that lists show; copy the key itself"),
    ];
    for (text, words) in table {
        assert_eq!(paste(text).unwrap_err().to_string(), words, "{text:?}");
    }
}

#[tokio::test]
async fn s2_no_answer_brings_a_key_into_an_error() {
    let echo = |key: &str| {
        vec![
            json!({ "error": { "code": "authentication_failed", "message": format!("bad {key}") } })
                .to_string(),
            json!({ "error": key, "message": key }).to_string(),
            key.to_owned(),
        ]
    };
    assert_no_answer_leaks(Account::at, [KEY, "sk_test_deadbeef00deadbeef11deadbeef22"], echo).await;
}

#[tokio::test]
async fn s2_no_broken_exchange_brings_a_key_into_an_error() {
    assert_no_broken_exchange_leaks(Account::hasty, [KEY, "sk_test_deadbeef00deadbeef11deadbeef22"]).await;
}
