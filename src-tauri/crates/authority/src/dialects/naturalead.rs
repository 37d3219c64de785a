//! Naturalead's API as its pages describe it. No page says, so it is decided here [assumed]:
//!
//! - 201 for create and rotate, both with `{fullKey, apiKey}`; 200 for revoke (the key object) and delete
//!   (`{"success":true}`); repeating a revocation changes nothing and is 200;
//! - rotation keeps name, scopes, environment and expiry, makes a key with an id of its own, and leaves the old
//!   one in the list as revoked; like a grant, it is refused where the role lacks one of the scopes;
//! - 409 for deleting what is not revoked and for rotating what is revoked or expired; 404 for an unknown or
//!   foreign id, 404 and 405 for unknown routes and methods (with a key; without one all is 401), 400 for a body
//!   or a query that makes no sense, 413 over 1 MiB; always `{"error": …}`;
//! - the list is an array, newest first, at most [`PAGE`] at once; `keyPrefix` is `nl_live_` or `nl_test_`;
//! - what a key may grant is bounded by its creator's role, as the page says, and not by the key's own scopes;
//! - a request counts as a use once the key is valid, even if a scope is missing; the rate-limit headers tell
//!   the limit that is reached first; all three limits have the one documented body;
//! - `GET /api/audit-logs` reads the audit log; its path and its fields; roles, and what the restricted one holds.
//!
//! No session, no cookie, no state of its own: every request is judged by its key alone.

mod catalogue;
mod rehearsal;
mod reply;
mod wanted;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

pub(crate) use catalogue::PROFILE;
use reply::{KeyReply, error, lacks_role, lacks_scope, limited, send, with_allowance};

use crate::engine::Engine;
use crate::engine::audit;
use crate::engine::authenticate::{Caller, Denied, Lacking, authenticate, permit};
use crate::engine::lifecycle::{self, Actor, Refusal};
use crate::http::{BodyError, announces_too_much, drain, read};

/// `limit` where none is given [docs], and the most that is given [assumed].
const PAGE: (usize, usize) = (50, 1000);

/// Every route goes through one handler, so that authentication, limits and the error shape are the same on all.
pub(crate) fn router(engine: Arc<Engine>) -> Router {
    Router::new().fallback(answer).with_state(engine)
}

async fn answer(
    State(engine): State<Arc<Engine>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let limits = engine.limits;
    let address = engine.addresses.take(from.ip(), engine.now(), limits.window, limits.per_ip);
    if address.is_exceeded() {
        drain(body).await;
        return limited(address);
    }
    let Some(presented) = presented(&parts.headers) else {
        drain(body).await;
        return with_allowance(error(StatusCode::UNAUTHORIZED, reply::MISSING), address);
    };
    let caller = match authenticate(&engine, &presented, from.ip(), address) {
        Ok(caller) => caller,
        Err(denied) => {
            drain(body).await;
            return match denied {
                Denied::Invalid => with_allowance(error(StatusCode::UNAUTHORIZED, reply::INVALID), address),
                Denied::Exceeded(allowance) => limited(allowance),
            };
        }
    };
    let allowance = caller.allowance;
    let call = Call {
        engine,
        caller,
        method: parts.method,
        query: parts.uri.query().unwrap_or_default().to_owned(),
    };
    let reply = if announces_too_much(&parts.headers) {
        drain(body).await;
        too_large()
    } else {
        route(call, parts.uri.path(), body).await
    };
    with_allowance(reply, allowance)
}

/// X-API-Key wins over Bearer, even when it is the worse of the two. A Bearer that is no `nl_` key is no API key.
fn presented(headers: &HeaderMap) -> Option<String> {
    if let Some(key) = headers.get("x-api-key") {
        // Bytes that are no text are no key either: an empty one is refused as invalid.
        return Some(key.to_str().unwrap_or_default().to_owned());
    }
    let bearer = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = bearer.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && key.starts_with("nl_")).then(|| key.to_owned())
}

/// An authenticated request.
struct Call {
    engine: Arc<Engine>,
    caller: Caller,
    method: Method,
    query: String,
}

