//! One test a row of the vendor's contract, as far as an adapter can hold or break it.

use std::time::Duration;

use keyturn_core::key::{Environment, Hint, KeyStatus, LastUse, VendorKeyId};
use keyturn_core::provider::{DeleteSupport, Probe, RotateSupport};
use keyturn_core::timestamp::parse_time;

use super::*;

const LIST_PATH: &str = "/v1/projects/me/api-keys";

async fn probe(answer: ResponseTemplate) -> Result<Probe, Fault> {
    let (server, account) = vendor(answer).await;
    let seen = account.adapter.probe(account.connection()).await;
    assert_eq!(asked(&server).await[0], "GET /v1/projects/me");
    seen.map_err(|error| error.fault)
}

#[tokio::test]
async fn nd01_the_key_goes_into_the_bearer_header_and_nowhere_else() {
    let (server, account) = vendor(says(200, "[]")).await;
    account.everything().await;
    let seen = server.received_requests().await.unwrap();
    assert_eq!(seen.len(), 4);
    for request in seen {
        assert_eq!(request.headers["authorization"], format!("Bearer {MANAGING}"));
        assert!(!request.headers.contains_key("x-api-key"));
        assert!(!request.url.as_str().contains(MANAGING));
        assert!(!String::from_utf8(request.body).unwrap().contains(MANAGING));
    }
}

#[tokio::test]
async fn nd02_plain_http_is_refused_beyond_loopback() {
    let account = Account::at("http://api.neuraldraft.io");
    for (operation, outcome) in account.everything().await {
        let fault = outcome.unwrap_err().fault;
        let called = !matches!(operation, Operation::Rotate | Operation::Delete);
        assert_eq!(matches!(&fault, Fault::Address(why) if why.contains("https")), called, "{fault:?}");
    }
    assert!(account.adapter.manifest().default_base_url.starts_with("https://"));
}

#[tokio::test]
async fn nd04_every_call_stays_within_the_keys_own_project() {
    let (server, account) = vendor(says(200, "[]")).await;
    account.everything().await;
    let expected = [
        "GET /v1/projects/me/api-keys",
        "POST /v1/projects/me/api-keys",
        "DELETE /v1/api-keys/key_1",
        "GET /v1/projects/me",
    ];
    assert_eq!(asked(&server).await, expected);
}

#[tokio::test]
async fn nd05_the_environment_is_read_from_the_prefix_or_the_mask() {
    let read = async |prefix: Value, masked: Value| {
        let mut key = key_json("key_1");
        key["prefix"] = prefix;
        key["masked"] = masked;
        listed(&json!([key])).await.remove(0).environment
    };
    let null = || Value::Null;
    assert_eq!(read("ndsk_live_".into(), null()).await, Environment::Live);
    assert_eq!(read("ndsk_test_".into(), null()).await, Environment::Test);
    assert_eq!(read(null(), "ndsk_test_…7yQp".into()).await, Environment::Test);
    assert_eq!(read("7yQp".into(), "ndsk_live_…7yQp".into()).await, Environment::Live);
    assert_eq!(read("ndsk_staging_".into(), null()).await, Environment::Other("staging".into()));
    assert_eq!(read(null(), null()).await, Environment::Other("not reported".into()));
}

#[tokio::test]
async fn nd08_the_value_is_taken_from_the_creation_only() {
    let bare = minted_json();
    let beside = json!({ "data": key_json("key_2"), "secret": FRESH });
    for body in [bare.clone(), json!({ "data": bare }), beside] {
        let (server, account) = vendor(says(201, &body.to_string())).await;
        let minted = account.mint().await.unwrap();
        // EXPOSE: the test compares it.
        assert_eq!(minted.secret.expose(), FRESH);
        assert_eq!(minted.record.id.0, "key_2");
        assert_eq!(minted.record.scopes, scopes(&["content:read", "blog:read"]));
        assert_eq!(minted.record.environment, Environment::Live);
        let request = &server.received_requests().await.unwrap()[0];
        assert_eq!((request.method.as_str(), request.url.path()), ("POST", LIST_PATH));
        // Sorted by the grant.
        let documented = json!({ "name": "prod-builder", "scopes": ["blog:read", "content:read"] });
        assert_eq!(request.body_json::<Value>().unwrap(), documented);
    }

    let mut key = minted_json();
    key["masked"] = FRESH.into();
    key["prefix"] = FRESH.into();
    let records = listed(&json!({ "data": [key] })).await;
    crate::fixtures::assert_free_of(&[FRESH], "list", &format!("{records:?}"));
    assert_eq!(records[0].hint, Hint { prefix: "ndsk_live_".into(), suffix: "22de".into() });
}

