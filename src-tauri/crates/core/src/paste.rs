//! What a person typed or pasted as a key: rid of what copying brings along, and checked for the mistakes that it makes,
//! with words for each.

mod dirt;

use crate::key::Environment;
use crate::provider::{KeyBody, KeyForm, Manifest, Mismatch};
use crate::secret::Secret;

pub use dirt::{Cleaned, Dirt, clean};

/// Why pasted text cannot be a key of the vendor. Holds nothing of the text itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasteFault {
    #[error("nothing was entered")]
    Empty,
    #[error("there is a space at the beginning or the end")]
    OuterSpace,
    #[error("there is a space in the middle")]
    InnerSpace,
    #[error("there is a line break in it: copy it from where it stands on one line")]
    LineBreak,
    #[error("it is several lines: copy the key alone")]
    Lines,
    #[error("it is a whole command: copy the key alone")]
    Command,
    #[error("it is a web address: copy the key alone")]
    Address,
    #[error("it is a user name with a password, encoded (“Basic”), and no key")]
    Basic,
    #[error("it is a certificate or the private key of one")]
    File,
    #[error("it is the name of a variable, and not what the variable holds")]
    Reference,
    #[error("it is the placeholder of an example")]
    Placeholder,
    #[error("it is the same twice, one after the other")]
    Twice,
    #[error("there is a quotation mark, bracket, comma or semicolon in the middle of it")]
    Mark,
    #[error(
        "there is a letter or sign in it that no key has: one of another script, or one that a program put in"
    )]
    Foreign,
    #[error("it does not begin like a {vendor} key (expected {expected})")]
    Prefix { vendor: &'static str, expected: String },
    #[error("it is cut short: {actual} of {expected} characters after the prefix")]
    Truncated { actual: usize, expected: usize },
    #[error("it is cut short: {actual} characters, where a {vendor} key has {least} at least")]
    TooShort { vendor: &'static str, actual: usize, least: usize },
    #[error("it is the shortened form that lists show; copy the key itself")]
    Shortened,
    #[error("it is too long: {actual} instead of {expected} characters after the prefix")]
    TooLong { actual: usize, expected: usize },
    #[error("it holds a character that {vendor} keys never hold")]
    Character { vendor: &'static str },
    /// A credential of another kind; the sentence says of which.
    #[error("{words}")]
    Declined { words: &'static str },
}

/// What stands in the place of the characters that are left out where a key is listed.
const SHORTENED: [&str; 4] = ["…", "...", "***", "•••"];

/// Checks `secret` against the vendor's key form and says which environment its prefix names.
///
/// Where the vendor's form only warns ([`Mismatch::Warned`]), what is let through has its mistake told by
/// [`paste_warning`].
///
/// # Errors
/// The first mistake found, in the order in which people make them.
pub fn check_paste(manifest: &Manifest, secret: &Secret) -> Result<Environment, PasteFault> {
    // EXPOSE: its form is compared with the vendor's; nothing of it is kept.
    let text = secret.expose();
    if text.trim().is_empty() {
        return Err(PasteFault::Empty);
    }
    if text.contains(['\n', '\r']) {
        return Err(PasteFault::LineBreak);
    }
    if text.trim() != text {
        return Err(PasteFault::OuterSpace);
    }
    if text.chars().any(char::is_whitespace) {
        return Err(PasteFault::InnerSpace);
    }
    if SHORTENED.iter().any(|mark| text.contains(mark)) {
        return Err(PasteFault::Shortened);
    }
    let form = &manifest.key_form;
    if let Some((_, words)) = form.declined.iter().find(|(other, _)| other.fits(text)) {
        return Err(PasteFault::Declined { words });
    }
    match (check_form(manifest.name, form, text), form.mismatch) {
        (Err(_), Mismatch::Warned) => Ok(environment(form, text)),
        (outcome, Mismatch::Refused | Mismatch::Warned) => outcome.map(|()| environment(form, text)),
    }
}

/// What is odd about a `secret` that [`check_paste`] lets through; `None` where nothing is.
#[must_use]
pub fn paste_warning(manifest: &Manifest, secret: &Secret) -> Option<PasteFault> {
    // EXPOSE: its form is compared with the vendor's; nothing of it is kept.
    check_form(manifest.name, &manifest.key_form, secret.expose()).err()
}

fn check_form(vendor: &'static str, form: &KeyForm, text: &str) -> Result<(), PasteFault> {
    if form.prefixes.is_empty() {
        return check_body(vendor, form.body, text);
    }
    let Some((prefix, _)) = form.prefixes.iter().find(|(prefix, _)| text.starts_with(prefix)) else {
        let expected = form.prefixes.iter().map(|(p, _)| format!("{p}…")).collect::<Vec<_>>().join(" or ");
        return Err(PasteFault::Prefix { vendor, expected });
    };
    check_body(vendor, form.body, text.strip_prefix(prefix).unwrap_or(text))
}

/// The beginning that says which vendor it is, and the last four characters: never more than a vendor lists. Whatever
/// letters stand in `value`.
#[must_use]
pub fn masked(value: &str) -> String {
    let prefix = value.char_indices().take(16).filter(|(_, c)| *c == '_').last();
    let (prefix, body) = prefix.map_or(("", value), |(at, _)| value.split_at(at + 1));
    let from = body.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    format!("{prefix}…{}", body.get(from..).unwrap_or_default())
}

/// The environment that the prefix names.
fn environment(form: &KeyForm, text: &str) -> Environment {
    match form.prefixes.iter().find(|(prefix, _)| text.starts_with(prefix)) {
        Some((_, environment)) => environment.clone(),
        None if form.prefixes.is_empty() => Environment::None,
        None => Environment::Other("not known".to_owned()),
    }
}

fn check_body(vendor: &'static str, form: KeyBody, body: &str) -> Result<(), PasteFault> {
    let (expected, allowed): (usize, fn(char) -> bool) = match form {
        KeyBody::LowerHex(n) => (n, |c| matches!(c, '0'..='9' | 'a'..='f')),
        KeyBody::Base62(n) => (n, |c| c.is_ascii_alphanumeric()),
        KeyBody::Base64Url(n) => (n, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
        KeyBody::AtLeast(least) => {
            let actual = body.chars().count();
            return if actual < least { Err(PasteFault::TooShort { vendor, actual, least }) } else { Ok(()) };
        }
        KeyBody::Any => {
            return if body.is_empty() {
                Err(PasteFault::Truncated { actual: 0, expected: 1 })
            } else {
                Ok(())
            };
        }
    };
    if !body.chars().all(allowed) {
        return Err(PasteFault::Character { vendor });
    }
    let actual = body.chars().count();
    match actual.cmp(&expected) {
        std::cmp::Ordering::Less => Err(PasteFault::Truncated { actual, expected }),
        std::cmp::Ordering::Greater => Err(PasteFault::TooLong { actual, expected }),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f56_a_value_is_masked_whatever_letters_it_holds() {
        let table = [
            ("nl_live_0123456789abcdef", "nl_live_…cdef"),
            ("abcdefghijklmnopqrst", "…qrst"),
            ("cl_live_abcdef\u{e4}\u{e4}bcdefgh", "cl_live_…efgh"),
            ("abcdefghijklmno\u{e4}bcd", "…\u{e4}bcd"),
            ("\u{1f468}\u{200d}\u{1f4bb}\u{e4}", "…\u{1f468}\u{200d}\u{1f4bb}\u{e4}"),
            ("0123456789abcdef_x", "…ef_x"),
            ("", "…"),
        ];
        for (value, expected) in table {
            assert_eq!(masked(value), expected);
        }
    }
}
