//! Copying as a secret: marked so that clipboard histories skip it, and cleared while the clipboard still holds it.
//!
//! Keeps digests of what was copied, never the values. What this application copied it never pastes: a script in a page
//! could ask for both, and name the address to which it goes.

use std::collections::HashSet;
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
    /// Everything that was copied since the start, also what was cleared since.
    ever: Mutex<HashSet<[u8; 32]>>,
    generation: AtomicU64,
}

/// Why nothing was copied or pasted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClipboardError {
    /// The system's clipboard did not take or give a text.
    #[error("the clipboard is not available: {0}")]
    Unavailable(String),
    /// What it holds was put there by this application.
    #[error(
        "the clipboard holds a key that Keyturn copied, which it does not read back; paste it into the field yourself"
    )]
    Own,
}

impl Clipboard {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { app, copied: Mutex::new(None), ever: Mutex::default(), generation: AtomicU64::new(0) }
    }

    /// Puts `secret` on the clipboard and answers with the copy's number, for [`Clipboard::clear_copy`].
    pub(crate) fn copy(&self, secret: &Secret) -> Result<u64, ClipboardError> {
        // EXPOSE: the person asked for it on the clipboard; it is marked as a secret there.
        let text = secret.expose();
        // Before it is there: at no time could it be pasted.
        held(&self.ever).insert(digest(text.trim()));
        self.app.clipboard().write_secret(text).map_err(unavailable)?;
        *held(&self.copied) = Some(digest(text));
        Ok(self.generation.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Reads what the person copied elsewhere.
    ///
    /// # Errors
    /// [`ClipboardError::Own`] for what was copied here, however long ago and whoever put it there again.
    pub(crate) fn paste(&self) -> Result<Secret, ClipboardError> {
        let text = self.app.clipboard().read_text().map(Secret::new).map_err(unavailable)?;
        if self.is_own(&text) { Err(ClipboardError::Own) } else { Ok(text) }
    }

    /// Whether it was copied here since the start.
    pub(crate) fn is_own(&self, text: &Secret) -> bool {
        // EXPOSE: compared with what was copied here.
        held(&self.ever).contains(&digest(text.expose().trim()))
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

#[allow(clippy::needless_pass_by_value, reason = "an error is handed over")]
fn unavailable(error: tauri_plugin_clipboard_manager::Error) -> ClipboardError {
    ClipboardError::Unavailable(error.to_string())
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
