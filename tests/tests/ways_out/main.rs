//! No state without a way out: whatever a create, a batch or an account has come to, every button that is shown works,
//! and readings and buttons alone lead to an end in which each key is accounted for.

mod account;
mod batch;
mod buttons;
mod keys;
mod orphans;
mod stories;
mod world;
