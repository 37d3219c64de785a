//! The body of a create, and what it asks for. No refusal repeats what was sent: it may be a key in the wrong
//! place.

use serde_json::Value;

use super::catalogue::PROFILE;
use super::reply::Problem;
use crate::engine::lifecycle::NewKey;
use crate::engine::{Environment, Role};

/// Most characters of a name. [docs]
const NAME_LIMIT: usize = 32;

/// `{"data":{"attributes":{"name","scopes"}}}`. Without scopes all are granted [docs]: all that the role of who
/// asks may grant [assumed].
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(bytes: &[u8], environment: &'static Environment, role: Role) -> Result<NewKey, Problem> {
    let body: Value = serde_json::from_slice(bytes)
        .map_err(|_| Problem::unreadable("The request body must be a JSON object."))?;
    let attributes = &body["data"]["attributes"];
    if !attributes.is_object() {
        return Err(Problem::pointer("/data/attributes", "attributes must be an object with a name"));
    }
    let name = attributes["name"].as_str().unwrap_or_default();
    if name.trim().is_empty() || name.chars().count() > NAME_LIMIT {
        return Err(Problem::pointer("/data/attributes/name", "name must have 1 to 32 characters"));
    }
    let scopes = match &attributes["scopes"] {
        Value::Null => PROFILE.role_scopes(role).to_vec(),
        Value::Array(names) => scopes(names)?,
        _ => return Err(odd_scopes()),
    };
    Ok(NewKey { name: name.into(), environment, scopes: scopes.into(), expires_at: None })
}

/// An empty list is refused: it might mean none as well as all. [assumed]
fn scopes(names: &[Value]) -> Result<Vec<&'static str>, Problem> {
    let mut scopes = Vec::new();
    for name in names {
        let known = name.as_str().and_then(|name| PROFILE.scope(name)).ok_or_else(odd_scopes)?;
        if !scopes.contains(&known) {
            scopes.push(known);
        }
    }
    if scopes.is_empty() { Err(odd_scopes()) } else { Ok(scopes) }
}

fn odd_scopes() -> Problem {
    Problem::pointer("/data/attributes/scopes", "scopes must be a list of known scopes, at least one")
}