#[tokio::test]
async fn nd08_a_fresh_key_is_kept_whatever_else_is_wrong() {
    for body in [
        json!({ "secret": "short" }),
        json!({ "secret": FRESH, "id": "..", "name": {}, "scopes": 7, "masked": [] }),
        json!({ "data": { "secret": FRESH, "id": null } }),
        json!({ "data": { "secret": FRESH }, "secret": null }),
        json!({ "data": "key_2", "secret": FRESH }),
    ] {
        let (_server, account) = vendor(says(201, &body.to_string())).await;
        let minted = account.mint().await.unwrap();
        // EXPOSE: the test compares it.
        assert!(body.to_string().contains(minted.secret.expose()));
        assert!(!minted.record.id.0.is_empty() && minted.record.id.0 != "..", "{body}");
        assert_eq!(minted.record.name, "prod-builder");
        assert_eq!(minted.record.hint, account.adapter.hint(&minted.secret));
    }
}

#[tokio::test]
async fn nd11_the_scope_for_key_endpoints_is_named() {
    for (operation, scope) in [(Operation::List, "project:read"), (Operation::Revoke, "project:admin")] {
        let detail = format!("This API key does not have the `{scope}` scope.");
        let (_server, account) = vendor(problem(403, "forbidden", &detail)).await;
        let mut outcomes = account.everything().await.into_iter();
        let (_, outcome) = outcomes.find(|(o, _)| *o == operation).unwrap();
        let fault = outcome.unwrap_err().fault;
        assert!(matches!(fault, Fault::ScopeMissing { scope: Some(s) } if s == scope));
        assert!(account.adapter.manifest().scopes.iter().any(|entry| entry.scope == scope));
    }
}

#[tokio::test]
async fn nd12_the_documented_refusal_names_the_needed_scope() {
    let (_server, account) = vendor(says(403, FORBIDDEN)).await;
    let error = account.list().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not list keys at Neural Draft: the managing key lacks the scope commerce:write"
    );
    let field = json!({ "code": "forbidden", "scope": "project:read", "detail": "no `other:scope`" });
    let fault = fault_of_list(says(403, &field.to_string())).await;
    assert!(matches!(fault, Fault::ScopeMissing { scope: Some(s) } if s == "project:read"));
    for detail in ["", "no", "no `", "no `<b>all</b>`", "no ``"] {
        let fault = fault_of_list(problem(403, "forbidden", detail)).await;
        assert!(matches!(fault, Fault::ScopeMissing { scope: None }), "{detail}");
    }
}

#[tokio::test]
async fn nd13_only_the_code_decides() {
    // Each title and detail says something else than the code.
    let body = |code: &str| {
        json!({ "title": "Unauthorized", "detail": "Revoked key: rate_limited, key_limit_reached", "code": code })
            .to_string()
    };
    assert!(matches!(
        fault_of_list(says(400, &body("forbidden"))).await,
        Fault::ScopeMissing { scope: None }
    ));
    assert!(matches!(fault_of_list(says(400, &body("unauthorized"))).await, Fault::Unauthenticated));
    assert!(matches!(fault_of_list(says(400, &body("rate_limited"))).await, Fault::RateLimited { .. }));
    assert!(matches!(
        fault_of_list(says(403, &body("out_of_credits"))).await,
        Fault::Refused { status: 402, .. }
    ));
    assert!(matches!(
        fault_of_list(says(403, &body("something_new"))).await,
        Fault::Refused { status: 403, .. }
    ));
    assert!(matches!(
        fault_of_list(says(409, &body("something_new"))).await,
        Fault::Refused { status: 409, message } if message.starts_with("Revoked key")
    ));
}

