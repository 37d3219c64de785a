//! A vendor's strings made harmless before they travel: bounded, without characters that deceive, without
//! keys. Markup stays as it is; whoever shows it shows it as text.

use keyturn_core::key::{Hint, VendorKeyId};
use keyturn_core::secret::Secret;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// Most characters of a name, an id or a creator.
const LINE: usize = 1024;
/// Most characters of a refusal's reason.
const SENTENCE: usize = 300;
/// Most characters of a key's id.
const ID: usize = 256;
/// A run of this many key-like characters is taken for a credential, whoever's it is.
const CREDENTIAL: usize = 24;
const HIDDEN: &str = "(hidden)";

/// Knows the credentials of one exchange and takes them out of whatever the vendor wrote.
pub(crate) struct Censor {
    forms: Vec<Zeroizing<String>>,
}

impl Censor {
    pub(crate) fn of(secrets: &[&Secret]) -> Self {
        let mut forms = Vec::new();
        for secret in secrets {
            // EXPOSE: compared with what the vendor wrote, so that an echo of it goes no further.
            let raw = secret.expose();
            let encoded: String = byte_serialize(raw.as_bytes()).collect();
            if encoded != raw {
                forms.push(Zeroizing::new(encoded));
            }
            forms.push(Zeroizing::new(raw.to_owned()));
        }
        forms.retain(|form| !form.is_empty());
        Self { forms }
    }

    /// A name or the like: one line of at most 1,024 characters, everything invisible made visible.
    pub(crate) fn line(&self, text: &str) -> String {
        cut(&self.without_secrets(text), LINE)
    }

    /// A reason in a vendor's words, for an error: short, without anything that looks like a key, and without the
    /// query of an address.
    pub(crate) fn sentence(&self, text: &str) -> String {
        let text = without_queries(&without_credentials(&self.without_secrets(text)));
        cut(&text, SENTENCE).trim().to_owned()
    }

    /// A key's id. It must come back to the vendor as it was, so that it is taken whole or not at all.
    pub(crate) fn id(&self, text: &str) -> Option<VendorKeyId> {
        let usable = !text.is_empty() && text.len() <= ID && text.chars().all(|c| c.is_ascii_graphic());
        (usable && !matches!(text, "." | "..") && self.line(text) == text)
            .then(|| VendorKeyId(text.to_owned()))
    }

    /// A scope that a vendor names in a refusal, if it looks like one.
    pub(crate) fn scope(&self, text: &str) -> Option<String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:*.".contains(c);
        let usable = !text.is_empty() && text.chars().all(plain) && self.sentence(text) == text;
        usable.then(|| text.to_owned())
    }

    fn without_secrets(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in &self.forms {
            if text.contains(form.as_str()) {
                text = text.replace(form.as_str(), HIDDEN);
            }
        }
        text
    }
}

/// The last four letters or digits; fewer where there are fewer.
pub(crate) fn last_four(text: &str) -> String {
    let mut last: Vec<char> = text.chars().rev().filter(char::is_ascii_alphanumeric).take(4).collect();
    last.reverse();
    last.into_iter().collect()
}

/// For a fresh key that came without an id: one that the vendor does not know, rather than that the key is
/// lost with its secret. The next list shows the key once more under its own id. [assumed]
pub(crate) fn id_in_lieu(hint: &Hint) -> VendorKeyId {
    VendorKeyId(format!("without-id-{}", last_four(&hint.masked())))
}

/// Each run of at least [`CREDENTIAL`] characters that keys, base64 or hex are made of is replaced.
fn without_credentials(text: &str) -> String {
    let part_of_key = |c: char| c.is_ascii_alphanumeric() || "_-+/=%".contains(c);
    let mut clean = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.find(|c| !part_of_key(c)).unwrap_or(rest.len());
        clean.push_str(if run >= CREDENTIAL { HIDDEN } else { &rest[..run] });
        rest = &rest[run..];
        let gap = rest.find(part_of_key).unwrap_or(rest.len());
        clean.push_str(&rest[..gap]);
        rest = &rest[gap..];
    }
    clean
}

/// What follows a question mark up to the next blank is a query where it holds a pair.
fn without_queries(text: &str) -> String {
    let mut parts = text.split('?');
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(char::is_whitespace).unwrap_or(part.len());
        let (query, rest) = part.split_at(end);
        clean.push('?');
        clean.push_str(if query.contains('=') { HIDDEN } else { query });
        clean.push_str(rest);
    }
    clean
}

fn cut(text: &str, limit: usize) -> String {
    let mut characters = text.chars();
    let mut line: String = characters.by_ref().take(limit).map(visible).collect();
    if characters.next().is_some() {
        line.push('…');
    }
    line
}

/// A character that shows itself: what steers a terminal, turns the reading direction or is not seen at all
/// becomes a mark. The two joiners stay, since scripts and emoji need them.
fn visible(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n6_hostile_names_are_bounded_and_visible() {
        let censor = Censor::of(&[]);
        let table = [
            ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
            ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
            ("a\u{0}b", "a\u{fffd}b"),
            ("\u{1b}[31mred\u{9b}0m", "\u{fffd}[31mred\u{fffd}0m"),
            ("invoice\u{202e}gpj.exe", "invoice\u{fffd}gpj.exe"),
            ("two\r\nlines\tin one", "two  lines in one"),
            ("zero\u{200b}width\u{feff}", "zero\u{fffd}width\u{fffd}"),
            ("مفتاح الإنتاج", "مفتاح الإنتاج"),
            ("👩‍💻 laptop", "👩‍💻 laptop"),
        ];
        for (name, expected) in table {
            assert_eq!(censor.line(name), expected, "{name:?}");
        }
        let long = censor.line(&"ä".repeat(1_000_000));
        assert_eq!(long.chars().count(), 1025);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn s2_an_echoed_key_is_taken_out() {
        let secret = Secret::new("p4ss key/+".to_owned());
        let censor = Censor::of(&[&secret]);
        assert_eq!(censor.line("my p4ss key/+ is"), "my (hidden) is");
        assert_eq!(censor.sentence("at ?k=p4ss+key%2F%2B&x=1"), "at ?(hidden)");
    }

    #[test]
    fn s2_a_reason_holds_nothing_that_looks_like_a_key() {
        let censor = Censor::of(&[]);
        let said = censor.sentence(
            "key nl_live_0123456789abcdef0123456789abcdef is bad (requires: leads:start_conversation)",
        );
        assert_eq!(said, "key (hidden) is bad (requires: leads:start_conversation)");
        assert_eq!(censor.sentence("no such key"), "no such key");
    }

    #[test]
    fn sl3_a_reason_holds_no_query() {
        let censor = Censor::of(&[]);
        let table = [
            ("GET /keys?api_key=short&limit=1 failed", "GET /keys?(hidden) failed"),
            ("/keys?a=1?b=2", "/keys?(hidden)?(hidden)"),
            ("Who? You = me", "Who? You = me"),
            ("?", "?"),
        ];
        for (text, expected) in table {
            assert_eq!(censor.sentence(text), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn s2_whatever_stands_around_a_key_it_is_taken_out(before in ".{0,40}", after in ".{0,40}") {
            let secret = Secret::new("nl_live_canary".to_owned());
            let censor = Censor::of(&[&secret]);
            let text = format!("{before}nl_live_canary{after}");
            proptest::prop_assert!(!censor.line(&text).contains("nl_live_canary"));
            proptest::prop_assert!(!censor.sentence(&text).contains("nl_live_canary"));
        }
    }
}
