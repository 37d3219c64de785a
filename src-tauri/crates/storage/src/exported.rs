//! The journal as files: written entry by entry, and checked again by whoever has one, without a profile or a key.
//!
//! Decides neither where a file goes nor who may read it; holds no secret.

mod lines;
mod outgoing;
mod seal;
mod verify;
mod write;

pub use outgoing::Outgoing;
pub use verify::{Verdict, VerifyError, verdict, verify_file};
pub use write::{JournalFormat, Signer, WriteError, Writing, Written, write_journal};
