//! What is checked before a key is asked for, at vendors whose creation takes a name and scopes only.

use keyturn_core::grant::Grant;
use keyturn_core::provider::{Fault, Manifest, Support};
use keyturn_core::secret::Secret;

/// A key without the asked expiry, or for another environment, is not the key that was asked for: better none.
///
/// A new key works where the managing key works. [assumed]
///
/// # Errors
/// [`Fault::Unsupported`]: nothing was sent.
pub(crate) fn can_be_asked(manifest: &Manifest, managing: &Secret, grant: &Grant) -> Result<(), Fault> {
    if let (Some(_), Support::No(reason)) = (grant.expires_at, manifest.capabilities.expiry) {
        return Err(Fault::Unsupported(reason));
    }
    // EXPOSE: its prefix, which names its environment.
    let text = managing.expose();
    let own = manifest.key_form.prefixes.iter().find(|(prefix, _)| text.starts_with(prefix));
    if own.is_some_and(|(_, environment)| *environment != grant.environment) {
        return Err(Fault::Unsupported(
            "a new key works in the environment of the managing key, and that is another one; connect an account with a key of the other environment",
        ));
    }
    Ok(())
}
