//! The small window that shows one secret: its own web process, which ends with it. It takes the secret once,
//! and closes on its timer, on blur and on lock.

use std::sync::{Mutex, PoisonError};

use keyturn_core::operation::OperationId;
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, WindowEvent, webview::NewWindowResponse};

use crate::window::{is_ours, lighten};

pub(crate) const REVEAL: &str = "reveal";

/// Seconds until the window closes by itself.
pub(crate) const SHOWN_FOR: u32 = 30;

/// Which escrow the open window may fetch, once.
#[derive(Default)]
pub(crate) struct Revealing(Mutex<Option<OperationId>>);

impl Revealing {
    /// What the window may fetch; asking takes it.
    pub(crate) fn take(&self) -> Option<OperationId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, operation: OperationId) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(operation);
    }
}

/// Opens the window for `operation`. One at a time: an open one is closed first.
pub(crate) fn open(app: &AppHandle, operation: OperationId) -> tauri::Result<()> {
    close(app);
    app.state::<Revealing>().set(operation);
    let window = WebviewWindowBuilder::new(app, REVEAL, WebviewUrl::App("reveal.html".into()))
        .title("Keyturn: your key")
        .inner_size(560.0, 240.0)
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
    let handle = app.clone();
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Focused(false)) {
            close(&handle);
        }
    });
    let handle = app.clone();
    let shown_by = window.label().to_owned();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(u64::from(SHOWN_FOR) + 1)).await;
        tracing::debug!(window = shown_by, "the reveal window's time is over");
        close(&handle);
    });
    Ok(())
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
