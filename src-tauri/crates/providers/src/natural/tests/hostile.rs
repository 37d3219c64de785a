//! Errors of every kind, and a vendor that misbehaves: each ends in clear words, soon, and without harm.

use keyturn_core::provider::Paging;

use super::*;

#[tokio::test]
async fn errors_are_judged_by_their_code() {
    for status in [400, 401] {
        let fault = fault_of_list(problem(status, "unauthenticated", "Invalid API key")).await;
        assert!(matches!(fault, Fault::Unauthenticated), "{status}");
    }
    assert!(matches!(fault_of_list(says(401, "<html>")).await, Fault::Malformed(_)));

    let named = fault_of_list(problem(403, "forbidden", "Requires scope api_keys.read.")).await;
    assert!(matches!(named, Fault::ScopeMissing { scope: Some(scope) } if scope == "api_keys.read"));
    let unnamed = fault_of_list(problem(403, "forbidden", "Party is suspended")).await;
    assert!(matches!(unnamed, Fault::Refused { status: 403, message } if message == "Party is suspended"));
    let silent = fault_of_list(says(403, "")).await;
    assert!(matches!(silent, Fault::Refused { status: 403, message } if message.contains("managing key")));

    for status in [400, 422] {
        let fault = fault_of_list(problem(status, "invalid_value", "limit is too large")).await;
        assert!(
            matches!(fault, Fault::Refused { status: s, message } if s == status && message == "limit is too large")
        );
    }
    let (_server, account) = vendor(problem(409, "conflict", "Key is being changed")).await;
    let error = account.revoke("apy_1").await.unwrap_err();
    let Fault::Refused { status: 409, message } = &error.fault else { panic!("{error:?}") };
    assert!(message.contains("try again") && message.ends_with("(Key is being changed)"), "{message}");
}

#[tokio::test]
async fn other_statuses_have_their_own_faults() {
    let limited = problem(429, "rate_limited", "Slow down").insert_header("retry-after", "42");
    let fault = fault_of_list(limited).await;
    assert!(matches!(fault, Fault::RateLimited { retry_after } if retry_after.as_secs() == 42));
    for (status, code) in [(500, "server_error"), (503, "service_unavailable"), (502, "unauthenticated")] {
        let fault = fault_of_list(problem(status, code, "")).await;
        assert!(matches!(fault, Fault::Server { status: s, .. } if s == status), "{status}");
    }
    assert!(matches!(fault_of_list(problem(404, "not_found", "")).await, Fault::Address(_)));
    assert!(matches!(fault_of_list(says(302, "{}")).await, Fault::Redirected));
}

