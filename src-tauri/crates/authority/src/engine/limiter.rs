//! Rate limits: requests counted in fixed windows, an address, a key and an account each in its own.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::moment::{Moment, millis};

/// More addresses than this and the ended windows are swept out. Loopback alone has 16 million.
const SWEEP_AT: usize = 4096;

/// A counter and the time at which it began to count.
#[derive(Default)]
pub(crate) struct Window(Mutex<Count>);

#[derive(Default, Clone, Copy)]
struct Count {
    began: i64,
    requests: u32,
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) limit: u32,
    /// `None` when this request was over the limit.
    remaining: Option<u32>,
    /// Seconds until the window ends, at least one.
    pub(crate) reset: u64,
}

impl Allowance {
    pub(crate) fn is_exceeded(self) -> bool {
        self.remaining.is_none()
    }

    pub(crate) fn remaining(self) -> u32 {
        self.remaining.unwrap_or(0)
    }

    /// The one that will stop the caller first.
    pub(crate) fn tighter(self, other: Self) -> Self {
        if other.remaining < self.remaining { other } else { self }
    }
}

impl Window {
    /// Counts a request.
    pub(crate) fn take(&self, now: Moment, span: Duration, limit: u32) -> Allowance {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take(now, span, limit)
    }
}

impl Count {
    fn take(&mut self, now: Moment, span: Duration, limit: u32) -> Allowance {
        let span = millis(span).max(1);
        if self.has_ended(now, span) {
            *self = Self { began: now.0, requests: 0 };
        }
        let remaining = limit.checked_sub(self.requests).and_then(|left| left.checked_sub(1));
        if remaining.is_some() {
            self.requests += 1;
        }
        let left = u64::try_from(self.began + span - now.0).unwrap_or(1);
        Allowance { limit, remaining, reset: left.div_ceil(1000).max(1) }
    }

    /// A clock that was set back ends the window too, or it might last for hours.
    fn has_ended(self, now: Moment, span: i64) -> bool {
        now.0 < self.began || now.0 - self.began >= span
    }
}

/// The windows of the addresses that requests came from.
#[derive(Default)]
pub(crate) struct Addresses(Mutex<HashMap<IpAddr, Count>>);

impl Addresses {
    /// Counts a request.
    pub(crate) fn take(&self, address: IpAddr, now: Moment, span: Duration, limit: u32) -> Allowance {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= SWEEP_AT {
            windows.retain(|_, count| !count.has_ended(now, millis(span).max(1)));
        }
        windows.entry(address).or_default().take(now, span, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_limit_is_counted_down_and_comes_back() {
        let window = Window::default();
        let at = |seconds: i64| Moment(1_000_000 + seconds * 1000);
        let left = |seconds| window.take(at(seconds), MINUTE, 2);
        assert_eq!(left(0), Allowance { limit: 2, remaining: Some(1), reset: 60 });
        assert_eq!(left(10), Allowance { limit: 2, remaining: Some(0), reset: 50 });
        assert!(left(59).is_exceeded());
        assert_eq!(left(60), Allowance { limit: 2, remaining: Some(1), reset: 60 });
        assert_eq!(left(-3600), Allowance { limit: 2, remaining: Some(1), reset: 60 });
    }

    #[test]
    fn the_tighter_allowance_is_the_one_with_less_left() {
        let wide = Allowance { limit: 9, remaining: Some(5), reset: 1 };
        let narrow = Allowance { limit: 9, remaining: Some(0), reset: 1 };
        let over = Allowance { limit: 9, remaining: None, reset: 1 };
        assert_eq!(wide.tighter(narrow), narrow);
        assert_eq!(over.tighter(narrow), over);
    }
}
