//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Every API key of every vendor account in one place.
#[derive(Debug, Parser)]
#[command(name = "keyturn", version, about)]
pub(crate) struct Arguments {
    /// The folder that holds everything the application writes. Several profiles can run side by side.
    #[arg(long, env = "KEYTURN_PROFILE", value_name = "DIR")]
    pub(crate) profile: Option<PathBuf>,

    /// Check an exported journal, a signed report or a ledger file, say what was found, and open no window.
    #[arg(long, value_name = "FILE")]
    pub(crate) verify_journal: Option<PathBuf>,

    /// How many keys the rehearsal account is filled with on a new profile, instead of two dozen.
    #[arg(long, env = "KEYTURN_REHEARSAL_KEYS", value_name = "N", hide = true)]
    pub(crate) rehearsal_keys: Option<usize>,

    /// Start without the rehearsal account.
    #[arg(long, env = "KEYTURN_NO_REHEARSAL", hide = true)]
    pub(crate) no_rehearsal: bool,
}

impl Arguments {
    /// The profile folder: the one given, or the platform's data directory.
    pub(crate) fn profile_dir(&self) -> Option<PathBuf> {
        self.profile.clone().or_else(default_profile_dir)
    }
}

/// `$XDG_DATA_HOME/keyturn`, `~/Library/Application Support/Keyturn`, `%APPDATA%\Keyturn`.
fn default_profile_dir() -> Option<PathBuf> {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(target_os = "windows") {
        return from("APPDATA").map(|dir| dir.join("Keyturn"));
    }
    if cfg!(target_os = "macos") {
        return from("HOME").map(|home| home.join("Library/Application Support/Keyturn"));
    }
    from("XDG_DATA_HOME")
        .or_else(|| from("HOME").map(|home| home.join(".local/share")))
        .map(|dir| dir.join("keyturn"))
}
