//! What the vendors without an API for keys have in common: what a probe's reply proves, and a hint of our own.
//!
//! Leadterra does not describe its refusals, so that there the status decides; SmartLead's 401 has words of its own.

use keyturn_core::key::Hint;
use keyturn_core::provider::{Fault, Manifest, Probe};
use keyturn_core::secret::Secret;

use crate::http::Reply;
use crate::words::last_four;

/// Of a value with fewer characters than these after its prefix nothing is shown as a hint.
const SHORTEST_SHOWN: usize = 16;

/// Whether the key lives. 401: refused. 403: known, and not permitted to do this, so that it lives. A page of
/// markup is a proxy's or a portal's and proves nothing, whatever its status.
///
/// # Errors
/// Whatever else came back.
pub(crate) fn verdict(reply: &Reply, fault: Option<Fault>) -> Result<Probe, Fault> {
    match (fault, reply.status) {
        (_, 200..=299 | 401 | 403) if reply.is_markup() => Err(Fault::Malformed(format!(
            "status {} with a page of markup, which is not the vendor's and proves nothing",
            reply.status
        ))),
        (None, _) => reply.is_structured().map(|()| Probe::Alive),
        (Some(Fault::Unauthenticated), 401) => Ok(Probe::Refused),
        (Some(_), 403) => Ok(Probe::Alive),
        (Some(_), 404) if !reply.is_markup() => {
            Err(Fault::Address("there is nothing to check a key with at this address".to_owned()))
        }
        (Some(fault), _) => Err(fault),
    }
}

/// The prefix and the last four characters: no vendor lists this hint, it is derived from the key itself.
pub(crate) fn hint(manifest: &Manifest, secret: &Secret) -> Hint {
    // EXPOSE: its prefix and its last four characters, shown so that a person can tell it from others.
    let text = secret.expose();
    let prefixes = manifest.key_form.prefixes.iter().map(|(prefix, _)| *prefix);
    let prefix = prefixes.filter(|prefix| text.starts_with(prefix)).max_by_key(|p| p.len()).unwrap_or("");
    let body = &text[prefix.len()..];
    let shown = if body.chars().count() >= SHORTEST_SHOWN { body } else { "" };
    Hint { prefix: prefix.to_owned(), suffix: last_four(shown) }
}
