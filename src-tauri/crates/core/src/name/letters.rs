//! The one form in which texts are searched and put in order: small letters without accents, written the same whatever
//! program wrote them, and every digit as 0 to 9. The same rule stands in `ui/src/words-names.ts`.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use memchr::memchr2_iter;

use super::is_invisible;

/// Where the digits of the scripts that people number with begin; each has ten in a row.
const ZEROS: [char; 17] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}',
    '\u{c66}', '\u{ce6}', '\u{d66}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}', '\u{17e0}',
];

/// `text` in that form.
#[must_use]
pub fn searched(text: &str) -> String {
    let mut form = String::with_capacity(text.len());
    push_searched(&mut form, text);
    form
}

/// Appends that form of `text`. A blank of any kind is a space there, so that no line ends in it.
pub fn push_searched(into: &mut String, text: &str) {
    if text.is_ascii() {
        let seen = text.chars().filter(|c| !is_invisible(*c));
        into.extend(seen.map(|c| if c.is_whitespace() { ' ' } else { c.to_ascii_lowercase() }));
        return;
    }
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let mut base = String::with_capacity(apart.len());
    for letter in apart.chars().filter(|c| !is_invisible(*c)).flat_map(char::to_lowercase) {
        push_plain(&mut base, letter);
    }
    // What is no accent is put together again, so that a part of a letter is not found in it.
    into.push_str(&ComposingNormalizerBorrowed::new_nfc().normalize(&base));
}

/// Whether `text` holds `term`, which is in that form already.
#[must_use]
pub fn holds(text: &str, term: &str) -> bool {
    if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return searched(text).contains(term);
    }
    let (text, term) = (text.as_bytes(), term.as_bytes());
    let Some(first) = term.first() else { return true };
    let last = (text.len() + 1).saturating_sub(term.len());
    let mut places = memchr2_iter(*first, first.to_ascii_uppercase(), &text[..last]);
    places.any(|at| text[at..at + term.len()].eq_ignore_ascii_case(term))
}

/// What a keyboard has for it; an accent alone is left out.
fn push_plain(into: &mut String, letter: char) {
    let plain = match letter {
        accent if is_accent(accent) => return,
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ł' => "l",
        'ŋ' => "n",
        'ŧ' => "t",
        'ς' => "σ",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{2018}'..='\u{201b}' => "'",
        '\u{201c}'..='\u{201f}' | '«' | '»' => "\"",
        '\u{2044}' => "/",
        blank if blank.is_whitespace() => " ",
        other => return into.push(digit(other).unwrap_or(other)),
    };
    into.push_str(plain);
}

fn digit(letter: char) -> Option<char> {
    let of = |zero: &char| char::from_digit((letter as u32).checked_sub(*zero as u32)?, 10);
    ZEROS.iter().find_map(of)
}

/// Marks that people leave out when they type; not those that are letters of their script.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f22_what_looks_alike_is_searched_alike_and_accents_may_be_left_out() {
        // The same table stands in `words-names.test.ts`.
        let table = [
            ("Caf\u{e9}", "cafe"),
            ("Cafe\u{301}", "cafe"),
            ("\u{c4}PFEL", "apfel"),
            ("Stra\u{df}e", "strasse"),
            ("STRA\u{1e9e}E", "strasse"),
            ("\u{d8}re \u{c5}lesund", "ore alesund"),
            ("\u{141}\u{f3}d\u{17a}", "lodz"),
            ("\u{130}stanbul", "istanbul"),
            ("D\u{131}yar", "diyar"),
            ("\u{39f}\u{394}\u{39f}\u{3a3}", "οδοσ"),
            ("CRM\u{a0}sync", "crm sync"),
            ("De\u{ad}ploy\u{200b}", "deploy"),
            ("\u{ff2b}ey\u{3000}\u{ff11}", "key 1"),
            ("key \u{663}\u{6f4}", "key 34"),
            ("CRM \u{2013} Bob\u{2019}s \u{201c}x\u{201d}", "crm - bob's \"x\""),
            ("\u{fb01}le \u{2026}", "file ..."),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("\u{304b}\u{3099}", "が"),
            ("\u{939}\u{93f}\u{902}\u{926}\u{940}", "\u{939}\u{93f}\u{902}\u{926}\u{940}"),
            ("\u{2764}\u{fe0f} \u{1f511}", "\u{2764} \u{1f511}"),
            ("a\tb\nc", "a b c"),
        ];
        for (text, form) in table {
            assert_eq!(searched(text), form, "{text:?}");
            assert_eq!(searched(form), form, "{form:?} stays");
            assert!(holds(text, form) && holds(text, ""), "{text:?}");
        }
        assert!(!holds("か", &searched("が")) && !holds("が", &searched("か")));
        assert!(holds("Deploy KEY", "y ke") && !holds("Deploy", "deployed") && !holds("", "a"));
    }
}
