//! Killed, cut off and out of disk at every moment: whatever is left, the next start finds every key again, and no
//! old key went before its successor was safe.
#![cfg(target_os = "linux")]

mod aftermath;
mod clocks;
mod found;
mod gate;
mod kills;
mod lost;
mod matrix;
mod races;
mod refusals;
mod round;
mod witness;
mod world;
