//! "Is this key ours?", saved views, and the import of an inventory.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keyturn_core::account::AccountId;
use keyturn_core::flows;
use keyturn_wire::failure::FailureView;
use keyturn_wire::leak::LeakReportView;
use keyturn_wire::present::count;
use keyturn_wire::rotation::GivenSecret;
use keyturn_wire::views::{ImportProblemView, ImportReportView, SavedViewInput, SavedViewView};

use super::{Answer, Shared, after_accounts, failed, fresh_id, given_text};
use crate::house::held;
use crate::{leaks, primary, views};

/// Searches what was typed, or the clipboard's text.
#[tauri::command]
pub(super) async fn find_leak(house: Shared<'_>, given: GivenSecret) -> Answer<LeakReportView> {
    let text = given_text(&house, given, "text")?;
    // EXPOSE: searched for keys, in memory; nothing of it is kept but the values that were found.
    let bytes = text.expose().as_bytes();
    leaks::search(&house, bytes).await.map_err(|error| failed(&error))
}

#[tauri::command]
pub(super) async fn forget_leaks(house: Shared<'_>) -> Answer<()> {
    held(&house.found).forget();
    // The text that was searched may have been marked.
    primary::empty(&house.app);
    Ok(())
}

#[tauri::command]
pub(super) async fn views(house: Shared<'_>) -> Answer<Vec<SavedViewView>> {
    views::all(house.ctx.ledger.as_ref()).await.map_err(|error| failed(&error))
}

#[tauri::command]
pub(super) async fn save_view(house: Shared<'_>, view: SavedViewInput) -> Answer<SavedViewView> {
    let id = fresh_id("view")?;
    views::save(house.ctx.ledger.as_ref(), view, id).await.map_err(|error| failed(&error))
}

#[tauri::command]
pub(super) async fn remove_view(house: Shared<'_>, view: String) -> Answer<()> {
    views::remove(house.ctx.ledger.as_ref(), &view).await.map_err(|error| failed(&error))
}

/// `file`: its bytes in Base64, so that no page decides in which encoding they are.
#[tauri::command]
pub(super) async fn import_keys(
    house: Shared<'_>,
    account: String,
    file: String,
) -> Answer<ImportReportView> {
    let csv = STANDARD.decode(file).map_err(|error| FailureView::internal(&error.to_string()))?;
    let done =
        flows::import_keys(&house.ctx, &AccountId(account), &csv).await.map_err(|error| failed(&error))?;
    after_accounts(&house).await;
    let mut words: String = match (done.problems.len(), done.imported) {
        (0, 0) => "Every key of this account is here already.".into(),
        (0, 1) => "1 key was imported.".into(),
        (0, imported) => format!("{imported} keys were imported."),
        _ => "Nothing was imported. Mend these lines and try again.".into(),
    };
    if let Some(note) = done.note {
        words = format!("{words} {note}");
    }
    Ok(ImportReportView {
        imported: count(done.imported),
        known: count(done.known),
        elsewhere: count(done.elsewhere),
        problems: done
            .problems
            .into_iter()
            .map(|problem| ImportProblemView {
                line: u32::try_from(problem.line).unwrap_or(u32::MAX),
                words: problem.words,
            })
            .collect(),
        words,
    })
}
