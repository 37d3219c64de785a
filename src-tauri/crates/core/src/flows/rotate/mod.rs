//! Rotation: what can be chosen, its beginning, the person's words, and what Keyturn does in between.
//!
//! The rules are in [`crate::rotation`]; here its acts are carried out and each state is on disk before its act.

mod acts;
mod atomic;
mod begin;
mod bring;
mod choices;
mod drive;
pub(super) mod person;
mod plan;
mod told;

pub(super) use begin::proof_of;
pub use begin::{Begun, begin_rotation};
pub use bring::bring_key;
pub use choices::Choice;
pub(super) use drive::say;
pub use drive::{Wake, drive};
pub use person::{finish_rotation, undo_rotation};
pub use plan::{Offer, RotationPlan, plan_rotation};
pub(super) use plan::{can_prove, free_slot};
