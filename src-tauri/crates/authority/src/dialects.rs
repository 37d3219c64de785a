//! The vendors' dialects: routes, bodies and words on top of the engine. One file a vendor.

mod call;
pub(crate) mod leadterra;
pub(crate) mod natural;
pub(crate) mod naturalead;
pub(crate) mod neural_draft;
pub(crate) mod smartlead;
