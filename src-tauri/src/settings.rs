//! What a person set, kept in the ledger as JSON of the wire's own type.

use keyturn_core::error::FlowError;
use keyturn_core::ports::Ledger;
use keyturn_wire::settings::{SettingsView, ThemeView};

const NAME: &str = "settings";

pub(crate) const DEFAULT: SettingsView = SettingsView {
    theme: ThemeView::System,
    auto_lock_minutes: 10,
    clipboard_seconds: 30,
    refresh_minutes: 5,
    notifications: true,
    zoom: 100,
};

/// The stored settings, or the defaults where there are none or they cannot be read.
pub(crate) async fn load(ledger: &dyn Ledger) -> SettingsView {
    match ledger.setting(NAME).await {
        Ok(Some(json)) => serde_json::from_str(&json).unwrap_or_else(|error| {
            tracing::warn!(%error, "could not read the settings; the defaults are used");
            DEFAULT
        }),
        Ok(None) => DEFAULT,
        Err(error) => {
            tracing::warn!(%error, "could not read the settings; the defaults are used");
            DEFAULT
        }
    }
}

/// Stores what was set, within sensible limits, and answers with what was stored.
pub(crate) async fn save(ledger: &dyn Ledger, wanted: SettingsView) -> Result<SettingsView, FlowError> {
    let settings = SettingsView {
        theme: wanted.theme,
        auto_lock_minutes: wanted.auto_lock_minutes.min(24 * 60),
        clipboard_seconds: wanted.clipboard_seconds.clamp(5, 300),
        refresh_minutes: wanted.refresh_minutes.clamp(1, 24 * 60),
        notifications: wanted.notifications,
        zoom: wanted.zoom.clamp(50, 200),
    };
    let json = serde_json::to_string(&settings).map_err(|error| FlowError::NotAllowed(error.to_string()))?;
    ledger.put_setting(NAME, &json).await?;
    Ok(settings)
}
