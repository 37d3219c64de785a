//! What the dialects with a Bearer key and no other credential share: the way in, and an authenticated request.
//! Knows no vendor's words: what is said to who is turned away is theirs.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::Query;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;

use crate::engine::Engine;
use crate::engine::authenticate::{Caller, Denied, Lacking, authenticate, permit};
use crate::engine::limiter::Allowance;

/// Why a request was not let in.
pub(super) enum Turned {
    /// No key, or one that is malformed, unknown, expired or revoked.
    Unauthenticated,
    /// The address, the key or its account has had its share.
    Exceeded(Allowance),
}

/// An authenticated request, without its body.
pub(super) struct Call {
    pub(super) engine: Arc<Engine>,
    pub(super) caller: Caller,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
}

/// Lets a request in: one with `Authorization: Bearer` and a good key. No other place for a key is looked at.
///
/// # Errors
/// See [`Turned`].
pub(super) fn enter(engine: Arc<Engine>, from: IpAddr, parts: Parts) -> Result<Call, Turned> {
    let limits = engine.limits;
    let address = engine.addresses.take(from, engine.now(), limits.window, limits.per_ip);
    if address.is_exceeded() {
        return Err(Turned::Exceeded(address));
    }
    let presented = bearer(&parts.headers).ok_or(Turned::Unauthenticated)?;
    let caller = authenticate(&engine, presented, from, address).map_err(|denied| match denied {
        Denied::Invalid => Turned::Unauthenticated,
        Denied::Exceeded(allowance) => Turned::Exceeded(allowance),
    })?;
    Ok(Call { engine, caller, method: parts.method, uri: parts.uri, headers: parts.headers })
}

/// The scheme is any case's. [RFC 9110]
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key)
}

impl Call {
    /// The path's segments; a slash at its end means nothing.
    pub(super) fn segments(&self) -> Vec<String> {
        self.uri.path().trim_end_matches('/').split('/').skip(1).map(str::to_owned).collect()
    }

    /// The decoded query.
    ///
    /// # Errors
    /// `None` when it is no query.
    pub(super) fn query(&self) -> Option<Vec<(String, String)>> {
        Query::try_from_uri(&self.uri).ok().map(|Query(pairs)| pairs)
    }

    /// Whether key and role give `needed`.
    ///
    /// # Errors
    /// Which of the two does not.
    pub(super) fn permit(&self, needed: &str) -> Result<(), Lacking> {
        permit(&self.engine, &self.caller, needed)
    }

    /// Answers on a thread that may wait for the disk; `None` when that thread ended badly.
    pub(super) async fn blocking(
        self,
        answer: impl FnOnce(&Self) -> Response + Send + 'static,
    ) -> Option<Response> {
        let answered = tokio::task::spawn_blocking(move || answer(&self)).await;
        answered.inspect_err(|error| tracing::error!(%error, "a request ended badly")).ok()
    }
}
