//! Why Natural did not do it: judged by `code`, told in words a person can act on. [docs]

use keyturn_core::key::Scope;
use keyturn_core::provider::{Fault, Manifest, Probe};
use serde::Deserialize;

use crate::http::Reply;
use crate::shape::{Field, Maybe, Page};
use crate::words::Censor;

const MFA: &str = "Natural asks for multi-factor authentication before this, which an API key cannot give; sign in to Natural and do it there";
const CONFLICT: &str = "something else is being done with this at Natural; refresh the list and try again";
const FORBIDDEN: &str = "the managing key may not do this";

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    errors: Page<Maybe<Problem>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    code: Field,
    detail: Field,
}

/// Why the vendor did not do it; `None` for 2xx. That a key was refused or is not there only the vendor's own code
/// says: the same status without it comes from somebody on the way.
pub(super) fn refusal(reply: &Reply, manifest: &Manifest, censor: &Censor) -> Option<Fault> {
    if reply.is_success() {
        return None;
    }
    let problem = problem(reply);
    let detail = problem.detail.text();
    let code = problem.code.text();
    match meant(&problem, reply.status) {
        401 if code != Some("unauthenticated") => Some(reply.foreign()),
        404 if code != Some("not_found") => Some(reply.foreign()),
        403 => match named_scope(detail.unwrap_or_default(), manifest) {
            Some(scope) => Some(Fault::ScopeMissing { scope: Some(scope) }),
            None => reply.fault_as(403, detail.or(Some(FORBIDDEN)), censor),
        },
        409 => Some(Fault::Refused { status: 409, message: with_detail(CONFLICT, detail, censor) }),
        428 => Some(Fault::Refused { status: 428, message: with_detail(MFA, detail, censor) }),
        status => reply.fault_as(status, detail, censor),
    }
}

/// What a probe's reply proves. Only an answer in the vendor's own form proves anything: a proxy's page with
/// the same status says nothing about the key.
///
/// # Errors
/// Whatever else came back.
pub(super) fn verdict(reply: &Reply, manifest: &Manifest, censor: &Censor) -> Result<Probe, Fault> {
    let Some(fault) = refusal(reply, manifest, censor) else {
        return super::wire::page(reply, censor).map(|_| Probe::Alive);
    };
    match (reply.status, problem(reply).code.text()) {
        (401, Some("unauthenticated")) => Ok(Probe::Refused),
        (403, Some("forbidden")) => Ok(Probe::Alive),
        (401 | 403, _) => Err(reply.foreign()),
        (_, _) => Err(fault),
    }
}

/// The first error that has a code.
fn problem(reply: &Reply) -> Problem {
    let body = reply.json::<Maybe<Body>>().unwrap_or_default().0.unwrap_or_default();
    let Page::Items(problems) = body.errors else { return Problem::default() };
    problems.into_iter().filter_map(|p| p.0).find(|p| p.code.text().is_some()).unwrap_or_default()
}

/// The status that stands for the code. A fault of the vendor's own stays one, whatever else is said: what was
/// done is not known then.
fn meant(problem: &Problem, status: u16) -> u16 {
    match problem.code.text() {
        _ if status >= 500 => status,
        Some("unauthenticated") => 401,
        Some("forbidden") => 403,
        Some("not_found") => 404,
        Some("conflict") => 409,
        Some("mfa_required") => 428,
        Some("rate_limited") => 429,
        Some("server_error") => 500,
        Some("service_unavailable") => 503,
        Some(_) | None => status,
    }
}

/// The first scope of the catalogue that the vendor's sentence names. For the words only.
fn named_scope(detail: &str, manifest: &Manifest) -> Option<String> {
    let other = |c: char| !(c.is_ascii_lowercase() || c == '_' || c == '.');
    let words = detail.split(other).map(|word| Scope(word.trim_matches('.').to_owned()));
    words.into_iter().find_map(|scope| manifest.scope(&scope).map(|entry| entry.scope.to_owned()))
}

fn with_detail(words: &str, detail: Option<&str>, censor: &Censor) -> String {
    match detail.map(|detail| censor.sentence(detail)).filter(|detail| !detail.is_empty()) {
        Some(detail) => format!("{words} ({detail})"),
        None => words.to_owned(),
    }
}
