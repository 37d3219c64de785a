//! The key in a request, wherever a dialect looks for one: two headers and the query.

use axum::extract::{Query, Request};
use axum::http::{HeaderValue, Method, Uri, header};

const HEADER: &str = "x-api-key";
const QUERY: &str = "api_key";

/// The value that was presented; the body is not looked into.
pub(super) fn presented(request: &Request) -> Option<String> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let bearer = || text(header::AUTHORIZATION.as_str())?.split_once(' ').map(|(_, key)| key.to_owned());
    text(HEADER).map(str::to_owned).or_else(bearer).or_else(|| in_query(request.uri()))
}

/// The same request with a key that nobody has, in each place that held one. A dialect then refuses it in its own
/// words.
pub(super) fn spoiled(mut request: Request) -> Request {
    let mut found = false;
    for name in [HEADER, header::AUTHORIZATION.as_str()] {
        if let Some(value) = request.headers_mut().get_mut(name) {
            let other = value.to_str().ok().and_then(|text| HeaderValue::try_from(format!("{text}0")).ok());
            // What is no text is no key as it is.
            *value = other.unwrap_or_else(|| value.clone());
            found = true;
        }
    }
    let may_be_in_body = matches!(*request.method(), Method::POST | Method::PATCH);
    let query = request.uri().query().unwrap_or_default();
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_key(pair)).collect();
    if in_query(request.uri()).is_some() || (!found && may_be_in_body) {
        let query = [&["api_key=0"], rest.as_slice()].concat().join("&");
        // The path and the rest came out of an address, and make one again.
        if let Ok(uri) = format!("{}?{query}", request.uri().path()).parse() {
            *request.uri_mut() = uri;
        }
    }
    request
}

fn is_key(pair: &str) -> bool {
    pair.split_once('=').is_some_and(|(name, _)| name == QUERY)
}

fn in_query(uri: &Uri) -> Option<String> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    pairs.into_iter().find_map(|(name, value)| (name == QUERY).then_some(value))
}
