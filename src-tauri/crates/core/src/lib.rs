//! Words and rules of Keyturn: keys, grants, secrets, what a provider can do, and the flows that join them.
//!
//! Absent on purpose: I/O, a clock, serde, Tauri, SQL and HTTP. Time is an argument; the world comes in
//! through [`ports`] and [`provider::Provider`].

pub mod account;
pub mod batch;
pub mod concern;
pub mod error;
pub mod fields;
pub mod flows;
pub mod grant;
pub mod inventory;
pub mod journal;
pub mod key;
pub mod operation;
pub mod paste;
pub mod permit;
pub mod ports;
pub mod provider;
pub mod rotation;
pub mod scopes;
pub mod secret;
