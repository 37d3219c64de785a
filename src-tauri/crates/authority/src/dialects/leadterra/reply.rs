//! Leadterra's replies, and what a workspace holds.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use super::catalogue::PROFILE;
use crate::engine::Key;
use crate::engine::limiter::Allowance;
use crate::http::json_reply;

/// A header that is missing or malformed, a key that is unknown or revoked: one and the same.
pub(super) fn unauthorized() -> Response {
    error(StatusCode::UNAUTHORIZED, "The API key is missing, malformed, invalid or revoked")
}

/// `{"error": {"code", "message"}}`. [assumed]
pub(super) fn error(status: StatusCode, words: &str) -> Response {
    let code = match status {
        StatusCode::UNAUTHORIZED => "authentication_failed",
        StatusCode::FORBIDDEN => "permission_denied",
        StatusCode::TOO_MANY_REQUESTS => "rate_limited",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        _ => "not_found",
    };
    json_reply(status, "application/json", &json!({ "error": { "code": code, "message": words } }))
}

/// 429 with when to come back.
pub(super) fn limited(allowance: Allowance) -> Response {
    let mut reply = error(StatusCode::TOO_MANY_REQUESTS, "This workspace has made too many requests");
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(allowance.reset));
    reply
}

/// `{"data": …}`. [assumed]
pub(super) fn data(status: StatusCode, data: &impl Serialize) -> Response {
    json_reply(status, "application/json", &json!({ "data": data }))
}

/// One environment of a workspace. What it holds follows from their names, so that nothing need be kept.
pub(super) struct Place<'a> {
    workspace: &'a str,
    environment: &'static str,
}

impl<'a> Place<'a> {
    /// What a key reaches.
    pub(super) fn of(key: &'a Key) -> Self {
        Self { workspace: &key.creator.account.id, environment: key.environment.name }
    }

    /// Every environment of a workspace.
    pub(super) fn all_of(workspace: &'a str) -> impl Iterator<Item = Self> {
        PROFILE.form.environments.iter().map(move |known| Self { workspace, environment: known.name })
    }

    pub(super) fn pools(&self) -> Vec<Value> {
        self.named("pool", &["Warm senders", "New domains"])
    }

    pub(super) fn campaigns(&self) -> Vec<Value> {
        self.named("campaign", &["Autumn outreach", "Win back"])
    }

    fn named(&self, kind: &str, names: &[&str]) -> Vec<Value> {
        let Self { workspace, environment } = self;
        let described = |(place, name): (usize, &&str)| {
            let id = format!("{kind}_{workspace}_{environment}_{}", place + 1);
            json!({ "id": id, "name": name, "workspace": workspace, "environment": environment })
        };
        names.iter().enumerate().map(described).collect()
    }
}
