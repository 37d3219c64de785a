//! The vendors: one adapter each, over one HTTP choke point.
//!
//! Absent on purpose: storage, the vault, Tauri, the UI's types, and any memory between two calls. A secret
//! comes in by reference and a fresh one goes out as [`keyturn_core::secret::Secret`], nothing else.

mod assisted;
#[cfg(test)]
mod fixtures;
mod http;
mod leadterra;
mod listing;
mod minting;
mod natural;
mod naturalead;
mod neural_draft;
mod registry;
mod shape;
mod smartlead;
mod words;

pub use http::{Budget, HttpSettings, ProxyChoice, stranger};
pub use leadterra::Leadterra;
pub use natural::Natural;
pub use naturalead::Naturalead;
pub use neural_draft::NeuralDraft;
pub use registry::{Registry, providers};
pub use smartlead::{SmartLead, SmartLeadClients};
