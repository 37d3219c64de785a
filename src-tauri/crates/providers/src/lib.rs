//! The vendors: one adapter each, over one HTTP choke point.
//!
//! Absent on purpose: storage, the vault, Tauri, the UI's types, and any memory between two calls. A secret
//! comes in by reference and a fresh one goes out as [`keyturn_core::secret::Secret`], nothing else.

#[cfg(test)]
mod fixtures;
mod http;
mod listing;
mod naturalead;
mod registry;
mod shape;
mod words;

pub use http::{HttpSettings, ProxyChoice};
pub use naturalead::Naturalead;
pub use registry::{Registry, providers};
