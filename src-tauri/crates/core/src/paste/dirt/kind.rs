//! What a text is that is no single key.

use zeroize::Zeroizing;

use super::PasteFault;
use crate::paste::SHORTENED;

/// Signs that no key holds: they come with what stands around it.
const MARKS: [char; 12] = ['"', '\'', '`', '<', '>', '{', '}', '[', ']', ',', ';', '\\'];

const COMMANDS: [&str; 6] = ["curl ", "wget ", "http ", "invoke-", "fetch(", "docker "];

/// As many equal letters in a row are an example's.
const FILLED: usize = 8;

/// Looked at before anything is taken off, and again after each thing that was.
pub(super) fn of_several(text: &str) -> Result<(), PasteFault> {
    let text = text.trim();
    let begins = |word: &&str| text.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    if text.contains("-----BEGIN") {
        return Err(PasteFault::File);
    }
    if COMMANDS.iter().any(begins) {
        return Err(PasteFault::Command);
    }
    if begins(&"basic ") {
        return Err(PasteFault::Basic);
    }
    if ["${", "{{", "$("].iter().any(|sign| text.starts_with(sign)) {
        return Err(PasteFault::Reference);
    }
    let settings =
        text.lines().filter(|line| line.contains(['=', ':']) && !line.trim_end().ends_with('=')).count();
    if settings > 1 { Err(PasteFault::Lines) } else { Ok(()) }
}

/// Of what is left when all around it was taken off.
pub(super) fn of_rest(text: &str) -> Result<(), PasteFault> {
    if text.is_empty() {
        return Err(PasteFault::Empty);
    }
    if SHORTENED.iter().any(|mark| text.contains(mark)) {
        return Err(PasteFault::Shortened);
    }
    if text.contains("://") {
        return Err(PasteFault::Address);
    }
    if is_example(text) {
        return Err(PasteFault::Placeholder);
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    match lines.clone().count() {
        0 | 1 => {}
        _ if lines.clone().any(|line| line.trim().contains(char::is_whitespace)) => {
            return Err(PasteFault::Lines);
        }
        _ => return Err(PasteFault::LineBreak),
    }
    if text.chars().any(char::is_whitespace) {
        return Err(PasteFault::InnerSpace);
    }
    let is_named = |sign| {
        text.strip_prefix(sign)
            .is_some_and(|name: &str| name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c == '%'))
    };
    if is_named('$') || is_named('%') || text.contains("process.env") || text.contains("os.environ") {
        return Err(PasteFault::Reference);
    }
    if text.contains(MARKS) {
        return Err(PasteFault::Mark);
    }
    if !text.is_ascii() {
        return Err(PasteFault::Foreign);
    }
    let (half, rest) = text.split_at(text.len() / 2);
    if half == rest && half.len() >= FILLED { Err(PasteFault::Twice) } else { Ok(()) }
}

/// `YOUR_API_KEY`, `nl_live_xxxxxxxx`.
fn is_example(text: &str) -> bool {
    let small = Zeroizing::new(text.to_ascii_lowercase());
    let names =
        ["your_", "your-", "your ", "my_api", "my-api", "api_key_here", "insert_", "changeme", "replace_"];
    names.iter().any(|name| small.contains(name))
        || small.as_bytes().windows(FILLED).any(|part| part.iter().all(|byte| *byte == b'x'))
}
