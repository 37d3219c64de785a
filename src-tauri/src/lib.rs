//! The shell: the only room that knows Tauri. Builds the ports, registers the commands, starts the scheduler.
//!
//! No rules here: what may be done with a key is decided in core.

mod arguments;
mod asking;
mod authenticity;
mod batches;
mod clipboard;
mod clock;
mod commands;
mod exporting;
mod hardening;
mod house;
mod instance;
mod leaks;
mod logging;
mod memory;
mod notifying;
mod opening;
mod primary;
mod refreshing;
mod rehearsal;
mod reminding;
mod reveal;
mod rotating;
mod scheduler;
mod session_events;
mod settings;
mod start;
mod verifying;
mod views;
mod window;

pub use start::run;
