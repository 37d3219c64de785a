//! What may go wrong outside a request. Refusals of a request are the dialects' replies, not errors.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::config::Vendor;

/// The authority could not do what was asked of it. No message holds a key.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The address to listen on can be reached from another machine.
    #[error("{0} is not a loopback address; the authority listens on loopback only")]
    NotLoopback(SocketAddr),
    /// The port is taken, or the system refused it.
    #[error("could not listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The directory of the store could not be made.
    #[error("could not make the directory of the store")]
    Directory(#[source] io::Error),
    /// SQLite refused: the disk is full, or another authority holds the store.
    #[error("could not {attempt} the store")]
    Store {
        /// What was attempted, as a verb.
        attempt: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is a store, but not one that this authority can serve.
    #[error("could not use the store: {0}")]
    Foreign(String),
    /// The authority was stopped.
    #[error("the authority is stopped")]
    Stopped,
    /// The system has no randomness to give, so no key can be made.
    #[error("could not get randomness from the system")]
    Randomness,
    /// No dialect of this name.
    #[error("unknown vendor {0:?}; known: naturalead, natural, neural-draft, smartlead, leadterra")]
    UnknownVendor(String),
    /// No role of this name.
    #[error("unknown role {0:?}; known: owner, restricted")]
    UnknownRole(String),
    /// The vendor knows no members with fewer rights than the owner.
    #[error("{0} has no roles; its keys differ by their scopes only")]
    NoRoles(Vendor),
    /// The account holds as many active keys as the vendor allows.
    #[error("the account has {0} active keys, the most that there may be")]
    KeyLimit(usize),
    /// A revoked key would be accepted for longer than any vendor accepts it.
    #[error("a revoked key cannot be accepted for {0:?}, but for 120 seconds at most")]
    RevocationDelay(Duration),
    /// The vendor's keys are all managed over its API.
    #[error("{0} has no dashboard")]
    NoDashboard(Vendor),
    /// The dashboard's own refusal, in words for a person.
    #[error("the dashboard refused: {0}")]
    Dashboard(&'static str),
    /// No member of this name in any account.
    #[error("no member is called {0:?}")]
    UnknownMember(String),
}

impl AuthorityError {
    /// For `map_err`: a SQLite error with what was attempted.
    pub(crate) fn store(attempt: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Store { attempt, source }
    }
}
