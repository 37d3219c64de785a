//! Leadterra's contract over real HTTP: the server's half of each row, and the dashboard.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod access;
mod dashboard;
mod house;
mod workspace;
