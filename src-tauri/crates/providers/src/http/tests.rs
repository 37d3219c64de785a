//! The choke point without any vendor: what it sends, what it refuses, when it gives up.

use std::time::{Duration, Instant};

use keyturn_core::secret::Secret;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::fixtures::{RawServer, Script, impatient, nobody, quick};
use crate::words::Censor;

const KEY: &str = "canary_7f3a+/ä";

fn key() -> Secret {
    Secret::new("canary_7f3a".to_owned())
}

fn get<'a>(base: &str, secret: &'a Secret) -> Call<'a> {
    Call::new(Method::GET, &Base::parse(base).unwrap(), &["things"], Credential::Bearer(secret)).unwrap()
}

async fn vendor(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn count(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

fn outcome(result: Result<Reply, Fault>) -> Result<u16, Fault> {
    result.and_then(|reply| reply.fault(None, &Censor::of(&[])).map_or(Ok(reply.status), Err))
}

#[test]
fn n5_plain_http_is_refused_beyond_loopback() {
    for good in [
        "https://api.naturalead.ai",
        "https://app.leadterra.co/v1/",
        "http://127.0.0.1:8700",
        "http://127.9.9.9",
        "http://[::1]:8700/x",
        "HTTP://LOCALHOST:1",
    ] {
        assert!(Base::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "http://api.naturalead.ai",
        "http://192.168.0.2",
        "http://0.0.0.0",
        "http://[::]",
        "http://[::ffff:127.0.0.1]",
        "http://localhost.example.com",
        "http://127.0.0.1.nip.io",
        "http://localhost@example.com",
        "https://user@api.naturalead.ai",
        "https://:canary@api.naturalead.ai",
        "https://api.naturalead.ai/?api_key=canary",
        "https://api.naturalead.ai/#canary",
        "ftp://localhost",
        "file:///etc/passwd",
        "data:,canary",
        " https://api.naturalead.ai",
        "https://api.natura\nlead.ai",
        "https:\\\\api.naturalead.ai",
        "api.naturalead.ai",
        "https://",
        "",
    ] {
        let fault = Base::parse(bad).unwrap_err();
        assert!(matches!(fault, Fault::Address(_)), "{bad}: {fault:?}");
        assert!(!fault.to_string().contains("canary"));
    }
}

#[tokio::test]
async fn n5_https_to_a_server_without_it_is_no_connection() {
    let server = RawServer::start(Script::send("HTTP/1.1 200 OK\r\n\r\n{}")).await;
    let secret = key();
    let base = server.base.replace("http:", "https:");
    let fault = Http::new(quick()).write(&get(&base, &secret)).await.err().unwrap();
    assert!(matches!(fault, Fault::Unreachable(_)), "{fault:?}");
    assert!(server.requests().iter().all(|r| !r.contains("canary")));
}

#[test]
fn an_id_cannot_lead_out_of_its_place_in_the_path() {
    let base = Base::parse("https://host.example/v1/").unwrap();
    let at = |id: &str| base.endpoint(&["keys", id, "revoke"]).map(|url| url.to_string());
    assert_eq!(at("k_1").unwrap(), "https://host.example/v1/keys/k_1/revoke");
    assert_eq!(at("a/../b?c#d%e").unwrap(), "https://host.example/v1/keys/a%2F..%2Fb%3Fc%23d%25e/revoke");
    for dots in [".", ".."] {
        assert!(matches!(at(dots), Err(Fault::Address(_))));
    }
    assert_eq!(base.endpoint(&["campaigns", ""]).unwrap().as_str(), "https://host.example/v1/campaigns/");
}

#[tokio::test]
async fn the_credential_stands_where_the_vendor_wants_it() {
    let server = vendor(ResponseTemplate::new(200)).await;
    let base = Base::parse(&server.uri()).unwrap();
    let http = Http::new(quick());
    let (plain, odd) = (key(), Secret::new(KEY.to_owned()));
    let call = |credential| Call::new(Method::GET, &base, &["x"], credential).unwrap().query("limit", "1");
    http.read(&call(Credential::Bearer(&plain))).await.unwrap();
    http.read(&call(Credential::Header("x-api-key", &plain))).await.unwrap();
    http.read(&call(Credential::Query("api_key", &odd)).header("x-agent-id", "agt_1").unwrap())
        .await
        .unwrap();

    let seen = server.received_requests().await.unwrap();
    assert_eq!(seen[0].headers["authorization"], "Bearer canary_7f3a");
    assert_eq!(seen[1].headers["x-api-key"], "canary_7f3a");
    assert_eq!(seen[2].url.query(), Some("api_key=canary_7f3a%2B%2F%C3%A4&limit=1"));
    assert_eq!(seen[2].headers["x-agent-id"], "agt_1");
    for request in &seen {
        assert!(!request.headers.contains_key("referer"));
        assert!(!request.headers.contains_key("accept-encoding"), "a compressed body could be a bomb");
    }
}

#[tokio::test]
async fn sl02_a_key_stands_in_the_body_beside_whatever_else_is_there() {
    let server = vendor(ResponseTemplate::new(200)).await;
    let (http, base) = (Http::new(quick()), Base::parse(&server.uri()).unwrap());
    let odd = Secret::new("canary \"7f3a\"\\".to_owned());
    let call = || Call::new(Method::POST, &base, &["x"], Credential::Body("api_key", &odd)).unwrap();
    let bodies = [serde_json::json!({}), serde_json::json!({ "keyName": "CI", "clientId": 7 })];
    for body in &bodies {
        http.write(&call().json(body).unwrap()).await.unwrap();
    }
    http.write(&call()).await.unwrap();
    assert!(http.write(&call().json(&[1]).unwrap()).await.is_err(), "no place for a key in an array");
    let seen = server.received_requests().await.unwrap();
    let key = serde_json::json!("canary \"7f3a\"\\");
    let expected = [
        serde_json::json!({ "api_key": key }),
        serde_json::json!({ "api_key": key, "keyName": "CI", "clientId": 7 }),
        serde_json::json!({ "api_key": key }),
    ];
    let sent: Vec<serde_json::Value> =
        seen.iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect();
    assert_eq!(sent, expected);
    for request in seen {
        assert!(!request.url.as_str().contains("canary"));
        assert_eq!(request.headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn a_key_that_no_header_can_carry_is_not_sent() {
    let server = vendor(ResponseTemplate::new(200)).await;
    let http = Http::new(quick());
    for value in ["canary\nx: y", "canary\u{e4}", "canary\0"] {
        let secret = Secret::new(value.to_owned());
        let fault = http.read(&get(&server.uri(), &secret)).await.err().unwrap();
        assert!(matches!(fault, Fault::Address(_)));
        assert!(!format!("{fault} {fault:?}").contains("canary"));
    }
    assert_eq!(count(&server).await, 0);
}

#[tokio::test]
async fn n4_redirects_are_never_followed() {
    let sink = vendor(ResponseTemplate::new(200)).await;
    let secret = key();
    for status in [301, 302, 303, 307, 308] {
        let answer = ResponseTemplate::new(status).insert_header("location", format!("{}/?q=1", sink.uri()));
        let server = vendor(answer).await;
        let http = Http::new(quick());
        for result in
            [http.read(&get(&server.uri(), &secret)).await, http.write(&get(&server.uri(), &secret)).await]
        {
            assert!(matches!(result.err(), Some(Fault::Redirected)), "{status}");
        }
        assert_eq!(count(&server).await, 2);
    }
    assert_eq!(count(&sink).await, 0);
}

#[tokio::test]
async fn a_read_is_repeated_and_a_write_is_not() {
    let secret = key();
    for status in [500, 502, 503] {
        let server = vendor(ResponseTemplate::new(status)).await;
        let http = Http::new(quick());
        let read = outcome(http.read(&get(&server.uri(), &secret)).await);
        assert!(matches!(read, Err(Fault::Server { status: s, .. }) if s == status));
        assert_eq!(count(&server).await, 3);
        let write = outcome(http.write(&get(&server.uri(), &secret)).await);
        assert!(matches!(write, Err(Fault::Server { .. })));
        assert_eq!(count(&server).await, 4);
    }
}

#[tokio::test]
async fn a_read_succeeds_once_the_vendor_has_recovered() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).up_to_n_times(2).mount(&server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let secret = key();
    let read = outcome(Http::new(quick()).read(&get(&server.uri(), &secret)).await);
    assert_eq!(read.unwrap(), 200);
}

#[tokio::test]
async fn r6_a_short_retry_after_is_waited_for_and_a_long_one_reported() {
    let secret = key();
    let server = MockServer::start().await;
    let soon = ResponseTemplate::new(429).insert_header("retry-after", "1");
    Mock::given(any()).respond_with(soon).up_to_n_times(1).mount(&server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let start = Instant::now();
    outcome(Http::new(quick()).read(&get(&server.uri(), &secret)).await).unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1), "sent earlier than told");

    let table = [("60", 60), ("1000000000", 3600), ("soon", 2), ("0", 1)];
    for (value, expected) in table {
        let server = vendor(ResponseTemplate::new(429).insert_header("retry-after", value)).await;
        // A write is never repeated, whatever the wait.
        let fault = outcome(Http::new(quick()).write(&get(&server.uri(), &secret)).await).unwrap_err();
        assert!(
            matches!(fault, Fault::RateLimited { retry_after } if retry_after.as_secs() == expected),
            "{value}"
        );
        assert_eq!(count(&server).await, 1);
    }
    let server = vendor(ResponseTemplate::new(429).insert_header("retry-after", "60")).await;
    let fault = outcome(Http::new(quick()).read(&get(&server.uri(), &secret)).await).unwrap_err();
    assert!(matches!(fault, Fault::RateLimited { .. }));
    assert_eq!(count(&server).await, 1);
}

#[tokio::test]
async fn r6_repetitions_end_with_the_deadline() {
    let server = vendor(ResponseTemplate::new(503)).await;
    let secret = key();
    let settings = HttpSettings { attempts: 100, backoff: Duration::from_millis(40), ..impatient() };
    let start = Instant::now();
    let fault = outcome(Http::new(settings).read(&get(&server.uri(), &secret)).await).unwrap_err();
    assert!(matches!(fault, Fault::Server { status: 503, .. }));
    assert!(start.elapsed() < Duration::from_millis(600));
    assert!(count(&server).await <= 4);
}

#[tokio::test]
async fn an_unsent_request_and_a_lost_reply_are_told_apart() {
    let secret = key();
    let http = Http::new(quick());
    let fault = http.write(&get(&nobody().await, &secret)).await.err().unwrap();
    assert!(matches!(&fault, Fault::Unreachable(why) if why == "connection refused"), "{fault:?}");
    assert!(!fault.leaves_doubt());

    for cut in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"fullKey\":",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":",
        "not HTTP at all\r\n\r\n",
    ] {
        let server = RawServer::start(Script::send(cut)).await;
        let fault = http.write(&get(&server.base, &secret)).await.err().unwrap();
        assert!(matches!(fault, Fault::ReplyLost(_)), "{cut:?}: {fault:?}");
        assert_eq!(server.requests().len(), 1, "{cut:?}");
    }
}

#[tokio::test]
async fn a_refusal_stands_although_its_body_was_lost() {
    let server = RawServer::start(Script::send("HTTP/1.1 401 No\r\ncontent-length: 100\r\n\r\n{")).await;
    let secret = key();
    let fault = outcome(Http::new(quick()).write(&get(&server.base, &secret)).await).unwrap_err();
    assert!(matches!(fault, Fault::Unauthenticated));
}

#[tokio::test]
async fn n2_a_large_body_is_stopped_at_the_limit() {
    let secret = key();
    let http = Http::new(quick());
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n[";
    let server = RawServer::start(Script::send(announced)).await;
    let fault = http.write(&get(&server.base, &secret)).await.err().unwrap();
    assert!(matches!(&fault, Fault::Malformed(why) if why == "larger than 8 MiB"), "{fault:?}");

    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let server = RawServer::start(Script::Flood(head)).await;
    let fault = http.write(&get(&server.base, &secret)).await.err().unwrap();
    assert!(matches!(&fault, Fault::Malformed(why) if why == "larger than 8 MiB"), "{fault:?}");
}

#[tokio::test]
async fn n2_a_compressed_body_is_not_unpacked() {
    let answer =
        ResponseTemplate::new(200).insert_header("content-encoding", "gzip").set_body_bytes(b"\x1f\x8b\x08");
    let server = vendor(answer).await;
    let secret = key();
    let reply = Http::new(quick()).read(&get(&server.uri(), &secret)).await.unwrap();
    assert!(matches!(reply.json::<Vec<u8>>(), Err(Fault::Malformed(_))));
}

#[tokio::test]
async fn n3_one_byte_at_a_time_ends_with_the_deadline() {
    let secret = key();
    let interval = Duration::from_millis(20);
    for head in
        ["HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\nx: y", "HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"]
    {
        let server = RawServer::start(Script::Drip(head.as_bytes().to_vec(), interval)).await;
        let start = Instant::now();
        let fault = Http::new(impatient()).read(&get(&server.base, &secret)).await.err().unwrap();
        assert!(matches!(fault, Fault::ReplyLost(_)), "{head:?}: {fault:?}");
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(290) && took < Duration::from_millis(900), "{took:?}");
    }
}

#[tokio::test]
async fn a_proxy_never_sees_loopback_and_never_sees_a_key() {
    let proxy = RawServer::start(Script::send("HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n")).await;
    let server = vendor(ResponseTemplate::new(200)).await;
    let secret = key();
    let http = Http::new(HttpSettings { proxy: ProxyChoice::Via(proxy.base.clone()), ..quick() });
    let local = server.uri().replace("127.0.0.1", "localhost");
    for base in [server.uri(), local] {
        assert_eq!(outcome(http.read(&get(&base, &secret)).await).unwrap(), 200);
    }
    assert!(proxy.requests().is_empty());

    let fault = http.write(&get("https://vendor.invalid", &secret)).await.err().unwrap();
    assert!(matches!(fault, Fault::Unreachable(_)), "{fault:?}");
    let seen = proxy.requests();
    assert!(seen[0].starts_with("CONNECT vendor.invalid:443"), "{seen:?}");
    assert!(!seen.concat().contains("canary"));
}

#[tokio::test]
async fn f26_a_socks_proxy_is_spoken_to_and_looks_up_the_host_itself() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.unwrap();
        stream.write_all(&[5, 0]).await.unwrap();
        let mut request = [0; 4 + 1 + 14 + 2];
        stream.read_exact(&mut request).await.unwrap();
        // "Connection refused", as the proxy saw it.
        stream.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        (greeting, request)
    });
    let secret = key();
    let http = Http::new(HttpSettings { proxy: ProxyChoice::Via(format!("socks://{address}")), ..quick() });
    let fault = http.write(&get("https://vendor.invalid", &secret)).await.err().unwrap();
    assert!(matches!(&fault, Fault::Unreachable(why) if why.contains(&address.to_string())), "{fault:?}");
    let (greeting, request) = asked.await.unwrap();
    assert_eq!(greeting, [5, 1, 0]);
    assert_eq!(&request[3..19], b"\x03\x0evendor.invalid");
}

