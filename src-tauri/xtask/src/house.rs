//! Where things are, and the one way in which cargo is called.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::process::Children;

/// The feature that lets WebDriver drive the window. Whatever ships is built without it.
const DOOR: &str = "keyturn/automation";

/// The checkout, and the processes started for it.
pub struct House {
    pub root: PathBuf,
    pub children: Children,
}

impl House {
    pub fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).context("xtask has moved: the checkout is not above it")?;
        Ok(Self { root: root.to_path_buf(), children: Children::watched()? })
    }

    pub fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    pub fn target(&self) -> PathBuf {
        let directory = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        self.root.join(directory)
    }

    /// The program `name` as the `fast` profile leaves it.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target().join("fast").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// `cargo ACTION` over the whole workspace in the `fast` profile.
    ///
    /// With the door for WebDriver open: the tests, the tour and the measurements go through it. Always the whole
    /// workspace: cargo decides the features of every dependency from the packages that
    /// are named, so `-p keyturn` in one call and `--workspace` in the next builds half of the tree twice.
    pub fn cargo_fast(&self, action: &str) -> Command {
        let mut command = self.cargo(action);
        command.args(["--workspace", "--profile", "fast", "--features", DOOR]);
        command
    }

    /// `cargo build` of the named programs, with the features that the tests will want too.
    ///
    /// Features of dev-dependencies count only where a test is built as well. xtask's own is the cheapest.
    pub fn cargo_build(&self, programs: &[&str]) -> Command {
        let mut command = self.cargo_fast("build");
        command.args(["--test", "command_line"]);
        for program in programs {
            command.args(["--bin", program]);
        }
        command
    }

    /// `cargo build` of the application as it ships: with the default features, which leave the door closed.
    pub fn cargo_release(&self) -> Command {
        let mut command = self.cargo("build");
        command.args(["--release", "--workspace", "--bin", "keyturn"]);
        command
    }

    pub fn cargo(&self, action: &str) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(action).env("TS_RS_EXPORT_DIR", self.target().join("wire"));
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(describes_xtask) {
                command.env_remove(name);
            }
        }
        command
    }

    /// `npm` inside ui/.
    pub fn npm(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(if cfg!(windows) { "npm.cmd" } else { "npm" });
        command.args(arguments).current_dir(self.ui());
        command
    }

    /// Any program, started at the root of the checkout.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }
}

/// True for what `cargo run` tells xtask about xtask, which is wrong for everyone below it.
fn describes_xtask(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
        .iter()
        .any(|start| variable.starts_with(start))
}

/// When the newest file under `path` was changed. Folders named in `except` are not entered.
pub fn newest(path: &Path, except: &[&str]) -> Option<SystemTime> {
    let about = fs::metadata(path).ok()?;
    if about.is_file() {
        return about.modified().ok();
    }
    fs::read_dir(path)
        .ok()?
        .flatten()
        .filter(|entry| !except.iter().any(|name| entry.file_name() == *name))
        .filter_map(|entry| newest(&entry.path(), except))
        .max()
}

/// True if `program` stands in one of the folders of PATH.
pub fn installed(program: &str) -> bool {
    let Some(path) = env::var_os("PATH") else { return false };
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd"] } else { &[""] };
    env::split_paths(&path)
        .any(|folder| endings.iter().any(|ending| folder.join(format!("{program}{ending}")).is_file()))
}
