//! Where the authority's time comes from: the system, or a test's hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::moment::{Moment, millis};

/// The time by which keys expire, limits reset and last uses are dated.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `at` until its hand is moved.
    #[must_use]
    pub fn manual(at: DateTime<Utc>) -> (Self, ManualClock) {
        let millis = Arc::new(AtomicI64::new(at.timestamp_millis()));
        (Self(Source::Manual(Arc::clone(&millis))), ManualClock(millis))
    }

    pub(crate) fn now(&self) -> Moment {
        match &self.0 {
            Source::System => Utc::now().into(),
            Source::Manual(millis) => Moment(millis.load(Ordering::SeqCst)),
        }
    }
}

/// The hand of a [`Clock::manual`].
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(millis(span), Ordering::SeqCst);
    }
}