#[tokio::test]
async fn f26_a_proxy_that_refuses_is_named_and_not_the_address() {
    let proxy = RawServer::start(Script::send(
        "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
    ))
    .await;
    let secret = key();
    let with_password = proxy.base.replace("http://", "http://ada:canary@");
    let http = Http::new(HttpSettings { proxy: ProxyChoice::Via(with_password), ..quick() });
    let fault = http.write(&get("https://vendor.invalid", &secret)).await.err().unwrap().to_string();
    let name = proxy.base.trim_start_matches("http://").trim_end_matches('/').to_owned();
    assert!(fault.contains(&name) && fault.contains("password") && !fault.contains("canary"), "{fault}");
    let server = vendor(ResponseTemplate::new(407).set_body_string("<html>who are you?</html>")).await;
    let reply = Http::new(quick()).write(&get(&server.uri(), &secret)).await.unwrap();
    let fault = reply.fault(None, &Censor::of(&[])).unwrap();
    assert!(matches!(&fault, Fault::Unreachable(why) if why.contains("proxy")), "{fault:?}");
}

#[tokio::test]
async fn s2_a_parsers_words_are_not_passed_on() {
    let server = vendor(ResponseTemplate::new(200).set_body_string(r#"{"a":"canary_7f3a"}"#)).await;
    let secret = key();
    let reply = Http::new(quick()).read(&get(&server.uri(), &secret)).await.unwrap();
    let fault = reply.json::<Vec<u8>>().unwrap_err();
    assert!(!format!("{fault} {fault:?}").contains("canary"));
}

/// Half of four in 300 ms.
const FOUR: [Limit; 1] = [Limit { requests: 4, within: Duration::from_millis(300) }];

fn thrifty() -> HttpSettings {
    HttpSettings { budget: Budget::Everywhere, ..quick() }
}

#[tokio::test]
async fn f53_half_of_what_a_vendor_lets_a_key_ask_is_left_to_others() {
    let server = vendor(ResponseTemplate::new(200)).await;
    let (uri, secret, other) = (server.uri(), key(), Secret::new("another".to_owned()));
    let http = Http::new(thrifty());
    let began = Instant::now();
    for sent in 0..6 {
        http.read(&get(&uri, &secret).limited(&FOUR)).await.unwrap();
        let windows = sent / 2;
        assert!(began.elapsed() >= Duration::from_millis(300) * windows, "{sent}: {:?}", began.elapsed());
    }
    let before = Instant::now();
    http.write(&get(&uri, &other).limited(&FOUR)).await.unwrap();
    assert!(before.elapsed() < Duration::from_millis(250), "one key waits for no other");
}

#[tokio::test]
async fn f53_what_would_have_to_wait_too_long_is_not_sent_and_says_when_to_come_back() {
    const HOURLY: [Limit; 1] = [Limit { requests: 2, within: Duration::from_hours(1) }];
    let server = vendor(ResponseTemplate::new(200)).await;
    let (uri, secret) = (server.uri(), key());
    let http = Http::new(thrifty());
    http.write(&get(&uri, &secret).limited(&HOURLY)).await.unwrap();
    for _ in 0..3 {
        let fault = http.write(&get(&uri, &secret).limited(&HOURLY)).await.err().unwrap();
        let Fault::RateLimited { retry_after } = fault else { panic!("{fault:?}") };
        assert!((3500..=3600).contains(&retry_after.as_secs()), "{retry_after:?}");
    }
    assert_eq!(count(&server).await, 1);
    let unlimited = Http::new(quick());
    for _ in 0..3 {
        unlimited.write(&get(&uri, &secret).limited(&HOURLY)).await.unwrap();
    }
}

#[tokio::test]
async fn f53_the_documented_limits_are_kept() {
    let server = vendor(ResponseTemplate::new(200).set_body_json(serde_json::json!([]))).await;
    let (uri, secret) = (server.uri(), key());
    let settings = std::collections::BTreeMap::new();
    let at =
        keyturn_core::provider::Connection { base_url: &uri, managing_key: &secret, settings: &settings };
    let impatient = HttpSettings { deadline: Duration::from_secs(2), ..thrifty() };
    for (vendor, half) in [("naturalead", 250), ("smartlead", 30)] {
        let before = count(&server).await;
        let registry = crate::providers(impatient.clone());
        let provider = registry.get(&keyturn_core::account::VendorId(vendor.to_owned())).unwrap();
        let refused = loop {
            if let Err(error) = provider.probe(at).await {
                break error;
            }
        };
        assert!(matches!(refused.fault, Fault::RateLimited { .. }), "{refused}");
        assert_eq!(count(&server).await - before, half, "{vendor}");
    }
}
