//! Natural's API as its pages describe it. No page says, so it is decided here [assumed]:
//!
//! - a new key belongs to the environment of the key that makes it, and carries no expiry;
//! - lists are newest first; a cursor stays good while keys come and go, and an empty one is none;
//! - repeating a revocation under a new idempotency key changes nothing and is 200; a refused one leaves its
//!   idempotency key free; an `Idempotency-Key` on a create means nothing;
//! - multi-factor authentication, where it is required, is required for creating and revoking;
//! - what a key may grant is bounded by its creator's role and not by the key's own scopes;
//! - 400 for headers, queries and bodies that cannot be read, 422 for bodies that make no sense;
//! - 405 for known paths and 413 over 1 MiB, in the vendor's shape; all limits have one body.
//!
//! No session, no cookie, no state of its own: every request is judged by its key alone.

mod catalogue;
mod query;
mod rehearsal;
mod reply;
mod wanted;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

pub(crate) use catalogue::PROFILE;
use query::{Cursor, ListQuery};
use reply::{One, Problem, Resource, limited, send};

use super::call::{Call, Turned, enter};
use crate::engine::authenticate::Lacking;
use crate::engine::lifecycle::{self, Actor, Refusal};
use crate::engine::{Engine, Switch};
use crate::error::AuthorityError;
use crate::http::{BodyError, announces_too_much, drain, read};

const AGENT: &str = "x-agent-id";
const INSTANCE: &str = "x-instance-id";
/// Most characters of `X-Instance-ID`. [seed]
const INSTANCE_LIMIT: usize = 1024;
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Most characters of `Idempotency-Key`. [docs]
const IDEMPOTENCY_KEY_LIMIT: usize = 255;
const REPLAYED: HeaderName = HeaderName::from_static("x-idempotency-replayed");

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
    let too_much = announces_too_much(&parts.headers);
    let call = match enter(engine, from.ip(), parts) {
        Ok(call) => call,
        Err(turned) => {
            drain(body).await;
            return match turned {
                Turned::Unauthenticated => Problem::unauthenticated().reply(),
                Turned::Exceeded(allowance) => limited(allowance),
            };
        }
    };
    let refused = if too_much { Err(too_large()) } else { check_agent(&call.headers) };
    if let Err(problem) = refused {
        drain(body).await;
        return problem.reply();
    }
    route(call, body).await
}

