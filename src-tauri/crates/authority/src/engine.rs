//! The engine: what a key authority is, whatever dialect it speaks. Accounts, members and roles, keys and
//! their hashes, limits, the audit log, the store.
//!
//! It knows no HTTP and no vendor: a dialect gives it a [`Profile`] and turns its answers into replies.
//!
//! Every key stands in memory, indexed by its hash; every change is committed and synced to the store before
//! the index shows it and before the reply leaves. Only last uses are written behind.

pub(crate) mod audit;
pub(crate) mod authenticate;
mod form;
mod idempotency;
mod index;
pub(crate) mod jobs;
mod key;
mod last_use;
pub(crate) mod lies;
pub(crate) mod lifecycle;
pub(crate) mod limiter;
pub(crate) mod membership;
mod people;
mod profile;
pub(crate) mod random;
pub(crate) mod reset;
pub(crate) mod seed;
pub(crate) mod sketch;
mod store;
mod switch;
mod usage;

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub(crate) use form::{Body, Environment, Hint, KeyForm, Plaintext};
pub(crate) use key::{Key, Status};
pub(crate) use people::Account;
pub use people::Role;
pub(crate) use profile::{IdForm, Profile};
pub use switch::Switch;
pub(crate) use usage::Seen;

use crate::clock::Clock;
use crate::config::{Config, Limits};
use crate::error::AuthorityError;
use crate::moment::Moment;
use index::Index;
use last_use::LastUses;
use limiter::Addresses;
use switch::Switches;

/// One authority's state. All methods may be called from any thread; those that change something block for
/// the time of a synced transaction.
pub(crate) struct Engine {
    pub(crate) profile: &'static Profile,
    pub(crate) limits: Limits,
    pub(crate) addresses: Addresses,
    pub(crate) switches: Switches,
    pub(crate) lies: lies::Lies,
    /// How long a revoked key is still accepted.
    revocation_delay: Duration,
    clock: Clock,
    index: RwLock<Index>,
    last_uses: LastUses,
    /// `None` once stopped. Whoever changes something holds it from the first check to the index's update,
    /// so that changes happen one after the other.
    store: Mutex<Option<Connection>>,
}

impl Engine {
    /// # Errors
    /// The store cannot be opened, or is not one of this profile's vendor.
    pub(crate) fn open(profile: &'static Profile, config: Config) -> Result<Self, AuthorityError> {
        let connection = store::open(&config.store, profile.vendor)?;
        let index = store::load(&connection, profile)?;
        Ok(Self {
            profile,
            limits: config.limits,
            addresses: Addresses::default(),
            switches: Switches::default(),
            lies: lies::Lies::default(),
            revocation_delay: config.revocation_delay,
            clock: config.clock,
            index: RwLock::new(index),
            last_uses: LastUses::default(),
            store: Mutex::new(Some(connection)),
        })
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The moment that lists show, where it is not this one.
    pub(crate) fn shown(&self) -> Option<Moment> {
        self.lies.shown(self.now())
    }

    /// A thread that panicked left the index whole: it is changed only after a commit, by insertions.
    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in one transaction, commits it to disk, and only then lets `publish` change the index.
    ///
    /// # Errors
    /// Whatever `work` refuses with; nothing was changed then.
    pub(crate) fn change<T, E: From<AuthorityError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
        publish: impl FnOnce(&mut Index, &T),
    ) -> Result<T, E> {
        let mut store = self.store();
        let connection = store.as_mut().ok_or(AuthorityError::Stopped)?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(AuthorityError::store("begin a change in"))?;
        let done = work(&transaction)?;
        transaction.commit().map_err(AuthorityError::store("commit a change to"))?;
        publish(&mut self.index.write().unwrap_or_else(PoisonError::into_inner), &done);
        Ok(done)
    }

    /// Writes the last uses that are not on disk yet.
    ///
    /// # Errors
    /// The store refused; they are kept for the next time.
    pub(crate) fn flush(&self) -> Result<(), AuthorityError> {
        last_use::flush(self)
    }

    /// Flushes and closes the store; whatever wants to change something afterwards is refused.
    pub(crate) fn close(&self) {
        if let Err(error) = self.flush() {
            tracing::warn!(%error, "the last uses of the last second are lost");
        }
        let connection = self.store().take();
        if let Some(Err((_, error))) = connection.map(Connection::close) {
            tracing::warn!(%error, "the store was not closed properly");
        }
    }

    fn store(&self) -> MutexGuard<'_, Option<Connection>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
