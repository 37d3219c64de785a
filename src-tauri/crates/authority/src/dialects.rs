//! The vendors' dialects: routes, bodies and words on top of the engine. One file a vendor.

pub(crate) mod naturalead;
