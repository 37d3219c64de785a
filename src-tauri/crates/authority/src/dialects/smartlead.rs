//! SmartLead's API as its pages describe it. No page says, so it is decided here [assumed]:
//!
//! - a key in the query wins over one in the body, even when it is the worse of the two, and an empty one is one;
//!   bodies of other methods than POST and PATCH are not looked into;
//! - the list shows neither values nor anything else of them; its filters are exact; a client's key is `active` or
//!   `inactive`; a deleted one is gone, and its value dead at once, as is the old one after a reset;
//! - any whole number above zero is one of the account's clients; a client's key reads campaigns and manages no keys;
//! - 201 for create, 200 for the rest; 400 for what makes no sense, 403, 404 and 405 in the shape of the 401;
//! - `X-RateLimit-Reset` is the second since 1970 in which the tightest limit is whole again.
//!
//! No header, no cookie and no session is looked at. Account keys are made and replaced in the dashboard only.

mod catalogue;
mod presented;
mod reply;
mod wanted;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

pub(crate) use catalogue::{DASHBOARD, PROFILE};
use reply::{KeyReply, data, error, limited, with_allowance};

use crate::engine::Engine;
use crate::engine::authenticate::{Caller, Denied, authenticate};
use crate::engine::lifecycle::{self, Actor, Minted, Refusal};
use crate::engine::reset::reset;
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
    let body = match parts.method {
        Method::POST | Method::PATCH if !announces_too_much(&parts.headers) => read(body).await,
        Method::POST | Method::PATCH => {
            drain(body).await;
            Err(BodyError::TooLarge)
        }
        _ => {
            drain(body).await;
            Ok(Vec::new())
        }
    };
    let limits = engine.limits;
    let now = engine.now();
    let address = engine.addresses.take(from.ip(), now, limits.window, limits.per_ip);
    if address.is_exceeded() {
        return limited(address, now);
    }
    let Some(presented) = presented::key(&parts.uri, body.as_deref().unwrap_or_default()) else {
        return reply::unauthorized();
    };
    let caller = match authenticate(&engine, &presented, from.ip(), address) {
        Ok(caller) => caller,
        Err(Denied::Invalid) => return reply::unauthorized(),
        Err(Denied::Exceeded(allowance)) => return limited(allowance, now),
    };
    let allowance = caller.allowance;
    let call = Call { engine, caller, method: parts.method, uri: parts.uri };
    let answered = match body {
        Ok(body) => tokio::task::spawn_blocking(move || route(&call, &body)).await,
        Err(BodyError::TooLarge) => {
            Ok(error(StatusCode::PAYLOAD_TOO_LARGE, "The request body is larger than 1 MiB"))
        }
        Err(BodyError::Broken) => Ok(error(StatusCode::BAD_REQUEST, "The request body could not be read")),
    };
    let reply = answered.unwrap_or_else(|failure| {
        tracing::error!(%failure, "a request ended badly");
        internal()
    });
    with_allowance(reply, allowance, now)
}

/// An authenticated request.
struct Call {
    engine: Arc<Engine>,
    caller: Caller,
    method: Method,
    uri: Uri,
}

/// On a thread that may wait for the disk.
fn route(call: &Call, body: &[u8]) -> Response {
    let path = call.uri.path().trim_end_matches('/');
    let Some(path) = path.strip_prefix(PROFILE.base_path) else {
        return error(StatusCode::NOT_FOUND, "Not found");
    };
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["campaigns"]) => reply::campaigns(),
        (_, ["client", "api-key", ..]) if call.caller.key.client.is_some() => {
            error(StatusCode::FORBIDDEN, "A client's API key cannot manage API keys")
        }
        ("GET", ["client", "api-key"]) => list(call),
        ("POST", ["client", "api-key"]) => create(call, body),
        ("PUT", ["client", "api-key", "reset", id]) => {
            answered(call, reset_client_key(call, id), StatusCode::OK)
        }
        ("DELETE", ["client", "api-key", id]) => delete(call, id),
        (
            _,
            ["campaigns"]
            | ["client", "api-key"]
            | ["client", "api-key", _]
            | ["client", "api-key", "reset", _],
        ) => error(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
        (_, _) => error(StatusCode::NOT_FOUND, "Not found"),
    }
}

/// The list's filters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    client_id: Option<String>,
    status: Option<String>,
    key_name: Option<String>,
}

fn list(call: &Call) -> Response {
    let Ok(Query(filter)) = Query::<Filter>::try_from_uri(&call.uri) else {
        return error(StatusCode::BAD_REQUEST, "The query could not be read");
    };
    let now = call.engine.now();
    let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
    let keys = call.engine.index().page(&call.caller.key.creator.account, 0, usize::MAX, call.engine.shown());
    let replies: Vec<_> = keys
        .iter()
        .filter_map(|key| KeyReply::new(key, now))
        .filter(|reply| {
            same(&filter.client_id, reply.client())
                && same(&filter.status, reply.status)
                && same(&filter.key_name, reply.key_name)
        })
        .collect();
    data(StatusCode::OK, &replies)
}

fn create(call: &Call, body: &[u8]) -> Response {
    match wanted::parse(body) {
        Ok((wanted, client)) => {
            let minted =
                lifecycle::create_for(&call.engine, &Actor::from(&call.caller), wanted, Some(client));
            answered(call, minted, StatusCode::CREATED)
        }
        Err(words) => error(StatusCode::BAD_REQUEST, words),
    }
}

fn delete(call: &Call, id: &str) -> Response {
    let removed = is_client_key(call, id)
        .and_then(|()| lifecycle::remove(&call.engine, &Actor::from(&call.caller), id));
    match removed {
        Ok(()) => reply::send(StatusCode::OK, &json!({ "ok": true })),
        Err(refusal) => refused(refusal),
    }
}

fn reset_client_key(call: &Call, id: &str) -> Result<Minted, Refusal> {
    is_client_key(call, id)?;
    reset(&call.engine, &Actor::from(&call.caller), id)
}

/// Account keys are out of the API's reach.
fn is_client_key(call: &Call, id: &str) -> Result<(), Refusal> {
    let index = call.engine.index();
    let key = index.key(&call.caller.key.creator.account, id);
    key.filter(|key| key.client.is_some()).map(drop).ok_or(Refusal::NotFound)
}

/// The reply that holds a value.
fn answered(call: &Call, minted: Result<Minted, Refusal>, status: StatusCode) -> Response {
    match minted {
        Ok(minted) => match KeyReply::new(&minted.key, call.engine.now()) {
            // EXPOSE: shown once, to the caller who made it.
            Some(key) => data(status, &key.with_value(minted.value.expose())),
            None => internal(),
        },
        Err(refusal) => refused(refusal),
    }
}

fn refused(refusal: Refusal) -> Response {
    match refusal {
        Refusal::NotFound => error(StatusCode::NOT_FOUND, "API key not found"),
        Refusal::Revoked | Refusal::Expired => error(StatusCode::CONFLICT, "The API key is inactive"),
        Refusal::Failed(failure) => {
            tracing::error!(error = %failure, "the authority could not do it");
            internal()
        }
        // This vendor has no scopes, no expiry, no limit of keys and no idempotency keys.
        Refusal::NotRevoked
        | Refusal::ExpiryPast
        | Refusal::RoleLacks(_)
        | Refusal::KeyLimit(_)
        | Refusal::OtherIntent => internal(),
    }
}

fn internal() -> Response {
    error(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
}
