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
    }
}
wire! {
    #[derive(Copy, Eq)]
    both pub enum ThemeView { System, Light, Dark }
}
