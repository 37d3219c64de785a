//! The body of a create, and what it asks for. No refusal repeats what was sent: it may be a key in the wrong
//! place.

use serde::Deserialize;

use super::catalogue::PROFILE;
use crate::engine::lifecycle::NewKey;
use crate::moment::Moment;

/// Most characters of a name. [assumed]
const NAME_LIMIT: usize = 255;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateBody {
    name: String,
    scopes: Vec<String>,
    environment: String,
    #[serde(default)]
    expires_at: Option<String>,
}

/// Parses and checks a body, except that the expiry is in the future: the engine knows the time.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn parse(bytes: &[u8]) -> Result<NewKey, String> {
    let body: CreateBody = serde_json::from_slice(bytes)
        .map_err(|_| "The request body must be a JSON object with name, scopes and environment")?;
    let length = body.name.chars().count();
    if body.name.trim().is_empty() || length > NAME_LIMIT {
        return Err(format!("name must have 1 to {NAME_LIMIT} characters"));
    }
    let environment =
        PROFILE.form.environment(&body.environment).ok_or("environment must be live or test")?;
    let mut scopes = Vec::with_capacity(body.scopes.len().min(PROFILE.scopes.len()));
    for scope in &body.scopes {
        let known = PROFILE.scope(scope).ok_or("scopes must name known scopes")?;
        if !scopes.contains(&known) {
            scopes.push(known);
        }
    }
    if scopes.is_empty() {
        return Err("scopes must name at least one scope".into());
    }
    let expires_at = match body.expires_at {
        None => None,
        Some(text) => Some(Moment::parse(&text).ok_or("expiresAt must be an ISO 8601 time")?),
    };
    Ok(NewKey { name: body.name.into(), environment, scopes: scopes.into(), expires_at })
}
