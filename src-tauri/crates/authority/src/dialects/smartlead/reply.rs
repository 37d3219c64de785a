//! SmartLead's replies: the 401 and the 429 to the letter, and the headers that tell a key's limits.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::json;

use crate::engine::limiter::Allowance;
use crate::engine::{Key, Status};
use crate::http::json_reply;
use crate::moment::Moment;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// No key, or none that is good. [seed]
pub(super) fn unauthorized() -> Response {
    error(StatusCode::UNAUTHORIZED, "Invalid or missing API key")
}

/// `{"success": false, "error": {"code", "message"}}`. Codes beside `UNAUTHORIZED` are found nowhere. [assumed]
pub(super) fn error(status: StatusCode, words: &str) -> Response {
    let code = match status {
        StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
        StatusCode::FORBIDDEN => "FORBIDDEN",
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
        StatusCode::CONFLICT => "CONFLICT",
        StatusCode::INTERNAL_SERVER_ERROR => "INTERNAL_ERROR",
        _ => "BAD_REQUEST",
    };
    send(status, &json!({ "success": false, "error": { "code": code, "message": words } }))
}

/// 429 with when to come back. [docs]
pub(super) fn limited(allowance: Allowance, now: Moment) -> Response {
    let message = format!("Rate limit exceeded. Please retry after {} seconds.", allowance.reset);
    let body = json!({
        "error": { "code": "RATE_LIMIT_EXCEEDED", "message": message, "retry_after": allowance.reset }
    });
    let mut reply = send(StatusCode::TOO_MANY_REQUESTS, &body);
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(allowance.reset));
    with_allowance(reply, allowance, now)
}

/// The three headers that say what is left. [docs]
pub(super) fn with_allowance(mut reply: Response, allowance: Allowance, now: Moment) -> Response {
    let reset = now.0.div_euclid(1000).saturating_add_unsigned(allowance.reset);
    let headers = reply.headers_mut();
    headers.insert(LIMIT, HeaderValue::from(allowance.limit));
    headers.insert(REMAINING, HeaderValue::from(allowance.remaining()));
    headers.insert(RESET, HeaderValue::from(reset));
    reply
}

/// `{"ok": true, "data": …}`. [docs]
pub(super) fn data(status: StatusCode, data: &impl Serialize) -> Response {
    send(status, &json!({ "ok": true, "data": data }))
}

/// An account's campaigns: one, of which only the name is worth reading.
pub(super) fn campaigns() -> Response {
    send(StatusCode::OK, &json!([{ "id": 372, "name": "Autumn outreach", "status": "ACTIVE" }]))
}

pub(super) fn send(status: StatusCode, body: &impl Serialize) -> Response {
    json_reply(status, "application/json", body)
}

/// A client's key.
#[derive(Serialize)]
pub(super) struct KeyReply<'a> {
    id: u64,
    client_id: u64,
    pub(super) key_name: &'a str,
    /// In the reply that made the value, and in no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a str>,
    pub(super) status: &'static str,
    created_at: Moment,
    #[serde(skip)]
    client: &'a str,
}

impl<'a> KeyReply<'a> {
    /// `None` for a key that is no client's.
    pub(super) fn new(key: &'a Key, now: Moment) -> Option<Self> {
        let client = key.client.as_deref()?;
        Some(Self {
            id: key.id.parse().ok()?,
            client_id: client.parse().ok()?,
            key_name: &key.name,
            api_key: None,
            status: match key.status(now) {
                Status::Active => "active",
                Status::Revoked | Status::Expired => "inactive",
            },
            created_at: key.created_at,
            client,
        })
    }

    pub(super) fn client(&self) -> &str {
        self.client
    }

    pub(super) fn with_value(self, value: &'a str) -> Self {
        Self { api_key: Some(value), ..self }
    }
}
