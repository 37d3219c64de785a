//! Instants as the authority keeps them: whole milliseconds, so that a time reads the same before a restart
//! and after it.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// Milliseconds since 1970, UTC. Displayed and serialized as RFC 3339 with milliseconds and `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) i64);

impl Moment {
    /// # Errors
    /// `None` when it is not RFC 3339.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_millis()))
    }

    pub(crate) fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    pub(crate) fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }
}

impl From<DateTime<Utc>> for Moment {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_millis())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        out.write_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whole milliseconds of a span.
pub(crate) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// A moment that may not have come yet and never goes back; read by every request without a lock.
pub(crate) struct AtomicMoment(AtomicI64);

/// "Not yet": smaller than every moment, so that raising needs no special case.
const NEVER: i64 = i64::MIN;

impl AtomicMoment {
    pub(crate) fn new(at: Option<Moment>) -> Self {
        Self(AtomicI64::new(at.map_or(NEVER, |at| at.0)))
    }

    pub(crate) fn get(&self) -> Option<Moment> {
        let at = self.0.load(Ordering::Acquire);
        (at != NEVER).then_some(Moment(at))
    }

    pub(crate) fn raise(&self, at: Moment) {
        self.0.fetch_max(at.0, Ordering::AcqRel);
    }
}
