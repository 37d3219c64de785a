//! Neural Draft's replies: keys, jobs, and problem+json to the letter.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::engine::jobs::Job;
use crate::engine::limiter::Allowance;
use crate::engine::random::{BASE62, text};
use crate::engine::{Account, Key};
use crate::error::AuthorityError;
use crate::http::json_reply;
use crate::moment::Moment;

/// A refusal. Statuses and codes are the page's [seed]; of the details only the one of a missing scope is.
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into() }
    }

    /// The same whether the key is missing, malformed, unknown, expired or revoked.
    pub(super) fn unauthorized() -> Self {
        let detail = "The API key is missing, malformed, expired or revoked.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    pub(super) fn out_of_credits() -> Self {
        let detail = "This project has 0 credits. Top up or upgrade.";
        Self::new(StatusCode::PAYMENT_REQUIRED, "out_of_credits", detail)
    }

    pub(super) fn forbidden(scope: &str) -> Self {
        let detail = format!("This API key does not have the `{scope}` scope.");
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such thing in this project.")
    }

    pub(super) fn invalid(detail: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", detail)
    }

    /// "Backend dependency down. Retry with backoff." [seed]
    pub(super) fn unavailable() -> Self {
        let detail = "Something behind this is down. Try again later.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", detail)
    }

    pub(super) fn reply(self) -> Response {
        let body = json!({
            "type": format!("https://api.neuraldraft.io/errors/{}", self.code),
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
            "instance": request_id(),
        });
        json_reply(self.status, "application/problem+json", &body)
    }
}

/// `req_2Nh4PqRsTuVw`; without randomness a reply is better than none.
fn request_id() -> String {
    text(BASE62, 12).map_or_else(|_| "req_000000000000".to_owned(), |id| format!("req_{}", id.as_str()))
}

/// 429 with when to come back.
pub(super) fn limited(allowance: Allowance) -> Response {
    let detail = "The window of this project is exhausted. See Retry-After.";
    let mut reply = Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).reply();
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(allowance.reset));
    reply
}

/// `{"data": …}`.
pub(super) fn send(status: StatusCode, data: &impl Serialize) -> Response {
    json_reply(status, "application/json", &json!({ "data": data }))
}

/// A key without its value; with it in the reply to the creation.
#[derive(Serialize)]
pub(super) struct KeyReply<'a> {
    id: &'a str,
    name: &'a str,
    prefix: &'static str,
    masked: String,
    scopes: &'a [&'static str],
    last_used_at: Option<Moment>,
    created_at: Moment,
    /// Not documented; there where the key was made with one. [assumed]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Moment>,
    /// "Per-IP usage"; its fields are found nowhere. [assumed]
    usage: Vec<Value>,
}

impl<'a> KeyReply<'a> {
    pub(super) fn new(key: &'a Key) -> Self {
        let used = |seen: crate::engine::Seen| json!({ "ip": seen.address, "last_used_at": seen.last_used_at, "count": seen.count });
        Self {
            id: &key.id,
            name: &key.name,
            prefix: key.environment.prefix,
            masked: format!("{}…{}", key.environment.prefix, key.hint),
            scopes: &key.scopes,
            last_used_at: key.last_used_at(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            usage: key.usage.seen().into_iter().map(used).collect(),
        }
    }
}

/// The object plus `secret`. [docs]
#[derive(Serialize)]
pub(super) struct FreshReply<'a> {
    #[serde(flatten)]
    pub(super) key: KeyReply<'a>,
    pub(super) secret: &'a str,
}

/// The key's project. Its fields are found nowhere. [assumed]
pub(super) fn project(key: &Key) -> Value {
    let Account { id, .. } = &*key.creator.account;
    let hash = hex::encode(&Sha256::digest(id.as_bytes())[..6]);
    json!({ "id": format!("prj_{hash}"), "name": id, "environment": key.environment.name })
}

/// A job. Its fields are found nowhere. [assumed]
pub(super) fn job(job: &Job, now: Moment) -> Value {
    let finished_at = job.finished_at(now);
    json!({
        "id": job.id,
        "type": job.kind,
        "status": if finished_at.is_some() { "completed" } else { "queued" },
        "created_at": job.queued_at,
        "finished_at": finished_at,
    })
}

/// The cause is for the log.
pub(super) fn failed(failure: &AuthorityError) -> Problem {
    tracing::error!(error = %failure, "the authority could not do it");
    Problem::unavailable()
}
