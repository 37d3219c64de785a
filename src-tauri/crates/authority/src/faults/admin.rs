//! The faults over HTTP, on the dialect's own port: `GET`, `PUT` and `DELETE` of `/_authority/faults`, for who
//! holds the token that the authority made at its start. To everybody else the path is one of the dialect's.
//!
//! - `GET`: `{"armed": […], "known": [{"name", "sentence", "fault"}]}`
//! - `PUT` of an array of [`Armed`]: these and no others; the reply is that of `GET`
//! - `DELETE`: none

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::armed::{Armed, Faults};
use super::kinds::Fault;
use super::refusals::words;
use crate::error::AuthorityError;
use crate::http;

const PATH: &str = "/_authority/faults";

/// What opens the door: 64 hexadecimal digits.
///
/// # Errors
/// [`AuthorityError::Randomness`].
pub(crate) fn token() -> Result<String, AuthorityError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|_| AuthorityError::Randomness)?;
    Ok(hex::encode(random))
}

#[derive(Clone)]
struct Door {
    faults: Arc<Faults>,
    /// Hashes of a length that says nothing are compared, not the tokens.
    token: [u8; 32],
}

/// A router with the door in front of it.
pub(crate) fn in_front_of(router: Router, faults: Arc<Faults>, token: &str) -> Router {
    let door = Door { faults, token: Sha256::digest(token.as_bytes()).into() };
    router.layer(from_fn_with_state(door, open))
}

async fn open(State(door): State<Door>, request: Request, next: Next) -> Response {
    if request.uri().path() != PATH || !door.is_opened_by(request.headers()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match parts.method {
        Method::GET => shown(&door.faults),
        Method::PUT => put(&door.faults, body).await,
        Method::DELETE => {
            door.faults.clear();
            shown(&door.faults)
        }
        _ => words(StatusCode::METHOD_NOT_ALLOWED, "Faults can be read, put and deleted"),
    }
}

impl Door {
    fn is_opened_by(&self, headers: &HeaderMap) -> bool {
        let presented = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let presented = presented.and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
        let hash: [u8; 32] = Sha256::digest(presented.as_bytes()).into();
        hash.ct_eq(&self.token).into()
    }
}

async fn put(faults: &Faults, body: Body) -> Response {
    let Ok(bytes) = http::read(body).await else {
        return words(StatusCode::BAD_REQUEST, "The body is too large or broke off");
    };
    match serde_json::from_slice::<Vec<Armed>>(&bytes) {
        Ok(wanted) => {
            faults.replace(wanted);
            shown(faults)
        }
        Err(error) => words(StatusCode::BAD_REQUEST, &format!("These are no faults: {error}")),
    }
}

fn shown(faults: &Faults) -> Response {
    let known: Vec<Value> = Fault::ALL
        .iter()
        .map(|fault| json!({ "name": fault.name(), "sentence": fault.sentence(), "fault": fault }))
        .collect();
    Json(json!({ "armed": faults.armed(), "known": known })).into_response()
}
