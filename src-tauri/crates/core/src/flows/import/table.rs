//! A table in text, as spreadsheets write it: whatever separates its cells and ends its lines. Each row knows the line
//! that it begins in.

use super::ImportProblem;

/// In the order in which they are preferred where nothing else decides.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// How many rows are looked at for the heading: programs may write remarks before it.
const REMARKS: usize = 4;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// From 1.
    pub(super) line: u64,
    /// Trimmed, where no quotation marks say that the blanks belong to it.
    pub(super) cells: Vec<String>,
}

/// Every row that holds something. `is_heading` tells which separator makes one of the first
/// rows that.
pub(super) fn rows(text: &str, is_heading: impl Fn(&[String]) -> bool) -> Result<Vec<Row>, ImportProblem> {
    if let Some((separator, rest)) = told(text) {
        return Reader::new(rest, separator, 2).collect();
    }
    let fit = |separator: &char| {
        let first = Reader::new(text, *separator, 1).take(REMARKS).filter_map(Result::ok);
        first.map(|row| (is_heading(&row.cells), row.cells.len())).max()
    };
    let best = SEPARATORS.iter().rev().max_by_key(|separator| fit(separator));
    Reader::new(text, best.copied().unwrap_or(','), 1).collect()
}

/// The first line may tell the separator: `sep=;`.
fn told(text: &str) -> Option<(char, &str)> {
    let end = text.find(['\r', '\n'])?;
    let (first, rest) = text.split_at(end);
    let first = first.trim_matches([' ', '"']);
    let (word, sign) = first.split_at_checked(4)?;
    let mut signs = sign.chars();
    let separator = signs.next().filter(|_| word.eq_ignore_ascii_case("sep=") && signs.next().is_none())?;
    Some((separator, rest.strip_prefix("\r\n").unwrap_or_else(|| &rest[1..])))
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    separator: char,
    line: u64,
    broken: bool,
}

/// What stood after a cell.
#[derive(PartialEq, Eq)]
enum End {
    Cell,
    Row,
    Text,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, separator: char, line: u64) -> Self {
        Self { rest: text.chars().peekable(), separator, line, broken: false }
    }

    fn row(&mut self) -> Result<Option<Row>, ImportProblem> {
        loop {
            let (line, mut cells) = (self.line, Vec::new());
            let end = loop {
                let (cell, end) = self.cell()?;
                cells.push(cell);
                if end != End::Cell {
                    break end;
                }
            };
            // Spreadsheets write separators for rows that are empty.
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(Some(Row { line, cells }));
            }
            if end == End::Text {
                return Ok(None);
            }
        }
    }

    fn cell(&mut self) -> Result<(String, End), ImportProblem> {
        let mut cell = String::new();
        while let Some(blank) = self.rest.next_if(|c| *c == ' ' && *c != self.separator) {
            cell.push(blank);
        }
        if self.rest.next_if_eq(&'"').is_some() {
            return self.quoted();
        }
        loop {
            match self.end() {
                Ok(end) => return Ok((cell.trim().to_owned(), end)),
                Err(letter) => cell.push(letter),
            }
        }
    }

    /// After the mark that opens it. Line ends belong to it, and a mark that stands twice is one.
    fn quoted(&mut self) -> Result<(String, End), ImportProblem> {
        let opened = self.line;
        let problem = |line, words: &str| ImportProblem { line, words: words.into() };
        let mut cell = String::new();
        loop {
            match self.rest.next() {
                None => return Err(problem(opened, "A quotation mark begins here that is never closed.")),
                Some('"') if self.rest.next_if_eq(&'"').is_none() => break,
                Some(letter) => {
                    self.count(letter);
                    cell.push(letter);
                }
            }
        }
        while self.rest.next_if(|c| *c == ' ').is_some() {}
        match self.end() {
            Ok(end) => Ok((cell, end)),
            Err(_) => Err(problem(
                self.line,
                "A cell goes on after its quotation mark. Within a cell write the mark twice.",
            )),
        }
    }

    /// The end of a cell, or the letter that goes on with it.
    fn end(&mut self) -> Result<End, char> {
        match self.rest.next() {
            None => Ok(End::Text),
            Some(letter) if letter == self.separator => Ok(End::Cell),
            Some(letter @ ('\n' | '\r')) => {
                self.count(letter);
                if letter == '\r' && self.rest.next_if_eq(&'\n').is_some() {
                    self.line += 1;
                }
                Ok(End::Row)
            }
            Some(letter) => Err(letter),
        }
    }

    /// `\r\n` ends one line.
    fn count(&mut self, letter: char) {
        let ends = letter == '\n' || (letter == '\r' && self.rest.peek() != Some(&'\n'));
        self.line += u64::from(ends);
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Row, ImportProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken {
            return None;
        }
        let row = self.row();
        self.broken = row.is_err();
        row.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line that a row begins in, and its cells.
    type Read = (u64, Vec<String>);

    fn read(text: &str) -> Result<Vec<Read>, (u64, String)> {
        let heading = |cells: &[String]| cells.iter().any(|cell| cell == "name");
        let rows = rows(text, heading).map_err(|problem| (problem.line, problem.words))?;
        Ok(rows.into_iter().map(|row| (row.line, row.cells)).collect())
    }

    #[test]
    fn f31_any_separator_and_any_line_end_make_the_same_table() {
        let cells = |of: [&str; 2]| of.map(str::to_owned).to_vec();
        let right = vec![(1, cells(["name", "note"])), (2, cells(["A", "x, y; z"])), (5, cells(["B", ""]))];
        for separator in SEPARATORS {
            for end in ["\n", "\r\n", "\r"] {
                let text = format!(
                    "name{separator}note{end} A {separator} \"x, y; z\" {end}{end}{separator}{end}B{separator}"
                );
                assert_eq!(read(&text), Ok(right.clone()), "{text:?}");
                assert_eq!(read(&format!("{text}{end}{end}")), Ok(right.clone()), "{text:?} and an end");
            }
        }
        assert_eq!(read("sep=;\r\nname;note\r\n\"a,b\";c").unwrap()[1], (3, cells(["a,b", "c"])));
        assert_eq!(read("\"sep=|\"\nname|a;b;c").unwrap()[0], (2, cells(["name", "a;b;c"])));
        assert_eq!(read("name;last four, or hint\nA;ab12").unwrap()[1], (2, cells(["A", "ab12"])));
    }

    #[test]
    fn f31_lines_are_counted_as_an_editor_shows_them_also_within_a_cell() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("name,note{end}\"A\",\"one{end}two \"\"x\"\"{end}\"{end}B,{end}");
            let rows = read(&text).unwrap();
            assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 5], "{text:?}");
            assert_eq!(rows[1].1[1], format!("one{end}two \"x\"{end}"));
        }
        assert_eq!(read("name\r\nA\r\n\"B\r\nC\r\n").unwrap_err().0, 3);
        assert!(read("name\nA\n\"B\" x\n").unwrap_err().1.contains("twice"));
        assert_eq!(read("name,note\n5\" screen,x").unwrap()[1].1[0], "5\" screen");
        assert_eq!(read("name\n\"  A \"\n  B ").unwrap()[1].1[0], "  A ");
    }
}
