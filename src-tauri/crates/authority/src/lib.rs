//! A key authority on loopback. It issues keys, keeps only their SHA-256 hashes, authenticates, enforces
//! scopes, roles, expiry and rate limits, and finds its state again after a restart; it speaks the dialect
//! of the vendor it is started as.
//!
//! It knows nothing of the application, its adapters or its vault, and shares no types with them: the
//! adapters are tested against what a vendor's pages say, not against their own idea of it.

mod authority;
mod clock;
mod config;
mod connection;
mod dashboard;
mod dialects;
mod engine;
mod error;
mod faults;
mod http;
mod moment;

pub use authority::{Authority, DashboardKey};
pub use clock::{Clock, ManualClock};
pub use config::{Config, Limits, Vendor};
pub use engine::{Role, Switch};
pub use error::AuthorityError;
pub use faults::{Armed, Calls, CutAt, Fault, Faults, RedirectStatus, Requests, RetryAfter, TimeForm, Times};