#[tokio::test]
async fn a_creation_is_sent_once_whatever_comes_of_it() {
    for (answer, doubt) in [
        (says(500, ""), true),
        (problem(503, "service_unavailable", ""), true),
        (says(307, ""), true),
        (says(201, "{}"), true),
        (says(201, r#"{"data":{"attributes":{"apiKey":null}}}"#), true),
        (says(201, r#"{"data":{"attributes":{"apiKey":" "}}}"#), true),
        (problem(409, "conflict", ""), false),
        (problem(429, "rate_limited", ""), false),
        (problem(422, "invalid_value", ""), false),
        (problem(404, "not_found", ""), false),
    ] {
        let (server, account) = vendor(answer).await;
        let error = account.mint().await.unwrap_err();
        assert_eq!(error.operation, Operation::Mint);
        assert_eq!(error.fault.leaves_doubt(), doubt, "{error}");
        assert_eq!(asked(&server).await, ["POST /api-keys"]);
    }
}

#[tokio::test]
async fn n2_a_cursor_that_leads_in_a_circle_is_found_within_two_pages() {
    let circle = page_json(0..100, Some("c"));
    // The same cursor for ever, with ever new keys.
    let (server, account) = vendor(says(200, &circle)).await;
    assert!(account.list().await.is_err());
    assert_eq!(asked(&server).await.len(), 2);
    for second in [page_json(0..100, Some("d")), page_json(100..200, Some("c"))] {
        let server = MockServer::start().await;
        let first = Mock::given(query_param_is_missing("cursor"));
        first.respond_with(says(200, &circle)).mount(&server).await;
        Mock::given(any()).respond_with(says(200, &second)).mount(&server).await;
        let fault = Account::at(&server.uri()).list().await.unwrap_err().fault;
        assert!(matches!(fault, Fault::Malformed(why) if why == "the list repeats itself"));
        assert_eq!(asked(&server).await.len(), 2);
    }
}

#[tokio::test]
async fn n2_one_page_without_keys_is_let_pass_and_two_in_a_row_are_not() {
    let server = MockServer::start().await;
    for (cursor, next, keys) in [("a", Some("b"), 0..0), ("b", None, 0..3)] {
        Mock::given(query_param("cursor", cursor))
            .respond_with(says(200, &page_json(keys, next)))
            .mount(&server)
            .await;
    }
    let first = Mock::given(query_param_is_missing("cursor"));
    first.respond_with(says(200, &page_json(3..6, Some("a")))).mount(&server).await;
    assert_eq!(Account::at(&server.uri()).list().await.unwrap().len(), 6);

    let server = MockServer::start().await;
    for (cursor, next) in [("a", "b"), ("b", "c")] {
        Mock::given(query_param("cursor", cursor))
            .respond_with(says(200, &page_json(0..0, Some(next))))
            .mount(&server)
            .await;
    }
    let first = Mock::given(query_param_is_missing("cursor"));
    first.respond_with(says(200, &page_json(0..3, Some("a")))).mount(&server).await;
    assert!(Account::at(&server.uri()).list().await.is_err());
    assert_eq!(asked(&server).await.len(), 3);
}

#[tokio::test]
async fn n2_reading_stops_when_told() {
    let (server, account) = vendor(says(200, &page_json(0..100, Some("c")))).await;
    let error = account.adapter.list(account.connection(), &|_| Paging::Stop).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Cancelled));
    assert_eq!(asked(&server).await.len(), 1);
}

#[tokio::test]
async fn odd_bodies_are_malformed() {
    let end = r#""meta":{"pagination":{"hasMore":false}}"#;
    for body in [
        "".to_owned(),
        "<html></html>".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"data":[]}"#.to_owned(),
        format!("{{{end}}}"),
        format!(r#"{{"data":null,{end}}}"#),
        format!(r#"{{"data":"apy_1",{end}}}"#),
        format!(r#"{{"data":[7],{end}}}"#),
        format!(r#"{{"data":[{{"type":"apiKey"}}],{end}}}"#),
        format!(r#"{{"data":[{{"id":".."}}],{end}}}"#),
        format!(r#"{{"data":[{{"id":"a b"}}],{end}}}"#),
        r#"{"data":[{"id":"apy_1","#.to_owned(),
        format!(r#"{{"data":[{{"id":"apy_1","x":{}"#, "[".repeat(1_000_000)),
        format!(r#"{{"data":[{}],{end}}}"#, vec![r#"{"id":"a"}"#; 50_001].join(",")),
    ] {
        let fault = fault_of_list(says(200, &body)).await;
        assert!(matches!(fault, Fault::Malformed(_)), "{:.80}: {fault:?}", body);
    }
}

#[tokio::test]
async fn an_id_that_names_no_key_never_reaches_the_collection() {
    let (server, account) = vendor(says(200, EMPTY)).await;
    for id in ["", ".", "..", "apy\n1", "äpfel"] {
        assert!(account.revoke(id).await.is_err(), "{id:?}");
    }
    assert!(asked(&server).await.is_empty());
}

#[tokio::test]
async fn n6_hostile_names_do_no_harm() {
    let mut key = key_json("apy_1");
    key["attributes"]["name"] = "\u{202e}<script>\u{0}\u{1b}[2J".into();
    key["attributes"]["createdBy"] = "x".repeat(1_000_000).into();
    key["attributes"]["scopes"] = json!(["payments.read", "\u{1b}]0;title\u{7}", 7, null]);
    key["attributes"]["apiKeyPrefix"] = "sk_ntl_prod_\u{202e}\u{1b}[31m".into();
    let body = json!({ "data": [key], "meta": { "pagination": { "hasMore": false } } });
    let record = listed(&body).await.remove(0);
    assert_eq!(record.name, "\u{fffd}<script>\u{fffd}\u{fffd}[2J");
    assert_eq!(record.creator.unwrap().chars().count(), 1025);
    assert_eq!(record.scopes[1].0, "\u{fffd}]0;title\u{fffd}");
    assert_eq!(record.hint.prefix, "sk_ntl_prod_");
}

#[tokio::test]
async fn f50_a_status_without_the_vendors_words_says_nothing_of_a_key() {
    for body in
        ["<html>We are back soon</html>", "", "{}", r#"{"message":"no Route matched"}"#, r#"{"errors":[]}"#]
    {
        for status in [401, 404] {
            let (_server, account) = vendor(says(status, body)).await;
            let revoked = account.revoke("apy_1").await.unwrap_err().fault;
            assert!(matches!(revoked, Fault::Malformed(_)), "{status} {body}: {revoked:?}");
            assert!(
                matches!(account.list().await.unwrap_err().fault, Fault::Malformed(_)),
                "{status} {body}"
            );
        }
        for status in [200, 204] {
            let (_server, account) = vendor(says(status, body)).await;
            let fault = account.revoke("apy_1").await.unwrap_err().fault;
            assert!(fault.leaves_doubt(), "{status} {body}: {fault:?}");
            assert!(account.adapter.probe(account.connection()).await.is_err(), "{status} {body}");
        }
    }
}
