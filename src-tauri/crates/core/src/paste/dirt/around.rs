//! One function for each thing that stands around a key: it answers with the text without it.

use super::Dirt;

type Take = fn(&str) -> &str;

/// In the order in which they are tried, again and again until none finds anything.
pub(super) const ALL: [(Take, Option<Dirt>); 9] = [
    (str::trim, None),
    (without_escape, Some(Dirt::LineEnd)),
    (without_fence, Some(Dirt::Frame)),
    (without_prompt, Some(Dirt::Frame)),
    (without_name, Some(Dirt::Name)),
    (without_scheme, Some(Dirt::Scheme)),
    (without_quotes, Some(Dirt::Quotes)),
    (without_end, Some(Dirt::End)),
    (without_brackets, Some(Dirt::Brackets)),
];

/// Shorter than that nothing is a key: what stands before it is no name then.
const SHORTEST: usize = 8;

/// The longest name of a setting.
const LONGEST_NAME: usize = 64;

/// Longer ones before those that they begin with.
const QUOTES: [&str; 25] = [
    "&quot;", "&#39;", "&#34;", "\\\"", "\\'", "\"", "'", "`", "\u{b4}", "“", "”", "„", "‟", "‘", "’", "‚",
    "‛", "«", "»", "‹", "›", "「", "」", "＂", "＇",
];

/// Line ends and blanks at the end as programs spell them out.
const ESCAPES: [&str; 8] = ["\\n", "\\r", "\\t", "%0A", "%0a", "%0D", "%0d", "%20"];

/// What stands before a name in the files and commands that settings are written in.
const BEFORE_NAMES: [&str; 15] = [
    "export ",
    "set ",
    "let ",
    "const ",
    "var ",
    "declare ",
    "env ",
    "arg ",
    "-h ",
    "--header ",
    "-e ",
    "--env ",
    "$env:",
    "local ",
    "readonly ",
];

/// Words of an authorization header, and of the prose around a key.
const SCHEMES: [&str; 6] = ["bearer", "token", "apikey", "api-key", "key", "bearer:"];

/// A name with one of these in it is a key's, also where no blank follows its colon.
const KEY_WORDS: [&str; 6] = ["key", "token", "secret", "auth", "bearer", "password"];

/// What a blank that was taken off was.
pub(super) fn blank(text: &str, rest: &str) -> Dirt {
    let breaks = |text: &str| text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
    if breaks(text) > breaks(rest) { Dirt::LineEnd } else { Dirt::Blanks }
}

fn without_escape(text: &str) -> &str {
    ESCAPES.iter().find_map(|escape| text.strip_suffix(escape)).unwrap_or(text)
}

/// The three backticks around a block of code, with the language after the first.
fn without_fence(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("```") else { return text };
    let body = match rest.split_once(['\n', '\r']) {
        Some((language, body)) if language.trim().chars().all(char::is_alphanumeric) => body,
        _ => rest,
    };
    body.trim_end().trim_end_matches('`').trim()
}

/// The mark that a quoted mail, a list or a terminal puts before a line.
fn without_prompt(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(['$', '>', '#', '%', '-', '*', '•', '·']) else { return text };
    if rest.starts_with(char::is_whitespace) { rest.trim_start() } else { text }
}

/// `export X=`, `"x":`, `X-Api-Key:`, `API key:`.
fn without_name(text: &str) -> &str {
    let before = BEFORE_NAMES.iter().find_map(|word| without_word(text, word));
    let text_after = before.map_or(text, str::trim_start);
    setting(text_after).or_else(|| prose(text_after)).unwrap_or_else(|| match before {
        // The option of a command whose value is quoted: `-H "X-Api-Key: …"`.
        Some(rest) if rest.trim_start().starts_with(['"', '\'']) => rest.trim_start(),
        _ => text,
    })
}

/// What follows the name of a setting: with `=` or `=>`, or with a colon where that is sure to be one.
fn setting(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let rest = quote.map_or(text, |_| &text[1..]);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$')))?;
    let (name, rest) = rest.split_at(end);
    if end > LONGEST_NAME || !name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$')) {
        return None;
    }
    let rest = quote.map_or(Some(rest), |quote| rest.strip_prefix(quote))?.trim_start();
    // A line that was wrapped inside a value may end like this.
    let wrapped = |value: &&str| value.starts_with(['\n', '\r']);
    let assigned = ["=>", ":=", "="].into_iter().find_map(|sign| rest.strip_prefix(sign));
    let assigned = assigned.filter(|value| !wrapped(value));
    let value = assigned.or_else(|| {
        let value = rest.strip_prefix(':').filter(|value| !value.starts_with("//"))?;
        (quote.is_some() || value.starts_with(char::is_whitespace) || names_a_key(name)).then_some(value)
    })?;
    long_enough(value)
}

/// `Your new API key: …`, as mails have it.
fn prose(text: &str) -> Option<&str> {
    let (name, value) = text.split_once(':')?;
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '\''));
    let fits = plain && name.chars().count() <= LONGEST_NAME && names_a_key(name);
    long_enough(value).filter(|_| fits && value.starts_with(char::is_whitespace))
}

/// The padding at the end of a value is none itself.
fn long_enough(value: &str) -> Option<&str> {
    let value = value.trim_start();
    (value.chars().filter(|c| *c != '=').count() >= SHORTEST).then_some(value)
}

fn names_a_key(name: &str) -> bool {
    KEY_WORDS.iter().any(|word| {
        name.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    })
}

fn without_scheme(text: &str) -> &str {
    let rest = SCHEMES.iter().find_map(|word| without_word(text, word));
    rest.filter(|rest| rest.starts_with(char::is_whitespace)).map_or(text, str::trim_start)
}

/// Whatever the capitals of `word`, which is ASCII.
fn without_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (begins, rest) = text.split_at_checked(word.len())?;
    begins.eq_ignore_ascii_case(word).then_some(rest)
}

fn without_end(text: &str) -> &str {
    let text = text.strip_suffix([',', ';']).unwrap_or(text);
    text.strip_suffix('\\').filter(|rest| rest.ends_with(char::is_whitespace)).unwrap_or(text)
}

/// At either end: no key has one, and one alone was copied by half.
fn without_quotes(text: &str) -> &str {
    let text = QUOTES.iter().find_map(|quote| text.strip_prefix(quote)).unwrap_or(text);
    QUOTES.iter().find_map(|quote| text.strip_suffix(quote)).unwrap_or(text)
}

fn without_brackets(text: &str) -> &str {
    let within = |(open, close)| text.strip_prefix(open)?.strip_suffix(close);
    [('{', '}'), ('[', ']'), ('(', ')'), ('<', '>')].into_iter().find_map(within).unwrap_or(text)
}
