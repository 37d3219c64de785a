//! The one order of names, as people put them: numbers by their value, letters by their base, whatever their case. The
//! same order stands in `ui/src/words-names.ts`.

use std::cmp::Ordering;

use super::letters::searched;

/// Signs that are neither digit nor letter, in the order in which collations of every language have them.
const SIGNS: &[u8] = b"_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// In which place each ASCII sign stands: blanks, signs, digits, letters.
const PLACES: [u8; 128] = places();

/// Orders two names. Equal are those that only case, accents and leading zeros tell apart.
#[must_use]
pub fn in_order(one: &str, other: &str) -> Ordering {
    compare_searched(&searched(one), &searched(other))
}

/// The same for names that are in their form of search already. Looks at each byte once and keeps nothing, so that a
/// hundred thousand names need no keys to be sorted by.
#[must_use]
pub fn compare_searched(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut same = common(one, other);
    // Back to where the number begins that they may differ in.
    while same > 0 && one[same - 1].is_ascii_digit() {
        same -= 1;
    }
    let (mut one, mut other) = (&one[same..], &other[same..]);
    loop {
        let (Some(a), Some(b)) = (one.first(), other.first()) else { return one.len().cmp(&other.len()) };
        let step = if a.is_ascii_digit() && b.is_ascii_digit() {
            let ((a, rest), (b, other_rest)) = (number(one), number(other));
            (one, other) = (rest, other_rest);
            // As long as it takes, and never a number that could overflow.
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        } else {
            let step = place(*a).cmp(&place(*b));
            (one, other) = (&one[1..], &other[1..]);
            step
        };
        if step.is_ne() {
            return step;
        }
    }
}

/// How many bytes both begin with: eight at a time, since the names of one list often begin alike.
fn common(one: &[u8], other: &[u8]) -> usize {
    let (chunks, others) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
    let whole = 8 * chunks.iter().zip(others).take_while(|(a, b)| a == b).count();
    whole + one[whole..].iter().zip(&other[whole..]).take_while(|(a, b)| a == b).count()
}

/// The digits at the beginning without leading zeros, and what comes after them.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let from = digits.iter().position(|digit| *digit != b'0').unwrap_or(digits.len());
    (&digits[from..], rest)
}

/// Letters beyond ASCII stand after all others, in the order of Unicode.
fn place(byte: u8) -> u8 {
    PLACES.get(usize::from(byte)).copied().unwrap_or(byte)
}

const fn places() -> [u8; 128] {
    let mut places = [0; 128];
    let (mut at, mut next) = (0, 1);
    while at < SIGNS.len() {
        places[SIGNS[at] as usize] = next;
        next += 1;
        at += 1;
    }
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            places[byte] = next;
            next += 1;
        }
        byte += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn f32_names_stand_as_people_put_them() {
        // The same list stands in `words-names.test.ts`.
        let right = [
            "",
            " blank first",
            "_draft",
            "-draft",
            "(old) key",
            "#7",
            "2 keys",
            "10 keys",
            "a",
            "\u{c4}pfel",
            "Arm",
            "b",
            "file 1",
            "file1",
            "key",
            "key-1",
            "KEY-2",
            "key-\u{663}",
            "key-10",
            "key-10a",
            "key-11",
            "key-99999999999999999999999999",
            "key-100000000000000000000000000",
            "v1.2.3",
            "v1.10",
            "zebra",
            "\u{3b1}",
            "\u{44f}",
            "日本",
        ];
        let mut names = right;
        names.sort_by_key(|name| name.bytes().map(u32::from).sum::<u32>() % 7);
        names.sort_by(|a, b| in_order(a, b));
        assert_eq!(names, right);
    }

    #[test]
    fn f32_leading_zeros_case_and_accents_make_no_difference() {
        for (one, other) in [("key-01", "Key-1"), ("0000", "0"), ("Caf\u{e9}", "CAFE"), ("\u{661}0", "010")] {
            assert_eq!(in_order(one, other), Ordering::Equal, "{one:?} {other:?}");
        }
        let long = "9".repeat(100_000);
        assert_eq!(in_order(&long, &format!("1{}", "0".repeat(100_000))), Ordering::Less);
        assert_eq!(in_order(&format!("00{long}"), &long), Ordering::Equal);
    }

    proptest! {
        #[test]
        fn f32_the_order_contradicts_itself_nowhere(a in "[-a-b0-2Ä٣ ]{0,6}", b in "[-a-b0-2Ä٣ ]{0,6}", c in "[-a-b0-2Ä٣ ]{0,6}") {
            prop_assert_eq!(in_order(&a, &b), in_order(&b, &a).reverse());
            if in_order(&a, &b).is_le() && in_order(&b, &c).is_le() {
                prop_assert!(in_order(&a, &c).is_le());
            }
        }
    }
}
