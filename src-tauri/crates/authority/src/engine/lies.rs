//! What the engine is told to lie about while a request runs: lists of some seconds ago, and ends that are only said.
//!
//! Told by the faults around a dialect, for as long as their request is under way. Another request of that moment may
//! hear the same lie: a vendor that lies does so to everybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use super::Engine;
use crate::moment::{AtomicMoment, Moment};

/// The lies of one engine. None at first.
#[derive(Default)]
pub(crate) struct Lies {
    /// How many requests there are whose ends are not carried out.
    pretending: AtomicUsize,
    /// How many requests see old lists, and how old those are in milliseconds.
    lagging: AtomicUsize,
    lag: AtomicI64,
}

/// One request's lie; it ends when this is dropped.
pub(crate) struct Told {
    engine: Arc<Engine>,
    of: fn(&Lies) -> &AtomicUsize,
}

impl Drop for Told {
    fn drop(&mut self) {
        (self.of)(&self.engine.lies).fetch_sub(1, Ordering::AcqRel);
    }
}

/// From now on revocations and deletions are accepted and not carried out.
pub(crate) fn pretend(engine: &Arc<Engine>) -> Told {
    tell(engine, |lies| &lies.pretending)
}

/// From now on lists show what was `seconds` ago.
pub(crate) fn lag(engine: &Arc<Engine>, seconds: u32) -> Told {
    engine.lies.lag.store(i64::from(seconds) * 1000, Ordering::Release);
    tell(engine, |lies| &lies.lagging)
}

fn tell(engine: &Arc<Engine>, of: fn(&Lies) -> &AtomicUsize) -> Told {
    of(&engine.lies).fetch_add(1, Ordering::AcqRel);
    Told { engine: Arc::clone(engine), of }
}

impl Lies {
    /// Whether an end is said and not carried out.
    pub(super) fn pretends(&self) -> bool {
        self.pretending.load(Ordering::Acquire) > 0
    }

    /// The moment that lists show, where it is not this one.
    pub(super) fn shown(&self, now: Moment) -> Option<Moment> {
        let lags = self.lagging.load(Ordering::Acquire) > 0;
        lags.then(|| Moment(now.0.saturating_sub(self.lag.load(Ordering::Acquire))))
    }
}

/// What a key is at a moment before its revocation.
pub(super) fn not_yet(at: Option<Moment>, shown: Moment) -> AtomicMoment {
    AtomicMoment::new(at.filter(|at| *at <= shown))
}
