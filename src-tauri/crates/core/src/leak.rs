//! Finding what looks like a key in any text, in time that grows with the text alone.
//!
//! Knows the vendors' forms and nothing of the keys that exist: whose a value is is looked up in
//! [`crate::flows::find_leaks`]. Keeps nothing.

mod decode;
mod held;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::provider::{KeyBody, KeyForm, Mismatch};

pub use decode::{decode, unescaped};
pub use held::Held;

/// The largest text that is searched, in bytes.
pub const LARGEST: usize = 10 * 1024 * 1024;

/// No key is longer; bounds the work at each beginning of one.
const LONGEST: usize = 512;

/// A key of an unfamiliar form that is shorter than this is not looked for.
const SHORTEST: usize = 16;

/// A word of a text that may be a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate<'t> {
    pub value: &'t str,
    /// The first line that it stands in, from 1.
    pub line: u32,
    /// The forms that it has, by their place in what was asked for. Empty: it may only be one that is known exactly.
    pub forms: Vec<usize>,
}

/// Every word of `text` that has one of the forms, every other that may be a key of a form that is not documented, and
/// every stretch that may be one of the `held` values. Each value once, in the order of the text.
#[must_use]
pub fn scan<'t>(text: &'t str, forms: &[&KeyForm], held: &Held) -> Vec<Candidate<'t>> {
    let mut found: Vec<(usize, &'t str, Option<usize>)> = Vec::new();
    for (form, number) in forms.iter().zip(0..) {
        for (prefix, _) in &form.prefixes {
            for at in memchr::memmem::find_iter(text.as_bytes(), prefix.as_bytes()) {
                if let Some((end, fits)) = body_end(text, at + prefix.len(), form) {
                    found.push((at, &text[at..end], fits.then_some(number)));
                }
            }
        }
    }
    words(text, |at, word| {
        if may_be_secret(word) {
            found.push((at, word, None));
        }
    });
    held.find(text, |at, value| found.push((at, value, None)));
    found.sort_by_key(|(at, ..)| *at);
    once_each(text, found)
}

/// Where a key ends whose body begins at `at`, and whether it has the form: where more of the same signs follow, it may
/// only be one that is known exactly. `None` where it is none.
fn body_end(text: &str, at: usize, form: &KeyForm) -> Option<(usize, bool)> {
    let run = |allowed: fn(u8) -> bool| {
        text.as_bytes()[at..].iter().take(LONGEST).take_while(|byte| allowed(**byte)).count()
    };
    let word = run(is_of_word);
    let exact = match form.body {
        KeyBody::LowerHex(length) => (run(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), length),
        KeyBody::Base62(length) => (run(|b| b.is_ascii_alphanumeric()), length),
        KeyBody::Base64Url(length) => (word, length),
        KeyBody::AtLeast(least) => return (word >= least).then_some((at + word, true)),
        KeyBody::Any => return (word >= SHORTEST).then_some((at + word, true)),
    };
    if exact.0 >= exact.1 {
        // Marks of emphasis are no part of it.
        let more = &text.as_bytes()[at + exact.1..at + exact.0];
        return Some((at + exact.1, more.iter().all(|byte| matches!(byte, b'_' | b'-'))));
    }
    (form.mismatch == Mismatch::Warned && word >= SHORTEST).then_some((at + word, true))
}

/// Calls `f` with each word of letters, digits, `_` and `-`; and with each that other signs stand in as well, once
/// whole and once from behind its first `=` or `:`.
fn words<'t>(text: &'t str, mut f: impl FnMut(usize, &'t str)) {
    let mut start = None;
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        match (start, is_of_word(byte)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                f(from, &text[from..at]);
                start = None;
            }
            _ => {}
        }
    }
    let mut at = 0;
    for word in text.split(|c: char| c.is_whitespace() || "\"'`,;<>()[]{}&?".contains(c)) {
        if !word.bytes().all(is_of_word) {
            f(at, word);
            if let Some((name, value)) = word.split_once(['=', ':']) {
                f(at + name.len() + 1, value);
            }
        }
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Long enough, not too long, with a digit and a letter. What people choose as passwords is not meant.
fn may_be_secret(word: &str) -> bool {
    (SHORTEST..=LONGEST).contains(&word.len())
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn once_each<'t>(text: &'t str, found: Vec<(usize, &'t str, Option<usize>)>) -> Vec<Candidate<'t>> {
    let mut candidates: Vec<Candidate<'t>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let (mut line, mut counted) = (1_u32, 0);
    for (at, value, form) in found {
        if at > counted {
            let ends = memchr::memchr_iter(b'\n', &text.as_bytes()[counted..at]).count();
            line = line.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
            counted = at;
        }
        let number = *known.entry(value).or_insert_with(|| {
            candidates.push(Candidate { value, line, forms: Vec::new() });
            candidates.len() - 1
        });
        if let Some(form) = form
            && !candidates[number].forms.contains(&form)
        {
            candidates[number].forms.push(form);
        }
    }
    candidates
}
