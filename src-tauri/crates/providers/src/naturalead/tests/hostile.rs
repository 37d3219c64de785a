//! A vendor that misbehaves: each ends in a clear error, soon, and without harm.

use super::*;

fn page_of(range: std::ops::Range<usize>) -> String {
    let keys: Vec<_> = range.map(|n| key_json(&format!("key_{n}"))).collect();
    json!(keys).to_string()
}

#[tokio::test]
async fn n2_a_list_that_repeats_itself_is_found_within_two_pages() {
    let (server, account) = vendor(says(200, &page_of(0..100))).await;
    let fault = account.list().await.unwrap_err().fault;
    assert!(matches!(fault, Fault::Malformed(why) if why == "the list repeats itself"));
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn n2_a_vendor_that_does_not_page_is_read_once() {
    for (length, requests) in [(7, 1), (60, 2), (250, 1)] {
        let (server, account) = vendor(says(200, &page_of(0..length))).await;
        assert_eq!(account.list().await.unwrap().len(), length);
        assert_eq!(server.received_requests().await.unwrap().len(), requests);
    }
}

#[tokio::test]
async fn n2_deep_nesting_is_an_error() {
    let deep = "[".repeat(1_000_000);
    for body in [deep.clone(), format!(r#"[{{"id":"a","tags":{deep}"#), r#"{"data":"#.repeat(1_000_000)] {
        let fault = fault_of_list(says(200, &body)).await;
        assert!(matches!(fault, Fault::Malformed(_)), "{fault:?}");
    }
}

#[tokio::test]
async fn n2_a_page_of_too_many_keys_is_an_error() {
    let body = format!("[{}]", vec![r#"{"id":"a"}"#; 50_001].join(","));
    assert!(matches!(fault_of_list(says(200, &body)).await, Fault::Malformed(_)));
}

#[tokio::test]
async fn n2_reading_stops_when_told() {
    let (server, account) = vendor(says(200, &page_of(0..100))).await;
    let error = account.adapter.list(account.connection(), &|_| Paging::Stop).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Cancelled));
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn odd_bodies_are_malformed() {
    for body in [
        "",
        "<html></html>",
        "null",
        "7",
        r#""[]""#,
        "{}",
        r#"{"data":{}}"#,
        "[1]",
        r#"["key_1"]"#,
        r#"[{"name":"no id"}]"#,
        r#"[{"id":""}]"#,
        r#"[{"id":".."}]"#,
        r#"[{"id":"a b"}]"#,
        r#"[{"id":"key_1""#,
        "[{\"id\":\"\u{0}\"}]",
        "\u{feff}[]",
    ] {
        let fault = fault_of_list(says(200, body)).await;
        assert!(matches!(fault, Fault::Malformed(_)), "{body:?}: {fault:?}");
    }
}

#[tokio::test]
async fn a_created_key_without_its_value_leaves_doubt() {
    for body in ["", "{}", r#"{"fullKey":null}"#, r#"{"fullKey":" "}"#, r#"{"apiKey":{"id":"key_2"}}"#] {
        let (_server, account) = vendor(says(201, body)).await;
        let error = account.adapter.mint(account.connection(), &grant()).await.unwrap_err();
        assert!(matches!(error.fault, Fault::Malformed(_)), "{body:?}");
        assert!(error.fault.leaves_doubt());
    }
}

#[tokio::test]
async fn other_statuses_have_their_own_faults() {
    let limited = says(429, r#"{"error":"API key rate limit exceeded, please try again later"}"#);
    let limited = limited.insert_header("retry-after", "42");
    assert!(
        matches!(fault_of_list(limited).await, Fault::RateLimited { retry_after } if retry_after.as_secs() == 42)
    );
    assert!(matches!(fault_of_list(says(500, "{}")).await, Fault::Server { status: 500, .. }));
    assert!(matches!(fault_of_list(says(404, "{}")).await, Fault::Address(_)));
    assert!(matches!(fault_of_list(says(302, "{}")).await, Fault::Redirected));
    let invalid =
        fault_of_list(says(400, r#"{"error":"Invalid request","message":"limit is too large"}"#)).await;
    assert!(matches!(invalid, Fault::Refused { status: 400, message } if message == "limit is too large"));

    let (_server, account) = vendor(says(404, "{}")).await;
    let error = account.adapter.revoke(account.connection(), &VendorKeyId("gone".into())).await.unwrap_err();
    assert_eq!(error.to_string(), "could not revoke the key at Naturalead: the key does not exist there");
}

#[tokio::test]
async fn an_empty_id_never_reaches_the_collection() {
    let (server, account) = vendor(says(200, "[]")).await;
    for id in ["", ".", ".."] {
        assert!(account.adapter.delete(account.connection(), &VendorKeyId(id.into())).await.is_err());
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn n6_hostile_names_do_no_harm() {
    let mut key = key_json("key_1");
    key["name"] = "\u{202e}<script>\u{0}\u{1b}[2J".into();
    key["createdBy"] = "x".repeat(1_000_000).into();
    key["scopes"] = json!(["leads:view", "\u{1b}]0;title\u{7}", 7, null]);
    key["status"] = "act\u{200b}ive".into();
    let (_server, account) = vendor(says(200, &json!([key]).to_string())).await;
    let record = account.list().await.unwrap().remove(0);
    assert_eq!(record.name, "\u{fffd}<script>\u{fffd}\u{fffd}[2J");
    assert_eq!(record.creator.unwrap().chars().count(), 1025);
    assert_eq!(record.scopes[1].0, "\u{fffd}]0;title\u{fffd}");
    assert_eq!(record.status, keyturn_core::key::KeyStatus::Unknown("act\u{fffd}ive".into()));
}
