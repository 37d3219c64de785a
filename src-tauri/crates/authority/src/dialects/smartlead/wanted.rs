//! The body of a create. No refusal repeats what was sent: there may be a key in it.

use serde::Deserialize;

use super::catalogue::PROFILE;
use crate::engine::lifecycle::NewKey;

/// Most characters of a name. [assumed]
const NAME_LIMIT: usize = 255;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateBody {
    client_id: u64,
    key_name: String,
}

/// What is wanted, and for which client.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn parse(bytes: &[u8]) -> Result<(NewKey, Box<str>), &'static str> {
    let body: CreateBody = serde_json::from_slice(bytes)
        .map_err(|_| "The request body must be a JSON object with clientId, a number, and keyName")?;
    if body.client_id == 0 {
        return Err("clientId must be the number of a client");
    }
    let length = body.key_name.chars().count();
    if body.key_name.trim().is_empty() || length > NAME_LIMIT {
        return Err("keyName must have 1 to 255 characters");
    }
    // [docs]
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_');
    if !body.key_name.chars().all(allowed) {
        return Err("keyName may hold letters, digits, spaces, hyphens and underscores");
    }
    let wanted = NewKey {
        name: body.key_name.into(),
        environment: &PROFILE.form.environments[1],
        scopes: [].into(),
        expires_at: None,
    };
    Ok((wanted, body.client_id.to_string().into()))
}
