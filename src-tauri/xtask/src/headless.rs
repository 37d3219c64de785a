//! A screen, a session bus, a keyring and a home of one's own, for one command. Linux only.
//!
//! Used even where a display exists: a test must neither see nor disturb the desktop of who runs it.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, process};

use anyhow::{Context, Result, bail};

use crate::house::House;
use crate::process::Running;
use crate::setup;

/// Runs inside the new bus. The keyring is ours, empty, unlocked, and ready before the command starts.
const SESSION: &str = r#"
printf 'test\n' | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
for _ in $(seq 100); do
    dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null | grep -q true && break
    sleep 0.1
done
if ! printf 'ready' | secret-tool store --label='ready?' keyturn-headless ready; then
    echo 'the keyring of the private session could not be written' >&2
    exit 97
fi
secret-tool clear keyturn-headless ready
exec "$@"
"#;

/// `cargo xtask headless -- COMMAND…`
pub fn command(house: &House, words: &[OsString]) -> Result<ExitCode> {
    setup::to_drive(house)?;
    let (program, arguments) = words.split_first().context("no command given")?;
    let mut command = Command::new(program);
    command.args(arguments);
    let session = Session::start(house)?;
    let status = house.children.start(session.around(&command))?.wait(None)?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}

/// A screen and a home, put away when this is dropped.
pub struct Session {
    display: String,
    home: PathBuf,
    _screen: Running,
}

impl Session {
    pub fn start(house: &House) -> Result<Self> {
        if !setup::can_drive() {
            bail!("a screen of its own needs Linux");
        }
        let mut screen = Command::new("Xvfb");
        screen.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]);
        screen.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut screen = house.children.start(screen)?;
        let answer = screen.child.stdout.take().context("Xvfb has no output")?;
        let mut number = String::new();
        BufReader::new(answer).read_line(&mut number).context("could not read from Xvfb")?;
        if number.trim().is_empty() {
            bail!("Xvfb ended before it had a screen");
        }
        Ok(Self { display: format!(":{}", number.trim()), home: private_home()?, _screen: screen })
    }

    /// `command`, to be run on this screen with a bus and a keyring of its own.
    pub fn around(&self, command: &Command) -> Command {
        let mut wrapped = Command::new("dbus-run-session");
        wrapped
            .args(["--", "bash", "-c", SESSION, "session"])
            .arg(command.get_program())
            .args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            wrapped.current_dir(folder);
        }
        keep_toolchain(&mut wrapped);
        for (name, folder) in [
            ("HOME", ""),
            ("XDG_RUNTIME_DIR", "runtime"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            wrapped.env(name, self.home.join(folder));
        }
        wrapped.env("DISPLAY", &self.display).env("GDK_BACKEND", "x11").env("LC_ALL", "C.UTF-8");
        for name in ["WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "GNOME_KEYRING_CONTROL"] {
            wrapped.env_remove(name);
        }
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(name, value),
                None => wrapped.env_remove(name),
            };
        }
        wrapped
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.home) {
            eprintln!("could not remove {}: {error}", self.home.display());
        }
    }
}

/// With another HOME, cargo and rustup would not find their own folders any more.
fn keep_toolchain(command: &mut Command) {
    let Some(home) = env::var_os("HOME") else { return };
    for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let folder = Path::new(&home).join(folder);
        if env::var_os(name).is_none() && folder.is_dir() {
            command.env(name, folder);
        }
    }
}

/// A short path, because the sockets in it must not exceed 107 bytes; readable by nobody else.
fn private_home() -> Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let home = env::temp_dir().join(format!("keyturn-{}-{number}", process::id()));
    for folder in ["", "runtime", "config", "data", "state", "cache"] {
        let folder = home.join(folder);
        create_private(&folder).with_context(|| format!("could not create {}", folder.display()))?;
    }
    Ok(home)
}

fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