async fn route(call: Call, path: &str, body: Body) -> Response {
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').skip(1).collect();
    let method = call.method.clone();
    match (method.as_str(), segments.as_slice()) {
        ("GET", ["api", "leads"]) => {
            call.with("leads:view", |_| send(StatusCode::OK, &json!({ "data": [], "total": 0 })))
        }
        ("GET", ["api", "api-keys"]) => call.with("api_keys:view", list),
        ("GET", ["api", "audit-logs"]) => call.blocking("audit:view", audit_log).await,
        ("POST", ["api", "api-keys"]) => match read(body).await {
            Ok(bytes) => call.blocking("api_keys:manage", move |call| create(call, &bytes)).await,
            Err(BodyError::TooLarge) => too_large(),
            Err(BodyError::Broken) => error(StatusCode::BAD_REQUEST, "The request body could not be read"),
        },
        ("POST", ["api", "api-keys", id, "rotate"]) => {
            let id = (*id).to_owned();
            drain(body).await;
            call.blocking("api_keys:manage", move |call| rotate(call, &id)).await
        }
        ("PATCH", ["api", "api-keys", id, "revoke"]) => {
            let id = (*id).to_owned();
            drain(body).await;
            call.blocking("api_keys:manage", move |call| revoke(call, &id)).await
        }
        ("DELETE", ["api", "api-keys", id]) => {
            let id = (*id).to_owned();
            drain(body).await;
            call.blocking("api_keys:manage", move |call| delete(call, &id)).await
        }
        (_, ["api", "leads" | "api-keys" | "audit-logs"] | ["api", "api-keys", ..]) => {
            drain(body).await;
            error(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
        }
        (_, _) => {
            drain(body).await;
            error(StatusCode::NOT_FOUND, "Not found")
        }
    }
}

impl Call {
    /// Answers, if key and role both give `needed`.
    fn with(self, needed: &str, answer: impl FnOnce(&Self) -> Response) -> Response {
        match permit(&self.engine, &self.caller, needed) {
            Ok(()) => answer(&self),
            Err(Lacking::Scope) => lacks_scope(needed),
            Err(Lacking::Role) => lacks_role(needed),
        }
    }

    /// The same on a thread that may wait for the disk.
    async fn blocking(
        self,
        needed: &'static str,
        answer: impl FnOnce(&Self) -> Response + Send + 'static,
    ) -> Response {
        tokio::task::spawn_blocking(move || self.with(needed, answer)).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a request ended badly");
            reply::error(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
        })
    }

    /// A number from the query; `None` where it is none.
    fn number(&self, name: &str, missing: usize) -> Option<usize> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map_or(Some(missing), |(_, value)| value.parse().ok())
    }

    fn page(&self) -> Option<(usize, usize)> {
        let (skip, limit) = (self.number("skip", 0)?, self.number("limit", PAGE.0)?);
        (limit >= 1).then_some((skip, limit.min(PAGE.1)))
    }
}

fn list(call: &Call) -> Response {
    let Some((skip, limit)) = call.page() else {
        return bad("skip and limit must be whole numbers, limit at least 1");
    };
    let now = call.engine.now();
    let keys = call.engine.index().page(&call.caller.key.creator.account, skip, limit, call.engine.shown());
    let replies: Vec<_> = keys.iter().map(|key| KeyReply::new(key, now)).collect();
    send(StatusCode::OK, &replies)
}

fn audit_log(call: &Call) -> Response {
    let Some((skip, limit)) = call.page() else {
        return bad("skip and limit must be whole numbers, limit at least 1");
    };
    match audit::page(&call.engine, &call.caller.key.creator.account, skip, limit) {
        Ok(entries) => send(StatusCode::OK, &entries.iter().map(reply::audit).collect::<Vec<Value>>()),
        Err(failure) => failed(&failure),
    }
}

fn create(call: &Call, bytes: &[u8]) -> Response {
    let wanted = match wanted::parse(bytes) {
        Ok(wanted) => wanted,
        Err(words) => return bad(&words),
    };
    match lifecycle::create(&call.engine, &Actor::from(&call.caller), wanted) {
        Ok(minted) => minted_reply(call, &minted),
        Err(refusal) => refused(refusal),
    }
}

fn rotate(call: &Call, id: &str) -> Response {
    match lifecycle::rotate(&call.engine, &Actor::from(&call.caller), id) {
        Ok(minted) => minted_reply(call, &minted),
        Err(refusal) => refused(refusal),
    }
}

fn revoke(call: &Call, id: &str) -> Response {
    match lifecycle::revoke(&call.engine, &Actor::from(&call.caller), id) {
        Ok(key) => send(StatusCode::OK, &KeyReply::new(&key, call.engine.now())),
        Err(refusal) => refused(refusal),
    }
}

fn delete(call: &Call, id: &str) -> Response {
    match lifecycle::delete(&call.engine, &Actor::from(&call.caller), id) {
        Ok(()) => send(StatusCode::OK, &json!({ "success": true })),
        Err(refusal) => refused(refusal),
    }
}

/// The one reply that holds a key's value: 201 for create [docs] and rotate [assumed].
fn minted_reply(call: &Call, minted: &lifecycle::Minted) -> Response {
    let key = KeyReply::new(&minted.key, call.engine.now());
    // EXPOSE: shown once, to the caller who made it.
    send(StatusCode::CREATED, &json!({ "fullKey": minted.value.expose(), "apiKey": key }))
}

/// Statuses of refusals beside the four documented ones are found nowhere. [assumed]
fn refused(refusal: Refusal) -> Response {
    match refusal {
        Refusal::NotFound => error(StatusCode::NOT_FOUND, "API key not found"),
        Refusal::NotRevoked => error(StatusCode::CONFLICT, "Only a revoked API key can be deleted"),
        Refusal::Revoked => error(StatusCode::CONFLICT, "A revoked API key cannot be rotated"),
        Refusal::Expired => error(StatusCode::CONFLICT, "An expired API key cannot be rotated"),
        Refusal::ExpiryPast => bad("expiresAt must be in the future"),
        Refusal::RoleLacks(scope) => lacks_role(scope),
        Refusal::Failed(failure) => failed(&failure),
        // This vendor neither limits keys nor takes idempotency keys.
        Refusal::KeyLimit(_) | Refusal::OtherIntent => error(StatusCode::CONFLICT, "Conflict"),
    }
}

fn bad(words: &str) -> Response {
    error(StatusCode::BAD_REQUEST, words)
}

fn too_large() -> Response {
    error(StatusCode::PAYLOAD_TOO_LARGE, "The request body is larger than 1 MiB")
}

fn failed(failure: &crate::error::AuthorityError) -> Response {
    tracing::error!(error = %failure, "the authority could not do it");
    error(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
}
