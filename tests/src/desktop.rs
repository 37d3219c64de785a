//! The desktop, played on a bus: who owns its names may announce that the screen is locked or that the system sleeps.

use std::collections::HashMap;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::zvariant::{OwnedFd, Value};

const SCREEN_SAVER: &str = "org.freedesktop.ScreenSaver";
const LOGIND: &str = "org.freedesktop.login1";
const LOGIND_PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
/// The session that the played logind gives to whoever asks, and somebody else's.
const OWN: &str = "/org/freedesktop/login1/session/_31";
const OTHER: &str = "/org/freedesktop/login1/session/_32";

/// The other ends of the delays that were asked for.
type Delays = Arc<Mutex<Vec<UnixStream>>>;

/// The owner of the desktop's names on one bus.
#[derive(Debug)]
pub struct Desktop {
    bus: Connection,
    delays: Delays,
}

/// What of logind an application calls.
struct Manager(Delays);

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: &str, _who: &str, _why: &str, mode: &str) -> zbus::fdo::Result<OwnedFd> {
        if (what, mode) != ("sleep", "delay") {
            return Err(zbus::fdo::Error::InvalidArgs("only sleep can be delayed".into()));
        }
        let (ours, theirs) =
            UnixStream::pair().map_err(|error| zbus::fdo::Error::Failed(error.to_string()))?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(ours);
        Ok(std::os::fd::OwnedFd::from(theirs).into())
    }

    #[zbus(name = "GetSessionByPID")]
    fn get_session_by_pid(&self, _pid: u32) -> zbus::fdo::Result<zbus::zvariant::OwnedObjectPath> {
        zbus::zvariant::OwnedObjectPath::try_from(OWN)
            .map_err(|error| zbus::fdo::Error::Failed(error.to_string()))
    }
}

impl Desktop {
    /// Takes the names on the bus at `address`.
    pub fn on(address: &str) -> Result<Self> {
        let delays = Delays::default();
        let bus = Builder::address(address)?
            .name(SCREEN_SAVER)?
            .name(LOGIND)?
            .serve_at(LOGIND_PATH, Manager(Arc::clone(&delays)))?
            .build()
            .context("the desktop's names")?;
        Ok(Self { bus, delays })
    }

    pub fn lock_screen(&self, active: bool) -> Result<()> {
        let path = "/org/freedesktop/ScreenSaver";
        Ok(self.bus.emit_signal(None::<()>, path, SCREEN_SAVER, "ActiveChanged", &active)?)
    }

    /// The screen saver of another desktop, which has a name of its own.
    pub fn lock_screen_as(&self, name: &str, active: bool) -> Result<()> {
        self.bus.request_name(name)?;
        let path = format!("/{}", name.replace('.', "/"));
        Ok(self.bus.emit_signal(None::<()>, path, name, "ActiveChanged", &active)?)
    }

    /// A locker that only tells logind, which passes it on as a property of the session.
    pub fn hint_lock(&self, locked: bool) -> Result<()> {
        let changed = HashMap::from([("LockedHint", Value::from(locked))]);
        let body = (SESSION, changed, Vec::<&str>::new());
        Ok(self.bus.emit_signal(
            None::<()>,
            OWN,
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            &body,
        )?)
    }

    pub fn sleep(&self, before: bool) -> Result<()> {
        Ok(self.bus.emit_signal(None::<()>, LOGIND_PATH, MANAGER, "PrepareForSleep", &before)?)
    }

    /// `loginctl lock-session`, of the session in which applications run, or of another.
    pub fn lock_session(&self, own: bool) -> Result<()> {
        let path = if own { OWN } else { OTHER };
        Ok(self.bus.emit_signal(None::<()>, path, SESSION, "Lock", &())?)
    }

    /// How many delays of the system's sleep are held at this moment.
    #[must_use]
    pub fn delays(&self) -> usize {
        let mut delays = self.delays.lock().unwrap_or_else(PoisonError::into_inner);
        delays.retain(|stream| {
            let mut byte = [0];
            // An end: it was let go.
            stream.set_nonblocking(true).is_ok()
                && !matches!(std::io::Read::read(&mut &*stream, &mut byte), Ok(0))
        });
        delays.len()
    }
}

/// Sends the same signals without owning a name: to everybody, and to each connection by itself.
pub fn forge(address: &str) -> Result<()> {
    let bus = Builder::address(address)?.build()?;
    let names = zbus::blocking::fdo::DBusProxy::new(&bus)?.list_names()?;
    let everybody = std::iter::once(None).chain(names.iter().filter(|name| name.starts_with(':')).map(Some));
    for to in everybody {
        let to = to.map(|name| name.as_str());
        bus.emit_signal(to, "/org/freedesktop/ScreenSaver", SCREEN_SAVER, "ActiveChanged", &true)?;
        bus.emit_signal(to, "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", &true)?;
        bus.emit_signal(to, LOGIND_PATH, MANAGER, "PrepareForSleep", &true)?;
        bus.emit_signal(to, "/org/xfce/ScreenSaver", "org.xfce.ScreenSaver", "ActiveChanged", &true)?;
        bus.emit_signal(to, OWN, SESSION, "Lock", &())?;
    }
    Ok(())
}

/// A bus beside the session's own, which may begin later than the application.
#[derive(Debug)]
pub struct OtherBus {
    daemon: Option<Child>,
    socket: std::path::PathBuf,
}

impl OtherBus {
    /// Nobody answers there yet.
    #[must_use]
    pub fn absent(home: &std::path::Path) -> Self {
        Self { daemon: None, socket: home.join("run/other-bus") }
    }

    #[must_use]
    pub fn address(&self) -> String {
        format!("unix:path={}", self.socket.display())
    }

    pub fn begin(&mut self) -> Result<()> {
        let daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile"])
            .arg(format!("--address={}", self.address()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("dbus-daemon")?;
        self.daemon = Some(daemon);
        let deadline = Instant::now() + Duration::from_secs(10);
        while !self.socket.exists() {
            if Instant::now() > deadline {
                bail!("the bus did not start within 10 s");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for OtherBus {
    fn drop(&mut self) {
        if let Some(daemon) = &mut self.daemon
            && let Err(error) = daemon.kill().and_then(|()| daemon.wait().map(drop))
        {
            crate::said(&format!("the bus did not end: {error}"));
        }
    }
}
