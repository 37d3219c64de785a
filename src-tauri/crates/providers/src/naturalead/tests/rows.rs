//! One test a row of the vendor's contract, as far as an adapter can hold or break it.

use std::collections::HashSet;

use keyturn_core::key::{Hint, KeyStatus, LastUse};
use keyturn_core::paste::check_paste;
use keyturn_core::provider::{DeleteSupport, Probe, RotateSupport, Support};
use keyturn_core::timestamp::parse_time;
use wiremock::matchers::{method, path, query_param};

use super::*;

#[tokio::test]
async fn nl01_every_request_carries_the_key() {
    let (server, account) = vendor(says(200, r#"{"success":true}"#)).await;
    let outcomes = account.everything().await;
    let seen = server.received_requests().await.unwrap();
    assert_eq!(seen.len(), outcomes.len());
    for request in seen {
        assert_eq!(request.headers["x-api-key"], MANAGING, "{}", request.url.path());
    }
}

#[test]
fn nl03_the_prefix_follows_the_environment_and_64_hex_follow_it() {
    let adapter = Naturalead::new(quick());
    let check = |text: String| check_paste(adapter.manifest(), &Secret::new(text));
    assert_eq!(check(MANAGING.into()), Ok(Environment::Live));
    assert_eq!(check(FRESH.into()), Ok(Environment::Test));
    assert!(check(MANAGING[..71].into()).is_err());
    assert!(check(format!("{MANAGING}0")).is_err());
    assert!(check(MANAGING.to_uppercase()).is_err());
    assert!(check(MANAGING.replace("nl_live_", "nl_prod_")).is_err());
    assert!(check(MANAGING.replace('c', "g")).is_err());
}

#[tokio::test]
async fn nl04_the_key_goes_into_x_api_key_and_nowhere_else() {
    let (server, account) = vendor(says(200, "[]")).await;
    account.everything().await;
    for request in server.received_requests().await.unwrap() {
        assert!(!request.headers.contains_key("authorization"));
        assert!(!request.url.as_str().contains(MANAGING));
        assert!(!String::from_utf8(request.body).unwrap().contains(MANAGING));
    }
}

#[tokio::test]
async fn nl07_the_full_key_comes_from_create_and_rotate_only() {
    let (server, account) = vendor(says(201, &minted_json().to_string())).await;
    let created = account.adapter.mint(account.connection(), &grant()).await.unwrap();
    let rotated = account.adapter.rotate(account.connection(), &VendorKeyId("key 1/2".into())).await.unwrap();
    for minted in [created, rotated] {
        // EXPOSE: the test compares it.
        assert_eq!(minted.secret.expose(), FRESH);
        assert_eq!(minted.record.id.0, "key_2");
        assert_eq!(minted.record.hint, account.adapter.hint(&minted.secret));
    }
    let seen = server.received_requests().await.unwrap();
    assert_eq!((seen[0].method.as_str(), seen[0].url.path()), ("POST", "/api/api-keys"));
    assert_eq!((seen[1].method.as_str(), seen[1].url.path()), ("POST", "/api/api-keys/key%201%2F2/rotate"));

    let mut listed = key_json("key_1");
    listed["fullKey"] = FRESH.into();
    listed["keyHint"] = FRESH.into();
    let (_server, account) = vendor(says(200, &json!([listed]).to_string())).await;
    let records = account.list().await.unwrap();
    crate::fixtures::assert_free_of(&[FRESH], "list", &format!("{records:?}"));
}

#[tokio::test]
async fn nl07_a_fresh_key_is_kept_whatever_else_is_wrong() {
    for body in [
        json!({ "fullKey": "nl_live_short" }),
        json!({ "fullKey": FRESH, "apiKey": null }),
        json!({ "fullKey": FRESH, "apiKey": "key_2" }),
        json!({ "fullKey": FRESH, "apiKey": [1, 2] }),
        json!({ "fullKey": FRESH, "apiKey": { "id": 7, "name": {}, "scopes": "all", "status": 3, "createdAt": [] } }),
        json!({ "fullKey": FRESH, "apiKey": { "id": "..", "keyHint": "zzzz" }, "extra": [[[]]] }),
        json!({ "fullKey": FRESH, "id": "key_2", "name": "flat" }),
    ] {
        let (_server, account) = vendor(says(201, &body.to_string())).await;
        let minted = account.adapter.mint(account.connection(), &grant()).await.unwrap();
        // EXPOSE: the test compares it.
        assert_eq!(minted.secret.expose(), body["fullKey"], "{body}");
        assert!(!minted.record.id.0.is_empty() && minted.record.id.0 != "..", "{body}");
    }
}

#[tokio::test]
async fn nl10_the_hint_is_the_last_four() {
    let adapter = Naturalead::new(quick());
    let hint = adapter.hint(&Secret::new(FRESH.into()));
    assert_eq!(hint, Hint { prefix: "nl_test_".into(), suffix: "66ab".into() });
    assert_eq!(adapter.hint(&Secret::new("nl_live_".into())).suffix, "");

    let (_server, account) = vendor(says(200, &json!([key_json("key_1")]).to_string())).await;
    let record = account.list().await.unwrap().remove(0);
    assert_eq!(record.hint.masked(), "nl_live_…e5f6");
}

#[tokio::test]
async fn nl11_an_expiry_is_sent_and_read() {
    let (server, account) = vendor(says(201, &minted_json().to_string())).await;
    let mut grant = grant();
    grant.expires_at = parse_time("2031-05-06T07:08:09+02:00");
    account.adapter.mint(account.connection(), &grant).await.unwrap();
    let body: Value = server.received_requests().await.unwrap()[0].body_json().unwrap();
    assert_eq!(body["expiresAt"], "2031-05-06T05:08:09.000Z");

    let mut expired = key_json("key_1");
    expired["status"] = "expired".into();
    expired["expiresAt"] = "2026-01-05T00:00:00Z".into();
    let (_server, account) = vendor(says(200, &json!([expired]).to_string())).await;
    let record = account.list().await.unwrap().remove(0);
    assert_eq!(record.status, KeyStatus::Expired { at: parse_time("2026-01-05T00:00:00Z") });
    assert!(!record.status.is_live());
}

#[tokio::test]
async fn nl12_the_documented_creation_is_sent_as_it_stands() {
    let (server, account) = vendor(says(201, &minted_json().to_string())).await;
    let mut grant = grant();
    grant.scopes = ["leads:view", "leads:import", "leads:sync_create"].map(|s| Scope(s.into())).to_vec();
    account.adapter.mint(account.connection(), &grant).await.unwrap();
    let request = &server.received_requests().await.unwrap()[0];
    assert_eq!(request.headers["content-type"], "application/json");
    let documented = json!({
        "name": "CRM Integration", "scopes": ["leads:view", "leads:import", "leads:sync_create"],
        "environment": "live"
    });
    assert_eq!(request.body_json::<Value>().unwrap(), documented);
}

#[tokio::test]
async fn nl13_the_list_is_read_to_its_end_bare_or_in_an_envelope() {
    let keys =
        |range: std::ops::Range<usize>| range.map(|n| key_json(&format!("key_{n}"))).collect::<Vec<_>>();
    for envelope in ["", "data", "apiKeys", "keys", "items"] {
        let server = MockServer::start().await;
        for (skip, page) in [("0", keys(0..100)), ("99", keys(99..199)), ("198", keys(198..203))] {
            let body =
                if envelope.is_empty() { json!(page) } else { json!({ envelope: page, "total": 203 }) };
            Mock::given(method("GET"))
                .and(path("/api/api-keys"))
                .and(query_param("skip", skip))
                .and(query_param("limit", "100"))
                .respond_with(says(200, &body.to_string()))
                .expect(1)
                .mount(&server)
                .await;
        }
        let account = Account::at(&server.uri());
        let heard = std::sync::Mutex::new(Vec::new());
        let hear = |total| {
            heard.lock().unwrap().push(total);
            Paging::Continue
        };
        let records = account.adapter.list(account.connection(), &hear).await.unwrap();
        assert_eq!(records.keys.len(), 203, "{envelope}");
        assert_eq!(*heard.lock().unwrap(), [100, 199, 203]);
    }
}

#[tokio::test]
async fn nl13_a_vendor_that_holds_on_to_its_own_page_size_is_read_to_its_end() {
    let server = MockServer::start().await;
    for (skip, length) in [(0, 50), (49, 50), (98, 2)] {
        let page: Vec<_> = (skip..skip + length).map(|n| key_json(&format!("key_{n}"))).collect();
        Mock::given(query_param("skip", skip.to_string()))
            .respond_with(says(200, &json!(page).to_string()))
            .mount(&server)
            .await;
    }
    assert_eq!(Account::at(&server.uri()).list().await.unwrap().len(), 100);
}

/// A vendor whose list loses the keys of `lost`, one before each further page.
async fn shrinking(count: usize, lost: &'static [usize]) -> (MockServer, Account) {
    let server = MockServer::start().await;
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let page = move |request: &wiremock::Request| {
        let gone = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst).min(lost.len());
        let skip = request.url.query_pairs().find(|(name, _)| name == "skip").unwrap().1.parse().unwrap();
        let there = (0..count).filter(|n| !lost[..gone].contains(n));
        let page: Vec<_> = there.skip(skip).take(100).map(|n| key_json(&format!("key_{n}"))).collect();
        says(200, &json!(page).to_string())
    };
    Mock::given(method("GET")).respond_with(page).mount(&server).await;
    let account = Account::at(&server.uri());
    (server, account)
}

#[tokio::test]
async fn f06_a_key_that_is_deleted_between_two_pages_costs_no_other_its_place() {
    let (_server, account) = shrinking(160, &[5]).await;
    let listed: Vec<String> = account.list().await.unwrap().into_iter().map(|key| key.id.0).collect();
    let expected: Vec<String> = (0..160).filter(|n| *n != 5).map(|n| format!("key_{n}")).collect();
    assert_eq!(listed, expected);

    let (server, account) = shrinking(400, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).await;
    let fault = account.list().await.unwrap_err().fault;
    assert!(matches!(&fault, Fault::Malformed(why) if why.contains("changes faster")), "{fault}");
    assert!(server.received_requests().await.unwrap().len() <= 8);
}

#[tokio::test]
async fn nl14_revoking_is_one_patch_that_is_never_repeated() {
    let (server, account) = vendor(says(503, "{}")).await;
    let error = account.adapter.revoke(account.connection(), &VendorKeyId("key_1".into())).await.unwrap_err();
    assert!(error.fault.leaves_doubt());
    let seen = server.received_requests().await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].method.as_str(), seen[0].url.path()), ("PATCH", "/api/api-keys/key_1/revoke"));

    let mut revoked = key_json("key_1");
    revoked["status"] = "revoked".into();
    revoked["revokedAt"] = "2026-02-01T00:00:00Z".into();
    let (_server, account) = vendor(says(200, &json!([revoked]).to_string())).await;
    let record = account.list().await.unwrap().remove(0);
    assert_eq!(record.status, KeyStatus::Revoked { at: parse_time("2026-02-01T00:00:00Z") });
}

