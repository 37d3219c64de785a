//! The vault's lock, the settings, and the end of the application.

use std::time::Instant;

use keyturn_wire::settings::SettingsView;
use keyturn_wire::vault::VaultView;

use super::{Answer, Shared, failed};
use crate::house::held;
use crate::{opening, settings, window};

#[tauri::command]
pub(super) async fn vault(house: Shared<'_>) -> Answer<VaultView> {
    Ok(opening::view(&house))
}

#[tauri::command]
pub(super) async fn lock_vault(house: Shared<'_>) -> Answer<()> {
    opening::lock(&house, false);
    Ok(())
}

#[tauri::command]
pub(super) async fn unlock_vault(house: Shared<'_>) -> Answer<VaultView> {
    *held(&house.activity) = Instant::now();
    opening::unlock(&house, true).await.map_err(|error| failed(&error.into()))?;
    Ok(opening::view(&house))
}

#[tauri::command]
pub(super) async fn save_settings(house: Shared<'_>, settings: SettingsView) -> Answer<SettingsView> {
    let saved = settings::save(house.ctx.ledger.as_ref(), settings).await.map_err(|error| failed(&error))?;
    *house.settings.write().unwrap_or_else(std::sync::PoisonError::into_inner) = saved;
    window::zoom(&house.app, saved.zoom);
    house.wake.notify_one();
    Ok(saved)
}

#[tauri::command]
pub(super) async fn note_activity(house: Shared<'_>) -> Answer<()> {
    *held(&house.activity) = Instant::now();
    Ok(())
}

#[tauri::command]
pub(super) async fn dismiss_notice(house: Shared<'_>, id: String) -> Answer<()> {
    held(&house.notices).retain(|notice| notice.id != id);
    Ok(())
}

/// Ends the application; the question about unsaved keys was answered before.
#[tauri::command]
pub(super) async fn quit(house: Shared<'_>) -> Answer<()> {
    house.app.exit(0);
    Ok(())
}
