//! Natural's replies: the resource of a key, and errors to the letter.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::engine::limiter::Allowance;
use crate::engine::{Key, Status};
use crate::http::json_reply;
use crate::moment::Moment;

/// One error. The codes and their statuses are documented [docs], the details are ours [assumed].
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    source: Option<Value>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), source: None }
    }

    pub(super) fn unauthenticated() -> Self {
        let detail = "The API key is missing, malformed, unknown, expired or revoked.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// The same for what is missing and for what is another party's.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such resource.")
    }

    pub(super) fn conflict(detail: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// The authority's own fault; its cause is in the log.
    pub(super) fn server_error() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Something went wrong on our side.")
    }

    /// 400: the request cannot be read, or a header of it.
    pub(super) fn unreadable(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_value", detail)
    }

    pub(super) fn header(name: &str, detail: &str) -> Self {
        Self { source: Some(json!({ "header": name })), ..Self::unreadable(detail) }
    }

    pub(super) fn parameter(name: &str, detail: &str) -> Self {
        Self { source: Some(json!({ "parameter": name })), ..Self::unreadable(detail) }
    }

    /// 422: the body can be read, but makes no sense there.
    pub(super) fn pointer(pointer: &str, detail: &str) -> Self {
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_value", detail);
        Self { source: Some(json!({ "pointer": pointer })), ..problem }
    }

    /// `{"errors":[{code,detail,status,source?,meta:{supportId}}]}`.
    pub(super) fn reply(self) -> Response {
        let mut error = json!({
            "code": self.code,
            "detail": self.detail,
            "status": self.status.as_u16().to_string(),
            "meta": { "supportId": format!("req_{}", Uuid::new_v4().simple()) },
        });
        if let Some(source) = self.source {
            error["source"] = source;
        }
        send(self.status, &json!({ "errors": [error] }))
    }
}

/// 429 with when to come back.
pub(super) fn limited(allowance: Allowance) -> Response {
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests.");
    let mut reply = problem.reply();
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(allowance.reset));
    reply
}

pub(super) fn send(status: StatusCode, body: &impl Serialize) -> Response {
    json_reply(status, "application/json", body)
}

/// `{"data": …}` with one key in it.
#[derive(Serialize)]
pub(super) struct One<'a> {
    pub(super) data: Resource<'a>,
}

/// A key as a JSON:API resource.
#[derive(Serialize)]
pub(super) struct Resource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
    relationships: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attributes<'a> {
    api_key_prefix: String,
    name: &'a str,
    scopes: &'a [&'static str],
    environment: &'static str,
    status: &'static str,
    created_at: Moment,
    expires_at: Option<Moment>,
    last_used_at: Option<Moment>,
    revoked_at: Option<Moment>,
    created_by: String,
    revoked_by: Option<String>,
    /// The whole value, in the reply to the creation only.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a str>,
}

impl<'a> Resource<'a> {
    pub(super) fn new(key: &'a Key, now: Moment) -> Self {
        let party = json!({ "type": "party", "id": id_of("pty_", &key.creator.account.id) });
        Self {
            kind: "apiKey",
            id: &key.id,
            attributes: Attributes {
                api_key_prefix: format!("{}{}", key.environment.prefix, key.hint),
                name: &key.name,
                scopes: &key.scopes,
                environment: key.environment.name,
                status: match key.status(now) {
                    Status::Active => "ACTIVE",
                    // No key is made with an expiry; the page has no word for one that is past it. [assumed]
                    Status::Revoked | Status::Expired => "REVOKED",
                },
                created_at: key.created_at,
                expires_at: key.expires_at,
                last_used_at: key.last_used_at(),
                revoked_at: key.revoked_at(),
                created_by: id_of("usr_", &key.creator.name),
                revoked_by: key.revoked_by().map(|name| id_of("usr_", name)),
                api_key: None,
            },
            relationships: json!({ "party": { "data": party } }),
        }
    }

    /// With the value, for the one reply that shows it.
    pub(super) fn with_value(mut self, value: &'a str) -> Self {
        self.attributes.api_key = Some(value);
        self
    }
}

/// A person's or a party's id: always the same for the same name, and no name can be read from it.
fn id_of(prefix: &str, name: &str) -> String {
    format!("{prefix}{}", hex::encode(&Sha256::digest(name.as_bytes())[..16]))
}
