//! The small window that shows one secret: its own web process, which ends with it. It takes the secret once,
//! and closes on its timer, on blur and on lock.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keyturn_core::operation::OperationId;
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, WindowEvent, webview::NewWindowResponse};

use crate::window::{is_ours, lighten};

pub(crate) const REVEAL: &str = "reveal";

/// Seconds until the window closes by itself.
pub(crate) const SHOWN_FOR: u32 = 30;

/// Which escrow the open window may fetch, once, and the number of its opening.
#[derive(Default)]
pub(crate) struct Revealing(Mutex<(Option<OperationId>, u64)>);

impl Revealing {
    /// What the window may fetch; asking takes it.
    pub(crate) fn take(&self) -> Option<OperationId> {
        self.held().0.take()
    }

    /// Another opening begins; what ends the one before has no power over it.
    fn begin(&self, operation: OperationId) -> u64 {
        let mut held = self.held();
        *held = (Some(operation), held.1 + 1);
        held.1
    }

    fn is_open(&self, opening: u64) -> bool {
        self.held().1 == opening
    }

    fn held(&self) -> MutexGuard<'_, (Option<OperationId>, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the window for `operation`, as large as `zoom` says. One at a time: an open one is closed first, and
/// waited for.
pub(crate) async fn open(app: &AppHandle, operation: OperationId, zoom: f64) -> tauri::Result<()> {
    close(app);
    for _ in 0..100 {
        if app.get_webview_window(REVEAL).is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let opening = app.state::<Revealing>().begin(operation);
    let window = WebviewWindowBuilder::new(app, REVEAL, WebviewUrl::App("reveal.html".into()))
        .title("Keyturn: your key")
        .inner_size(560.0 * zoom, 240.0 * zoom)
        .resizable(false)
        .maximizable(false)
        .minimizable(false)
        .always_on_top(true)
        .center()
        .incognito(true)
        .content_protected(true)
        .disable_drag_drop_handler()
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    lighten(&window)?;
    if let Err(error) = window.set_zoom(zoom) {
        tracing::warn!(%error, "could not zoom the reveal window");
    }
    let handle = app.clone();
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Focused(false)) {
            close_opening(&handle, opening);
        }
    });
    let handle = app.clone();
    let shown_by = window.label().to_owned();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(Duration::from_secs(u64::from(SHOWN_FOR) + 1)).await;
        tracing::debug!(window = shown_by, "the reveal window's time is over");
        close_opening(&handle, opening);
    });
    Ok(())
}

/// Ends the window if it is still the one of this opening.
fn close_opening(app: &AppHandle, opening: u64) {
    if app.state::<Revealing>().is_open(opening) {
        close(app);
    }
}

/// Ends the window and with it the web process that held the secret.
pub(crate) fn close(app: &AppHandle) {
    app.state::<Revealing>().take();
    if let Some(window) = app.get_webview_window(REVEAL)
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, "could not close the reveal window");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f61_what_ends_the_first_opening_leaves_the_second_alone() {
        let revealing = Revealing::default();
        let first = revealing.begin(OperationId("first".into()));
        assert!(revealing.is_open(first));
        let second = revealing.begin(OperationId("second".into()));
        assert!(!revealing.is_open(first), "its timer and its loss of focus end nothing any more");
        assert!(revealing.is_open(second));
        assert_eq!(revealing.take(), Some(OperationId("second".into())));
        assert!(revealing.is_open(second) && revealing.take().is_none());
    }
}
