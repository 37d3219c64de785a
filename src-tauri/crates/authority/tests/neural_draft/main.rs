//! Neural Draft's contract over real HTTP: the server's half of each row.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod access;
mod bounds;
#[path = "../shared/house.rs"]
mod house;
mod jobs;
mod keeping;
mod keys;
mod revocation;
mod usage;
mod vendor;
