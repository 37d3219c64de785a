//! A key as the authority keeps it: everything but its value.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::form::{Environment, KeyHash};
use super::limiter::Window;
use super::people::Member;
use super::usage::Usage;
use crate::moment::{AtomicMoment, Moment};

/// An issued key. Only its revocation and its last use ever change; a reset puts another in its place.
pub(crate) struct Key {
    pub(crate) id: Box<str>,
    pub(super) hash: KeyHash,
    /// The part of its value that it is known by.
    pub(crate) hint: Box<str>,
    pub(crate) environment: &'static Environment,
    pub(crate) name: Box<str>,
    pub(crate) scopes: Box<[&'static str]>,
    /// For which of the account's clients it is, where the vendor has such keys.
    pub(crate) client: Option<Box<str>>,
    pub(crate) creator: Arc<Member>,
    pub(crate) created_at: Moment,
    pub(crate) expires_at: Option<Moment>,
    pub(super) revoked_at: AtomicMoment,
    /// The name of the member who revoked it.
    pub(super) revoked_by: OnceLock<Box<str>>,
    pub(super) last_used_at: AtomicMoment,
    /// Its last use is waiting to be written.
    pub(super) unwritten: AtomicBool,
    pub(super) window: Window,
    /// The requests of a second and of an hour, where those are limited too.
    pub(super) second: Window,
    pub(super) hour: Window,
    /// Where it was used from, if the vendor reports that.
    pub(crate) usage: Usage,
}

/// What a key is at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    /// Wins over [`Status::Expired`].
    Revoked,
    Expired,
}

impl Key {
    pub(crate) fn status(&self, now: Moment) -> Status {
        if self.revoked_at().is_some() {
            Status::Revoked
        } else if self.expires_at.is_some_and(|at| at <= now) {
            Status::Expired
        } else {
            Status::Active
        }
    }

    pub(crate) fn revoked_at(&self) -> Option<Moment> {
        self.revoked_at.get()
    }

    /// Who revoked it, where that is known.
    pub(crate) fn revoked_by(&self) -> Option<&str> {
        self.revoked_by.get().map(AsRef::as_ref)
    }

    /// The same key as it was, or would be, with another moment of its revocation; for a reply only.
    pub(super) fn as_if_revoked(&self, at: AtomicMoment, by: Option<&str>) -> Self {
        let revoked_by = by.filter(|_| at.get().is_some()).map(|by| OnceLock::from(Box::from(by)));
        Self {
            id: self.id.clone(),
            hash: self.hash,
            hint: self.hint.clone(),
            environment: self.environment,
            name: self.name.clone(),
            scopes: self.scopes.clone(),
            client: self.client.clone(),
            creator: Arc::clone(&self.creator),
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: at,
            revoked_by: revoked_by.unwrap_or_default(),
            last_used_at: AtomicMoment::new(self.last_used_at()),
            unwritten: AtomicBool::new(false),
            window: Window::default(),
            second: Window::default(),
            hour: Window::default(),
            usage: Usage::of(self.usage.seen()),
        }
    }

    /// Revoked from now on; a key that is revoked stays as it is.
    pub(super) fn mark_revoked(&self, by: &str, at: Moment) {
        if self.revoked_at().is_none() {
            // Empty until now: whoever revokes holds the store.
            self.revoked_by.get_or_init(|| by.into());
            self.revoked_at.raise(at);
        }
    }

    pub(crate) fn last_used_at(&self) -> Option<Moment> {
        self.last_used_at.get()
    }

    /// Whether it is taken at the door: while it is active, and for `delay` after its revocation.
    pub(super) fn is_accepted(&self, now: Moment, delay: Duration) -> bool {
        let expired = self.expires_at.is_some_and(|at| at <= now);
        !expired && self.revoked_at().is_none_or(|at| now < at.plus(delay))
    }

    /// The place in a list: by age, keys of one millisecond by id.
    pub(crate) fn place(&self) -> (Moment, &str) {
        (self.created_at, &self.id)
    }
}
