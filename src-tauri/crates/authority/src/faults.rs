//! Bad days on demand: what a vendor, or the way to it, does wrong, around any dialect's router.
//!
//! Knows no dialect. What is rewritten in a reply is found by its field's name; what a vendor would have to believe
//! itself, such as a list of a while ago, the engine is told.

pub(crate) mod admin;
mod armed;
mod bodies;
mod credentials;
mod kinds;
pub(crate) mod layer;
mod lists;
mod paging;
mod refusals;
mod spoil;

pub use armed::{Armed, Calls, Faults, Requests, Times};
pub use kinds::{CutAt, Fault, RedirectStatus, RetryAfter, TimeForm};
