//! Faults in place of an answer: the request is not carried out.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::kinds::{RedirectStatus, RetryAfter};
use crate::http;

/// 429.
pub(super) fn too_many(retry_after: RetryAfter) -> Response {
    later(StatusCode::TOO_MANY_REQUESTS, "Too many requests, please try again later", retry_after)
}

/// 503.
pub(super) fn unavailable(retry_after: RetryAfter) -> Response {
    later(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", retry_after)
}

/// The date is reckoned from the system's clock, which is the one that a client compares it with.
fn later(status: StatusCode, text: &str, retry_after: RetryAfter) -> Response {
    let mut reply = words(status, text);
    let value = match retry_after {
        RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
        RetryAfter::Date(seconds) => {
            let at = Utc::now() + Duration::from_secs(seconds.into());
            Some(at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        }
        RetryAfter::Absent => None,
        RetryAfter::Garbage => Some("in a while".to_owned()),
    };
    if let Some(value) = value.and_then(|text| HeaderValue::try_from(text).ok()) {
        reply.headers_mut().insert(header::RETRY_AFTER, value);
    }
    reply
}

/// A redirect to the same path and query elsewhere.
pub(super) fn redirect(to: &str, status: RedirectStatus, uri: &Uri) -> Response {
    let status = StatusCode::from_u16(status.into()).unwrap_or(StatusCode::TEMPORARY_REDIRECT);
    let mut reply = status.into_response();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    if let Ok(location) = HeaderValue::try_from(format!("{}{path}", to.trim_end_matches('/'))) {
        reply.headers_mut().insert(header::LOCATION, location);
    }
    reply
}

/// 400 with whatever a vendor might repeat: the address, the headers that hold keys, and the body.
pub(super) async fn echo(request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let said = |name: &str| text_of(&parts.headers, name);
    // A body that is too large or breaks off holds no key worth repeating.
    let body = http::read(body).await.unwrap_or_default();
    let words = format!(
        "Could not make sense of {} {} (X-API-Key: {}; Authorization: {}): {}",
        parts.method,
        parts.uri,
        said("x-api-key"),
        said("authorization"),
        String::from_utf8_lossy(&body),
    );
    self::words(StatusCode::BAD_REQUEST, &words)
}

/// A page, as gateways, portals and proxies make them.
pub(super) fn markup(status: StatusCode, title: &str) -> Response {
    let page = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// The reply under another date than the system's.
pub(super) fn dated(mut reply: Response, ahead: TimeDelta) -> Response {
    // Away from its own clock, which a test may have moved.
    let own = reply.headers().get(header::DATE).and_then(|date| date.to_str().ok());
    let own = own.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    let at = own.map_or_else(Utc::now, |own| own.to_utc()) + ahead;
    let date = at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::try_from(date) {
        reply.headers_mut().insert(header::DATE, date);
    }
    reply
}

/// `{"error": …, "message": …}`: every dialect's clients look into one of the two.
pub(super) fn words(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({ "error": words, "message": words }))).into_response()
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("none")
}