/// An agent says which of its conversations it is. [seed]
fn check_agent(headers: &HeaderMap) -> Result<(), Problem> {
    let instance = headers.get(INSTANCE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    match instance {
        Some(instance) if instance.chars().count() > INSTANCE_LIMIT => {
            Err(Problem::header("X-Instance-ID", "X-Instance-ID must have at most 1024 characters"))
        }
        Some(instance) if !instance.is_empty() => Ok(()),
        _ if headers.contains_key(AGENT) => {
            Err(Problem::header("X-Instance-ID", "X-Instance-ID is required when X-Agent-ID is present"))
        }
        _ => Ok(()),
    }
}

async fn route(call: Call, body: Body) -> Response {
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let method = call.method.clone();
    let answered = match (method.as_str(), segments.as_slice()) {
        ("GET", ["api-keys"]) => list(&call),
        ("GET", ["api-keys", id]) => get(&call, id),
        ("POST", ["api-keys"]) => match read(body).await {
            Ok(bytes) => return write(call, move |call| create(call, &bytes)).await,
            Err(BodyError::TooLarge) => Err(too_large()),
            Err(BodyError::Broken) => Err(Problem::unreadable("The request body could not be read.")),
        },
        ("DELETE", ["api-keys", id]) => {
            let id = (*id).to_owned();
            drain(body).await;
            return write(call, move |call| revoke(call, &id)).await;
        }
        (_, ["api-keys"] | ["api-keys", _]) => {
            drain(body).await;
            let status = StatusCode::METHOD_NOT_ALLOWED;
            Err(Problem::new(status, "method_not_allowed", "This method means nothing here."))
        }
        (_, _) => {
            drain(body).await;
            Err(Problem::not_found())
        }
    };
    answered.unwrap_or_else(Problem::reply)
}

/// On a thread that may wait for the disk.
async fn write(
    call: Call,
    work: impl FnOnce(&Call) -> Result<Response, Problem> + Send + 'static,
) -> Response {
    let answered = call.blocking(|call| work(call).unwrap_or_else(Problem::reply)).await;
    answered.unwrap_or_else(|| Problem::server_error().reply())
}

fn list(call: &Call) -> Result<Response, Problem> {
    permit(call, "api_keys.read")?;
    let pairs = call.query().ok_or_else(|| Problem::unreadable("The query could not be read."))?;
    let query = ListQuery::parse(&pairs)?;
    let now = call.engine.now();
    let place = query.after.as_ref().map(Cursor::place);
    let account = &call.caller.key.creator.account;
    // One more than asked for tells whether there is more.
    let mut keys = call
        .engine
        .index()
        .older(account, place, query.limit + 1, call.engine.shown(), |key| query.lets_pass(key, now));
    let has_more = keys.len() > query.limit;
    keys.truncate(query.limit);
    let next = keys.last().filter(|_| has_more).map(|key| Cursor::behind(key));
    let resources: Vec<_> = keys.iter().map(|key| Resource::new(key, now)).collect();
    let pagination = json!({ "hasMore": has_more, "nextCursor": next });
    Ok(send(StatusCode::OK, &json!({ "data": resources, "meta": { "pagination": pagination } })))
}

fn get(call: &Call, id: &str) -> Result<Response, Problem> {
    permit(call, "api_keys.read")?;
    let key = call.engine.index().key(&call.caller.key.creator.account, id).cloned();
    let key = key.ok_or_else(Problem::not_found)?;
    Ok(send(StatusCode::OK, &One { data: Resource::new(&key, call.engine.now()) }))
}

fn create(call: &Call, bytes: &[u8]) -> Result<Response, Problem> {
    permit(call, "api_keys.create")?;
    check_factors(call)?;
    let maker = &call.caller.key;
    let wanted = wanted::parse(bytes, maker.environment, maker.creator.role())?;
    let minted = lifecycle::create(&call.engine, &Actor::from(&call.caller), wanted).map_err(refused)?;
    let resource = Resource::new(&minted.key, call.engine.now());
    // EXPOSE: shown once, to the caller who made it.
    Ok(send(StatusCode::CREATED, &One { data: resource.with_value(minted.value.expose()) }))
}

fn revoke(call: &Call, id: &str) -> Result<Response, Problem> {
    permit(call, "api_keys.delete")?;
    check_factors(call)?;
    let name = "Idempotency-Key";
    let value = call.headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if value.is_empty() {
        return Err(Problem::header(name, "Idempotency-Key is required"));
    }
    if value.len() > IDEMPOTENCY_KEY_LIMIT {
        return Err(Problem::header(name, "Idempotency-Key must have at most 255 characters"));
    }
    let actor = Actor::from(&call.caller);
    let (key, replayed) = lifecycle::revoke_once(&call.engine, &actor, id, value).map_err(refused)?;
    let mut reply = send(StatusCode::OK, &One { data: Resource::new(&key, call.engine.now()) });
    if replayed {
        reply.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(reply)
}

/// A 403 names what is needed. [assumed]
fn permit(call: &Call, needed: &str) -> Result<(), Problem> {
    call.permit(needed).map_err(|lacking| match lacking {
        Lacking::Scope => Problem::forbidden(format!("This API key does not have the {needed} scope.")),
        Lacking::Role => lacks_role(needed),
    })
}

fn check_factors(call: &Call) -> Result<(), Problem> {
    if call.engine.switches.is_on(Switch::MfaRequired) {
        let detail = "Multi-factor authentication is required for this.";
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "mfa_required", detail));
    }
    Ok(())
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::NotFound => Problem::not_found(),
        Refusal::RoleLacks(scope) => lacks_role(scope),
        Refusal::OtherIntent => Problem::conflict("This Idempotency-Key was used for another request."),
        Refusal::Failed(failure) => failed(&failure),
        // This vendor neither rotates, deletes nor limits keys, and takes no expiry.
        Refusal::NotRevoked
        | Refusal::Revoked
        | Refusal::Expired
        | Refusal::ExpiryPast
        | Refusal::KeyLimit(_) => Problem::conflict("This cannot be done to this API key."),
    }
}

fn lacks_role(scope: &str) -> Problem {
    Problem::forbidden(format!("The role of this API key's creator does not hold the {scope} scope."))
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_value", "The request body is larger than 1 MiB.")
}

fn failed(failure: &AuthorityError) -> Problem {
    tracing::error!(error = %failure, "the authority could not do it");
    Problem::server_error()
}
