//! Why Neural Draft did not do it: problem+json, judged by `code` and never by its title or detail. [seed]

use keyturn_core::provider::{Fault, Probe};
use serde::Deserialize;

use crate::http::Reply;
use crate::shape::{Field, Maybe};
use crate::words::Censor;

const CREDITS: &str = "the project has no credits left, so that Neural Draft does nothing for it; top up or upgrade there and try again. The key itself is still good";
const LIMIT: &str =
    "the project already has 20 active keys, the most that Neural Draft allows; revoke an unused one first";
const FORBIDDEN: &str = "the managing key may not do this";
const INVALID: &str = "Neural Draft does not accept the name or the scopes";

#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    code: Field,
    detail: Field,
    /// Not documented; read where present. [assumed]
    scope: Field,
}

/// Why the vendor did not do it; `None` for 2xx. That a key was refused or is not there [assumed] only the vendor's own
/// code says: the same status without it comes from somebody on the way.
pub(super) fn refusal(reply: &Reply, censor: &Censor) -> Option<Fault> {
    if reply.is_success() {
        return None;
    }
    let problem = problem(reply);
    let detail = problem.detail.text();
    match (problem.code.text(), reply.status) {
        // A fault of the vendor's own stays one, whatever else is said: what was done is not known then.
        (_, status @ 500..) => reply.fault_as(status, None, censor),
        (Some("unauthorized"), _) => reply.fault_as(401, None, censor),
        (Some("out_of_credits"), _) => Some(Fault::Refused { status: 402, message: CREDITS.to_owned() }),
        (Some("forbidden"), _) => Some(Fault::ScopeMissing { scope: needed_scope(&problem, censor) }),
        (Some("key_limit_reached"), _) => Some(Fault::Refused { status: 409, message: LIMIT.to_owned() }),
        (Some("validation_failed"), _) => reply.fault_as(422, detail.or(Some(INVALID)), censor),
        (Some("rate_limited"), _) => reply.fault_as(429, None, censor),
        (Some("service_unavailable"), _) => reply.fault_as(503, None, censor),
        (Some("not_found"), _) => reply.fault_as(404, None, censor),
        (_, 401 | 404) => Some(reply.foreign()),
        (_, 403) => reply.fault_as(403, detail.or(Some(FORBIDDEN)), censor),
        (_, status) => reply.fault_as(status, detail, censor),
    }
}

/// What a probe's reply proves. Only an answer in the vendor's own form proves anything: a proxy's page with
/// the same status says nothing about the key. A project without credits was still found by its key.
///
/// # Errors
/// Whatever else came back.
pub(super) fn verdict(reply: &Reply, censor: &Censor) -> Result<Probe, Fault> {
    let Some(fault) = refusal(reply, censor) else {
        return reply.is_structured().map(|()| Probe::Alive);
    };
    match (reply.status, problem(reply).code.text()) {
        (401, Some("unauthorized")) => Ok(Probe::Refused),
        (402, Some("out_of_credits")) | (403, Some("forbidden")) => Ok(Probe::Alive),
        (401 | 403, _) => Err(reply.foreign()),
        (_, _) => Err(fault),
    }
}

fn problem(reply: &Reply) -> Problem {
    reply.json::<Maybe<Problem>>().unwrap_or_default().0.unwrap_or_default()
}

/// The scope that was needed: in a field of its own, or between the backticks of the vendor's sentence. For
/// the words only.
fn needed_scope(problem: &Problem, censor: &Censor) -> Option<String> {
    let quoted = || problem.detail.text()?.split('`').nth(1);
    problem.scope.text().or_else(quoted).and_then(|scope| censor.scope(scope))
}
