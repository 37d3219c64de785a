//! Bad days over real HTTP, around Naturalead's dialect: what goes wrong, and what was done all the same.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod door;
mod house;
mod lies;
mod lost;
mod refused;
mod spoiled;
mod without_end;
