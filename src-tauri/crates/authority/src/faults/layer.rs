//! Where faults meet requests: around a dialect's router. The dialect has answered, and so has committed what
//! it was asked to do, before anything happens to its reply.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use chrono::TimeDelta;
use serde_json::Value;

use super::armed::Faults;
use super::kinds::{CutAt, Fault};
use super::paging::Place;
use super::{bodies, credentials, lists, refusals, spoil};
use crate::connection::Peer;
use crate::engine::authenticate::whose;
use crate::engine::{Engine, lies};
use crate::http;

#[derive(Clone)]
struct Surroundings {
    faults: Arc<Faults>,
    /// Knows whose key asks and which scopes there are, and can be told to lie.
    engine: Arc<Engine>,
}

/// A dialect's router, with faults around it.
pub(crate) fn around(dialect: Router, faults: Arc<Faults>, engine: Arc<Engine>) -> Router {
    dialect.layer(from_fn_with_state(Surroundings { faults, engine }, meet))
}

async fn meet(
    State(around): State<Surroundings>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let fate = around.faults.meet(request.method(), request.uri().path(), request.headers());
    let reply = match fate.fault {
        None => next.run(request).await,
        Some(fault) => suffer(fault, &around, &peer, request, next).await,
    };
    if !fate.delay.is_zero() {
        tokio::time::sleep(fate.delay).await;
    }
    reply
}

async fn suffer(fault: Fault, around: &Surroundings, peer: &Peer, request: Request, next: Next) -> Response {
    match fault {
        // `meet` of the faults adds delays up by itself.
        Fault::Delay { .. } => next.run(request).await,
        Fault::CutReply { at: CutAt::AfterRequest } => {
            let reply = next.run(request).await;
            peer.cut();
            reply
        }
        Fault::CutReply { at: CutAt::AfterHeaders } => cut(next.run(request).await, |_| 0).await,
        Fault::CutReply { at: CutAt::InBody } => cut(next.run(request).await, |length| length / 2).await,
        Fault::TooManyRequests { retry_after } => {
            http::drain(request.into_body()).await;
            refusals::too_many(retry_after)
        }
        Fault::InternalError { committed } => {
            carry_out(committed, request, next).await;
            refusals::words(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
        }
        Fault::Unavailable { committed, retry_after } => {
            carry_out(committed, request, next).await;
            refusals::unavailable(retry_after)
        }
        Fault::MalformedJson => {
            rewritten(next.run(request).await, |bytes| Body::from(spoil::garbled(&bytes))).await
        }
        Fault::TruncatedJson => {
            rewritten(next.run(request).await, |bytes| Body::from(spoil::halved(&bytes))).await
        }
        Fault::ScopeTooMany => {
            edited(next.run(request).await, |it| spoil::widen(it, around.engine.profile.scopes)).await
        }
        Fault::ScopeTooFew => edited(next.run(request).await, spoil::narrow).await,
        Fault::WrongHint => edited(next.run(request).await, spoil::mistake).await,
        Fault::Redirect { to, status } => {
            let uri = request.uri().clone();
            http::drain(request.into_body()).await;
            refusals::redirect(&to, status, &uri)
        }
        Fault::EchoedKey => refusals::echo(request).await,
        Fault::EndlessPaging => endless(request, next).await,
        Fault::HugeBody { megabytes } => {
            rewritten(next.run(request).await, |bytes| bodies::huge(megabytes, bytes)).await
        }
        Fault::IgnoredRevocation => {
            let _told = lies::pretend(&around.engine);
            next.run(request).await
        }
        Fault::LaggingList { seconds } => {
            let _told = lies::lag(&around.engine, seconds);
            next.run(request).await
        }
        Fault::EverybodyRefused => next.run(credentials::spoiled(request)).await,
        Fault::MarkupReply { committed } => {
            carry_out(committed, request, next).await;
            refusals::markup(StatusCode::OK, "We are back soon")
        }
        Fault::GatewayNotFound => {
            http::drain(request.into_body()).await;
            refusals::markup(StatusCode::NOT_FOUND, "404 Not Found")
        }
        Fault::WrongDate { hours } => {
            refusals::dated(next.run(request).await, TimeDelta::hours(hours.into()))
        }
        Fault::FastClock { minutes } => {
            let reply = relisted(&fault, around, request, next).await;
            refusals::dated(reply, TimeDelta::minutes(minutes.into()))
        }
        Fault::ProxyAsks => {
            http::drain(request.into_body()).await;
            refusals::markup(StatusCode::PROXY_AUTHENTICATION_REQUIRED, "Who are you?")
        }
        Fault::DeletedBetweenPages => {
            next.run(asked_for(request, "skip", |skip| if skip > 0 { skip + 1 } else { 0 })).await
        }
        Fault::ShorterPages => next.run(asked_for(request, "limit", |limit| limit.div_ceil(2))).await,
        Fault::MissingRow
        | Fault::EmptyList
        | Fault::OwnRowOnly
        | Fault::WrongOwnHint
        | Fault::RepeatedRow
        | Fault::ReworkedNames
        | Fault::ReworkedTimes { .. }
        | Fault::WrittenTimes { .. }
        | Fault::DecomposedNames => relisted(&fault, around, request, next).await,
    }
}

/// Announces the whole reply and sends the first `part` of its length.
async fn cut(reply: Response, part: impl FnOnce(usize) -> usize) -> Response {
    let mut length = 0;
    let mut reply = rewritten(reply, |bytes| {
        length = bytes.len();
        bodies::broken(bytes.slice(..part(length)))
    })
    .await;
    // Without it the end of the connection would be the end of the body, and nothing would be missing.
    reply.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length.max(1)));
    reply
}

