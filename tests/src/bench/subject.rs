//! The programs that are measured: Keyturn and those beside which it must stand.
//!
//! Each gets a home of its own that is filled before anything is measured.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::eye::{Face, keys};
use super::filling::Vendor;
use super::running::Running;
use super::screen::Part;
use crate::driver::binary;
use crate::session::{Keyring, Session};

/// What KeePassXC's database is locked with.
pub(super) const PASSWORD: &[u8] = b"test\n";

/// A kind of program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Keyturn,
    KeePassXc,
    Chromium,
    /// GTK and WebKitGTK with the plain page.
    BareWindow,
}

/// A program with so many entries, ready to be started.
#[derive(Debug)]
pub struct Subject {
    pub kind: Kind,
    pub entries: usize,
    pub(super) session: Session,
    vendor: Option<Vendor>,
}

impl Kind {
    /// Whether it can be started here.
    #[must_use]
    pub fn is_installed(self) -> bool {
        let program = match self {
            Self::Keyturn | Self::BareWindow => return true,
            Self::KeePassXc => "keepassxc-cli",
            Self::Chromium => "chromium",
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Keyturn => "Keyturn",
            Self::KeePassXc => "KeePassXC",
            Self::Chromium => "Chromium",
            Self::BareWindow => "bare window",
        }
    }

    /// Where the list and the search field stand in its window.
    #[must_use]
    pub fn face(self) -> Face {
        let (list, field, first_key, quiet) = match self {
            Self::Keyturn => (Part(0.16, 0.17, 0.4, 0.95), Part(0.16, 0.065, 0.41, 0.125), keys::SLASH, 150),
            // Its search waits a little after each letter, and then fills the list in steps.
            Self::KeePassXc => (Part(0.4, 0.25, 0.68, 0.9), Part(0.72, 0.05, 0.98, 0.13), keys::Z, 700),
            Self::Chromium | Self::BareWindow => {
                (Part(0.01, 0.17, 0.25, 0.95), Part(0.0, 0.0, 0.5, 0.12), keys::SLASH, 150)
            }
        };
        // KeePassXC starts with the caret in its search field, and stays as it starts.
        let leave = (self != Self::KeePassXc).then_some(keys::ESCAPE);
        Face { list, field, first_key, leave, quiet: Duration::from_millis(quiet) }
    }
}

impl Subject {
    /// Makes its home and fills it. Nothing of this is measured.
    pub fn prepare(kind: Kind, entries: usize) -> Result<Self> {
        let keyring = if kind == Kind::Keyturn { Keyring::Unlocked } else { Keyring::Absent };
        let mut subject = Self { kind, entries, session: Session::start(keyring)?, vendor: None };
        match kind {
            Kind::Keyturn => {
                subject.fill_ledger()?;
                subject.vendor = Some(subject.move_out()?);
            }
            Kind::KeePassXc => subject.fill_database()?,
            Kind::Chromium | Kind::BareWindow => {}
        }
        Ok(subject)
    }

    #[must_use]
    pub fn name(&self) -> String {
        format!("{} with {}", self.kind.name(), self.entries)
    }

    pub fn start(&self) -> Result<Running> {
        let home = self.session.home();
        let page = format!("file://{}?n={}", page().display(), self.entries);
        let mut command = match self.kind {
            Kind::Keyturn => {
                let mut keyturn = self.session.command(binary());
                keyturn.arg("--profile").arg(self.session.profile("first"));
                keyturn.env("KEYTURN_REHEARSAL_KEYS", self.entries.to_string());
                keyturn
            }
            Kind::KeePassXc => {
                let mut keepassxc = self.session.command("keepassxc");
                keepassxc.arg("--pw-stdin").arg(home.join("vault.kdbx"));
                keepassxc.env("QT_QPA_PLATFORM", "xcb");
                keepassxc
            }
            Kind::Chromium => {
                let mut chromium = self.session.command("chromium");
                chromium.args([
                    "--no-sandbox",
                    "--no-first-run",
                    "--window-size=1280,800",
                    "--window-position=0,0",
                ]);
                chromium.arg(format!("--user-data-dir={}", home.join("chromium").display()));
                chromium.arg(format!("--app={page}"));
                chromium
            }
            Kind::BareWindow => {
                let mut window = self.session.command(std::env::current_exe()?.with_file_name("bare_window"));
                window.arg(page);
                window
            }
        };
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| self.name())?;
        if self.kind == Kind::KeePassXc {
            child.stdin.as_mut().context("no input")?.write_all(PASSWORD)?;
        }
        Ok(Running { child, started })
    }
}

/// The plain page, in the sources.
fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bench/page.html")
}