#[tokio::test]
async fn nd15_a_project_without_credits_is_no_dead_key() {
    let answer = || problem(402, "out_of_credits", "Unauthorized: the key is revoked");
    let (_server, account) = vendor(answer()).await;
    for (operation, outcome) in account.everything().await {
        let fault = match outcome {
            Ok(()) => continue,
            Err(error) => error.fault,
        };
        match operation {
            Operation::Rotate | Operation::Delete => assert!(matches!(fault, Fault::Unsupported(_))),
            Operation::List
            | Operation::Mint
            | Operation::Revoke
            | Operation::Probe
            | Operation::ReadAudit => {
                let Fault::Refused { status: 402, message } = fault else { panic!("{operation}: {fault:?}") };
                assert!(message.contains("no credits") && message.contains("still good"), "{message}");
            }
        }
    }
    assert_eq!(probe(answer()).await.unwrap(), Probe::Alive);
    // Not the vendor's own word: proves neither.
    assert!(probe(says(402, "<html>pay</html>")).await.is_err());
}

#[tokio::test]
async fn nd16_the_vendor_is_waited_for_as_long_as_it_asks() {
    let limited = problem(429, "rate_limited", "Slow down").insert_header("retry-after", "99");
    let (server, account) = vendor(limited).await;
    let fault = account.list().await.unwrap_err().fault;
    assert!(matches!(fault, Fault::RateLimited { retry_after } if retry_after.as_secs() == 99));
    assert_eq!(asked(&server).await.len(), 1);
    assert!(fault.is_passing());
}

#[tokio::test]
async fn nd17_a_read_is_repeated_while_a_dependency_is_down_and_a_change_is_not() {
    let server = MockServer::start().await;
    let down = || problem(503, "service_unavailable", "");
    Mock::given(any()).respond_with(down()).up_to_n_times(2).mount(&server).await;
    Mock::given(any()).respond_with(says(200, "[]")).mount(&server).await;
    assert!(Account::at(&server.uri()).list().await.is_ok());
    assert_eq!(asked(&server).await.len(), 3);

    let (server, account) = vendor(down()).await;
    let faults =
        [account.mint().await.map(drop).unwrap_err().fault, account.revoke("key_1").await.unwrap_err().fault];
    for fault in faults {
        assert!(matches!(fault, Fault::Server { status: 503, .. }) && fault.leaves_doubt());
    }
    assert_eq!(asked(&server).await.len(), 2);
}

#[tokio::test]
async fn nd19_rotation_is_mint_deploy_revoke() {
    let (server, account) = vendor(says(200, "[]")).await;
    let id = VendorKeyId("key_1".into());
    assert_eq!(account.adapter.manifest().capabilities.rotate, RotateSupport::Overlap);
    let error = account.adapter.rotate(account.connection(), &id).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Unsupported(_)));
    assert!(asked(&server).await.is_empty());
}

#[tokio::test]
async fn nd21_a_revocation_is_believed_after_a_minute_and_seen_as_a_401() {
    let (_server, account) = vendor(ResponseTemplate::new(204)).await;
    account.revoke("key_1").await.unwrap();
    assert_eq!(account.adapter.manifest().capabilities.revocation_delay, Duration::from_secs(60));
    assert_eq!(probe(says(200, "{}")).await.unwrap(), Probe::Alive);
    assert_eq!(probe(problem(401, "unauthorized", "")).await.unwrap(), Probe::Refused);
    assert_eq!(probe(problem(403, "forbidden", "")).await.unwrap(), Probe::Alive);
    // None of these is the vendor speaking of the key.
    for answer in [
        says(401, "<html>log in</html>"),
        says(401, "{}"),
        problem(401, "proxy", ""),
        problem(400, "unauthorized", ""),
        problem(503, "unauthorized", ""),
        says(403, "<html>no</html>"),
        says(200, "<html>"),
        says(404, "{}"),
    ] {
        assert!(probe(answer).await.is_err());
    }
}

