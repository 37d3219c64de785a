//! The bodies of a create and of a job, and what they ask for. No refusal repeats what was sent: it may be a key
//! in the wrong place.

use serde::Deserialize;

use super::catalogue::{DEFAULT, PROFILE};
use super::reply::Problem;
use crate::engine::Environment;
use crate::engine::lifecycle::NewKey;
use crate::moment::Moment;

/// Most characters of a name. [assumed]
const NAME_LIMIT: usize = 255;

#[derive(Deserialize)]
struct CreateBody {
    name: String,
    scopes: Option<Vec<String>>,
    /// Not documented; but keys can be expired, so that there must be a way to say when. [assumed]
    expires_at: Option<String>,
}

/// Parses and checks a body, except that the expiry is in the future: the engine knows the time.
///
/// # Errors
/// What is wrong with it.
pub(super) fn key(bytes: &[u8], environment: &'static Environment) -> Result<NewKey, Problem> {
    let body: CreateBody = serde_json::from_slice(bytes)
        .map_err(|_| Problem::invalid("The body must be a JSON object with a name and a list of scopes."))?;
    let name = named(&body.name, "name must have 1 to 255 characters.")?;
    let scopes = match &body.scopes {
        Some(names) => scopes(names)?,
        None => DEFAULT.to_vec(),
    };
    let expires_at = match body.expires_at {
        None => None,
        Some(text) => {
            Some(Moment::parse(&text).ok_or_else(|| Problem::invalid("expires_at must be RFC 3339."))?)
        }
    };
    Ok(NewKey { name, environment, scopes: scopes.into(), expires_at })
}

fn scopes(names: &[String]) -> Result<Vec<&'static str>, Problem> {
    let odd = || Problem::invalid("scopes must name known scopes, at least one.");
    let mut scopes = Vec::new();
    for name in names {
        let known = PROFILE.scope(name).ok_or_else(odd)?;
        if !scopes.contains(&known) {
            scopes.push(known);
        }
    }
    if scopes.is_empty() { Err(odd()) } else { Ok(scopes) }
}

#[derive(Deserialize)]
struct JobBody {
    r#type: String,
}

/// What kind of job is asked for: any word. [assumed]
///
/// # Errors
/// What is wrong with it.
pub(super) fn job(bytes: &[u8]) -> Result<Box<str>, Problem> {
    let body: JobBody = serde_json::from_slice(bytes)
        .map_err(|_| Problem::invalid("The body must be a JSON object with a type."))?;
    named(&body.r#type, "type must have 1 to 255 characters.")
}

fn named(text: &str, words: &str) -> Result<Box<str>, Problem> {
    let fits = !text.trim().is_empty() && text.chars().count() <= NAME_LIMIT;
    if fits { Ok(text.into()) } else { Err(Problem::invalid(words)) }
}
