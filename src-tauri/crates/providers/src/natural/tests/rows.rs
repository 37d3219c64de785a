//! One test a row of the vendor's contract, as far as an adapter can hold or break it.

use std::sync::Mutex;

use keyturn_core::fields::check_fields;
use keyturn_core::key::{Environment, KeyStatus, LastUse, Scope, VendorKeyId};
use keyturn_core::provider::{DeleteSupport, Paging, Probe, RotateSupport, Support};
use keyturn_core::timestamp::{Timestamp, parse_time};

use super::*;

#[tokio::test]
async fn nt01_the_key_goes_into_the_bearer_header_and_nowhere_else() {
    let (server, account) = vendor(says(200, EMPTY)).await;
    account.everything().await;
    let seen = server.received_requests().await.unwrap();
    assert!(seen.len() >= 4);
    for request in seen {
        assert_eq!(request.headers["authorization"], format!("Bearer {MANAGING}"));
        assert!(!request.headers.contains_key("x-api-key"));
        assert!(!request.url.as_str().contains(MANAGING));
        assert!(!String::from_utf8(request.body).unwrap().contains(MANAGING));
    }
}

#[tokio::test]
async fn nt02_no_agent_is_named_so_that_no_instance_is_owed() {
    let (server, account) = vendor(says(200, EMPTY)).await;
    account.everything().await;
    for request in server.received_requests().await.unwrap() {
        assert!(!request.headers.contains_key("x-agent-id"));
        assert!(!request.headers.contains_key("x-instance-id"));
    }
}

#[tokio::test]
async fn nt02_every_call_of_an_agents_account_names_agent_and_instance() {
    let (server, mut account) = vendor(says(200, EMPTY)).await;
    let words = [("agent", "agt_7f3a"), ("instance", "desk 4/ops")];
    account.settings = words.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    account.everything().await;
    let seen = server.received_requests().await.unwrap();
    // List, mint, revoke with the look that follows it, probe.
    assert!(seen.len() >= 5, "{}", seen.len());
    for request in seen {
        assert_eq!(request.headers["x-agent-id"], "agt_7f3a");
        assert_eq!(request.headers["x-instance-id"], "desk 4/ops");
    }
}

