//! The log: a file in the profile, ids only. Never a secret, a header or a URL query.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

/// Above this the log is begun anew at the next start; the previous one is kept beside it.
const LOG_LIMIT: u64 = 4 * 1024 * 1024;

/// Sends the log to `<dir>/keyturn.log`, at the level of `KEYTURN_LOG` (`info` where it is not set).
///
/// # Errors
/// When the file cannot be opened; the application then runs without a log.
pub(crate) fn log_to(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let path = dir.join("keyturn.log");
    if path.metadata().is_ok_and(|meta| meta.len() > LOG_LIMIT) {
        std::fs::rename(&path, dir.join("keyturn.previous.log"))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    let filter = EnvFilter::try_from_env("KEYTURN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Mutex::new(file)).init();
    Ok(())
}
