//! Everything that crosses to the UI, and nothing else: serde and ts-rs live here, Tauri does not.
//!
//! `*View` goes to the UI, `*Request` comes from it. One type carries a secret out ([`secret::RevealedSecret`],
//! to the reveal window only) and one carries one in ([`secret::SecretInput`]).

pub mod account;
pub mod adopt;
pub mod audit;
pub mod batch;
pub mod create;
pub mod failure;
pub mod journal;
pub mod key;
pub mod leak;
pub mod list;
pub mod policy;
pub mod present;
pub mod query;
pub mod reminder;
pub mod rotation;
pub mod secret;
pub mod settings;
pub mod vault;
pub mod vendor;
pub mod views;

/// Declares a type that goes to the UI or comes from it, with its TypeScript twin.
macro_rules! wire {
    ($(#[$meta:meta])* out $($rest:tt)*) => {
        #[derive(Debug, Clone, PartialEq, serde::Serialize, ts_rs::TS)]
        #[serde(rename_all = "camelCase")]
        #[ts(export)]
        $(#[$meta])*
        $($rest)*
    };
    ($(#[$meta:meta])* both $($rest:tt)*) => {
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
        #[serde(rename_all = "camelCase")]
        #[ts(export)]
        $(#[$meta])*
        $($rest)*
    };
}
pub(crate) use wire;
