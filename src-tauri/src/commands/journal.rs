//! The journal: its window, its exports, the verdict on its chain; and the export of the list.

use std::path::Path;

use chrono::Utc;
use keyturn_core::error::FlowError;
use keyturn_core::export::Column;
use keyturn_core::ports::{JournalCheck, JournalFilter};
use keyturn_storage::{Verdict, WriteError, verdict};
use keyturn_wire::failure::FailureView;
use keyturn_wire::journal::{
    ExportedView, JournalFormatView, JournalQuery, JournalVerdictView, JournalWindowView, TableFormatView,
};
use keyturn_wire::list::KeyQuery;
use keyturn_wire::present;

use super::{Answer, Shared, failed};
use crate::exporting;

#[tauri::command]
pub(super) async fn journal(house: Shared<'_>, query: JournalQuery) -> Answer<JournalWindowView> {
    let filter = JournalFilter::from(&query);
    let (offset, limit) = (query.offset as usize, query.limit as usize);
    let window = house.ctx.ledger.journal_window(&filter, offset, limit).await;
    let names = exporting::names(&house).await.map_err(|error| failed(&error.into()))?;
    Ok(present::journal::window(&window.map_err(|error| failed(&error.into()))?, &names))
}

#[tauri::command]
pub(super) async fn export_journal(
    house: Shared<'_>,
    query: JournalQuery,
    format: JournalFormatView,
) -> Answer<ExportedView> {
    exporting::journal(&house, &query, format).await.map_err(not_written)
}

#[tauri::command]
pub(super) async fn verify_journal(house: Shared<'_>) -> Answer<JournalVerdictView> {
    let check = house.ctx.ledger.verify_journal().await.map_err(|error| failed(&error.into()))?;
    let public_key = house.ctx.vault.sign(b"").ok().map(|signed| hex::encode(signed.public_key));
    let entries = match check {
        JournalCheck::Whole { entries, .. } => entries,
        JournalCheck::Broken { seq } => seq - 1,
    };
    let (intact, words) = match verdict(check) {
        Verdict::Whole(words) => (true, words),
        Verdict::Broken(words) => (false, words),
    };
    let entries = present::count(usize::try_from(entries).unwrap_or(usize::MAX));
    Ok(JournalVerdictView { intact, entries, words, public_key })
}

#[tauri::command]
pub(super) async fn export_keys(
    house: Shared<'_>,
    query: KeyQuery,
    format: TableFormatView,
    columns: Vec<String>,
) -> Answer<ExportedView> {
    let unknown = |name: &String| FailureView::invalid("columns", &format!("there is no column {name:?}"));
    let mut chosen = Vec::with_capacity(columns.len());
    for name in &columns {
        chosen.push(Column::parse(name).ok_or_else(|| unknown(name))?);
    }
    if chosen.is_empty() {
        chosen.extend(Column::ALL);
    }
    let listed = house.listed().await.map_err(|error| failed(&error.into()))?;
    let rows = listed.inventory.every(&query.into(), Utc::now());
    exporting::keys(&house, &rows, format, &chosen).await.map_err(not_written)
}

#[tauri::command]
pub(super) async fn show_export(house: Shared<'_>, path: String) -> Answer<()> {
    exporting::show(&house, Path::new(&path))
}

fn not_written(error: WriteError) -> FailureView {
    match error {
        WriteError::Ledger(error) => failed(&error.into()),
        WriteError::Vault(error) => failed(&error.into()),
        WriteError::Unsound => failed(&FlowError::NotAllowed(
            "The journal is not as Keyturn wrote it, so that no report of it is signed. Check it under Audit.".into(),
        )),
        WriteError::Io(error) => {
            failed(&FlowError::NotAllowed(format!("The file could not be written: {error}")))
        }
    }
}
