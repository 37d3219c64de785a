//! Shared by the tests that look at the house from outside: a desk with a display, a bus and a keyring; the real
//! window driven by role and name; an authority of one's own.

pub mod authority;
pub mod canary;
pub mod cutter;
pub mod desk;
pub mod driver;
pub mod flat;
pub mod job;
pub mod page;
pub mod session;
