//! The page on which a vendor's customers manage the keys that its API does not: a form to make one, a button
//! to replace or end each of them. It stands in for the vendor's own, on loopback, without a login.
//!
//! It knows no dialect; what it may do is data. A new value is in the reply that made it and nowhere else: not
//! in an address, not in a cookie, and not kept for a second look.

pub(crate) mod deeds;
mod page;
mod tokens;

use std::sync::Arc;

use axum::extract::{Form, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::engine::{Engine, Switch};
use crate::error::AuthorityError;
use deeds::Made;
use tokens::Tokens;

/// What a vendor's dashboard offers, and in which words.
pub(crate) struct Dashboard {
    /// The vendor's name.
    pub(crate) vendor: &'static str,
    /// The button that makes a key.
    pub(crate) issue: &'static str,
    /// The button that gives a key another value, if there is one.
    pub(crate) regenerate: Option<&'static str>,
    /// The button that ends a key, if there is one.
    pub(crate) revoke: Option<&'static str>,
    /// The environments whose keys it manages, the usual one first.
    pub(crate) environments: &'static [&'static str],
}

/// A dashboard of one authority.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) engine: Arc<Engine>,
    pub(crate) dashboard: &'static Dashboard,
    /// The account whose keys it shows.
    pub(crate) account: &'static str,
}

impl Desk {
    /// The environments in which keys can be made now: without the sandbox where the workspace has none.
    fn environments(&self) -> &'static [&'static str] {
        let all = self.dashboard.environments;
        if self.engine.switches.is_on(Switch::NoSandbox) { &all[..all.len().min(1)] } else { all }
    }
}

/// A router that answers for the dashboard, and leaves every other request to the dialect.
pub(crate) fn beside(dialect: Router, desk: Desk) -> Router {
    Router::new()
        .route("/dashboard", get(show))
        .route("/dashboard/{deed}", post(act))
        .layer(Extension(Arc::new(Tokens::default())))
        .layer(from_fn(guard))
        .with_state(desk)
        .fallback_service(dialect)
}

/// A page elsewhere that resolves its own name to this machine is turned away, and nothing is kept or framed.
async fn guard(request: Request, next: Next) -> Response {
    if !is_local(request.headers()) {
        return (StatusCode::MISDIRECTED_REQUEST, "The dashboard answers to this machine's own names only")
            .into_response();
    }
    let mut reply = next.run(request).await;
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    reply
}

fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

async fn show(State(desk): State<Desk>, Extension(tokens): Extension<Arc<Tokens>>) -> Response {
    page(&desk, &tokens, None, None)
}

/// The fields of any of its forms.
#[derive(Deserialize)]
struct Fields {
    token: String,
    #[serde(default)]
    label: String,
    environment: Option<String>,
    #[serde(default)]
    id: String,
}

async fn act(
    State(desk): State<Desk>,
    Extension(tokens): Extension<Arc<Tokens>>,
    Path(deed): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    if !tokens.redeem(&fields.token) {
        let words = "This form was sent before, or not from this page. Nothing was changed.";
        return page(&desk, &tokens, None, Some((StatusCode::FORBIDDEN, words)));
    }
    let at = desk.clone();
    let done = tokio::task::spawn_blocking(move || match deed.as_str() {
        "issue" => deeds::issue(&at, &fields.label, fields.environment.as_deref()).map(Some),
        "regenerate" => deeds::regenerate(&at, &fields.id).map(Some),
        "revoke" => deeds::revoke(&at, &fields.id).map(|()| None),
        _ => Err(AuthorityError::Dashboard("there is no such button")),
    });
    match done.await {
        Ok(Ok(made)) => page(&desk, &tokens, made.as_ref(), None),
        Ok(Err(AuthorityError::Dashboard(words))) => {
            page(&desk, &tokens, None, Some((StatusCode::BAD_REQUEST, words)))
        }
        Ok(Err(failure)) => {
            tracing::error!(error = %failure, "the dashboard could not do it");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(failure) => {
            tracing::error!(error = %failure, "a request of the dashboard ended badly");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn page(
    desk: &Desk,
    tokens: &Tokens,
    made: Option<&Made>,
    refused: Option<(StatusCode, &'static str)>,
) -> Response {
    match tokens.issue() {
        Ok(token) => {
            let (status, words) = refused.unzip();
            let html = Zeroizing::new(page::render(desk, &token, made, words));
            (status.unwrap_or(StatusCode::OK), Html(html.to_string())).into_response()
        }
        Err(failure) => {
            tracing::error!(error = %failure, "the dashboard has no form to offer");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
