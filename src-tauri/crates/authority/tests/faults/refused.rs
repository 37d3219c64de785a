//! Refusals, from which nothing follows unless they say so.

use std::borrow::Cow;

use keyturn_authority::{Fault, RedirectStatus, RetryAfter, Times};
use reqwest::header::HeaderValue;
use reqwest::{Method, Response, StatusCode};

use crate::house::House;

async fn limited(house: &House, retry_after: RetryAfter) -> Response {
    house.next_write(Fault::TooManyRequests { retry_after });
    let reply = house.create("Limited").await.unwrap();
    assert_eq!(reply.status(), StatusCode::TOO_MANY_REQUESTS);
    reply
}

#[tokio::test]
async fn too_many_requests_come_with_each_kind_of_retry_after() {
    let house = House::new().await;
    assert_eq!(limited(&house, RetryAfter::Seconds(7)).await.headers()["retry-after"], "7");
    let reply = limited(&house, RetryAfter::Date(90)).await;
    let date = reply.headers()["retry-after"].to_str().unwrap();
    let date = chrono::NaiveDateTime::parse_from_str(date, "%a, %d %b %Y %H:%M:%S GMT").unwrap().and_utc();
    let ahead = (date - chrono::Utc::now()).num_seconds();
    assert!((60..=90).contains(&ahead), "{ahead}");
    assert!(!limited(&house, RetryAfter::Absent).await.headers().contains_key("retry-after"));
    assert_eq!(limited(&house, RetryAfter::Garbage).await.headers()["retry-after"], "in a while");
    assert!(!house.has("Limited").await);
}

#[tokio::test]
async fn server_errors_come_in_bursts() {
    let house = House::new().await;
    house.authority.faults().set(Fault::InternalError { committed: false }, Times::Next(2));
    let unavailable = Fault::Unavailable { committed: false, retry_after: RetryAfter::Seconds(9) };
    house.authority.faults().set(unavailable, Times::Next(1));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let reply = house.create("Burst").await.unwrap();
        statuses.push((reply.status().as_u16(), reply.headers().get("retry-after").cloned()));
    }
    let (none, nine) = (None, Some(HeaderValue::from_static("9")));
    assert_eq!(statuses, [(500, none.clone()), (500, none.clone()), (503, nine), (201, none)]);
    assert_eq!(house.list().await.iter().filter(|key| key["name"] == "Burst").count(), 1);
}

#[tokio::test]
async fn a_server_error_may_hide_that_the_work_was_done() {
    let house = House::new().await;
    for (fault, status, name) in [
        (Fault::InternalError { committed: true }, 500, "Done at 500"),
        (Fault::Unavailable { committed: true, retry_after: RetryAfter::Absent }, 503, "Done at 503"),
    ] {
        house.next_write(fault);
        let reply = house.create(name).await.unwrap();
        assert_eq!(reply.status().as_u16(), status);
        assert!(!reply.text().await.unwrap().contains("nl_live_"), "{name}");
        assert!(house.has(name).await, "{name}");
    }
}

#[tokio::test]
async fn a_redirect_leads_to_the_same_path_elsewhere() {
    let house = House::new().await;
    for status in [301, 302, 303, 307, 308] {
        house.next_read(Fault::Redirect {
            to: Cow::Borrowed("http://localhost:1/"),
            status: RedirectStatus::try_from(status).unwrap(),
        });
        let reply = house.get("/api/api-keys?limit=3").await;
        assert_eq!(reply.status().as_u16(), status);
        assert_eq!(reply.headers()["location"], "http://localhost:1/api/api-keys?limit=3");
    }
    assert!(RedirectStatus::try_from(304).is_err());
}

#[tokio::test]
async fn a_redirected_request_is_not_carried_out() {
    let house = House::new().await;
    house.next_write(Fault::Redirect {
        to: Cow::Borrowed("not\na header"),
        status: RedirectStatus::PermanentRedirect,
    });
    let reply = house.create("Elsewhere").await.unwrap();
    assert_eq!(reply.status(), StatusCode::PERMANENT_REDIRECT);
    assert!(!reply.headers().contains_key("location"));
    assert!(!house.has("Elsewhere").await);
}

#[tokio::test]
async fn a_refusal_repeats_keys_from_headers_query_and_body() {
    let house = House::new().await;
    house.next_write(Fault::EchoedKey);
    let request = house.call(Method::POST, "/api/api-keys?api_key=in-query");
    let reply = request.bearer_auth("as-bearer").body(r#"{"api_key":"in-body"}"#).send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::BAD_REQUEST);
    let words = reply.text().await.unwrap();
    for key in [house.key.as_str(), "as-bearer", "in-query", "in-body"] {
        assert!(words.contains(key), "{words}");
    }
}
