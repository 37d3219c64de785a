//! The bell.

use keyturn_core::reminder::ReminderId;
use keyturn_wire::present;
use keyturn_wire::reminder::ReminderView;

use super::{Answer, Shared, failed};
use crate::house::Signal;

/// How many the bell holds at most; beyond that the list's filters serve better.
const SHOWN: usize = 500;

#[tauri::command]
pub(super) async fn reminders(house: Shared<'_>) -> Answer<Vec<ReminderView>> {
    let kept = house.ctx.ledger.reminders(SHOWN).await.map_err(|error| failed(&error.into()))?;
    let accounts = house.ctx.ledger.accounts().await.map_err(|error| failed(&error.into()))?;
    Ok(kept.iter().map(|kept| present::reminder::view(kept, &accounts)).collect())
}

/// The person has opened the bell.
#[tauri::command]
pub(super) async fn see_reminders(house: Shared<'_>) -> Answer<()> {
    house.ctx.ledger.see_reminders().await.map_err(|error| failed(&error.into()))?;
    house.signal(Signal::Reminders);
    Ok(())
}

#[tauri::command]
pub(super) async fn dismiss_reminder(house: Shared<'_>, reminder: String) -> Answer<()> {
    dismiss(&house, Some(&ReminderId(reminder))).await
}

#[tauri::command]
pub(super) async fn dismiss_reminders(house: Shared<'_>) -> Answer<()> {
    dismiss(&house, None).await
}

async fn dismiss(house: &Shared<'_>, which: Option<&ReminderId>) -> Answer<()> {
    house.ctx.ledger.dismiss_reminders(which).await.map_err(|error| failed(&error.into()))?;
    house.signal(Signal::Reminders);
    Ok(())
}
