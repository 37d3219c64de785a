//! A key as the authority keeps it: everything but its value.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::form::{Environment, KeyHash};
use super::limiter::Window;
use super::people::Member;
use crate::moment::{AtomicMoment, Moment};

/// An issued key. Only its revocation and its last use ever change.
pub(crate) struct Key {
    pub(crate) id: Box<str>,
    pub(super) hash: KeyHash,
    /// The last characters of its value.
    pub(crate) hint: Box<str>,
    pub(crate) environment: &'static Environment,
    pub(crate) name: Box<str>,
    pub(crate) scopes: Box<[&'static str]>,
    pub(crate) creator: Arc<Member>,
    pub(crate) created_at: Moment,
    pub(crate) expires_at: Option<Moment>,
    pub(super) revoked_at: AtomicMoment,
    pub(super) last_used_at: AtomicMoment,
    /// Its last use is waiting to be written.
    pub(super) unwritten: AtomicBool,
    pub(super) window: Window,
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

    pub(crate) fn last_used_at(&self) -> Option<Moment> {
        self.last_used_at.get()
    }

    /// The place in a list: by age, keys of one millisecond by id.
    pub(super) fn place(&self) -> (Moment, &str) {
        (self.created_at, &self.id)
    }
}
