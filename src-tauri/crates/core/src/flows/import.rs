//! An inventory that a person brings as CSV, for vendors that list nothing: rows without values, all of them or none.
//! However a spreadsheet wrote it; and Keyturn's own export comes in as it went out.

mod line;
mod table;
mod text;
mod whose;

use super::Context;
use super::account::{account, entry};
use crate::account::AccountId;
use crate::error::FlowError;
use crate::journal::{Action, Entry, Outcome, reason};
use crate::key::{KeyRecord, VendorKeyId};
use crate::name;
use crate::provider::{KeyForm, Manifest};
use line::{Columns, Line};
use whose::Here;

/// Most lines of one list.
const MOST: usize = 10_000;

/// What became of a list. Where there is a problem nothing was imported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    pub imported: usize,
    /// Keys that are listed already, by name and hint.
    pub known: usize,
    /// Keys of other accounts, which Keyturn's own list may be of as well: they are left out.
    pub elsewhere: usize,
    pub problems: Vec<ImportProblem>,
    /// What the person should know of how the file was read.
    pub note: Option<&'static str>,
}

/// What is wrong with a line, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProblem {
    /// From 1; the heading is line 1.
    pub line: u64,
    pub words: String,
}

/// Takes over the keys of the file `csv` into an assisted account. Columns by their heading: `name`, `hint` or
/// `last four`, `environment`, `created`, `expires`, `note`; only the name is needed. The note stands in the journal.
///
/// # Errors
/// [`FlowError::NotAllowed`] where the account lists its keys by itself.
pub async fn import_keys(ctx: &Context, id: &AccountId, csv: &[u8]) -> Result<Imported, FlowError> {
    let (owner, provider) = account(ctx, id).await?;
    let manifest = provider.manifest();
    if !manifest.capabilities.is_assisted() {
        return Err(FlowError::NotAllowed(format!(
            "{} lists its keys by itself: there is nothing to import.",
            manifest.name
        )));
    }
    let providers = ctx.providers.all();
    let forms: Vec<&KeyForm> = providers.iter().map(|provider| &provider.manifest().key_form).collect();
    let accounts = ctx.ledger.accounts().await?;
    let others = accounts.iter().filter(|other| other.id != *id).map(|other| other.label.as_str()).collect();
    let here = Here { label: &owner.label, vendor: manifest.name, others };
    let Table { lines, elsewhere, mut problems, note } = read(csv, manifest, &forms, &here);
    if lines.is_empty() && problems.is_empty() {
        problems.push(ImportProblem { line: 1, words: "There is no key in it.".into() });
    }
    if !problems.is_empty() {
        return Ok(Imported { problems, ..Imported::default() });
    }
    let listed = ctx.ledger.keys(id).await?;
    let (mut rows, mut known): (Vec<(KeyRecord, Entry)>, usize) = (Vec::new(), 0);
    let stamp = ctx.clock.now().timestamp_millis();
    for line in lines {
        // Where no hint tells two keys apart, their names must do it to the letter.
        let is_named =
            |name: &str| name == line.name || (!line.hint.is_empty() && name::is_same(name, &line.name));
        let alike = |record: &KeyRecord| record.hint == line.hint && is_named(&record.name);
        if listed.iter().any(alike) || rows.iter().any(|(record, _)| alike(record)) {
            known += 1;
            continue;
        }
        let record = line.record(VendorKeyId(format!("imported-{stamp}-{}", rows.len() + 1)));
        let seen = Outcome::Done("taken over from a list; nobody has seen it work".into());
        let mut note = entry(ctx, id, Some(&record.id), Action::Import, seen);
        note.reason = line.note.as_deref().and_then(reason);
        rows.push((record, note));
    }
    if !rows.is_empty() {
        ctx.ledger.append(&entry(ctx, id, None, Action::Import, Outcome::Intended)).await?;
        ctx.ledger.import(id, &rows).await?;
    }
    Ok(Imported { imported: rows.len(), known, elsewhere, problems, note })
}

/// A file as it was read.
#[derive(Default)]
struct Table {
    lines: Vec<Line>,
    /// How many lines are of other accounts.
    elsewhere: usize,
    problems: Vec<ImportProblem>,
    /// What is to be told of how it was read.
    note: Option<&'static str>,
}

fn read(csv: &[u8], manifest: &Manifest, forms: &[&KeyForm], here: &Here<'_>) -> Table {
    let failed = |problem| Table { problems: vec![problem], ..Table::default() };
    let text = match text::read(csv) {
        Ok(text) => text,
        Err(problem) => return failed(problem),
    };
    let read = table::rows(&text.text, |heading| Columns::read(heading).is_ok())
        .and_then(|rows| lines(&rows, manifest, forms, here));
    Table { note: text.note, ..read.unwrap_or_else(failed) }
}

fn lines(
    rows: &[table::Row],
    manifest: &Manifest,
    forms: &[&KeyForm],
    here: &Here<'_>,
) -> Result<Table, ImportProblem> {
    let mut table = Table::default();
    let problem = |row: &table::Row, words| ImportProblem { line: row.line, words };
    // What a program says of itself before the heading.
    let is_remark = |row: &&table::Row| row.cells[0].starts_with('#') && Columns::read(&row.cells).is_err();
    let remarks = rows.iter().take_while(is_remark).count();
    let Some((heading, rows)) = rows[remarks..].split_first() else { return Ok(table) };
    let columns = Columns::read(&heading.cells).map_err(|words| problem(heading, words))?;
    let own = whose::of_account(&columns, rows, here)?;
    table.elsewhere = rows.len() - own.len();
    for row in own {
        if table.lines.len() >= MOST {
            table.problems.push(problem(row, format!("There are more than {MOST} lines.")));
            break;
        }
        match columns.line(&row.cells, manifest, forms) {
            Ok(line) => table.lines.push(line),
            Err(words) => table.problems.push(problem(row, words)),
        }
    }
    Ok(table)
}
