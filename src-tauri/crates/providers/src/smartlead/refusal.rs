//! Why SmartLead did not do it. [seed] for 401, [docs] for 429; other bodies are not documented.

use std::time::Duration;

use keyturn_core::provider::Fault;
use serde::Deserialize;

use crate::http::Reply;
use crate::shape::{Field, Maybe};
use crate::words::Censor;

/// The longest wait that is believed where only the body tells it. [assumed]
const LONGEST: u64 = 3600;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    ok: Field,
    success: Field,
    error: Maybe<Problem>,
    message: Field,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    code: Field,
    message: Field,
    retry_after: Field,
}

/// Why the vendor did not do it; `None` where it did. A 2xx whose body says `ok: false` is a refusal. [assumed] That a
/// key was refused [seed] or is not there [assumed] only the vendor's own code says: the same status without it comes
/// from somebody on the way.
pub(super) fn refusal(reply: &Reply, censor: &Censor) -> Option<Fault> {
    let body = reply.json::<Maybe<Body>>().unwrap_or_default().0.unwrap_or_default();
    let problem = body.error.0.unwrap_or_default();
    let message = problem.message.text().or(body.message.text());
    if reply.is_success() {
        let denied = [&body.ok, &body.success].contains(&&Field::Flag(false));
        return denied.then(|| said_no(reply.status, message, censor));
    }
    match reply.fault(message, censor)? {
        Fault::Unauthenticated if problem.code.text() != Some("UNAUTHORIZED") => Some(reply.foreign()),
        Fault::NotFound if problem.code.text() != Some("NOT_FOUND") => Some(reply.foreign()),
        Fault::RateLimited { retry_after } if reply.retry_after.is_none() => {
            Some(Fault::RateLimited { retry_after: told(&problem).unwrap_or(retry_after) })
        }
        fault => Some(fault),
    }
}

/// Whether a 2xx says in so many words that it was done. [docs]
pub(super) fn says_done(reply: &Reply) -> bool {
    let body = reply.json::<Maybe<Body>>().unwrap_or_default().0.unwrap_or_default();
    [&body.ok, &body.success].contains(&&Field::Flag(true))
}

fn said_no(status: u16, message: Option<&str>, censor: &Censor) -> Fault {
    let message = message.map(|message| censor.sentence(message)).filter(|message| !message.is_empty());
    Fault::Refused {
        status,
        message: message.unwrap_or_else(|| "it was not done, no reason given".to_owned()),
    }
}

/// `retry_after` in seconds, where there is no header.
fn told(problem: &Problem) -> Option<Duration> {
    let seconds: u64 = problem.retry_after.text()?.parse().ok()?;
    Some(Duration::from_secs(seconds.clamp(1, LONGEST)))
}
