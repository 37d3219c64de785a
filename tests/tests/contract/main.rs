//! The same behaviours over every provider, chosen by what its manifest says that it can do. No vendor is named
//! in a behaviour: what holds for one holds for all that can do the same.

mod at_once;
mod by_hand;
mod connect;
mod create;
mod faults;
mod fuzz;
mod house;
mod limits;
mod overlap;
mod revocation;
mod rotation;
mod sequences;
