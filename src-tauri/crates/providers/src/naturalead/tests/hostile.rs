//! A vendor that misbehaves: each ends in a clear error, soon, and without harm.

use std::time::{Duration, Instant};

use keyturn_core::provider::Probe;
use wiremock::matchers::method;

use super::*;
use crate::fixtures::account::asked;
use crate::http::HttpSettings;

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
    assert!(matches!(fault_of_list(says(404, GONE)).await, Fault::Address(_)));
    assert!(matches!(fault_of_list(says(302, "{}")).await, Fault::Redirected));
    let invalid =
        fault_of_list(says(400, r#"{"error":"Invalid request","message":"limit is too large"}"#)).await;
    assert!(matches!(invalid, Fault::Refused { status: 400, message } if message == "limit is too large"));

    let (_server, account) = vendor(says(404, GONE)).await;
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

/// What gateways, proxies and portals say with the status that a vendor would choose.
const FOREIGN: [&str; 6] = [
    "<html><body>We are back soon</body></html>",
    "",
    "{}",
    r#"{"message":"no Route matched with those values"}"#,
    r#"{"timestamp":1767540600,"status":404,"error":"Not Found","path":"/api"}"#,
    "OK",
];

#[tokio::test]
async fn f50_a_revocation_counts_in_the_vendors_own_shape_or_where_the_list_shows_it() {
    let shown = |status: &str| {
        let mut key = key_json("key_1");
        key["status"] = status.into();
        key
    };
    let own = [
        shown("revoked"),
        json!({ "apiKey": shown("revoked") }),
        json!({ "data": shown("revoked") }),
        json!({ "success": true }),
    ];
    for body in own {
        let (server, account) = vendor(says(200, &body.to_string())).await;
        account.revoke("key_1").await.unwrap();
        assert_eq!(asked(&server).await.len(), 1, "{body}");
    }
    let mut odd: Vec<String> = FOREIGN.into_iter().map(str::to_owned).collect();
    odd.extend([shown("active"), json!({ "success": false }), json!([])].map(|body| body.to_string()));
    odd.push(json!({ "apiKey": { "id": "key_2", "status": "revoked" } }).to_string());
    for body in odd {
        for (listed, counts) in [("active", false), ("revoked", true)] {
            let server = MockServer::start().await;
            Mock::given(method("PATCH")).respond_with(says(200, &body)).mount(&server).await;
            let list = json!([shown(listed)]).to_string();
            Mock::given(method("GET")).respond_with(says(200, &list)).mount(&server).await;
            let outcome = Account::at(&server.uri()).revoke("key_1").await;
            assert_eq!(outcome.is_ok(), counts, "{body} {listed}");
            assert!(outcome.is_ok() || outcome.unwrap_err().fault.leaves_doubt(), "{body}");
        }
    }
}

#[tokio::test]
async fn f50_a_deletion_counts_in_the_vendors_own_shape_or_where_the_list_shows_others() {
    let id = VendorKeyId("key_1".into());
    for body in FOREIGN {
        for (list, counts) in
            [(json!([key_json("key_1")]), false), (json!([]), false), (json!([key_json("key_2")]), true)]
        {
            let server = MockServer::start().await;
            Mock::given(method("DELETE")).respond_with(says(200, body)).mount(&server).await;
            Mock::given(method("GET")).respond_with(says(200, &list.to_string())).mount(&server).await;
            let account = Account::at(&server.uri());
            let outcome = account.adapter.delete(account.connection(), &id).await;
            assert_eq!(outcome.is_ok(), counts, "{body} {list}");
        }
    }
}

#[tokio::test]
async fn f50_a_status_without_the_vendors_words_says_nothing_of_a_key() {
    let id = VendorKeyId("key_1".into());
    for body in FOREIGN {
        for status in [401, 404] {
            let (_server, account) = vendor(says(status, body)).await;
            let (c, a) = (account.connection(), &account.adapter);
            for fault in [
                a.revoke(c, &id).await.unwrap_err().fault,
                a.delete(c, &id).await.unwrap_err().fault,
                a.rotate(c, &id).await.unwrap_err().fault,
                account.list().await.unwrap_err().fault,
            ] {
                assert!(matches!(fault, Fault::Malformed(_)), "{status} {body}: {fault:?}");
            }
            assert!(a.probe(c).await.is_err(), "{status} {body}");
        }
    }
    for status in [200, 403, 407] {
        let (_server, account) = vendor(says(status, FOREIGN[0])).await;
        assert!(account.adapter.probe(account.connection()).await.is_err(), "{status}");
    }
    for body in ["\"fine\"", "true", "7", "null"] {
        let (_server, account) = vendor(says(200, body)).await;
        assert!(account.adapter.probe(account.connection()).await.is_err(), "{body}");
    }
    let (_server, account) = vendor(ResponseTemplate::new(204)).await;
    assert!(account.adapter.probe(account.connection()).await.is_err());
    let (_server, account) = vendor(says(200, "[]")).await;
    assert_eq!(account.adapter.probe(account.connection()).await.unwrap(), Probe::Alive);
}

/// There are always more keys.
fn endless(request: &wiremock::Request) -> ResponseTemplate {
    let skip: usize = request.url.query_pairs().find(|(name, _)| name == "skip").unwrap().1.parse().unwrap();
    says(200, &page_of(skip..skip + 100))
}

#[tokio::test]
async fn f61_a_reading_is_bounded_in_bytes_over_all_its_pages() {
    let server = MockServer::start().await;
    let limit = 10 * page_of(0..100).len();
    Mock::given(method("GET")).respond_with(endless).mount(&server).await;
    let settings = HttpSettings { list_limit: limit, ..quick() };
    let account = Account::of(Naturalead::new(settings), MANAGING, &server.uri(), grant());
    let fault = account.list().await.unwrap_err().fault;
    assert!(matches!(&fault, Fault::Malformed(why) if why.starts_with("the list is larger than")), "{fault}");
    assert!(asked(&server).await.len() <= 10);
}

#[tokio::test]
async fn f61_a_reading_is_bounded_in_time_over_all_its_pages() {
    let server = MockServer::start().await;
    let late = |request: &wiremock::Request| endless(request).set_delay(Duration::from_millis(60));
    Mock::given(method("GET")).respond_with(late).mount(&server).await;
    let settings = HttpSettings { list_deadline: Duration::from_millis(300), ..quick() };
    let account = Account::of(Naturalead::new(settings), MANAGING, &server.uri(), grant());
    let began = Instant::now();
    let fault = account.list().await.unwrap_err().fault;
    assert!(
        matches!(&fault, Fault::Malformed(why) if why == "the list does not end within 0.3 s"),
        "{fault}"
    );
    assert!(began.elapsed() < Duration::from_secs(2), "each page came well within its own time");
}
