//! Both paths, both envelopes, errors of every kind, and a vendor that misbehaves.

use keyturn_core::key::KeyStatus;
use keyturn_core::provider::Paging;

use super::*;

#[tokio::test]
async fn either_path_and_either_envelope_will_do() {
    let keys = json!([key_json("key_1"), key_json("key_2")]);
    for body in [keys.clone(), json!({ "data": keys })] {
        for place in ["/v1/projects/me/api-keys", "/v1/api-keys"] {
            let server = MockServer::start().await;
            let list = Mock::given(method("GET")).and(path(place));
            list.respond_with(says(200, &body.to_string())).mount(&server).await;
            let create = Mock::given(method("POST")).and(path(place));
            create.respond_with(says(201, &minted_json().to_string())).mount(&server).await;
            let account = Account::at(&server.uri());
            let records = account.list().await.unwrap();
            assert_eq!(records.len(), 2);
            assert_eq!(records[0].name, "vercel-prod");
            assert_eq!(records[0].hint.masked(), "ndsk_live_…7yQp");
            assert_eq!(account.mint().await.unwrap().record.id.0, "key_2");
        }
    }
    let (server, account) = vendor(problem(404, "not_found", "")).await;
    assert!(matches!(account.list().await.unwrap_err().fault, Fault::Address(_)));
    assert!(matches!(account.mint().await.unwrap_err().fault, Fault::Address(_)));
    assert_eq!(asked(&server).await.len(), 4);
    let error = account.revoke("key_gone").await.unwrap_err();
    assert_eq!(error.to_string(), "could not revoke the key at Neural Draft: the key does not exist there");
}

