//! Naturalead's replies: bodies to the letter, and the headers that go with every one of them.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use crate::engine::audit::{Deed, Entry};
use crate::engine::limiter::Allowance;
use crate::engine::{Key, Status};
use crate::http::json_reply;
use crate::moment::Moment;

/// A key that is revoked, expired or unknown. [seed]
pub(super) const INVALID: &str = "Invalid or expired API key";
/// No key at all. [seed]
pub(super) const MISSING: &str =
    "Authentication required. Provide an API key via X-API-Key header or Authorization: Bearer header.";
/// Too many requests with one key. [docs]
const LIMITED: &str = "API key rate limit exceeded, please try again later";

/// `{"error": …}`.
pub(super) fn error(status: StatusCode, words: &str) -> Response {
    send(status, &json!({ "error": words }))
}

/// The key was not granted the scope. [seed]
pub(super) fn lacks_scope(scope: &str) -> Response {
    forbidden(&format!("API key does not have the required scope (requires: {scope})."))
}

/// The role behind the key does not hold the permission. [seed]
pub(super) fn lacks_role(permission: &str) -> Response {
    forbidden(&format!("You do not have permission to perform this action (requires: {permission})."))
}

fn forbidden(message: &str) -> Response {
    send(StatusCode::FORBIDDEN, &json!({ "error": "Forbidden", "message": message }))
}

/// 429 with when to come back.
pub(super) fn limited(allowance: Allowance) -> Response {
    let mut reply = error(StatusCode::TOO_MANY_REQUESTS, LIMITED);
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(allowance.reset));
    with_allowance(reply, allowance)
}

/// The three headers that say what is left. [docs]
pub(super) fn with_allowance(mut reply: Response, allowance: Allowance) -> Response {
    let headers: &mut HeaderMap = reply.headers_mut();
    headers.insert("ratelimit-limit", HeaderValue::from(allowance.limit));
    headers.insert("ratelimit-remaining", HeaderValue::from(allowance.remaining()));
    headers.insert("ratelimit-reset", HeaderValue::from(allowance.reset));
    reply
}

pub(super) fn send(status: StatusCode, body: &impl Serialize) -> Response {
    json_reply(status, "application/json", body)
}

/// A key without its value.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyReply<'a> {
    id: &'a str,
    name: &'a str,
    key_prefix: &'static str,
    key_hint: &'a str,
    scopes: &'a [&'static str],
    environment: &'static str,
    status: &'static str,
    created_at: Moment,
    created_by: &'a str,
    expires_at: Option<Moment>,
    last_used_at: Option<Moment>,
    revoked_at: Option<Moment>,
}

impl<'a> KeyReply<'a> {
    pub(super) fn new(key: &'a Key, now: Moment) -> Self {
        Self {
            id: &key.id,
            name: &key.name,
            key_prefix: key.environment.prefix,
            key_hint: &key.hint,
            scopes: &key.scopes,
            environment: key.environment.name,
            status: match key.status(now) {
                Status::Active => "active",
                Status::Revoked => "revoked",
                Status::Expired => "expired",
            },
            created_at: key.created_at,
            created_by: &key.creator.name,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at(),
            revoked_at: key.revoked_at(),
        }
    }
}

/// A record of the audit log. The field names are found nowhere. [assumed]
pub(super) fn audit(entry: &Entry) -> Value {
    let action = match entry.deed {
        Deed::Create => "api_key.created",
        Deed::Revoke => "api_key.revoked",
        Deed::Rotate => "api_key.rotated",
        // This vendor rotates in place of it.
        Deed::Reset => "api_key.reset",
        Deed::Delete => "api_key.deleted",
    };
    json!({
        "id": entry.id,
        "createdAt": entry.at,
        "action": action,
        "keyId": entry.key,
        "keyName": entry.key_name,
        "newKeyId": entry.successor,
        "actor": entry.member,
        "apiKeyId": entry.with_key,
    })
}
