//! What a person may set.

use crate::wire;

wire! {
    #[derive(Copy, Eq)]
    both pub struct SettingsView {
        pub theme: ThemeView,
        /// Minutes without input until the vault locks; 0: never.
        pub auto_lock_minutes: u32,
        /// Seconds until a copied key is cleared from the clipboard.
        pub clipboard_seconds: u32,
        /// Minutes between refreshes in the background.
        pub refresh_minutes: u32,
        /// Reminders are shown by the desktop as well.
        #[serde(default = "on")]
        pub notifications: bool,
        /// How large everything is drawn, in per cent.
        #[serde(default = "whole")]
        pub zoom: u32,
    }
}
wire! {
    #[derive(Copy, Eq)]
    both pub enum ThemeView { System, Light, Dark }
}

/// What settings that were stored before there were notifications mean.
fn on() -> bool {
    true
}

/// What settings that were stored before there was a zoom mean.
fn whole() -> u32 {
    100
}
