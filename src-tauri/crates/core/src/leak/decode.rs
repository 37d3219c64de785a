//! Bytes of any origin as text: UTF-8, UTF-16 with or without its mark, and whatever else as well as it goes.

use zeroize::Zeroizing;

/// How much of a text without a mark is looked at to guess.
const LOOKED_AT: usize = 4096;

/// The text in `bytes`. What cannot be read becomes a sign that no key holds. Wiped when dropped.
#[must_use]
pub fn decode(bytes: &[u8]) -> Zeroizing<String> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        _ => match zeros(bytes) {
            (0, 0) => utf8(bytes),
            (even, odd) if odd > even => utf16(bytes, u16::from_le_bytes),
            _ => utf16(bytes, u16::from_be_bytes),
        },
    }
}

/// How many bytes are zero at even and at odd places, where they are so many that it cannot be UTF-8.
fn zeros(bytes: &[u8]) -> (usize, usize) {
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let count = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (count(0), count(1));
    if (even + odd) * 4 >= head.len() { (even, odd) } else { (0, 0) }
}

/// Never grows: a buffer that moves leaves a copy behind.
fn utf8(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 3));
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    text.extend(char::decode_utf16(units).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text
}

/// The text as it was before it was written into an address or a JSON string, where that is another: `%2B` for a plus,
/// `\/` for a stroke, `\u002b` for a plus. Wiped when dropped.
#[must_use]
pub fn unescaped(text: &str) -> Option<Zeroizing<String>> {
    if !text.contains(['%', '\\']) {
        return None;
    }
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find(['%', '\\']) {
        plain.push_str(&rest[..at]);
        let (sign, taken) = escape(&rest[at..]);
        plain.push(sign);
        rest = &rest[at + taken..];
    }
    plain.push_str(rest);
    (*plain != text).then_some(plain)
}

/// What stands behind the sign of an escape at the beginning of `text`, and how many bytes that takes. Keys are ASCII:
/// nothing else is looked for.
fn escape(text: &str) -> (char, usize) {
    let code = |from: usize, to: usize| {
        let code = text.get(from..to).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        code.filter(u8::is_ascii).map(char::from)
    };
    match text.as_bytes() {
        [b'%', ..] => code(1, 3).map_or(('%', 1), |sign| (sign, 3)),
        [_, b'u' | b'U', b'0', b'0', ..] => code(4, 6).map_or(('\\', 1), |sign| (sign, 6)),
        [_, sign @ (b'/' | b'"' | b'\\'), ..] => (char::from(*sign), 2),
        _ => ('\\', 1),
    }
}
