//! The crate seen from outside: every method of its ports, and what must not break.
#![allow(clippy::unwrap_used)]

mod accounts;
mod adopted;
mod damage;
mod exported;
mod figures;
mod journal;
mod keys;
mod killed;
mod merge;
mod migration;
mod observations;
mod operations;
mod policies;
mod profile;
mod records;
mod rotations;
mod samples;
mod shared;
mod vault;

#[cfg(target_os = "linux")]
mod keyring;
