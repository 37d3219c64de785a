//! Words and rules of Keyturn: keys, grants, secrets, what a provider can do, and the flows that join them.
//!
//! Absent on purpose: I/O, a clock, serde, Tauri, SQL and HTTP. Time is an argument; the world comes in
//! through [`ports`] and [`provider::Provider`].

pub mod account;
pub mod address;
pub mod authenticity;
pub mod batch;
pub mod error;
pub mod export;
pub mod fields;
pub mod finding;
pub mod flows;
pub mod grant;
pub mod inventory;
pub mod journal;
pub mod key;
pub mod label;
pub mod leak;
pub mod moment;
pub mod name;
pub mod observed;
pub mod operation;
pub mod paste;
pub mod permit;
pub mod policy;
pub mod ports;
pub mod process;
pub mod provider;
pub mod reading;
pub mod reminder;
pub mod rotation;
pub mod scopes;
pub mod secret;
pub mod timestamp;
