//! SmartLead's contract over real HTTP: the server's half of each row, the keys of clients, and the dashboard.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod access;
mod clients;
mod dashboard;
mod house;
mod limits;