/// The same request for another part of a list: a number of its query is changed.
fn asked_for(mut request: Request, name: &str, change: impl Fn(usize) -> usize) -> Request {
    let uri = request.uri();
    let Some(query) = uri.query().filter(|_| request.method() == Method::GET) else { return request };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((known, number)) if known == name => match number.parse() {
            Ok(number) => format!("{name}={}", change(number)),
            Err(_) => pair.to_owned(),
        },
        _ => pair.to_owned(),
    };
    let query = query.split('&').map(pair).collect::<Vec<_>>().join("&");
    // The path and the rest of the query came out of an address, and make one again.
    if let Ok(changed) = format!("{}?{query}", uri.path()).parse() {
        *request.uri_mut() = changed;
    }
    request
}

/// Does what was asked without a word of it, or nothing.
async fn carry_out(committed: bool, request: Request, next: Next) {
    if committed {
        next.run(request).await;
    } else {
        http::drain(request.into_body()).await;
    }
}

async fn endless(mut request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let place = Place::of(request.uri());
    let mut first = Request::new(Body::empty());
    *first.uri_mut() = place.first.clone();
    *first.headers_mut() = request.headers().clone();
    *first.extensions_mut() = request.extensions().clone();
    if place.is_beyond() {
        request.uri_mut().clone_from(&place.first);
    }
    let page = next.clone().run(request).await;
    let (parts, bytes) = taken(page).await;
    let Ok(mut page) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let first = match &page {
        Value::Array(items) if items.is_empty() => {
            let (_, bytes) = taken(next.run(first).await).await;
            serde_json::from_slice(&bytes).ok()
        }
        _ => None,
    };
    place.fill(&mut page, first);
    Response::from_parts(parts, Body::from(page.to_string()))
}

/// Changes what a list shows; other replies stay as they are.
async fn relisted(fault: &Fault, around: &Surroundings, request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let own = credentials::presented(&request).and_then(|value| whose(&around.engine, &value));
    edited(next.run(request).await, |reply| match fault {
        Fault::ReworkedNames => lists::rename(reply),
        Fault::ReworkedTimes { minutes } => lists::move_times(reply, *minutes),
        Fault::WrittenTimes { form } => lists::write_times(reply, *form),
        Fault::DecomposedNames => lists::decompose(reply),
        Fault::FastClock { minutes } => lists::hurry(reply, *minutes),
        fault => {
            if let Some(rows) = lists::rows(reply) {
                lists::change(fault, rows, own.as_deref());
            }
        }
    })
    .await
}

/// Changes a reply's JSON; what is none stays as it is.
async fn edited(reply: Response, edit: impl FnOnce(&mut Value)) -> Response {
    rewritten(reply, |bytes| match serde_json::from_slice::<Value>(&bytes) {
        Ok(mut value) => {
            edit(&mut value);
            Body::from(value.to_string())
        }
        Err(_) => Body::from(bytes),
    })
    .await
}

async fn rewritten(reply: Response, rewrite: impl FnOnce(Bytes) -> Body) -> Response {
    let (parts, bytes) = taken(reply).await;
    Response::from_parts(parts, rewrite(bytes))
}

/// A reply in two parts, its length forgotten. A dialect's replies are whole in memory, so that taking one
/// cannot fail half-way.
async fn taken(reply: Response) -> (axum::http::response::Parts, Bytes) {
    let (mut parts, body) = reply.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}
