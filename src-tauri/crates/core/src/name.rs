//! When two names are the same, how they are searched, and in which order they stand. What we ask for and what a vendor
//! lists may be written differently: trimmed, in small letters, without characters that have no width.

mod letters;
mod order;

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

pub use letters::{holds, push_searched, searched};
pub use order::{compare_searched, in_order};

/// The name as it is compared.
#[must_use]
pub fn folded(name: &str) -> String {
    if name.is_ascii() && !name.chars().any(is_invisible) {
        return spaced(name).to_ascii_lowercase();
    }
    spaced(&ComposingNormalizerBorrowed::new_nfc().normalize(&seen(name))).to_lowercase()
}

/// Whether both may name one key.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    one == other || folded(one) == folded(other)
}

/// Whether what a person typed looks like the name or the phrase that confirms: what a screen does not tell apart is no
/// difference, but small and capital letters are.
#[must_use]
pub fn confirms(typed: &str, wanted: &str) -> bool {
    typed == wanted || shown(typed) == shown(wanted)
}

/// Whether a screen shows anything of the name.
#[must_use]
pub fn is_visible(name: &str) -> bool {
    !shown(name).is_empty()
}

fn shown(name: &str) -> String {
    spaced(&ComposingNormalizerBorrowed::new_nfkc().normalize(&seen(name)))
}

/// Each run of blanks as one, and none at the ends.
fn spaced(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without what has no width.
pub(crate) fn seen(name: &str) -> Cow<'_, str> {
    if name.chars().any(is_invisible) {
        name.chars().filter(|c| !is_invisible(*c)).collect()
    } else {
        name.into()
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
        || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f05_names_that_a_vendor_writes_otherwise_are_the_same() {
        for listed in
            ["Deploy key", " deploy KEY ", "Deploy\u{200b} key", "Deploy  key", "\u{feff}deploy\tkey"]
        {
            assert!(is_same("Deploy key", listed), "{listed:?}");
        }
        for other in ["Deploy keys", "Deploykey", "", "Deploy-key"] {
            assert!(!is_same("Deploy key", other), "{other:?}");
        }
    }

    #[test]
    fn f21_what_looks_the_same_confirms() {
        let table = [
            ("CRM sync", "CRM  sync"),
            ("CRM sync", "CRM sync "),
            ("CRM sync", "\u{a0}CRM\u{2003}sync\t"),
            ("Caf\u{e9}", "Cafe\u{301}"),
            ("Deploy", "De\u{200b}ploy"),
            ("Key 1", "\u{ff2b}ey\u{3000}\u{ff11}"),
        ];
        for (typed, name) in table {
            assert!(confirms(typed, name), "{typed:?} for {name:?}");
        }
        for (typed, name) in
            [("crm sync", "CRM sync"), ("CRMsync", "CRM sync"), ("", "CRM"), ("Cafe", "Caf\u{e9}")]
        {
            assert!(!confirms(typed, name), "{typed:?} for {name:?}");
        }
        assert!(is_same("Caf\u{e9}", "cafe\u{301}"));
        assert!(!is_visible(" \u{200b}\t") && is_visible("a"));
    }
}
