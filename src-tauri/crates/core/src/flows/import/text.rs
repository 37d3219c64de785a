//! The bytes of a list as text, in the encodings in which spreadsheets write it, or how to save it so that it can be
//! read. No letter is ever put in the place of one that could not be read.

use super::ImportProblem;

/// The largest file that is read.
const LARGEST: usize = 10 * 1024 * 1024;

/// What a spreadsheet calls the right way to save it.
const SAVE: &str = "Save it as “CSV UTF-8” and choose that file.";

/// How files begin that are no text.
const OTHERS: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", "It is a workbook."),
    (b"\xd0\xcf\x11\xe0", "It is a workbook."),
    (b"%PDF", "It is a PDF."),
    (b"\x1f\x8b", "It is packed."),
    (b"{\\rtf", "It is a document."),
    (b"\xff\xfe\0\0", "It is in an encoding that is not read (UTF-32)."),
];

/// What Windows-1252 has between 0x80 and 0x9f; nothing stands for what it leaves open.
const WINDOWS: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// So many letters beyond ASCII in a row no language has that is written in Windows-1252.
const ODD_RUN: usize = 4;

/// What the person is told of a list that was not saved as UTF-8.
const READ_AS_WINDOWS: &str =
    "The file was not saved as UTF-8 and was read as Windows-1252: look whether the names are right.";

/// The text, and what the person should know of how it was read.
pub(super) struct Text {
    pub(super) text: String,
    pub(super) note: Option<&'static str>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Text, ImportProblem> {
    let refused = |line, words: &str| ImportProblem { line, words: format!("{words} {SAVE}") };
    if bytes.len() > LARGEST {
        return Err(ImportProblem { line: 1, words: "It is larger than 10 MB: import it in parts.".into() });
    }
    if let Some((_, words)) = OTHERS.iter().find(|(begins, _)| bytes.starts_with(begins)) {
        return Err(refused(1, words));
    }
    let (text, note) = match (wide(bytes), std::str::from_utf8(bytes)) {
        (Some(text), _) => (text.ok_or_else(|| refused(1, "It is cut short or damaged."))?, None),
        (None, Ok(text)) => (text.to_owned(), None),
        (None, Err(error)) => {
            let text = windows(bytes).ok_or_else(|| {
                refused(
                    line_at(&bytes[..error.valid_up_to()]),
                    "It is in an encoding that is not known here.",
                )
            })?;
            (text, Some(READ_AS_WINDOWS))
        }
    };
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['<', '{', '[']) {
        return Err(refused(1, "It is a web page or data of a program, and no table."));
    }
    if let Some(at) = text.find(['\u{fffd}', '\0']) {
        let words = "Another program has put “\u{fffd}” in the place of a letter that it could not read. Take the original.";
        return Err(refused(line_at(&text.as_bytes()[..at]), words));
    }
    Ok(Text { text: text.to_owned(), note })
}

/// UTF-16, with its mark or by its zero bytes; `Some(None)` where it is damaged.
fn wide(bytes: &[u8]) -> Option<Option<String>> {
    let zeros =
        |from: usize| bytes.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count() * 4 > bytes.len();
    let (little, bytes) = match bytes {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        _ if zeros(1) && !zeros(0) => (true, bytes),
        _ if zeros(0) && !zeros(1) => (false, bytes),
        _ => return None,
    };
    let unit = |pair: &[u8; 2]| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(unit)).collect::<Result<String, _>>();
    Some(text.ok().filter(|_| rest.is_empty()))
}

/// Signs that stand within a word only where its letters were written in another encoding.
fn is_odd(sign: char) -> bool {
    matches!(sign, 'ƒ' | '„' | '†' | '‡' | 'ˆ' | '‰' | '‹' | '›' | '˜' | '™' | '“' | '”' | '‚')
        || (('\u{a1}'..='\u{bf}').contains(&sign) && !matches!(sign, 'ª' | 'º' | '·' | '\u{ad}'))
}

