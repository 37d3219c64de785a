//! Rotation: what can be chosen, its beginning, the person's words, and what Keyturn does in between.
//!
//! The rules are in [`crate::rotation`]; here its acts are carried out and each state is on disk before its act.

mod acts;
mod atomic;
mod begin;
mod bring;
mod choices;
mod death;
mod drive;
pub(super) mod person;
mod plan;
mod told;

pub use begin::{Begun, begin_rotation};
pub(super) use begin::{begin_in_batch, proof_of, successor_grant};
pub use bring::bring_key;
pub use choices::Choice;
pub(super) use choices::{offered, way};
pub(super) use drive::{Driven, drive_once, say};
pub use drive::{Wake, drive};
pub use person::{ask_again, finish_rotation, leave_rotation, undo_rotation};
pub(super) use plan::{NOT_KNOWN_WHICH, allowed, can_prove, free_slot, permit};
pub use plan::{Offer, RotationPlan, plan_rotation};
pub(super) use told::overlap_end;