#[tokio::test]
async fn another_failure_than_not_found_does_not_try_the_other_path() {
    for status in [401, 403, 429, 500, 302] {
        let (server, account) = vendor(says(status, "{}").insert_header("retry-after", "99")).await;
        assert!(account.mint().await.is_err());
        assert_eq!(asked(&server).await.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn other_statuses_have_their_own_faults() {
    assert!(matches!(fault_of_list(problem(401, "unauthorized", "")).await, Fault::Unauthenticated));
    assert!(matches!(fault_of_list(says(401, "<html>")).await, Fault::Malformed(_)));
    let invalid = fault_of_list(problem(422, "validation_failed", "name is taken")).await;
    assert!(matches!(invalid, Fault::Refused { status: 422, message } if message == "name is taken"));
    let silent = fault_of_list(problem(422, "validation_failed", "")).await;
    assert!(matches!(silent, Fault::Refused { status: 422, .. }));
    let limited = says(429, "").insert_header("retry-after", "42");
    let fault = fault_of_list(limited).await;
    assert!(matches!(fault, Fault::RateLimited { retry_after } if retry_after.as_secs() == 42));
    // Whatever it says: what was done is not known.
    for (status, code) in [(500, "unauthorized"), (502, "key_limit_reached"), (503, "service_unavailable")] {
        let fault = fault_of_list(problem(status, code, "")).await;
        assert!(matches!(fault, Fault::Server { status: s, .. } if s == status), "{fault:?}");
    }
    let silent = fault_of_list(says(403, "")).await;
    assert!(matches!(silent, Fault::Refused { status: 403, message } if message.contains("managing key")));
    assert!(matches!(fault_of_list(says(307, "")).await, Fault::Redirected));
}

#[tokio::test]
async fn a_created_key_without_its_value_leaves_doubt() {
    for body in ["", "{}", r#"{"secret":null}"#, r#"{"secret":" "}"#, r#"{"data":{"id":"key_2"}}"#] {
        let (server, account) = vendor(says(201, body)).await;
        let error = account.mint().await.unwrap_err();
        assert!(matches!(error.fault, Fault::Malformed(_)) && error.fault.leaves_doubt(), "{body:?}");
        assert_eq!(asked(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn unknown_fields_and_words_are_tolerated() {
    let mut key = key_json("key_1");
    key["status"] = "paused".into();
    key["usage"] = json!([{ "ip": "192.0.2.1", "count": 3 }]);
    let mut expired = key_json("key_2");
    expired["status"] = "expired".into();
    let records = listed(&json!({ "data": [key, expired, key_json("key_3")], "links": {} })).await;
    assert_eq!(records[0].status, KeyStatus::Unknown("paused".into()));
    assert_eq!(records[1].status, KeyStatus::Expired { at: None });
    assert_eq!(records[2].status, KeyStatus::Active);
}

#[tokio::test]
async fn n2_reading_stops_when_told() {
    let (_server, account) = vendor(says(200, &json!([key_json("key_1")]).to_string())).await;
    let error = account.adapter.list(account.connection(), &|_| Paging::Stop).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Cancelled));
}

#[tokio::test]
async fn odd_bodies_are_malformed() {
    let too_many = format!("[{}]", vec![r#"{"id":"a"}"#; 50_001].join(","));
    let deep = format!(r#"[{{"id":"a","tags":{}"#, "[".repeat(1_000_000));
    for body in [
        "",
        "<html></html>",
        "null",
        "7",
        "{}",
        r#"{"data":{}}"#,
        r#"["key_1"]"#,
        r#"[{"name":"no id"}]"#,
        r#"[{"id":".."}]"#,
        r#"[{"id":"a b"}]"#,
        r#"[{"id":"key_1""#,
        &too_many,
        &deep,
    ] {
        let fault = fault_of_list(says(200, body)).await;
        assert!(matches!(fault, Fault::Malformed(_)), "{body:.80}: {fault:?}");
    }
}

#[tokio::test]
async fn an_id_that_names_no_key_never_reaches_the_collection() {
    let (server, account) = vendor(says(200, "[]")).await;
    for id in ["", ".", ".."] {
        assert!(account.revoke(id).await.is_err());
    }
    assert!(asked(&server).await.is_empty());
}

#[tokio::test]
async fn n6_hostile_names_do_no_harm() {
    let mut key = key_json("key_1");
    key["name"] = "\u{202e}<script>\u{0}\u{1b}[2J".into();
    key["scopes"] = json!(["content:read", "\u{1b}]0;title\u{7}", 7, null]);
    key["prefix"] = "ndsk_\u{202e}_".into();
    key["masked"] = "ndsk_live_\u{202e}7y\u{1b}Qp".into();
    let record = listed(&json!([key])).await.remove(0);
    assert_eq!(record.name, "\u{fffd}<script>\u{fffd}\u{fffd}[2J");
    assert_eq!(record.scopes[1].0, "\u{fffd}]0;title\u{fffd}");
    assert_eq!(record.hint.masked(), "ndsk_live_…Qp");
}

#[tokio::test]
async fn f50_a_revocation_counts_in_the_vendors_own_shape_only() {
    let mut shown = key_json("key_1");
    shown["revoked_at"] = "2026-01-05T00:00:00Z".into();
    for answer in [
        ResponseTemplate::new(204),
        says(200, &shown.to_string()),
        says(200, &json!({ "data": shown }).to_string()),
    ] {
        let (_server, account) = vendor(answer).await;
        account.revoke("key_1").await.unwrap();
        assert!(shown["id"] == "key_1");
    }
    let still = json!({ "data": key_json("key_1") }).to_string();
    for (status, body) in [
        (200, "<html>We are back soon</html>"),
        (200, ""),
        (202, ""),
        (200, "{}"),
        (200, "OK"),
        (200, still.as_str()),
        (200, r#"{"data":{"id":"key_2","revoked_at":"2026-01-05T00:00:00Z"}}"#),
        (404, "<html>Not here</html>"),
        (404, ""),
        (404, r#"{"message":"no Route matched"}"#),
        (401, "<html>Sign in</html>"),
        (401, r#"{"message":"Unauthorized"}"#),
    ] {
        let (_server, account) = vendor(says(status, body)).await;
        let fault = account.revoke("key_1").await.unwrap_err().fault;
        assert!(matches!(fault, Fault::Malformed(_)), "{status} {body}: {fault:?}");
    }
}

#[tokio::test]
async fn f50_a_page_in_place_of_a_creation_is_followed_by_no_second_one() {
    let (server, account) = vendor(says(404, "<html>Not here</html>")).await;
    assert!(account.mint().await.unwrap_err().fault.leaves_doubt());
    assert_eq!(asked(&server).await.len(), 1);
    assert!(matches!(account.list().await.unwrap_err().fault, Fault::Malformed(_)));
}
