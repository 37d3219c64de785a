//! The shell: the only room that knows Tauri. Builds the ports, registers the commands, starts the scheduler.
//!
//! No rules here: what may be done with a key is decided in core.

mod arguments;
mod batches;
mod clipboard;
mod clock;
mod commands;
mod hardening;
mod house;
mod instance;
mod logging;
mod memory;
mod notifying;
mod opening;
mod refreshing;
mod rehearsal;
mod reminding;
mod reveal;
mod rotating;
mod scheduler;
mod session_events;
mod settings;
mod start;
mod window;

pub use start::run;
