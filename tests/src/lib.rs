//! Shared by the tests that look at the house from outside: a desk with a display, a bus and a keyring; the real
//! window driven by role and name; an authority of one's own.

#[cfg(target_os = "linux")]
pub mod asked;
pub mod authority;
pub mod axe;
pub mod batch;
#[cfg(target_os = "linux")]
pub mod bench;
pub mod canary;
pub mod counted;
pub mod cutter;
pub mod dashboard;
pub mod desk;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod dice;
pub mod doom;
pub mod driver;
pub mod flat;
pub mod fuzz;
pub mod job;
pub mod lane;
pub mod lies;
pub mod page;
pub mod rehearsal;
pub mod rotation;
pub mod session;

/// Trouble while putting things away: it cannot fail the test any more, so it is said.
#[allow(clippy::print_stderr, reason = "a test's own trouble is said where its output goes")]
pub(crate) fn said(words: &str) {
    eprintln!("{words}");
}