#[tokio::test]
async fn nl15_rotation_is_one_call_and_nothing_follows_a_failed_one() {
    assert_eq!(
        Naturalead::new(quick()).manifest().capabilities.rotate,
        RotateSupport::Atomic { same_record: false }
    );
    for (status, body, doubt) in [
        (403, "{}", false),
        (404, GONE, false),
        (404, "{}", true),
        (409, "{}", false),
        (429, "{}", false),
        (500, "{}", true),
    ] {
        let (server, account) = vendor(says(status, body)).await;
        let error =
            account.adapter.rotate(account.connection(), &VendorKeyId("key_1".into())).await.unwrap_err();
        assert_eq!(error.operation, Operation::Rotate);
        assert_eq!(error.fault.leaves_doubt(), doubt, "{status}");
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn nl16_delete_works_on_a_revoked_key_only() {
    assert_eq!(Naturalead::new(quick()).manifest().capabilities.delete, DeleteSupport::OnceRevoked);
    let id = VendorKeyId("key_1".into());
    let (server, account) = vendor(says(200, r#"{"success":true}"#)).await;
    account.adapter.delete(account.connection(), &id).await.unwrap();
    let seen = server.received_requests().await.unwrap();
    assert_eq!((seen[0].method.as_str(), seen[0].url.path()), ("DELETE", "/api/api-keys/key_1"));

    let (_server, account) = vendor(says(409, r#"{"error":"Only revoked keys can be deleted"}"#)).await;
    let error = account.adapter.delete(account.connection(), &id).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not delete the key at Naturalead: refused: Only revoked keys can be deleted"
    );
}

#[test]
fn nl18_the_catalogue_is_exactly_the_26_scopes_by_domain() {
    let adapter = Naturalead::new(quick());
    let manifest = adapter.manifest();
    let documented = [
        ("leads", "view import start_conversation sync_create sync_delete"),
        ("conversations", "view edit send_message change_status"),
        ("agent_config", "view edit"),
        ("knowledge", "view upload delete"),
        ("campaigns", "view create edit launch delete"),
        ("analytics", "view"),
        ("ab_testing", "view manage"),
        ("audit", "view export"),
        ("api_keys", "view manage"),
    ];
    let expected: Vec<String> =
        documented.iter().flat_map(|(d, verbs)| verbs.split(' ').map(move |v| format!("{d}:{v}"))).collect();
    let offered: Vec<&str> = manifest.scopes.iter().map(|entry| entry.scope).collect();
    assert_eq!(offered, expected);
    assert_eq!(offered.len(), 26);
    let domains: HashSet<_> = manifest.scopes.iter().map(|entry| entry.domain).collect();
    assert_eq!(domains.len(), documented.len());
    assert!(manifest.scopes.iter().all(|entry| !entry.description.is_empty() && !entry.scope.contains('*')));
    for template in &manifest.templates {
        assert!(template.scopes.iter().all(|scope| offered.contains(scope)), "{}", template.name);
    }
}

#[tokio::test]
async fn nl19_a_scope_that_the_role_does_not_hold_is_named() {
    let (_server, account) = vendor(says(403, NO_ROLE)).await;
    let error = account.adapter.mint(account.connection(), &grant()).await.unwrap_err();
    assert!(matches!(&error.fault, Fault::RoleMissing { permission: Some(p) } if p == "leads:view"));
    assert_eq!(
        error.to_string(),
        "could not create a key at Naturalead: your role lacks the permission leads:view"
    );
}

#[tokio::test]
async fn nl24_the_four_errors_are_told_apart() {
    assert!(matches!(fault_of_list(says(401, REVOKED)).await, Fault::Unauthenticated));
    let unseen = fault_of_list(says(401, NO_KEY)).await;
    assert!(matches!(&unseen, Fault::Refused { status: 401, message } if message.contains("no key reached")));
    let scope = fault_of_list(says(403, NO_SCOPE)).await;
    assert!(matches!(scope, Fault::ScopeMissing { scope: Some(s) } if s == "leads:view"));
    let role = fault_of_list(says(403, NO_ROLE)).await;
    assert!(matches!(role, Fault::RoleMissing { permission: Some(p) } if p == "leads:view"));

    let other = fault_of_list(says(403, r#"{"error":"Account suspended"}"#)).await;
    assert!(matches!(other, Fault::Refused { status: 403, message } if message == "Account suspended"));
    let odd = NO_SCOPE.replace("leads:view", "<b>everything</b>");
    assert!(matches!(fault_of_list(says(403, &odd)).await, Fault::ScopeMissing { scope: None }));
}

#[tokio::test]
async fn nl24_a_probe_claims_only_what_was_seen() {
    async fn probe(answer: ResponseTemplate) -> Result<Probe, Fault> {
        let (server, account) = vendor(answer).await;
        let seen = account.adapter.probe(account.connection()).await;
        let request = server.received_requests().await.unwrap().remove(0);
        assert_eq!((request.url.path(), request.url.query()), ("/api/leads", Some("limit=1")));
        seen.map_err(|error| error.fault)
    }
    assert_eq!(probe(says(200, "[]")).await.unwrap(), Probe::Alive);
    assert_eq!(probe(says(403, NO_SCOPE)).await.unwrap(), Probe::Alive);
    assert_eq!(probe(says(403, NO_ROLE)).await.unwrap(), Probe::Alive);
    assert_eq!(probe(says(401, REVOKED)).await.unwrap(), Probe::Refused);
    // None of these is the vendor speaking of the key.
    for (status, body) in
        [(401, NO_KEY), (401, "<html>log in</html>"), (403, "<html>no</html>"), (200, "<html>")]
    {
        assert!(probe(says(status, body)).await.is_err(), "{status} {body}");
    }
}

#[tokio::test]
async fn nl25_the_scope_for_key_endpoints_is_named() {
    for (operation, scope) in [(Operation::List, "api_keys:view"), (Operation::Revoke, "api_keys:manage")] {
        let (_server, account) = vendor(says(403, &NO_SCOPE.replace("leads:view", scope))).await;
        let mut outcomes = account.everything().await.into_iter();
        let (_, outcome) = outcomes.find(|(o, _)| *o == operation).unwrap();
        let fault = outcome.unwrap_err().fault;
        assert!(matches!(fault, Fault::ScopeMissing { scope: Some(s) } if s == scope));
        assert!(account.adapter.manifest().scopes.iter().any(|entry| entry.scope == scope));
    }
}

#[tokio::test]
async fn nl26_each_list_shows_what_the_dashboard_changed_meanwhile() {
    let server = MockServer::start().await;
    let mut renamed = key_json("key_1");
    renamed["name"] = "Renamed outside".into();
    for (page, times) in [(json!([key_json("key_1"), key_json("key_2")]), 1), (json!([renamed]), 9)] {
        let answer = says(200, &page.to_string());
        Mock::given(any()).respond_with(answer).up_to_n_times(times).mount(&server).await;
    }
    let account = Account::at(&server.uri());
    assert_eq!(account.list().await.unwrap().len(), 2);
    let after = account.list().await.unwrap();
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].name, "Renamed outside");
}

#[tokio::test]
async fn last_use_is_reported_never_or_not_reported() {
    let read = async |value: Option<Value>| {
        let mut key = key_json("key_1");
        if let Some(value) = value {
            key["lastUsedAt"] = value;
        }
        let (_server, account) = vendor(says(200, &json!([key]).to_string())).await;
        account.list().await.unwrap().remove(0).last_use
    };
    assert_eq!(Naturalead::new(quick()).manifest().capabilities.last_use, Support::Yes);
    assert_eq!(read(None).await, LastUse::NotReported);
    assert_eq!(read(Some(Value::Null)).await, LastUse::Never);
    assert_eq!(read(Some("soon".into())).await, LastUse::Unreadable);
    let at = parse_time("2026-01-04T15:30:00Z").unwrap();
    assert_eq!(read(Some("2026-01-04T17:30:00+02:00".into())).await, LastUse::At(at));
}

#[tokio::test]
async fn unknown_fields_and_words_are_tolerated() {
    let mut key = key_json("key_1");
    key["status"] = "paused".into();
    key["environment"] = "staging".into();
    key["tags"] = json!([{ "a": [1, { "b": null }] }]);
    let (_server, account) = vendor(says(200, &json!([key]).to_string())).await;
    let record = account.list().await.unwrap().remove(0);
    assert_eq!(record.status, KeyStatus::Unknown("paused".into()));
    assert_eq!(record.environment, Environment::Other("staging".into()));
}
