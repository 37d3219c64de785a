//! CSV for people and their programs: marked as UTF-8, each cell in quotation marks, none of them a formula wherever a
//! program splits the line. What was written is read back without a change.

/// Stands at the beginning of every CSV file: without it spreadsheets take UTF-8 for an older encoding.
pub const CSV_MARK: &str = "\u{feff}";

/// What spreadsheets begin a formula with, also as East Asian keyboards write it.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// After each of these some program or other begins a new cell, also within quotation marks.
const ENDS_OF_CELLS: [char; 6] = [',', ';', '|', '\t', '\n', '\r'];

/// What may stand before a formula that is one all the same.
const SKIPPED: [char; 4] = [' ', '\u{a0}', '\'', '"'];

/// One line of CSV, with its end.
#[must_use]
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (number, cell) in cells.into_iter().enumerate() {
        line.push_str(if number > 0 { ",\"" } else { "\"" });
        line.push_str(&neutral(cell).replace('"', "\"\""));
        line.push('"');
    }
    line.push_str("\r\n");
    line
}

/// A cell of a table as it was before it was made neutral.
#[must_use]
pub fn plain_cell(cell: &str) -> String {
    let mut plain = String::with_capacity(cell.len());
    let mut rest = cell;
    while let Some(part) = next_part(&mut rest) {
        let neutral = part.strip_prefix('\'').filter(|_| is_formula(part));
        plain.push_str(neutral.unwrap_or(part));
    }
    plain
}

/// With an apostrophe wherever a formula could begin, also where one stands there already: so that each can be taken off
/// again.
fn neutral(cell: &str) -> String {
    let mut neutral = String::with_capacity(cell.len() + 1);
    let mut rest = cell;
    while let Some(part) = next_part(&mut rest) {
        if is_formula(part) {
            neutral.push('\'');
        }
        neutral.push_str(part);
    }
    neutral
}

/// The rest up to and with the next sign after which a cell may begin.
fn next_part<'a>(rest: &mut &'a str) -> Option<&'a str> {
    if rest.is_empty() {
        return None;
    }
    let sign = rest.char_indices().find(|(_, c)| ENDS_OF_CELLS.contains(c));
    let (part, after) = rest.split_at(sign.map_or(rest.len(), |(at, c)| at + c.len_utf8()));
    *rest = after;
    Some(part)
}

/// An apostrophe before it changes nothing here.
fn is_formula(part: &str) -> bool {
    part.trim_start_matches(SKIPPED).starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn n6_no_cell_begins_a_formula() {
        for (cell, written) in [
            ("=1+1", "\"'=1+1\"\r\n"),
            ("+41 79", "\"'+41 79\"\r\n"),
            ("-2", "\"'-2\"\r\n"),
            ("@SUM(A1)", "\"'@SUM(A1)\"\r\n"),
            ("\tx", "\"'\tx\"\r\n"),
            ("\rx", "\"'\rx\"\r\n"),
            ("1=1", "\"1=1\"\r\n"),
            ("a,\"b\"", "\"a,\"\"b\"\"\"\r\n"),
        ] {
            assert_eq!(csv_line([cell]), written);
        }
    }

    #[test]
    fn f30_nor_does_one_where_another_program_splits() {
        for (cell, written) in [
            ("x;=1+1", "x;'=1+1"),
            ("x,=1+1", "x,'=1+1"),
            ("x\t@A1", "x\t'@A1"),
            ("x|-1", "x|'-1"),
            ("x\n=1", "x\n'=1"),
            ("x\r\n=1", "x\r\n'=1"),
            ("x; =1", "x;' =1"),
            ("x;\"=1\"", "x;'\"=1\""),
            (" =1", "' =1"),
            ("＝1+1", "'＝1+1"),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("CRM - sync; b", "CRM - sync; b"),
            ("", ""),
        ] {
            assert_eq!(neutral(cell), written, "{cell:?}");
            assert_eq!(plain_cell(written), cell, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn f30_what_is_read_back_is_what_was_written(cells in prop::collection::vec("([;,|\t\r\n'\" =+@-]|.){0,20}", 1..6)) {
            let lines = csv_line(["heading"]) + &csv_line(["x"].into_iter().chain(cells.iter().map(String::as_str)));
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(lines.as_bytes());
            let read = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(read.len(), cells.len() + 1);
            for (read, cell) in read.iter().skip(1).zip(&cells) {
                for part in read.split(ENDS_OF_CELLS) {
                    prop_assert!(!part.trim_start_matches([' ', '"']).starts_with(FORMULA), "{read:?}");
                }
                prop_assert_eq!(&plain_cell(read), cell);
            }
        }
    }
}