/// Whether every word could be one: no sign within it, and no such capital after a small letter.
fn has_words(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    letters.windows(3).all(|of| {
        let within = of[0].is_ascii_alphabetic() && of[2].is_ascii_alphabetic();
        let capital = of[0].is_ascii_lowercase() && matches!(of[1], 'Š' | 'Œ' | 'Ž' | 'Ÿ');
        !(capital || (within && is_odd(of[1])))
    })
}

/// `None` where it can be no Windows-1252: another old encoding looks like letters and signs in rows that no word has.
fn windows(bytes: &[u8]) -> Option<String> {
    let letter = |byte: u8| match byte {
        0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
        other => Some(char::from(other)),
    };
    let text: String = bytes.iter().map(|byte| letter(*byte)).collect::<Option<_>>()?;
    let runs = text.split(|c: char| c.is_ascii() || !c.is_alphabetic());
    let longest = runs.map(|run| run.chars().count()).max().unwrap_or(0);
    (longest < ODD_RUN && has_words(&text)).then_some(text)
}

/// In which line the next byte stands, whatever ends the lines.
fn line_at(before: &[u8]) -> u64 {
    let ends = before.windows(2).filter(|pair| pair[0] == b'\r' && pair[1] != b'\n').count();
    let ends = ends + before.iter().filter(|byte| **byte == b'\n').count();
    1 + ends as u64 + u64::from(before.last() == Some(&b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<String, (u64, String)> {
        read(bytes).map(|read| read.text).map_err(|problem| (problem.line, problem.words))
    }

    #[test]
    fn f31_every_encoding_that_spreadsheets_write_is_read() {
        let right = "name;note\r\nB\u{e4}cker \u{20ac};x\r\n";
        let wide = |of: fn(u16) -> [u8; 2]| right.encode_utf16().flat_map(of).collect::<Vec<u8>>();
        let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
        for bytes in [
            right.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", right.as_bytes()].concat(),
            [b"\xff\xfe", little.as_slice()].concat(),
            [b"\xfe\xff", big.as_slice()].concat(),
            little.clone(),
            big,
            b"name;note\r\nB\xe4cker \x80;x\r\n".to_vec(),
        ] {
            assert_eq!(text(&bytes).as_deref(), Ok(right), "{bytes:?}");
        }
        assert!(read(b"B\xe4cker").unwrap().note.is_some(), "the person is told");
        assert_eq!(
            text(b"O\x92Neill \x93A\x94 abcd\x85ef12 5\xb0").as_deref(),
            Ok("O’Neill “A” abcd…ef12 5°")
        );
        assert!(read(&little).unwrap().note.is_none());
    }

    #[test]
    fn f31_what_cannot_be_read_is_refused_with_its_line_and_how_to_save_it() {
        let table: [(&[u8], u64, &str); 13] = [
            (b"PK\x03\x04rest", 1, "a workbook"),
            (b"\xd0\xcf\x11\xe0rest", 1, "a workbook"),
            (b"\xff\xfe\0\0n\0\0\0", 1, "UTF-32"),
            (b"\xff\xfen\0a", 1, "cut short"),
            ("name\r\nok\r\nB\u{fffd}cker\r\n".as_bytes(), 3, "could not read"),
            ("name\rok\rB\u{fffd}cker\r".as_bytes(), 3, "could not read"),
            (b"name\nok\nB\x81cker\n", 3, "not known here"),
            (b"name\n\xcc\xee\xf1\xea\xe2\xe0\n", 2, "not known here"),
            (b"name\nhas\xb3o\n", 2, "not known here"),
            (b"name\nB\x84cker\n", 2, "not known here"),
            (b"name\nCaf\x8e\n", 2, "not known here"),
            (b"[{\"name\":\"x\"}]", 1, "no table"),
            (b"<html><table>", 1, "web page"),
        ];
        for (bytes, line, words) in table {
            let (told, why) = text(bytes).unwrap_err();
            assert!(
                told == line && why.contains(words) && why.contains("CSV UTF-8"),
                "{bytes:?}: line {told}: {why}"
            );
        }
    }
}
