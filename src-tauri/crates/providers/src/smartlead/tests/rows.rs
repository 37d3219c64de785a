//! One test a row of the vendor's contract, as far as the adapter of the account's own keys can hold or break it.

use keyturn_core::key::VendorKeyId;
use keyturn_core::paste::{PasteFault, check_paste};

use super::*;
use crate::fixtures::account::{asked, says, vendor};
use crate::fixtures::assert_error_free_of;

async fn seen(status: u16, body: &str) -> Result<Probe, Fault> {
    let server = vendor(says(status, body)).await;
    let account = Account::at(&server.uri());
    let seen = account.adapter.probe(account.connection()).await;
    seen.map_err(|error| {
        assert_error_free_of(&[KEY], body, &error);
        error.fault
    })
}

#[tokio::test]
async fn sl01_the_key_goes_into_the_query_as_the_vendors_example_has_it() {
    let server = vendor(says(200, "[]")).await;
    let account = Account::at(&server.uri());
    account.everything().await;
    assert_eq!(asked(&server).await, ["GET /api/v1/campaigns/"]);
    let request = &server.received_requests().await.unwrap()[0];
    let pairs: Vec<_> = request.url.query_pairs().into_owned().collect();
    assert_eq!(pairs, [("api_key".to_owned(), KEY.to_owned())]);
    assert!(!request.headers.contains_key("authorization") && !request.headers.contains_key("x-api-key"));
}

#[tokio::test]
async fn sl02_a_get_carries_no_body() {
    let server = vendor(says(200, "[]")).await;
    let account = Account::at(&server.uri());
    account.adapter.probe(account.connection()).await.unwrap();
    assert!(server.received_requests().await.unwrap()[0].body.is_empty());
}

#[tokio::test]
async fn sl04_every_character_of_the_key_is_percent_encoded() {
    let server = vendor(says(200, "[]")).await;
    let mut account = Account::at(&server.uri());
    account.managing = Secret::new("a b+c/d=e&f?g#h%20ä\"<>".to_owned());
    account.adapter.probe(account.connection()).await.unwrap();
    let request = &server.received_requests().await.unwrap()[0];
    let query = request.url.query().unwrap();
    assert_eq!(query, "api_key=a%20b%2Bc%2Fd%3De%26f%3Fg%23h%2520%C3%A4%22%3C%3E");
    assert_eq!(request.url.fragment(), None);
}

#[tokio::test]
async fn sl05_the_documented_401_means_that_the_key_was_refused() {
    assert_eq!(seen(401, REFUSED).await.unwrap(), Probe::Refused);
}

#[tokio::test]
async fn f50_another_401_than_the_documented_one_proves_nothing() {
    for body in [r#"{"message":"other words"}"#, "", "Unauthorized", r#"{"error":{"code":"PROXY"}}"#, "[]"] {
        assert!(matches!(seen(401, body).await, Err(Fault::Malformed(_))), "{body}");
    }
    for body in ["true", "7", r#""fine""#] {
        assert!(matches!(seen(200, body).await, Err(Fault::Malformed(_))), "{body}");
    }
}

