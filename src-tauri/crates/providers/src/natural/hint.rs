//! What Natural shows of a key: `sk_ntl_prod_` and the 16 characters after it. [seed]

use keyturn_core::key::Hint;
use keyturn_core::secret::Secret;

/// How every key begins, whatever its environment.
pub(super) const BEGINS: &str = "sk_ntl_";
/// How many characters after the environment are shown.
const SHOWN: usize = 16;
/// A value with fewer characters is no key, and nothing of it is shown.
const SHORTEST: usize = 48;

/// The hint out of the beginning that the vendor lists.
pub(super) fn hint(text: &str) -> Hint {
    shown(text, SHOWN)
}

/// The hint under which the vendor lists `secret`.
pub(super) fn hint_of(secret: &Secret) -> Hint {
    // EXPOSE: its beginning, which the vendor lists as well.
    let text = secret.expose();
    shown(text, if text.len() >= SHORTEST { SHOWN } else { 0 })
}

/// What may be shown of `text`; `None` where it does not begin like a key.
pub(super) fn readable(text: &str) -> Option<String> {
    cut(text, SHOWN)
}

fn shown(text: &str, length: usize) -> Hint {
    Hint { prefix: cut(text, length).unwrap_or_default(), suffix: String::new() }
}

/// At most `length` characters after the environment, even if the vendor should return more.
fn cut(text: &str, length: usize) -> Option<String> {
    let (environment, body) = text.strip_prefix(BEGINS)?.split_once('_')?;
    let word = (1..=16).contains(&environment.len()) && environment.bytes().all(|b| b.is_ascii_lowercase());
    let base64url = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let body: String = body.chars().take_while(base64url).take(length).collect();
    word.then(|| format!("{BEGINS}{environment}_{body}"))
}