#[tokio::test]
async fn nd23_revoking_is_one_call_and_there_is_no_way_back() {
    let (server, account) = vendor(ResponseTemplate::new(204)).await;
    account.revoke("key_2NgcaXxFqLPo").await.unwrap();
    assert_eq!(asked(&server).await, ["DELETE /v1/api-keys/key_2NgcaXxFqLPo"]);
    assert!(matches!(account.adapter.manifest().capabilities.delete, DeleteSupport::No(_)));
    let id = VendorKeyId("key_1".into());
    let error = account.adapter.delete(account.connection(), &id).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Unsupported(_)));
    assert_eq!(asked(&server).await.len(), 1);

    let mut key = key_json("key_1");
    key["revoked_at"] = "2026-02-01T00:00:00Z".into();
    let record = listed(&json!([key])).await.remove(0);
    assert_eq!(record.status, KeyStatus::Revoked { at: parse_time("2026-02-01T00:00:00Z") });
}

#[tokio::test]
async fn nd25_the_limit_of_20_is_known_and_has_its_own_words() {
    let (server, account) = vendor(problem(409, "key_limit_reached", "")).await;
    assert_eq!(account.adapter.manifest().capabilities.key_limit, Some(20));
    let error = account.mint().await.unwrap_err();
    let Fault::Refused { status: 409, message } = &error.fault else { panic!("{error:?}") };
    assert!(message.contains("20 active keys") && message.contains("revoke an unused one"));
    assert!(!error.fault.leaves_doubt());
    assert_eq!(asked(&server).await.len(), 1);
}

#[tokio::test]
async fn nd26_each_keys_last_use_is_read() {
    let read = async |value: Option<Value>| {
        let mut key = key_json("key_1");
        match value {
            Some(value) => key["last_used_at"] = value,
            None => drop(key.as_object_mut().unwrap().remove("last_used_at")),
        }
        listed(&json!({ "data": [key] })).await.remove(0).last_use
    };
    assert_eq!(read(Some(Value::Null)).await, LastUse::Never);
    assert_eq!(read(None).await, LastUse::NotReported);
    assert_eq!(read(Some("soon".into())).await, LastUse::Unreadable);
    let at = parse_time("2026-01-05T00:00:00Z").unwrap();
    assert_eq!(read(Some("2026-01-05T02:00:00+02:00".into())).await, LastUse::At(at));
}

#[tokio::test]
async fn nd26_the_addresses_of_a_key_are_read_where_the_vendor_tells_them() {
    let mut used = key_json("key_1");
    used["usage"] = json!([
        { "ip": "203.0.113.7", "last_used_at": "2026-01-05T00:00:00Z", "count": 1204 },
        { "ip": "2001:db8::1" },
        { "ip": "<script>" },
        "odd",
    ]);
    let list = json!({ "data": [key_json("key_2"), used] });
    let (_server, account) = vendor(says(200, &list.to_string())).await;
    let of = async |key: &str| {
        account.adapter.usage(account.connection(), &VendorKeyId(key.into())).await.unwrap()
    };
    let usage = of("key_1").await;
    assert_eq!(usage.iter().map(|used| used.ip.as_str()).collect::<Vec<_>>(), ["203.0.113.7", "2001:db8::1"]);
    assert_eq!((usage[0].last_used_at, usage[0].count), (parse_time("2026-01-05T00:00:00Z"), Some(1204)));
    assert_eq!((usage[1].last_used_at, usage[1].count), (None, None));
    assert_eq!(of("key_2").await, []);
    assert_eq!(of("key_3").await, []);
}

#[tokio::test]
async fn nd27_a_test_account_makes_test_keys_and_no_live_ones() {
    let (server, mut account) = vendor(says(201, &minted_json().to_string())).await;
    let error_of = async |account: &Account| account.mint().await.map(drop);
    account.managing = Secret::new(MANAGING.replace("live", "test"));
    let error = error_of(&account).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Unsupported(why) if why.contains("environment")));
    assert!(asked(&server).await.is_empty());
    account.grant.environment = Environment::Test;
    assert!(error_of(&account).await.is_ok());
    // A managing key whose prefix says nothing decides nothing.
    account.managing = Secret::new("ndsk2_c0FFee".into());
    assert!(error_of(&account).await.is_ok());

    account.grant.expires_at = parse_time("2031-01-01T00:00:00Z");
    let error = error_of(&account).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Unsupported(why) if why.contains("expiry")));
}