#[tokio::test]
async fn nt02_an_agent_without_its_instance_sends_nothing() {
    let (server, mut account) = vendor(says(200, EMPTY)).await;
    account.settings.insert("agent".into(), "agt_7f3a".into());
    let fault = account.list().await.unwrap_err().fault;
    assert!(matches!(fault, Fault::Address(words) if words.contains("instance id")));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[test]
fn nt02_the_dialog_asks_for_both_or_neither() {
    let adapter = Natural::new(quick());
    let asked = |given: &[(&str, &str)]| {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        check_fields(adapter.manifest().fields, &given).map_err(|fault| fault.field().to_owned())
    };
    assert!(asked(&[]).is_ok());
    assert!(asked(&[("agent", "agt_1"), ("instance", &"i".repeat(1024))]).is_ok());
    assert_eq!(asked(&[("agent", "agt_1")]), Err("instance".to_owned()));
    assert_eq!(asked(&[("instance", "i")]), Err("agent".to_owned()));
    assert_eq!(asked(&[("agent", "agt_1"), ("instance", &"i".repeat(1025))]), Err("instance".to_owned()));
}

#[tokio::test]
async fn nt07_a_list_of_2500_keys_is_read_whole_with_progress() {
    let server = MockServer::start().await;
    // The cursor is opaque: whatever it holds comes back as it was.
    let cursor = |page: usize| format!("c+/=&?#%2F ä{page}");
    for page in 0..25 {
        let next = (page < 24).then(|| cursor(page + 1));
        let get = Mock::given(method("GET")).and(query_param("limit", "100"));
        let get = match page {
            0 => get.and(query_param_is_missing("cursor")),
            _ => get.and(query_param("cursor", cursor(page))),
        };
        let body = page_json(page * 100..(page + 1) * 100, next.as_deref());
        get.respond_with(says(200, &body)).expect(1).mount(&server).await;
    }
    let account = Account::at(&server.uri());
    let heard = Mutex::new(Vec::new());
    let hear = |total| {
        heard.lock().unwrap().push(total);
        Paging::Continue
    };
    let records = account.adapter.list(account.connection(), &hear).await.unwrap();
    assert_eq!(records.keys.len(), 2500);
    let hundreds: Vec<_> = (1..=25).map(|n| n * 100).collect();
    assert_eq!(*heard.lock().unwrap(), hundreds);
}

#[tokio::test]
async fn nt07_absence_is_not_claimed_before_the_last_page() {
    for meta in [
        json!(null),
        json!({}),
        json!({ "pagination": {} }),
        json!({ "pagination": { "hasMore": null } }),
        json!({ "pagination": { "hasMore": "false" } }),
        json!({ "pagination": { "hasMore": true, "nextCursor": null } }),
        json!({ "pagination": { "hasMore": true, "nextCursor": "" } }),
        json!({ "pagination": { "hasMore": true, "nextCursor": "x".repeat(5000) } }),
    ] {
        let body = json!({ "data": [key_json("apy_1")], "meta": meta }).to_string();
        assert!(matches!(fault_of_list(says(200, &body)).await, Fault::Malformed(_)), "{meta}");
    }
    // A page that fails in the middle leaves no half list behind.
    let server = MockServer::start().await;
    let first = Mock::given(query_param_is_missing("cursor"));
    first.respond_with(says(200, &page_json(0..100, Some("c")))).mount(&server).await;
    Mock::given(query_param("cursor", "c")).respond_with(problem(403, "forbidden", "")).mount(&server).await;
    assert!(Account::at(&server.uri()).list().await.is_err());
}

#[tokio::test]
async fn nt09_a_list_gives_no_full_key_even_if_the_vendor_does() {
    let mut key = key_json("apy_1");
    key["attributes"]["apiKey"] = FRESH.into();
    key["attributes"]["apiKeyPrefix"] = FRESH.into();
    let body = json!({ "data": [key], "meta": { "pagination": { "hasMore": false } } });
    let records = listed(&body).await;
    crate::fixtures::assert_free_of(&[FRESH], "list", &format!("{records:?}"));
    assert_eq!(records[0].hint.prefix, FRESH[..28]);
}

#[tokio::test]
async fn nt10_the_prefix_is_the_hint() {
    let records = listed(&serde_json::from_str(LIST).unwrap()).await;
    assert_eq!(records[0].hint.masked(), "sk_ntl_prod_sxHp_FRoRTnDEmEH…");
    assert_eq!(records[1].hint.masked(), "sk_ntl_sandbox_Ab12Cd34Ef56Gh78…");

    let hint = |text: &str| Natural::new(quick()).hint(&Secret::new(text.into())).masked();
    assert_eq!(hint(FRESH), "sk_ntl_prod_deadbeef00-deadb…");
    // Of what is too short to be a key, nothing is shown.
    assert_eq!(hint("sk_ntl_prod_deadbeef"), "sk_ntl_prod_…");
    assert_eq!(hint("deadbeef"), "…");
}

#[tokio::test]
async fn nt11_ids_are_kept_whole_and_what_is_no_key_is_left_out() {
    let mut body: Value = serde_json::from_str(LIST).unwrap();
    body["data"][1]["type"] = "party".into();
    let mut untyped = key_json("apy_3");
    untyped.as_object_mut().unwrap().remove("type");
    body["data"].as_array_mut().unwrap().push(untyped);
    let records = listed(&body).await;
    let ids: Vec<_> = records.iter().map(|record| record.id.0.as_str()).collect();
    assert_eq!(ids, ["apy_550e8400e29b41d4a716446655440000", "apy_3"]);
    assert_eq!(records[0].creator.as_deref(), Some("usr_550e8400e29b41d4a716446655440000"));
}

#[tokio::test]
async fn nt12_the_documented_list_is_read_as_it_stands() {
    let records = listed(&serde_json::from_str(LIST).unwrap()).await;
    assert_eq!(records.len(), 2);
    let first = &records[0];
    assert_eq!(first.name, "Production Backend");
    assert_eq!(first.scopes, ["payments.read", "payments.create"].map(|s| Scope(s.into())));
    assert_eq!(first.status, KeyStatus::Active);
    assert_eq!(first.created_at, parse_time("2026-01-04T15:30:00Z"));
    // null: never expires, never used.
    assert_eq!(first.expires, Timestamp::None);
    assert_eq!(first.last_use, LastUse::Never);
}

#[tokio::test]
async fn nt12_times_that_are_there_are_read() {
    let mut body = revoked_json("apy_1");
    body["data"]["attributes"]["lastUsedAt"] = "2026-01-05T00:00:00Z".into();
    body["data"]["attributes"]["expiresAt"] = "2027-01-05T00:00:00Z".into();
    let list = json!({ "data": [body["data"]], "meta": { "pagination": { "hasMore": false } } });
    let record = listed(&list).await.remove(0);
    assert_eq!(record.last_use, LastUse::At(parse_time("2026-01-05T00:00:00Z").unwrap()));
    assert_eq!(record.expires, parse_time("2027-01-05T00:00:00Z").into());
    assert_eq!(record.status, KeyStatus::Revoked { at: parse_time("2026-02-01T00:00:00Z") });
}

#[tokio::test]
async fn nt13_sandbox_and_prod_stand_in_one_list() {
    let records = listed(&serde_json::from_str(LIST).unwrap()).await;
    let environments: Vec<_> = records.into_iter().map(|record| record.environment).collect();
    assert_eq!(environments, [Environment::Live, Environment::Test]);
    let (server, account) = vendor(says(200, EMPTY)).await;
    account.list().await.unwrap();
    assert_eq!(server.received_requests().await.unwrap()[0].url.query(), Some("limit=100"));
}

#[tokio::test]
async fn nt14_unknown_fields_and_words_are_tolerated() {
    let mut body: Value = serde_json::from_str(LIST).unwrap();
    body["data"][0]["attributes"]["status"] = "SUSPENDED".into();
    body["data"][0]["attributes"]["environment"] = "staging".into();
    body["data"][0]["attributes"]["apiKeyPrefix"] = "sk_ntl_staging_Ab12Cd34Ef56Gh78".into();
    body["data"][0]["attributes"]["tags"] = json!([{ "a": [1, { "b": null }] }]);
    body["data"][0]["links"] = json!({ "self": "/x" });
    body["data"][1]["attributes"] = json!({ "name": 7, "scopes": "all", "lastUsedAt": {} });
    body["included"] = json!([]);
    let records = listed(&body).await;
    assert_eq!(records[0].status, KeyStatus::Unknown("SUSPENDED".into()));
    assert_eq!(records[0].environment, Environment::Other("staging".into()));
    assert_eq!(records[0].hint.prefix, "sk_ntl_staging_Ab12Cd34Ef56Gh78");
    assert_eq!(records[1].status, KeyStatus::Unknown("not reported".into()));
    assert_eq!(records[1].last_use, LastUse::Unreadable);
}

#[tokio::test]
async fn nt16_one_idempotency_key_a_revocation_through_retries_and_restarts() {
    let server = MockServer::start().await;
    let busy = problem(503, "service_unavailable", "");
    Mock::given(method("DELETE")).respond_with(busy).up_to_n_times(2).mount(&server).await;
    let done = says(200, &revoked_json("apy_1").to_string());
    Mock::given(method("DELETE")).respond_with(done).mount(&server).await;
    for _ in 0..2 {
        Account::at(&server.uri()).revoke("apy_1").await.unwrap();
    }
    assert_eq!(asked(&server).await, ["DELETE /api-keys/apy_1"; 4]);
    for request in server.received_requests().await.unwrap() {
        assert_eq!(request.headers["idempotency-key"], "keyturn-revoke-apy_1");
    }

    let (server, account) = vendor(says(200, &revoked_json("apy_1").to_string())).await;
    let long = "a".repeat(255 - "keyturn-revoke-".len());
    assert!(matches!(account.revoke(&long).await.unwrap_err().fault, Fault::Malformed(_)));
    let before = asked(&server).await.len();
    assert!(matches!(account.revoke(&format!("{long}a")).await.unwrap_err().fault, Fault::Address(_)));
    assert_eq!(asked(&server).await.len(), before);
}

#[tokio::test]
async fn nt17_the_secret_is_taken_from_the_creation_only() {
    let (server, account) = vendor(says(201, &minted_json().to_string())).await;
    let minted = account.mint().await.unwrap();
    // EXPOSE: the test compares it.
    assert_eq!(minted.secret.expose(), FRESH);
    assert_eq!(minted.record.id.0, "apy_2");
    assert_eq!(minted.record.hint, account.adapter.hint(&minted.secret));
    let request = &server.received_requests().await.unwrap()[0];
    assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/api-keys"));
    // Sorted by the grant; never left out, because the vendor would then grant all of them.
    let documented = json!({ "data": { "attributes": {
        "name": "Production Backend", "scopes": ["payments.create", "payments.read"]
    } } });
    assert_eq!(request.body_json::<Value>().unwrap(), documented);
}

#[tokio::test]
async fn nt17_a_fresh_key_is_kept_whatever_else_is_wrong() {
    for body in [
        json!({ "data": { "attributes": { "apiKey": "short" } } }),
        json!({ "data": { "id": "..", "attributes": { "apiKey": FRESH, "name": {}, "status": 3 } } }),
        json!({ "attributes": { "apiKey": FRESH }, "id": "apy_2" }),
        json!({ "data": { "type": "party", "attributes": { "apiKey": FRESH, "scopes": 7 } } }),
    ] {
        let (_server, account) = vendor(says(201, &body.to_string())).await;
        let minted = account.mint().await.unwrap();
        // EXPOSE: the test compares it.
        assert!(body.to_string().contains(minted.secret.expose()));
        assert!(!minted.record.id.0.is_empty() && minted.record.id.0 != "..", "{body}");
        assert_eq!(minted.record.name, "Production Backend");
    }
}

#[tokio::test]
async fn nt18_a_deletion_shows_as_revoked_and_counts_only_then() {
    assert!(matches!(Natural::new(quick()).manifest().capabilities.delete, DeleteSupport::No(_)));
    let (server, account) = vendor(says(200, &revoked_json("apy_1").to_string())).await;
    account.revoke("apy_1").await.unwrap();
    assert_eq!(asked(&server).await, ["DELETE /api-keys/apy_1"]);
    let error = account.adapter.delete(account.connection(), &VendorKeyId("apy_1".into())).await;
    assert!(
        matches!(error.unwrap_err().fault, Fault::Unsupported(why) if why.contains("keeps revoked keys"))
    );
    assert_eq!(asked(&server).await.len(), 1);

    // A reply that does not show it is checked against the key itself.
    let still = json!({ "data": key_json("apy_1") }).to_string();
    for (seen, revoked) in [(revoked_json("apy_1").to_string(), true), (still.clone(), false)] {
        for answer in [ResponseTemplate::new(204), says(200, &still)] {
            let server = MockServer::start().await;
            Mock::given(method("DELETE")).respond_with(answer).mount(&server).await;
            Mock::given(method("GET")).respond_with(says(200, &seen)).mount(&server).await;
            let outcome = Account::at(&server.uri()).revoke("apy_1").await;
            assert_eq!(outcome.is_ok(), revoked);
            assert_eq!(asked(&server).await, ["DELETE /api-keys/apy_1", "GET /api-keys/apy_1"]);
            if let Err(error) = outcome {
                assert!(error.fault.leaves_doubt());
            }
        }
    }
}

#[tokio::test]
async fn nt19_a_missing_key_is_not_found() {
    let (_server, account) = vendor(problem(404, "not_found", "No such key")).await;
    let error = account.revoke("apy_gone").await.unwrap_err();
    assert_eq!(error.to_string(), "could not revoke the key at Natural: the key does not exist there");
}

#[tokio::test]
async fn nt20_multi_factor_authentication_has_its_own_words() {
    for detail in ["", "MFA is required"] {
        let (_server, account) = vendor(problem(428, "mfa_required", detail)).await;
        for error in [account.mint().await.map(drop).unwrap_err(), account.revoke("apy_1").await.unwrap_err()]
        {
            let Fault::Refused { status: 428, message } = &error.fault else { panic!("{error:?}") };
            assert!(
                message.contains("multi-factor authentication") && message.contains("sign in to Natural")
            );
            assert_eq!(message.ends_with("(MFA is required)"), !detail.is_empty());
        }
    }
}

#[tokio::test]
async fn nt21_rotation_is_create_verify_deliver_revoke() {
    let (server, account) = vendor(says(200, EMPTY)).await;
    assert_eq!(account.adapter.manifest().capabilities.rotate, RotateSupport::Overlap);
    let error = account.adapter.rotate(account.connection(), &VendorKeyId("apy_1".into())).await;
    assert!(matches!(error.unwrap_err().fault, Fault::Unsupported(_)));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_key_that_would_not_be_the_one_asked_for_is_not_made() {
    let (server, account) = vendor(says(201, &minted_json().to_string())).await;
    assert!(matches!(account.adapter.manifest().capabilities.expiry, Support::No(_)));
    let mut expiring = account.grant.clone();
    expiring.expires_at = parse_time("2031-01-01T00:00:00Z");
    let mut elsewhere = account.grant.clone();
    elsewhere.environment = Environment::Test;
    for grant in [expiring, elsewhere] {
        let error = account.adapter.mint(account.connection(), &grant).await.unwrap_err();
        assert!(matches!(error.fault, Fault::Unsupported(_)));
        assert!(!error.fault.leaves_doubt());
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_probe_claims_only_what_was_seen() {
    async fn probe(answer: ResponseTemplate) -> Result<Probe, Fault> {
        let (server, account) = vendor(answer).await;
        let seen = account.adapter.probe(account.connection()).await;
        let request = server.received_requests().await.unwrap().remove(0);
        assert_eq!((request.url.path(), request.url.query()), ("/api-keys", Some("limit=1")));
        seen.map_err(|error| error.fault)
    }
    assert_eq!(probe(says(200, EMPTY)).await.unwrap(), Probe::Alive);
    assert_eq!(probe(problem(403, "forbidden", "no")).await.unwrap(), Probe::Alive);
    assert_eq!(probe(problem(401, "unauthenticated", "no")).await.unwrap(), Probe::Refused);
    // None of these is the vendor speaking of the key.
    for answer in [
        says(401, "<html>log in</html>"),
        says(401, "{}"),
        problem(401, "proxy", "no"),
        problem(400, "unauthenticated", "no"),
        says(403, "<html>no</html>"),
        says(200, "<html>"),
        problem(428, "mfa_required", ""),
        problem(404, "not_found", ""),
        says(500, ""),
    ] {
        assert!(probe(answer).await.is_err());
    }
}
