//! `keyturn --verify-journal FILE`: no window, no profile, no keyring. 0: whole. 1: broken. 2: cannot be checked.

use std::path::Path;
use std::process::ExitCode;

use keyturn_storage::{Verdict, verify_file};

/// Checks a file and says on the terminal what was found.
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "the terminal is all there is")]
pub(crate) fn verify(path: &Path) -> ExitCode {
    match verify_file(path) {
        Ok(Verdict::Whole(words)) => {
            println!("{words}");
            ExitCode::SUCCESS
        }
        Ok(Verdict::Broken(words)) => {
            println!("BROKEN. {words}");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("Could not check {}: {error}.", path.display());
            ExitCode::from(2)
        }
    }
}
