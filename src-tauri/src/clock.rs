//! The system's clock, as the core's port.

use chrono::{DateTime, Utc};
use keyturn_core::ports::Clock;

#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
