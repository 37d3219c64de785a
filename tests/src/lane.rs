//! The long lane, `cargo xtask soak`: how much of a test is played, until when, with which seed, and how far it came.

use std::time::{Duration, Instant};

/// A number from the environment: how long the long lane is.
#[must_use]
pub fn from_environment(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

/// Another seed gives other cases, the same seed the same ones.
#[must_use]
pub fn seed() -> u64 {
    from_environment("KEYTURN_SEED").unwrap_or(1) as u64
}

/// When the long lane's time is over (`KEYTURN_SECONDS`).
#[must_use]
pub fn ends() -> Option<Instant> {
    from_environment("KEYTURN_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds as u64))
}

/// Says how far it came, in the words that `cargo xtask soak` reads.
#[allow(clippy::print_stdout, reason = "the long lane reads how far it came")]
pub fn tell(id: &str, done: usize, of: usize, failed: usize) {
    println!("counted {id}: {done} of {of}, {failed} failed");
}

/// Plays `round` as often as `variable` says, or `short` times, and no longer than the lane lasts; answers with how
/// often.
///
/// # Errors
/// That of the first round that fails.
pub async fn rounds<E>(
    id: &str,
    variable: &str,
    short: usize,
    round: impl AsyncFn(usize) -> Result<(), E>,
) -> Result<(), E> {
    let (of, end) = (from_environment(variable).unwrap_or(short), ends());
    let mut done = 0;
    while done < of && end.is_none_or(|end| Instant::now() < end) {
        round(done).await?;
        done += 1;
    }
    tell(id, done, of, 0);
    Ok(())
}
