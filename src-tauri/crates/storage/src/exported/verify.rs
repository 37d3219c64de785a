//! Checking what was exported, or a ledger's own file, without changing it: whole, or the first entry that is not as it
//! was written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use keyturn_core::ports::{HeadSignature, JournalCheck, LedgerError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::lines::{End, EntryLine, Head};
use super::seal::{LINES, REPORT, Running, SIGNED, is_good, message};
use crate::ledger::chain::{Hash, chain};
use crate::ledger::check_file;

/// No line of an export is longer, in bytes.
const LONGEST: u64 = 1 << 20;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// With what that means, in words.
    Whole(String),
    /// What is broken first, in words.
    Broken(String),
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("the file could not be read: {0}")]
    Io(#[from] io::Error),
    #[error("this is neither an exported journal, nor a report, nor a ledger of Keyturn")]
    Unknown,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Checks an exported journal, a report or a ledger file.
///
/// # Errors
/// Where the file cannot be read, or is none of these.
pub fn verify_file(path: &Path) -> Result<Verdict, VerifyError> {
    let mut file = BufReader::new(File::open(path)?);
    let head = file.fill_buf()?;
    if head.starts_with(b"SQLite format 3\0") {
        return Ok(verdict(check_file(path)?));
    }
    match head.first() {
        Some(b'{') => lines(file),
        Some(b'<') => report(file),
        _ => Err(VerifyError::Unknown),
    }
}

/// What a check of a journal means, in words.
#[must_use]
pub fn verdict(check: JournalCheck) -> Verdict {
    match check {
        JournalCheck::Whole { entries, signed: HeadSignature::None } => Verdict::Whole(format!(
            "Every entry hangs on the one before it: {entries}. The journal is not signed, so that whoever can write the file could have made it anew."
        )),
        JournalCheck::Whole { entries, signed: HeadSignature::Good { by, from, to } } => {
            Verdict::Whole(signed_for(entries, &hex::encode(by), from, to))
        }
        JournalCheck::Whole { signed: HeadSignature::Bad, .. } => Verdict::Broken(
            "The entries hang together, and the signature is not theirs: the journal was made anew, or its end is missing.".into(),
        ),
        JournalCheck::Broken { seq } => {
            Verdict::Broken(format!("Entry {seq} is not as it was written, or is missing."))
        }
    }
}

fn signed_for(entries: u64, by: &str, from: u64, to: u64) -> String {
    let mut words = format!("Every entry is as it was written: {entries}. None is missing.");
    if from > 1 {
        words = format!(
            "The entries from {from} on are as they were written. Before that the journal was changed outside Keyturn: nothing says what stood there."
        );
    }
    if to < entries {
        words.push_str(&format!(" Those after entry {to} are not signed yet."));
    }
    format!("{words} {}", self::by(by))
}

fn lines(mut file: impl BufRead) -> Result<Verdict, VerifyError> {
    let mut running = Running::default();
    let mut chained: BTreeMap<i64, (Hash, Hash)> = BTreeMap::new();
    let (mut complete, mut entries, mut last) = (false, 0_u64, String::from("the first line"));
    for number in 1.. {
        let Some(line) = next(&mut file)? else {
            return Ok(Verdict::Broken(format!("The end is missing: {last} is the last that is there.")));
        };
        let broken =
            |what: &str| Ok(Verdict::Broken(format!("Line {number} {what}. Before it all is whole.")));
        if number == 1 {
            let Some(mut head) = exactly::<Head>(&line) else {
                return broken("is not as it was written");
            };
            let check = std::mem::take(&mut head.check);
            if running.take(&head).ok() != Some(check) {
                return broken("is not as it was written");
            }
            complete = head.complete;
            continue;
        }
        if let Some(end) = exactly::<End>(&line) {
            let after = next(&mut file)?;
            let whole = end.entries == entries && end.digest == hex::encode(running.digest());
            return Ok(match (whole && after.is_none(), signed(&end, running.digest())) {
                (true, Some(words)) => whole_lines(entries, complete, &chained, &words),
                _ => Verdict::Broken("The last line does not fit what stands before it.".into()),
            });
        }
        let Some(mut entry) = exactly::<EntryLine>(&line) else {
            return broken("is not as it was written");
        };
        let named = format!("is entry {} of {}, and not as it was written", entry.number, entry.source);
        let check = std::mem::take(&mut entry.check);
        if running.take(&entry).ok() != Some(check) {
            return broken(&named);
        }
        if entry.source == "keyturn" {
            let hashed = entry.link().zip(entry.line());
            let Some(((previous, hash), line)) = hashed else { return broken(&named) };
            if chain(&previous, &line) != Some(hash) {
                return broken(&named);
            }
            chained.insert(entry.number, (previous, hash));
        }
        entries += 1;
        last = format!("line {number}");
    }
    Err(VerifyError::Unknown)
}

/// All lines are as they were written: whether the entries hang together, and how many are missing between them.
fn whole_lines(entries: u64, complete: bool, chained: &BTreeMap<i64, (Hash, Hash)>, signed: &str) -> Verdict {
    let mut before: Option<(i64, Hash)> = complete.then_some((0, [0; 32]));
    for (number, (previous, hash)) in chained {
        match before {
            Some((last, link)) if last + 1 == *number && link != *previous => {
                return Verdict::Broken(format!("Entry {number} does not hang on the one before it."));
            }
            Some((last, _)) if complete && last + 1 != *number => {
                return Verdict::Broken(format!("Entry {} is missing.", last + 1));
            }
            _ => before = Some((*number, *hash)),
        }
    }
    let scope = if complete {
        "No entry of the chain is missing up to then."
    } else {
        "It is a selection: that entries are missing between these is no fault."
    };
    Verdict::Whole(format!("Every entry is as it was written: {entries}. {scope} {signed}"))
}

/// In words, whose signature it bears; `None` where that is not good.
fn signed(end: &End, digest: [u8; 32]) -> Option<String> {
    match (&end.public_key, &end.signature) {
        (None, None) => Some("It is not signed.".into()),
        (Some(key), Some(signature)) if is_good(&message(LINES, digest), key, signature) => Some(by(key)),
        _ => None,
    }
}

fn by(key: &str) -> String {
    format!("It is signed with the key {key}. Compare that with the one in Keyturn's Settings.")
}

fn report(mut file: impl BufRead) -> Result<Verdict, VerifyError> {
    let mut page = Sha256::new();
    let mut is_ours = false;
    while let Some(line) = next(&mut file)? {
        is_ours |= line.starts_with(b"<h1>Keyturn journal</h1>");
        let Some(seal) = line.strip_prefix(SIGNED.as_bytes()) else {
            page.update(&line);
            continue;
        };
        let words = std::str::from_utf8(seal).ok().and_then(|text| text.strip_suffix(" -->\n"));
        let good = words.and_then(|text| text.split_once(' ')).filter(|(key, signature)| {
            is_good(&message(REPORT, page.clone().finalize().into()), key, signature)
        });
        return Ok(match (good, next(&mut file)?) {
            (Some((key, _)), None) => Verdict::Whole(format!("The report is as it was written. {}", by(key))),
            _ => Verdict::Broken("The report was changed: its signature does not fit it.".into()),
        });
    }
    if is_ours {
        Ok(Verdict::Broken("The report's signature is missing.".into()))
    } else {
        Err(VerifyError::Unknown)
    }
}

/// A line that stands exactly as we would write it.
fn exactly<T: Serialize + DeserializeOwned>(line: &[u8]) -> Option<T> {
    let text = line.strip_suffix(b"\n")?;
    let read: T = serde_json::from_slice(text).ok()?;
    (serde_json::to_vec(&read).ok()? == text).then_some(read)
}

/// The next line with its end; `None` where there is none.
fn next(file: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    file.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
    Ok((!line.is_empty()).then_some(line))
}
