//! Bad days on demand: what a vendor, or the way to it, does wrong, around any dialect's router.
//!
//! Knows no dialect. What is rewritten in a reply is found by its field's name.

pub(crate) mod admin;
mod armed;
mod bodies;
mod kinds;
pub(crate) mod layer;
mod paging;
mod refusals;
mod spoil;

pub use armed::{Armed, Calls, Faults, Requests, Times};
pub use kinds::{CutAt, Fault, RedirectStatus, RetryAfter};
