//! The X11 and Wayland selection of what is marked, which a middle click pastes. Whatever was marked in a window of ours
//! stands in it; nothing that may be a key stays there.

use tauri::AppHandle;

/// Empties it, where it is ours. What another program marked is left alone.
#[cfg(target_os = "linux")]
pub(crate) fn empty(app: &AppHandle) {
    let emptied = app.run_on_main_thread(|| gtk::Clipboard::get(&gtk::gdk::SELECTION_PRIMARY).clear());
    if let Err(error) = emptied {
        tracing::warn!(%error, "the selection could not be emptied");
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn empty(_: &AppHandle) {}
