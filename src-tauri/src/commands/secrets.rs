//! Secrets that wait to be saved: copying, showing once, letting go.

use std::sync::Arc;
use std::time::Duration;

use keyturn_core::error::FlowError;
use keyturn_core::flows;
use keyturn_core::journal::Action;
use keyturn_core::operation::OperationId;
use keyturn_wire::create::{CopiedView, EscrowView};
use keyturn_wire::failure::FailureView;
use keyturn_wire::secret::RevealedSecret;
use tauri::{State, WebviewWindow};

use super::{Answer, Shared, account_of, escrow_views, failed, unlocked};
use crate::house::Signal;
use crate::{reveal, rotating, window};

#[tauri::command]
pub(super) async fn unsaved(house: Shared<'_>) -> Answer<Vec<EscrowView>> {
    escrow_views(&house).await
}

#[tauri::command]
pub(super) async fn copy_secret(house: Shared<'_>, escrow: String) -> Answer<CopiedView> {
    let (_, secret) = flows::take_for(&house.ctx, &OperationId(escrow), Action::Copy)
        .await
        .map_err(|error| failed(&error))?;
    let copy = house.clipboard.copy(&secret).map_err(|error| FailureView::internal(&error.to_string()))?;
    let clears_in = house.settings().clipboard_seconds;
    let house = Arc::clone(&house);
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(Duration::from_secs(u64::from(clears_in))).await;
        if house.clipboard.clear_copy(copy) {
            house.signal(Signal::ClipboardCleared);
        }
    });
    Ok(CopiedView { clears_in })
}

#[tauri::command]
pub(super) async fn reveal_secret(house: Shared<'_>, escrow: String) -> Answer<()> {
    unlocked(&house)?;
    reveal::open(&house.app, OperationId(escrow), window::factor(house.settings().zoom))
        .await
        .map_err(|error| FailureView::internal(&error.to_string()))
}

/// Answers the reveal window only, and only once an opening.
#[tauri::command]
pub(super) async fn revealed_secret(
    house: Shared<'_>,
    revealing: State<'_, reveal::Revealing>,
    window: WebviewWindow,
) -> Answer<RevealedSecret> {
    let gone = || failed(&FlowError::NotFound("secret to show"));
    if window.label() != reveal::REVEAL {
        return Err(gone());
    }
    let operation = revealing.take().ok_or_else(gone)?;
    let (escrow, secret) =
        flows::take_for(&house.ctx, &operation, Action::Reveal).await.map_err(|error| failed(&error))?;
    let account = account_of(&house, &escrow.key).await?;
    Ok(RevealedSecret::new(escrow.record.name, account.label, &secret, reveal::SHOWN_FOR))
}

#[tauri::command]
pub(super) async fn close_reveal(house: Shared<'_>) -> Answer<()> {
    reveal::close(&house.app);
    Ok(())
}

#[tauri::command]
pub(super) async fn acknowledge_key(house: Shared<'_>, escrow: String) -> Answer<()> {
    flows::acknowledge(&house.ctx, &OperationId(escrow)).await.map_err(|error| failed(&error))?;
    rotating::show(&house).await;
    house.rotate.notify_one();
    Ok(())
}
