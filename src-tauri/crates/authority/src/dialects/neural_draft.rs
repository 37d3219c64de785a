//! Neural Draft's API as its pages describe it. No page says, so it is decided here [assumed]:
//!
//! - keys stand under `/v1/projects/me/api-keys` [docs] and under `/v1/api-keys` [seed] alike; lists have one
//!   page, newest first, with the active keys only; replies have a `data` envelope;
//! - a revocation is 204, and 204 again when it is repeated; a revoked key leaves the list and frees its place
//!   at once, and is accepted until the authority's revocation delay is over;
//! - a new key belongs to the environment of the key that makes it, and without scopes it gets the dashboard's
//!   default; what a key may grant is not bounded by its own scopes;
//! - a project without credits is told so on every request, before its scopes are looked at;
//! - `POST /v1/jobs` (content:write) queues a job and `GET /v1/jobs/{id}` (jobs:read) tells what became of it;
//! - 404 and 405 for unknown paths and methods, 413 over 1 MiB, 422 for bodies that make no sense, all as
//!   problem+json; the authority's own faults are 503.
//!
//! Projects have no members and no roles here: a key does what its scopes say. No session, no cookie, no state
//! of its own: every request is judged by its key alone.

mod catalogue;
mod rehearsal;
mod reply;
mod wanted;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub(crate) use catalogue::PROFILE;
use reply::{FreshReply, KeyReply, Problem, failed, limited, send};

use super::call::{Call, Turned, enter};
use crate::engine::lifecycle::{self, Actor, Refusal};
use crate::engine::{Engine, Status, Switch, jobs};
use crate::http::{BodyError, announces_too_much, drain, read};

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
                Turned::Unauthenticated => Problem::unauthorized().reply(),
                Turned::Exceeded(allowance) => limited(allowance),
            };
        }
    };
    let refused = if call.engine.switches.is_on(Switch::OutOfCredits) {
        Some(Problem::out_of_credits())
    } else {
        too_much.then(too_large)
    };
    if let Some(problem) = refused {
        drain(body).await;
        return problem.reply();
    }
    route(call, body).await
}

async fn route(call: Call, body: Body) -> Response {
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let method = call.method.clone();
    let (method, Some(("v1", path))) = (method.as_str(), segments.split_first().map(|(v, path)| (*v, path)))
    else {
        drain(body).await;
        return Problem::not_found().reply();
    };
    match (method, path) {
        ("GET", ["projects", "me"]) => project(&call).unwrap_or_else(Problem::reply),
        ("GET", ["projects", "me", "api-keys"] | ["api-keys"]) => list(&call).unwrap_or_else(Problem::reply),
        ("POST", ["projects", "me", "api-keys"] | ["api-keys"]) => with_body(call, body, create).await,
        ("DELETE", ["projects", "me", "api-keys", id] | ["api-keys", id]) => {
            let id = (*id).to_owned();
            drain(body).await;
            blocking(call, move |call| revoke(call, &id)).await
        }
        ("POST", ["jobs"]) => with_body(call, body, queue).await,
        ("GET", ["jobs", id]) => {
            let id = (*id).to_owned();
            blocking(call, move |call| job(call, &id)).await
        }
        (_, ["projects", "me"] | ["projects", "me", "api-keys", ..] | ["api-keys" | "jobs", ..]) => {
            drain(body).await;
            let status = StatusCode::METHOD_NOT_ALLOWED;
            Problem::new(status, "method_not_allowed", "This method means nothing here.").reply()
        }
        (_, _) => {
            drain(body).await;
            Problem::not_found().reply()
        }
    }
}

async fn with_body(call: Call, body: Body, work: fn(&Call, &[u8]) -> Result<Response, Problem>) -> Response {
    match read(body).await {
        Ok(bytes) => blocking(call, move |call| work(call, &bytes)).await,
        Err(BodyError::TooLarge) => too_large().reply(),
        Err(BodyError::Broken) => Problem::invalid("The body could not be read.").reply(),
    }
}

/// On a thread that may wait for the disk.
async fn blocking(
    call: Call,
    work: impl FnOnce(&Call) -> Result<Response, Problem> + Send + 'static,
) -> Response {
    let answered = call.blocking(|call| work(call).unwrap_or_else(Problem::reply)).await;
    answered.unwrap_or_else(|| Problem::unavailable().reply())
}

fn project(call: &Call) -> Result<Response, Problem> {
    permit(call, "project:read")?;
    Ok(send(StatusCode::OK, &reply::project(&call.caller.key)))
}

fn list(call: &Call) -> Result<Response, Problem> {
    permit(call, "project:read")?;
    let now = call.engine.now();
    let account = &call.caller.key.creator.account;
    let active = |key: &crate::engine::Key| key.status(now) == Status::Active;
    let keys = call.engine.index().older(account, None, usize::MAX, call.engine.shown(), active);
    let replies: Vec<_> = keys.iter().map(|key| KeyReply::new(key)).collect();
    Ok(send(StatusCode::OK, &replies))
}

fn create(call: &Call, bytes: &[u8]) -> Result<Response, Problem> {
    permit(call, "project:admin")?;
    let wanted = wanted::key(bytes, call.caller.key.environment)?;
    let minted = lifecycle::create(&call.engine, &Actor::from(&call.caller), wanted).map_err(refused)?;
    // EXPOSE: shown once, to the caller who made it.
    let secret = minted.value.expose();
    Ok(send(StatusCode::CREATED, &FreshReply { key: KeyReply::new(&minted.key), secret }))
}

fn revoke(call: &Call, id: &str) -> Result<Response, Problem> {
    permit(call, "project:admin")?;
    lifecycle::revoke(&call.engine, &Actor::from(&call.caller), id).map_err(refused)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn queue(call: &Call, bytes: &[u8]) -> Result<Response, Problem> {
    permit(call, "content:write")?;
    let kind = wanted::job(bytes)?;
    let job = jobs::queue(&call.engine, &call.caller, &kind).map_err(|failure| failed(&failure))?;
    Ok(send(StatusCode::ACCEPTED, &reply::job(&job, call.engine.now())))
}

fn job(call: &Call, id: &str) -> Result<Response, Problem> {
    permit(call, "jobs:read")?;
    let account = &call.caller.key.creator.account;
    let job = jobs::find(&call.engine, account, id).map_err(|failure| failed(&failure))?;
    let job = job.ok_or_else(Problem::not_found)?;
    Ok(send(StatusCode::OK, &reply::job(&job, call.engine.now())))
}

/// Only scopes can be lacking: everyone is an owner.
fn permit(call: &Call, needed: &str) -> Result<(), Problem> {
    call.permit(needed).map_err(|_| Problem::forbidden(needed))
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::NotFound => Problem::not_found(),
        Refusal::ExpiryPast => Problem::invalid("expires_at must be in the future."),
        Refusal::RoleLacks(scope) => Problem::forbidden(scope),
        Refusal::KeyLimit(limit) => {
            let detail = format!("This project has {limit} active API keys. Revoke an unused one first.");
            Problem::new(StatusCode::CONFLICT, "key_limit_reached", detail)
        }
        Refusal::Failed(failure) => failed(&failure),
        // This vendor neither rotates nor deletes, and takes no idempotency keys.
        Refusal::NotRevoked | Refusal::Revoked | Refusal::Expired | Refusal::OtherIntent => {
            Problem::new(StatusCode::CONFLICT, "conflict", "This cannot be done to this API key.")
        }
    }
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "validation_failed", "The body is larger than 1 MiB.")
}
