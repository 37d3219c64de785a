//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Parser};

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
    #[arg(long, env = "KEYTURN_NO_REHEARSAL", hide = true, action = ArgAction::SetTrue, value_parser = switch)]
    pub(crate) no_rehearsal: bool,
}

/// How people write yes and no into an environment variable.
pub(crate) fn switch(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" | "y" | "t" => Ok(true),
        "0" | "false" | "no" | "off" | "n" | "f" | "" => Ok(false),
        _ => {
            Err("it is switched on by 1, true, yes or on, and off by 0, false, no, off or nothing".to_owned())
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The environment belongs to the whole process: a child has its own.
    const CHILD: &str = "KEYTURN_TEST_ARGUMENTS";

    #[test]
    fn f35_a_switch_of_the_environment_is_read_as_people_write_it() {
        if std::env::var_os(CHILD).is_some() {
            let words = match Arguments::try_parse_from(["keyturn"]) {
                Ok(arguments) => format!("read {}", arguments.no_rehearsal),
                Err(error) => error.to_string(),
            };
            std::fs::write(std::env::var_os(CHILD).unwrap(), words).unwrap();
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let table = [
            ("1", "read true"),
            ("true", "read true"),
            ("YES", "read true"),
            ("On", "read true"),
            (" 1 ", "read true"),
            ("0", "read false"),
            ("False", "read false"),
            ("no", "read false"),
            ("OFF", "read false"),
            ("", "read false"),
            ("2", "switched on by 1"),
            ("maybe", "switched on by 1"),
        ];
        for (value, expected) in table {
            let told = dir.path().join("told");
            let child = std::process::Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "arguments::tests::f35_a_switch_of_the_environment_is_read_as_people_write_it",
                ])
                .env(CHILD, &told)
                .env("KEYTURN_NO_REHEARSAL", value)
                .output()
                .unwrap();
            assert!(child.status.success(), "{value:?}");
            let words = std::fs::read_to_string(&told).unwrap();
            assert!(words.contains(expected), "{value:?}: {words}");
            std::fs::remove_file(&told).unwrap();
        }
        assert!(Arguments::try_parse_from(["keyturn", "--no-rehearsal"]).unwrap().no_rehearsal);
    }
}
