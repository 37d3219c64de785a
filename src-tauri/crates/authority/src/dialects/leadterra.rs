//! Leadterra's API as its page describes it. No page says, so it is decided here [assumed]:
//!
//! - bodies are `{"data": …}` and `{"error": {"code", "message"}}`; the codes, and which of 404 and 405 there are;
//! - a workspace has two sender pools and two campaigns in each environment and no leads; leads that are sent to
//!   it are accepted and not kept; another workspace's campaign, or one of the other environment, is 403;
//! - a key made by a restricted member reads and sends nothing;
//! - a workspace shares one limit; only a 429 says when to come back;
//! - a key of the sandbox is refused where the workspace has none.
//!
//! One Bearer header and nothing else is looked at: no cookie, no session, no query. Keys are made and ended in
//! the dashboard only.

mod catalogue;
mod reply;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::call::{Call, Turned, enter};
use crate::engine::{Engine, Switch};
use crate::http::drain;
pub(crate) use catalogue::{DASHBOARD, PROFILE};
use reply::{Place, data, error, limited, unauthorized};

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
    // Nothing that is asked of it depends on a body.
    drain(body).await;
    match enter(engine, from.ip(), parts) {
        Ok(call) if !is_served(&call) => unauthorized(),
        Ok(call) => route(&call),
        Err(Turned::Unauthenticated) => unauthorized(),
        Err(Turned::Exceeded(allowance)) => limited(allowance),
    }
}

/// Whether the key's environment exists in its workspace.
fn is_served(call: &Call) -> bool {
    let production = PROFILE.form.environments[0].name;
    call.caller.key.environment.name == production || !call.engine.switches.is_on(Switch::NoSandbox)
}

fn route(call: &Call) -> Response {
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["v1", "sender-pools"]) => with(call, "read", |place| data(StatusCode::OK, &place.pools())),
        ("GET", ["v1", "campaigns"]) => with(call, "read", |place| data(StatusCode::OK, &place.campaigns())),
        ("GET", ["v1", "campaigns", id]) => with(call, "read", |place| campaign(call, &place, id)),
        ("GET", ["v1", "leads"]) => with(call, "read", |_| data(StatusCode::OK, &json!([]))),
        ("POST", ["v1", "leads"]) => {
            with(call, "send", |_| data(StatusCode::ACCEPTED, &json!({ "accepted": true })))
        }
        (_, ["v1", "sender-pools" | "campaigns" | "leads"] | ["v1", "campaigns", _]) => {
            error(StatusCode::METHOD_NOT_ALLOWED, "This method means nothing here")
        }
        (_, _) => error(StatusCode::NOT_FOUND, "There is nothing here"),
    }
}

/// Answers for the key's workspace and environment, if the key may do that.
fn with(call: &Call, needed: &str, answer: impl FnOnce(Place<'_>) -> Response) -> Response {
    // Whether the key lacks it or its maker: the page knows one kind of refusal.
    match call.permit(needed) {
        Ok(()) => answer(Place::of(&call.caller.key)),
        Err(_) => error(StatusCode::FORBIDDEN, "This key does not have permission to perform this action"),
    }
}

fn campaign(call: &Call, place: &Place<'_>, id: &str) -> Response {
    if let Some(campaign) = place.campaigns().into_iter().find(|campaign| campaign["id"] == id) {
        return data(StatusCode::OK, &campaign);
    }
    let index = call.engine.index();
    let mut elsewhere = index.accounts().flat_map(|account| Place::all_of(&account.id));
    if elsewhere.any(|place| place.campaigns().iter().any(|campaign| campaign["id"] == id)) {
        return error(StatusCode::FORBIDDEN, "This key is not for the workspace of this campaign");
    }
    error(StatusCode::NOT_FOUND, "There is no such campaign")
}
