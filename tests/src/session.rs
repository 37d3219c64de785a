//! A session of one's own: a private home, a session bus and, where wanted, an unlocked keyring.
//!
//! The display comes from outside (`cargo xtask headless -- …`); each session gets its own bus, so that tests
//! do not meet in one keyring.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// Whether the session has a keyring, and in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyring {
    Unlocked,
    /// A bus, and no keyring on it.
    Absent,
}

/// A bus on which nothing starts by itself: a keyring is there only when a test started one.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>ADDRESS</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"#;

/// A private home with a bus. Everything ends with it.
#[derive(Debug)]
pub struct Session {
    home: TempDir,
    bus: Bus,
    keyring: Option<Child>,
}

#[derive(Debug)]
struct Bus {
    daemon: Child,
    address: String,
}

impl Session {
    /// Starts the bus and the keyring, and proves with a write that the keyring is open.
    pub fn start(keyring: Keyring) -> Result<Self> {
        let home = TempDir::with_prefix("keyturn-home-")?;
        let runtime = home.path().join("run");
        std::fs::create_dir(&runtime)?;
        std::fs::create_dir(home.path().join("tmp"))?;
        set_mode(&runtime, 0o700)?;
        let bus = Bus::start(home.path())?;
        let mut session = Self { home, bus, keyring: None };
        if keyring == Keyring::Unlocked {
            session.start_keyring()?;
        }
        Ok(session)
    }

    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where the session's bus is.
    #[must_use]
    pub fn bus(&self) -> &str {
        &self.bus.address
    }

    /// A command that runs in this session.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command
    }

    /// What a program needs to run in this session.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let home = self.home.path();
        let under = |dir: &str| home.join(dir).display().to_string();
        vec![
            ("HOME", home.display().to_string()),
            ("XDG_RUNTIME_DIR", under("run")),
            ("XDG_DATA_HOME", under(".local/share")),
            ("XDG_CONFIG_HOME", under(".config")),
            ("XDG_CACHE_HOME", under(".cache")),
            ("TMPDIR", under("tmp")),
            ("DBUS_SESSION_BUS_ADDRESS", self.bus.address.clone()),
            // Suspend and screen lock are announced on the system's bus: here the same one.
            ("DBUS_SYSTEM_BUS_ADDRESS", self.bus.address.clone()),
            ("NO_AT_BRIDGE", "1".into()),
            ("GSETTINGS_BACKEND", "memory".into()),
            ("MESA_SHADER_CACHE_DISABLE", "true".into()),
        ]
    }

    /// Starts the keyring, as a login would.
    pub fn start_keyring(&mut self) -> Result<()> {
        let mut daemon = self
            .command("gnome-keyring-daemon")
            .args(["--unlock", "--components=secrets", "--foreground"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("gnome-keyring-daemon")?;
        std::io::Write::write_all(&mut daemon.stdin.take().context("no stdin")?, b"test\n")?;
        self.keyring = Some(daemon);
        let deadline = Instant::now() + Duration::from_secs(15);
        while !self.keyring_takes_a_secret()? {
            if Instant::now() > deadline {
                bail!("the keyring did not open within 15 s");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Ends the keyring in the middle of things.
    pub fn kill_keyring(&mut self) -> Result<()> {
        if let Some(mut daemon) = self.keyring.take() {
            daemon.kill()?;
            daemon.wait()?;
        }
        Ok(())
    }

    fn keyring_takes_a_secret(&self) -> Result<bool> {
        let mut store = self
            .command("secret-tool")
            .args(["store", "--label=proof", "keyturn-test", "proof"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("secret-tool")?;
        std::io::Write::write_all(&mut store.stdin.take().context("no stdin")?, b"proof")?;
        let deadline = Instant::now() + Duration::from_secs(3);
        loop {
            if let Some(status) = store.try_wait()? {
                return Ok(status.success());
            }
            if Instant::now() > deadline {
                store.kill()?;
                store.wait()?;
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Where a profile for `name` lies in this home.
    #[must_use]
    pub fn profile(&self, name: &str) -> PathBuf {
        self.home.path().join("profiles").join(name)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Err(error) = self.kill_keyring() {
            crate::said(&format!("the keyring did not end: {error}"));
        }
    }
}

impl Bus {
    fn start(home: &Path) -> Result<Self> {
        let socket = home.join("run/bus");
        let address = format!("unix:path={}", socket.display());
        let config = home.join("bus.conf");
        std::fs::write(&config, BUS.replace("ADDRESS", &address))?;
        let daemon = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", &format!("--config-file={}", config.display())])
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("dbus-daemon")?;
        let bus = Self { daemon, address };
        let deadline = Instant::now() + Duration::from_secs(10);
        while !socket.exists() {
            if Instant::now() > deadline {
                bail!("the session bus did not start within 10 s");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(bus)
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        if let Err(error) = self.daemon.kill().and_then(|()| self.daemon.wait().map(drop)) {
            crate::said(&format!("the bus did not end: {error}"));
        }
    }
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    Ok(())
}
