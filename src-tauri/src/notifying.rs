//! Reminders as desktop notifications, over the session's bus. A desktop without a daemon for them is no error: the
//! bell in the window says the same. Other systems than Linux have the bell alone.

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub(crate) use linux::Notifier;

/// Shows nothing.
#[cfg(not(target_os = "linux"))]
#[derive(Debug, Default)]
pub(crate) struct Notifier;

#[cfg(not(target_os = "linux"))]
impl Notifier {
    pub(crate) fn show(&self, _: String, _: String) {}

    pub(crate) fn listen(&self, _: &tauri::AppHandle) {}
}
