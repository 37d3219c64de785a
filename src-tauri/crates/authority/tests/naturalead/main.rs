//! Naturalead's contract over real HTTP: the server's half of each row, and what every dialect rests on.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod access;
mod bounds;
mod house;
mod keeping;
mod keys;
mod rotation;
