//! Locks when the system sleeps or its screen is locked, as the desktop announces it on D-Bus.
//!
//! Anybody on a bus may send any signal: one counts only from the owner of the name that it belongs to. Without a bus
//! there is nothing to hear, and one that ends is looked for again: idling still locks.

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub(crate) use linux::listen;

#[cfg(not(target_os = "linux"))]
pub(crate) fn listen(_: &std::sync::Arc<crate::house::House>) {}
