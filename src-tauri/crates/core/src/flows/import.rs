//! An inventory that a person brings as CSV, for vendors that list nothing: rows without values, all of them or none.

mod line;

use super::Context;
use super::account::{account, entry};
use crate::account::AccountId;
use crate::error::FlowError;
use crate::journal::{Action, Entry, Outcome, reason};
use crate::key::{KeyRecord, VendorKeyId};
use crate::provider::KeyForm;
use line::{Columns, Line};

/// Most lines of one list.
const MOST: usize = 10_000;

/// What became of a list. Where there is a problem nothing was imported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    pub imported: usize,
    /// Keys that are listed already, by name and hint.
    pub known: usize,
    pub problems: Vec<ImportProblem>,
}

/// What is wrong with a line, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProblem {
    /// From 1; the heading is line 1.
    pub line: u64,
    pub words: String,
}

/// Takes over the keys of `csv` into an assisted account. Columns by their heading: `name`, `hint` or `last four`,
/// `environment`, `created`, `expires`, `note`; only the name is needed. The note stands in the journal.
///
/// # Errors
/// [`FlowError::NotAllowed`] where the account lists its keys by itself.
pub async fn import_keys(ctx: &Context, id: &AccountId, csv: &str) -> Result<Imported, FlowError> {
    let (_, provider) = account(ctx, id).await?;
    let manifest = provider.manifest();
    if !manifest.capabilities.is_assisted() {
        return Err(FlowError::NotAllowed(format!(
            "{} lists its keys by itself: there is nothing to import.",
            manifest.name
        )));
    }
    let providers = ctx.providers.all();
    let forms: Vec<&KeyForm> = providers.iter().map(|provider| &provider.manifest().key_form).collect();
    let (lines, mut problems) = read(csv, manifest.name_limit, &forms);
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
        let alike = |record: &KeyRecord| record.name == line.name && record.hint == line.hint;
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
    Ok(Imported { imported: rows.len(), known, problems })
}

fn read(csv: &str, name_limit: usize, forms: &[&KeyForm]) -> (Vec<Line>, Vec<ImportProblem>) {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .has_headers(false)
        .from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    let mut columns: Option<Columns> = None;
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                problems.push(ImportProblem { line, words: "It is not text that can be read.".into() });
                break;
            }
        };
        let number = record.position().map_or(1, csv::Position::line);
        let read = match &columns {
            None => Columns::read(&record).map(|found| columns = Some(found)),
            Some(_) if lines.len() >= MOST => Err(format!("There are more than {MOST} lines.")),
            Some(columns) => columns.line(&record, name_limit, forms).map(|line| lines.push(line)),
        };
        if let Err(words) = read {
            problems.push(ImportProblem { line: number, words });
            if columns.is_none() || lines.len() >= MOST {
                break;
            }
        }
    }
    (lines, problems)
}
