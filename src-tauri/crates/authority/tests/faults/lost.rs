//! Replies that do not arrive, or arrive late: what was asked for is done before anything happens to them.

use std::time::{Duration, Instant};

use keyturn_authority::{CutAt, Fault, Requests, Times};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::house::House;

/// All bytes that come back before the connection ends, however it ends.
async fn bytes_of(house: &House) -> Vec<u8> {
    let body = r#"{"name":"Cut","scopes":["leads:view"],"environment":"live"}"#;
    let request = format!(
        "POST /api/api-keys HTTP/1.1\r\nHost: x\r\nX-API-Key: {}\r\nContent-Length: {}\r\n\r\n{body}",
        house.key,
        body.len(),
    );
    let mut connection = TcpStream::connect(house.authority.address()).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    // A reset ends it as well as a close.
    drop(connection.read_to_end(&mut received).await);
    received
}

#[tokio::test]
async fn not_a_byte_of_a_lost_reply_arrives_and_the_key_exists() {
    let house = House::new().await;
    house.next_write(Fault::CutReply { at: CutAt::AfterRequest });
    assert_eq!(bytes_of(&house).await, b"");
    assert!(house.has("Cut").await);
}

#[tokio::test]
async fn a_client_sees_a_lost_reply_as_a_failure_and_not_as_an_answer() {
    let house = House::new().await;
    house.next_write(Fault::CutReply { at: CutAt::AfterRequest });
    let failure = house.create("Lost").await.unwrap_err();
    assert!(failure.is_request() && !failure.is_connect(), "{failure:?}");
    assert!(house.has("Lost").await);
    assert_eq!(house.create("Next").await.unwrap().status(), StatusCode::CREATED, "the fault is over");
}

#[tokio::test]
async fn after_the_headers_nothing_of_the_body_arrives() {
    let house = House::new().await;
    house.next_write(Fault::CutReply { at: CutAt::AfterHeaders });
    let received = String::from_utf8(bytes_of(&house).await).unwrap();
    assert!(received.starts_with("HTTP/1.1 201 Created\r\n"), "{received}");
    assert!(received.ends_with("\r\n\r\n"), "{received}");
    assert!(house.has("Cut").await);
    house.next_write(Fault::CutReply { at: CutAt::AfterHeaders });
    let reply = house.create("Cut again").await.unwrap();
    assert_eq!(reply.status(), StatusCode::CREATED);
    assert!(reply.bytes().await.is_err());
}

#[tokio::test]
async fn in_the_body_half_of_it_arrives() {
    let house = House::new().await;
    house.next_write(Fault::CutReply { at: CutAt::InBody });
    let received = String::from_utf8(bytes_of(&house).await).unwrap();
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2);
    assert!(house.has("Cut").await);
    house.next_write(Fault::CutReply { at: CutAt::InBody });
    assert!(house.create("Cut again").await.unwrap().bytes().await.is_err());
}

#[tokio::test]
async fn a_late_reply_is_late_and_whole() {
    let house = House::new().await;
    house.authority.faults().set(Fault::Delay { millis: 60 }, Times::Next(1));
    let began = Instant::now();
    let reply = house.create("Late").await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert_eq!(reply.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn who_does_not_wait_for_a_late_reply_has_still_made_a_key() {
    let house = House::new().await;
    house.authority.faults().set_on(Requests::writes(), Fault::Delay { millis: 60_000 }, Times::Next(1));
    let seen = async { while !house.has("Impatient").await {} };
    tokio::select! {
        reply = house.create("Impatient") => panic!("it should have been late: {reply:?}"),
        () = seen => {}
    }
    // The request is given up by now, and the key stays.
    assert!(house.has("Impatient").await);
}
