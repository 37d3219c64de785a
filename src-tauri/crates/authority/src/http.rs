//! Reading request bodies within bounds, and writing replies. Knows no dialect: what is said about a refused body is theirs.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use chrono::DateTime;
use serde::Serialize;

use crate::clock::Clock;

/// The most bytes a request body may have.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;

/// What is still read of a body that was refused: a connection closed on unread bytes is reset, and the
/// client would see the reset in place of the reply.
const DRAIN_LIMIT: usize = 16 * BODY_LIMIT;

/// A client that sends slower than this is not waited for.
const DEADLINE: Duration = Duration::from_secs(30);

/// Replies that bear the authority's own time in `Date`, as a server's do.
pub(crate) fn dated_by(router: Router, clock: Clock) -> Router {
    router.layer(map_response(move |mut reply: Response| {
        let at = DateTime::from_timestamp_millis(clock.now().0);
        async move {
            let text = at.map(|at| at.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
            if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
                reply.headers_mut().insert(header::DATE, value);
            }
            reply
        }
    }))
}

/// Why there is no body.
pub(crate) enum BodyError {
    /// Over [`BODY_LIMIT`].
    TooLarge,
    /// It broke off, or never ended.
    Broken,
}

/// The whole body, at most [`BODY_LIMIT`].
///
/// # Errors
/// See [`BodyError`].
pub(crate) async fn read(mut body: Body) -> Result<Vec<u8>, BodyError> {
    let reading = async {
        let mut bytes = Vec::new();
        while let Some(chunk) = next(&mut body).await? {
            if bytes.len() + chunk.len() > BODY_LIMIT {
                return Err(BodyError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    let read = tokio::time::timeout(DEADLINE, reading).await.unwrap_or(Err(BodyError::Broken));
    if matches!(read, Err(BodyError::TooLarge)) {
        drain(body).await;
    }
    read
}

/// Reads a refused body to its end, within bounds, and keeps nothing of it.
pub(crate) async fn drain(mut body: Body) {
    let draining = async {
        let mut total = 0;
        while let Ok(Some(chunk)) = next(&mut body).await {
            total += chunk.len();
            if total > DRAIN_LIMIT {
                return;
            }
        }
    };
    // Out of time is as good as drained: the reply goes out either way.
    let _ = tokio::time::timeout(DEADLINE, draining).await;
}

/// Whether the request announces a body that will not be read.
pub(crate) fn announces_too_much(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|text| text.parse::<u64>().ok()).is_some_and(|length| length > BODY_LIMIT as u64)
}

/// A JSON body with a length, and never kept by a cache.
pub(crate) fn json_reply(status: StatusCode, content_type: &'static str, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-store")];
            (status, headers, bytes).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a reply could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn next(body: &mut Body) -> Result<Option<axum::body::Bytes>, BodyError> {
    loop {
        match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            None => return Ok(None),
            Some(Err(_)) => return Err(BodyError::Broken),
            // Trailers say nothing that is asked for.
            Some(Ok(frame)) => {
                if let Ok(chunk) = frame.into_data() {
                    return Ok(Some(chunk));
                }
            }
        }
    }
}