#[tokio::test]
async fn a_403_proves_that_the_key_lives_and_a_page_of_markup_proves_nothing() {
    assert_eq!(seen(403, r#"{"message":"Plan expired"}"#).await.unwrap(), Probe::Alive);
    for status in [200, 401, 403] {
        let fault = seen(status, "<html>Attention Required!</html>").await.unwrap_err();
        assert!(matches!(fault, Fault::Malformed(_)), "{status} {fault:?}");
    }
}

#[tokio::test]
async fn a_200_proves_that_the_key_lives_if_it_is_the_vendors() {
    assert_eq!(seen(200, "[]").await.unwrap(), Probe::Alive);
    assert!(matches!(seen(200, "surely").await, Err(Fault::Malformed(_))));
    let denied = seen(200, r#"{"success":false,"error":{"message":"no such plan"}}"#).await.unwrap_err();
    assert!(matches!(denied, Fault::Refused { status: 200, message } if message == "no such plan"));
}

#[test]
fn sl07_no_scope_is_offered_and_full_privilege_is_said() {
    for manifest in
        [SmartLead::new(quick()).manifest().clone(), SmartLeadClients::new(quick()).manifest().clone()]
    {
        assert!(manifest.scopes.is_empty() && manifest.templates.is_empty());
        assert!(manifest.full_privilege.is_some_and(|words| words.contains("no scopes")));
    }
}

#[tokio::test]
async fn sl10_the_wait_is_the_vendors_in_the_header_or_in_the_body() {
    let server = vendor(says(429, LIMITED).insert_header("retry-after", "77")).await;
    let account = Account::at(&server.uri());
    let fault = account.adapter.probe(account.connection()).await.unwrap_err().fault;
    assert!(matches!(fault, Fault::RateLimited { retry_after } if retry_after.as_secs() == 77), "{fault:?}");

    let server = vendor(says(429, LIMITED)).await;
    let account = Clients::at(&server.uri());
    let fault = account.mint().await.unwrap_err().fault;
    assert!(matches!(fault, Fault::RateLimited { retry_after } if retry_after.as_secs() == 30), "{fault:?}");
}

#[tokio::test]
async fn a_fault_of_the_vendors_own_says_nothing_about_the_key() {
    assert!(matches!(seen(503, "{}").await.unwrap_err(), Fault::Server { status: 503, .. }));
    assert!(matches!(seen(500, REFUSED).await.unwrap_err(), Fault::Server { status: 500, .. }));
    assert!(matches!(seen(404, "{}").await.unwrap_err(), Fault::Address(_)));
}

#[tokio::test]
async fn sl12_regenerating_has_no_overlap_and_the_refusal_says_so() {
    let server = vendor(says(200, "[]")).await;
    let account = Account::at(&server.uri());
    let error = account.adapter.rotate(account.connection(), &VendorKeyId("x".into())).await.unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains("Regenerate") && words.contains("The old key stops working at that moment"),
        "{words}"
    );
    assert!(asked(&server).await.is_empty());
}

#[test]
fn sl14_the_suggested_variable_is_the_vendors_own() {
    assert_eq!(SmartLead::new(quick()).manifest().variable, "SMARTLEAD_API_KEY");
}

#[tokio::test]
async fn sl15_the_dashboard_is_named_and_a_probe_tells_the_old_key_from_the_new() {
    let adapter = SmartLead::new(quick());
    assert!(adapter.manifest().dashboard.is_some_and(|url| url.starts_with("https://app.smartlead.ai")));
    assert_eq!(seen(401, REFUSED).await.unwrap(), Probe::Refused);
    assert_eq!(seen(200, "[]").await.unwrap(), Probe::Alive);
}

#[test]
fn a_key_of_any_form_is_taken_and_the_mistakes_of_copying_are_not() {
    let adapter = SmartLead::new(quick());
    let paste = |text: &str| check_paste(adapter.manifest(), &Secret::new(text.to_owned()));
    assert_eq!(paste(KEY), Ok(Environment::None));
    assert_eq!(paste("8f14e45f-ceea-467f-a34d-1c2b3d4e5f60_abc123"), Ok(Environment::None));
    assert_eq!(paste("c0ffee00 c0ffee11"), Err(PasteFault::InnerSpace));
    assert_eq!(paste("c0ffee00c0ffee11\n"), Err(PasteFault::LineBreak));
    assert!(matches!(paste("c0ffee"), Err(PasteFault::TooShort { actual: 6, .. })));
    assert_eq!(paste("c0ff...ee44"), Err(PasteFault::Shortened));
    assert_eq!(adapter.hint(&Secret::new(KEY.to_owned())).masked(), "…ee44");
}
