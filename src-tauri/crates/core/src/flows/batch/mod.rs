//! Acts on many keys: the dry run, the beginning, what is done in between, and the person's words.
//!
//! What may go when is decided in [`crate::batch`]; each key goes the way that it would go alone.

mod advance;
mod begin;
mod carry;
mod page;
mod person;
mod plan;
mod snapshot;

pub use begin::begin_batch;
pub use carry::{Act, Carried, Turned, open_batches};
pub use page::{BatchPage, ItemPage, batch, batch_items, batches};
pub use person::{pause_batch, resume_batch, stop_batch};
pub use plan::{BatchPlan, Planned, Wanted, plan_batch};
