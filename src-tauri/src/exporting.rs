//! Files for the person: into the folder that their desktop has for downloads, or the profile's own where it has none.
//! The journal tells of each before and after.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::Utc;
use keyturn_core::account::AccountId;
use keyturn_core::export::{AccountNames, CSV_MARK, Column, Names, csv_line, key_cell};
use keyturn_core::inventory::InventoryRow;
use keyturn_core::journal::{Action, Entry, Outcome};
use keyturn_core::ports::{JournalFilter, LedgerError};
use keyturn_storage::{JournalFormat, Outgoing, WriteError, Writing, write_journal};
use keyturn_wire::failure::FailureView;
use keyturn_wire::journal::{ExportedView, JournalFormatView, JournalQuery, TableFormatView};
use keyturn_wire::present;
use tauri::Manager;

use crate::house::{House, held};

/// The names beside the accounts' ids, as they are now.
pub(crate) async fn names(house: &House) -> Result<Names, LedgerError> {
    let accounts = house.ctx.ledger.accounts().await?;
    let of = |account: &keyturn_core::account::Account| AccountNames {
        label: account.label.clone(),
        vendor: house
            .ctx
            .providers
            .provider(&account.vendor)
            .map_or_else(|| account.vendor.0.clone(), |provider| provider.manifest().name.to_owned()),
    };
    Ok(accounts.iter().map(|account| (account.id.clone(), of(account))).collect())
}

/// Writes the entries that `query` asks for.
pub(crate) async fn journal(
    house: &House,
    query: &JournalQuery,
    format: JournalFormatView,
) -> Result<ExportedView, WriteError> {
    let (kind, ending, what) = match format {
        JournalFormatView::Csv => (JournalFormat::Csv, "csv", "the journal as CSV"),
        JournalFormatView::Jsonl => (JournalFormat::Lines, "jsonl", "the journal as JSON Lines"),
        JournalFormatView::Report => (JournalFormat::Report, "html", "the journal as a signed report"),
    };
    let names = names(house).await?;
    let filter = JournalFilter::from(query);
    let sign = |message: &[u8]| house.ctx.vault.sign(message);
    let writing = Writing {
        format: kind,
        filter: &filter,
        scope: &present::journal::scope(query, &names),
        names: &names,
        made_at: Utc::now(),
        signer: &sign,
    };
    note(house, Outcome::Intended).await?;
    let mut is_vouched = false;
    let write = async {
        let mut file = begin(house, "keyturn-journal", ending)?;
        let written = write_journal(house.ctx.ledger.as_ref(), &writing, &mut file).await?;
        is_vouched = written.is_vouched;
        Ok((file.finish()?, written.entries))
    };
    let (path, entries) = ended(house, what, write.await).await?;
    let signed = match kind {
        JournalFormat::Csv => "",
        JournalFormat::Lines if sign(b"").is_err() => ", not signed because the vault is locked",
        JournalFormat::Lines if !is_vouched => ", not signed because the journal is not as Keyturn wrote it",
        JournalFormat::Lines | JournalFormat::Report => ", signed",
    };
    Ok(exported(house, path, entries, signed))
}

/// Writes rows of the list.
pub(crate) async fn keys(
    house: &House,
    rows: &[InventoryRow],
    format: TableFormatView,
    columns: &[Column],
) -> Result<ExportedView, WriteError> {
    let (ending, what) = match format {
        TableFormatView::Csv => ("csv", "the list of keys as CSV"),
        TableFormatView::Json => ("json", "the list of keys as JSON"),
    };
    let names = names(house).await?;
    note(house, Outcome::Intended).await?;
    let write = || {
        let mut file = begin(house, "keyturn-keys", ending)?;
        match format {
            TableFormatView::Csv => csv(&mut file, rows, columns, &names)?,
            TableFormatView::Json => json(&mut file, rows, columns, &names)?,
        }
        Ok((file.finish()?, rows.len()))
    };
    let (path, entries) = ended(house, what, write()).await?;
    Ok(exported(house, path, entries, ""))
}

/// Opens the folder of a file that was exported since the start, and of no other.
pub(crate) fn show(house: &House, path: &Path) -> Result<(), FailureView> {
    let folder = path.parent().filter(|_| held(&house.exports).contains(path));
    let folder = folder.ok_or_else(|| FailureView::invalid("path", "this file was not exported here"))?;
    open::that_detached(folder).map_err(|error| FailureView::internal(&error.to_string()))
}

fn begin(house: &House, stem: &str, ending: &str) -> std::io::Result<Outgoing> {
    let dir = house.app.path().download_dir().unwrap_or_else(|_| house.profile_dir.join("exports"));
    Outgoing::create(&dir, &format!("{stem}-{}", Utc::now().format("%Y-%m-%d")), ending)
}

/// What became of it, in the journal.
async fn ended(
    house: &House,
    what: &str,
    written: Result<(PathBuf, usize), WriteError>,
) -> Result<(PathBuf, usize), WriteError> {
    let outcome = match &written {
        Ok((_, entries)) => Outcome::Done(format!("{what}: {entries}")),
        Err(error) => Outcome::Failed(format!("{what}: {error}")),
    };
    note(house, outcome).await?;
    written
}

async fn note(house: &House, outcome: Outcome) -> Result<(), LedgerError> {
    let entry = Entry {
        at: Utc::now(),
        account: AccountId(String::new()),
        key: None,
        action: Action::Export,
        outcome,
        reason: None,
        fingerprint: None,
    };
    house.ctx.ledger.append(&entry).await
}

fn exported(house: &House, path: PathBuf, entries: usize, signed: &str) -> ExportedView {
    let counted = if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") };
    let view = ExportedView {
        path: path.display().to_string(),
        entries: present::count(entries),
        words: format!("{counted}{signed}"),
    };
    held(&house.exports).insert(path);
    view
}

fn csv(
    out: &mut impl Write,
    rows: &[InventoryRow],
    columns: &[Column],
    names: &Names,
) -> std::io::Result<()> {
    out.write_all(CSV_MARK.as_bytes())?;
    out.write_all(csv_line(columns.iter().map(|column| column.name())).as_bytes())?;
    for row in rows {
        let cells = cells(row, columns, names);
        out.write_all(csv_line(cells.iter().map(String::as_str)).as_bytes())?;
    }
    Ok(())
}

/// An array of objects, one a line.
fn json(
    out: &mut impl Write,
    rows: &[InventoryRow],
    columns: &[Column],
    names: &Names,
) -> std::io::Result<()> {
    out.write_all(b"[")?;
    for (number, row) in rows.iter().enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        let object: serde_json::Map<String, serde_json::Value> = columns
            .iter()
            .zip(cells(row, columns, names))
            .map(|(column, cell)| (column.name().to_owned(), cell.into()))
            .collect();
        serde_json::to_writer(&mut *out, &object)?;
    }
    out.write_all(b"\n]\n")
}

fn cells(row: &InventoryRow, columns: &[Column], names: &Names) -> Vec<String> {
    let now = Utc::now();
    let of = names.get(&row.account).cloned().unwrap_or_default();
    columns.iter().map(|column| key_cell(*column, row, &of, now)).collect()
}
