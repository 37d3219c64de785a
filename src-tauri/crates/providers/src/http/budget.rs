//! What Keyturn takes of a vendor's documented limit: half of what a key may ask, since production shares the account.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Call;

/// Requests that a vendor lets through with one key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) requests: usize,
    pub(crate) within: Duration,
}

/// Where the budget holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    Everywhere,
    /// Nobody's production stands behind an address of this machine.
    BeyondThisMachine,
}

/// When each key was sent last, in memory only.
#[derive(Default)]
pub(super) struct Sent {
    hasher: RandomState,
    by_key: Mutex<HashMap<u64, VecDeque<Instant>>>,
}

impl Sent {
    /// A place in the budget between `now` and `latest`, taken.
    ///
    /// # Errors
    /// How long it takes until there is one: none was taken.
    pub(super) fn place(&self, call: &Call<'_>, now: Instant, latest: Instant) -> Result<Instant, Duration> {
        let Some(longest) = call.limits().iter().map(|limit| limit.within).max() else { return Ok(now) };
        // EXPOSE: a number of 64 bits that only this process can make again takes its place.
        let key = self.hasher.hash_one((call.origin(), call.secret().expose()));
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        by_key.retain(|_, sent| {
            while sent.front().is_some_and(|at| *at + longest <= now) {
                sent.pop_front();
            }
            !sent.is_empty()
        });
        let sent = by_key.entry(key).or_default();
        let free = |limit: &Limit| {
            let before = sent.len().checked_sub(limit.requests.div_ceil(2))?;
            sent.get(before).map(|at| *at + limit.within)
        };
        let at = call.limits().iter().filter_map(free).fold(now, Instant::max);
        if at > latest {
            return Err(at - now);
        }
        sent.push_back(at);
        Ok(at)
    }
}
