//! Where a key stands in a request: in the query, or else in the JSON of a body.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use zeroize::Zeroizing;

#[derive(Deserialize)]
struct Holder {
    api_key: Option<Zeroizing<String>>,
}

/// The key, decoded. The body is empty for methods whose body is not looked into.
pub(super) fn key(uri: &Uri, body: &[u8]) -> Option<Zeroizing<String>> {
    in_query(uri).or_else(|| serde_json::from_slice::<Holder>(body).ok()?.api_key)
}

fn in_query(uri: &Uri) -> Option<Zeroizing<String>> {
    let Query(pairs) = Query::<Vec<(String, Zeroizing<String>)>>::try_from_uri(uri).ok()?;
    pairs.into_iter().find_map(|(name, value)| (name == "api_key").then_some(value))
}
