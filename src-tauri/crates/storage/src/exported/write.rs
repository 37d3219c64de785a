//! Writing the journal: read in parts, oldest first, so that a million entries need no more memory than a thousand.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use keyturn_core::export::{
    CSV_MARK, JOURNAL_COLUMNS, Names, csv_line, journal_cells, report_foot, report_head, report_row, time,
};
use keyturn_core::ports::{
    HeadSignature, JournalCheck, JournalFilter, JournalRow, LedgerError, Records, Signature, Source,
    VaultError,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::lines::{End, EntryLine, Head};
use super::seal::{LINES, REPORT, Running, SIGNED, message};

/// How many entries are read at a time.
const PART: usize = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalFormat {
    Csv,
    /// With the hashes of the chain, to be checked again.
    Lines,
    /// A signed page.
    Report,
}

/// Signs a message; fails where the vault is closed.
pub type Signer<'a> = &'a (dyn Fn(&[u8]) -> Result<Signature, VaultError> + Send + Sync);

/// What is written, and what stands beside it.
pub struct Writing<'a> {
    pub format: JournalFormat,
    pub filter: &'a JournalFilter,
    /// Which entries these are, as a sentence.
    pub scope: &'a str,
    pub names: &'a Names,
    pub made_at: DateTime<Utc>,
    pub signer: Signer<'a>,
}

impl std::fmt::Debug for Writing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing").field("format", &self.format).finish_non_exhaustive()
    }
}

/// Why an export was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// It is not signed for what nobody wrote.
    #[error("the journal is not as Keyturn wrote it, so that no report of it is signed")]
    Unsound,
    #[error("the file could not be written: {0}")]
    Io(#[from] io::Error),
}

impl From<serde_json::Error> for WriteError {
    fn from(error: serde_json::Error) -> Self {
        Self::Io(error.into())
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub entries: usize,
    /// The journal is as it was signed, so that what is made of it may be signed too.
    pub is_vouched: bool,
}

/// Writes the entries that pass the filter and says how many there were. A report is always signed; lines are where
/// the vault is open and the journal is as Keyturn wrote it.
///
/// # Errors
/// [`WriteError::Vault`] where a report cannot be signed, [`WriteError::Unsound`] where it must not be; what is in `out` by
/// then is no whole file.
pub async fn write_journal(
    records: &(dyn Records + Send + Sync),
    writing: &Writing<'_>,
    out: &mut (dyn Write + Send),
) -> Result<Written, WriteError> {
    let vouched = match writing.format {
        JournalFormat::Csv => None,
        JournalFormat::Lines | JournalFormat::Report => vouched_from(records.verify_journal().await?),
    };
    let mut pen = Pen::begin(writing, vouched, out)?;
    let (mut entries, mut last): (usize, Option<JournalRow>) = (0, None);
    loop {
        let mut part = records.journal_after(writing.filter, last.as_ref(), PART).await?;
        for row in &part {
            pen.row(row)?;
        }
        entries += part.len();
        let whole = part.len() == PART;
        last = part.pop();
        if !whole {
            break;
        }
    }
    pen.end(entries)?;
    Ok(Written { entries, is_vouched: vouched.is_some() })
}

/// From which entry on the journal is as it was signed; `None` where it is not.
fn vouched_from(check: JournalCheck) -> Option<u64> {
    match check {
        JournalCheck::Whole { signed: HeadSignature::Good { from, .. }, .. } => Some(from),
        JournalCheck::Whole { signed: HeadSignature::None | HeadSignature::Bad, .. }
        | JournalCheck::Broken { .. } => None,
    }
}

struct Pen<'a> {
    writing: &'a Writing<'a>,
    is_vouched: bool,
    out: &'a mut (dyn Write + Send),
    running: Running,
    page: Sha256,
}

impl<'a> Pen<'a> {
    fn begin(
        writing: &'a Writing<'a>,
        vouched: Option<u64>,
        out: &'a mut (dyn Write + Send),
    ) -> Result<Self, WriteError> {
        let is_vouched = vouched.is_some();
        let mut pen = Self { writing, is_vouched, out, running: Running::default(), page: Sha256::new() };
        match writing.format {
            JournalFormat::Csv => {
                pen.text(CSV_MARK)?;
                pen.text(&csv_line(JOURNAL_COLUMNS))?;
            }
            JournalFormat::Lines => {
                let source = writing.filter.source;
                let everything = JournalFilter { source, ..JournalFilter::default() };
                let mut head = Head {
                    keyturn: "journal".into(),
                    version: 1,
                    made: time(writing.made_at),
                    complete: *writing.filter == everything && source != Source::Vendor,
                    check: String::new(),
                };
                head.check = pen.running.take(&head)?;
                pen.json(&head)?;
            }
            JournalFormat::Report => {
                let key = (writing.signer)(b"")?.public_key;
                let from = vouched.ok_or(WriteError::Unsound)?;
                let mut scope = writing.scope.to_owned();
                if from > 1 {
                    scope.push_str(&format!(
                        " Before entry {from} the journal was changed outside Keyturn: nothing says what stood there."
                    ));
                }
                pen.text(&report_head(writing.made_at, &scope, &hex::encode(key)))?;
            }
        }
        Ok(pen)
    }

    fn row(&mut self, row: &JournalRow) -> Result<(), WriteError> {
        let names = self.writing.names;
        match self.writing.format {
            JournalFormat::Csv => {
                let cells = journal_cells(row, names);
                self.text(&csv_line(cells.iter().map(String::as_str)))
            }
            JournalFormat::Lines => {
                let mut line = EntryLine::of(row, names);
                line.check = self.running.take(&line)?;
                self.json(&line)
            }
            JournalFormat::Report => self.text(&report_row(row, names)),
        }
    }

    fn end(mut self, entries: usize) -> Result<(), WriteError> {
        match self.writing.format {
            JournalFormat::Csv => Ok(()),
            JournalFormat::Lines => {
                let digest = self.running.digest();
                let signed = match (self.writing.signer)(&message(LINES, digest)) {
                    Ok(signed) => Some(signed).filter(|_| self.is_vouched),
                    // Without an open vault the chain speaks for itself.
                    Err(
                        VaultError::Locked
                        | VaultError::NoKeyring
                        | VaultError::KeyringLocked
                        | VaultError::TimedOut
                        | VaultError::KeyMissing,
                    ) => None,
                    Err(error @ (VaultError::Corrupt | VaultError::Failed(_))) => return Err(error.into()),
                };
                self.json(&End {
                    entries: entries as u64,
                    digest: hex::encode(digest),
                    public_key: signed.map(|signed| hex::encode(signed.public_key)),
                    signature: signed.map(|signed| hex::encode(signed.signature)),
                })
            }
            JournalFormat::Report => {
                self.text(&report_foot(entries))?;
                let digest = std::mem::take(&mut self.page).finalize().into();
                let signed = (self.writing.signer)(&message(REPORT, digest))?;
                let (key, signature) = (hex::encode(signed.public_key), hex::encode(signed.signature));
                self.text(&format!("{SIGNED}{key} {signature} -->\n"))
            }
        }
    }

    fn json(&mut self, line: &impl Serialize) -> Result<(), WriteError> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        Ok(self.out.write_all(&bytes)?)
    }

    fn text(&mut self, text: &str) -> Result<(), WriteError> {
        self.page.update(text);
        Ok(self.out.write_all(text.as_bytes())?)
    }
}
