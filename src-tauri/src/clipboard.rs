//! Copying as a secret: marked so that clipboard histories skip it, and cleared while the clipboard still holds it.
//!
//! Keeps a digest of what was copied, never the value.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use keyturn_core::secret::Secret;
use sha2::{Digest, Sha256};
use tauri::AppHandle;
use tauri_plugin_clipboard_manager::ClipboardExt;

use crate::house::held;

/// The clipboard, with what this application put there last.
pub(crate) struct Clipboard {
    app: AppHandle,
    copied: Mutex<Option<[u8; 32]>>,
    generation: AtomicU64,
}

/// The system's clipboard did not take or give a text.
#[derive(Debug, thiserror::Error)]
#[error("the clipboard is not available: {0}")]
pub(crate) struct ClipboardError(String);

impl Clipboard {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { app, copied: Mutex::new(None), generation: AtomicU64::new(0) }
    }

    /// Puts `secret` on the clipboard and answers with the copy's number, for [`Clipboard::clear_copy`].
    pub(crate) fn copy(&self, secret: &Secret) -> Result<u64, ClipboardError> {
        // EXPOSE: the person asked for it on the clipboard; it is marked as a secret there.
        let text = secret.expose();
        self.app.clipboard().write_secret(text).map_err(|error| ClipboardError(error.to_string()))?;
        *held(&self.copied) = Some(digest(text));
        Ok(self.generation.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Reads what the person copied elsewhere.
    pub(crate) fn paste(&self) -> Result<Secret, ClipboardError> {
        self.app.clipboard().read_text().map(Secret::new).map_err(|error| ClipboardError(error.to_string()))
    }

    /// Clears copy number `copy`, unless a later one replaced it. Says whether it cleared anything.
    pub(crate) fn clear_copy(&self, copy: u64) -> bool {
        self.generation.load(Ordering::SeqCst) == copy && self.clear()
    }

    /// Clears the clipboard if it still holds what was copied here. Another program's text is left alone.
    pub(crate) fn clear(&self) -> bool {
        let Some(ours) = held(&self.copied).take() else { return false };
        let still_ours = self.app.clipboard().read_text().is_ok_and(|text| digest(&text) == ours);
        if !still_ours {
            return false;
        }
        if let Err(error) = self.app.clipboard().clear() {
            tracing::warn!(%error, "could not clear the clipboard");
            return false;
        }
        true
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
