//! Last uses: seen at once in memory, written behind in batches. A power cut loses a second of them, which
//! no promise depends on; a transaction a request would cost more than the request.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use super::key::Key;
use super::{Engine, store};
use crate::error::AuthorityError;
use crate::moment::Moment;

/// The keys whose last use is newer than the store's.
#[derive(Default)]
pub(super) struct LastUses(Mutex<Vec<Arc<Key>>>);

impl LastUses {
    fn add(&self, keys: impl IntoIterator<Item = Arc<Key>>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(keys);
    }

    fn take(&self) -> Vec<Arc<Key>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Notes that a key was used.
pub(super) fn note(engine: &Engine, key: &Arc<Key>, from: IpAddr, now: Moment) {
    key.last_used_at.raise(now);
    if engine.profile.reports_usage {
        key.usage.note(from, now);
    }
    if !key.unwritten.swap(true, Ordering::AcqRel) {
        engine.last_uses.add([Arc::clone(key)]);
    }
}

/// Writes what is waiting, in one transaction.
///
/// # Errors
/// The store refused; they wait for the next time.
pub(super) fn flush(engine: &Engine) -> Result<(), AuthorityError> {
    let waiting = engine.last_uses.take();
    if waiting.is_empty() {
        return Ok(());
    }
    // Before the times are read: a use from here on is noted anew.
    for key in &waiting {
        key.unwritten.store(false, Ordering::Release);
    }
    let written = engine.change(
        |transaction| {
            for key in &waiting {
                store::write_last_use(transaction, key)?;
                if engine.profile.reports_usage {
                    store::write_usage(transaction, key)?;
                }
            }
            Ok::<_, AuthorityError>(())
        },
        |_, ()| {},
    );
    if written.is_err() {
        engine.last_uses.add(waiting.into_iter().filter(|key| !key.unwritten.swap(true, Ordering::AcqRel)));
    }
    written
}
