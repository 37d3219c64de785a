//! The signals of the desktop and of logind, each heard by a thread that sleeps in its bus.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::names::BusName;
use zbus::zvariant::{OwnedFd, OwnedObjectPath, Value};
use zbus::{MatchRule, Message};

use crate::house::House;
use crate::opening;

/// How long a bus that ended, or that was never there, is left alone at first, and at most.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The bus's own name, and its interface.
const DAEMON: &str = "org.freedesktop.DBus";
const NAME_OWNER_CHANGED: &str = "NameOwnerChanged";

const LOGIND: &str = "org.freedesktop.login1";
const LOGIND_PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";

const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// What is listened for.
#[derive(Clone, Copy)]
enum Watched {
    /// `ActiveChanged` of any desktop's screen saver: each has a name of its own that ends so, and an interface of the
    /// same name (`org.gnome.ScreenSaver`, `org.xfce.ScreenSaver`, `org.mate.ScreenSaver` and so on).
    ScreenSaver,
    /// logind's `PrepareForSleep`: before it, and after.
    Sleep,
    /// logind's `Lock` of this session.
    Lock,
    /// logind's `LockedHint` of this session, which lockers set that say nothing else.
    Hint,
}

const SCREEN_SAVER: &str = ".ScreenSaver";

const ALL: [Watched; 4] = [Watched::ScreenSaver, Watched::Sleep, Watched::Lock, Watched::Hint];

pub(crate) fn listen(house: &Arc<House>) {
    for watched in ALL {
        let house = Arc::clone(house);
        let thread = std::thread::Builder::new().name("bus-signals".into());
        if let Err(error) = thread.spawn(move || watch(&house, watched)) {
            tracing::warn!(%error, "could not listen for the session's signals");
        }
    }
}

/// Hears for as long as the application runs, over the ends of buses.
fn watch(house: &House, watched: Watched) {
    let mut pause = PAUSE;
    loop {
        let begun = Instant::now();
        let ended = hear(house, watched);
        if begun.elapsed() > LONGEST_PAUSE {
            pause = PAUSE;
        }
        tracing::info!(signal = watched.member(), again_in = ?pause, error = ?ended.err(), "a bus ended or is not there");
        std::thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn hear(house: &House, watched: Watched) -> zbus::Result<()> {
    let bus = watched.bus()?;
    let mut rule = MatchRule::builder().msg_type(Type::Signal).member(watched.member())?;
    if let Some((name, interface)) = watched.sender() {
        rule = rule.sender(name)?.interface(interface)?;
    }
    // Everything that comes in, so that two rules are heard in their order.
    let messages = MessageIterator::from(&bus);
    let daemon = DBusProxy::new(&bus)?;
    daemon.add_match_rule(rule.build())?;
    let mut delay = None;
    if matches!(watched, Watched::Sleep) {
        daemon.add_match_rule(logind_came()?)?;
        delay = hold_sleep(&bus);
    }
    for message in messages {
        let message = message?;
        let came = matches!(watched, Watched::Sleep) && is_logind_there(&message);
        // What is sent to this connection alone passes every rule.
        if !came && !watched.is(&message) {
            continue;
        }
        // A connection of its own: on a crowded one the answer would wait behind what is not read yet.
        let asking = watched.bus()?;
        if !came && !watched.is_meant(&asking, &message) {
            continue;
        }
        if !came && watched.says_lock(&message) {
            opening::lock(house, false);
            // Only now the system may sleep.
            delay = None;
        } else if matches!(watched, Watched::Sleep) && delay.is_none() {
            delay = hold_sleep(&asking);
        }
    }
    Ok(())
}

/// The bus itself says who has which name.
fn logind_came() -> zbus::Result<MatchRule<'static>> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender(DAEMON)?.interface(DAEMON)?;
    Ok(rule.member(NAME_OWNER_CHANGED)?.add_arg(LOGIND)?.build())
}

/// Whether it says that logind is there, which may come after its bus.
fn is_logind_there(message: &Message) -> bool {
    let header = message.header();
    let is_daemon = header.sender().is_some_and(|sender| sender == DAEMON);
    let named = message.body().deserialize::<(String, String, String)>();
    is_daemon
        && header.member().is_some_and(|member| member == NAME_OWNER_CHANGED)
        && named.is_ok_and(|(name, _, owner)| name == LOGIND && !owner.is_empty())
}

impl Watched {
    fn bus(self) -> zbus::Result<Connection> {
        match self {
            Self::ScreenSaver => Connection::session(),
            Self::Sleep | Self::Lock | Self::Hint => Connection::system(),
        }
    }

    /// Whether it is this signal.
    fn is(self, message: &Message) -> bool {
        let header = message.header();
        let interface = header.interface().map(|interface| interface.as_str());
        let fits = match self.sender() {
            Some((_, wanted)) => interface == Some(wanted),
            None => interface.is_some_and(|interface| interface.ends_with(SCREEN_SAVER)),
        };
        fits && header.message_type() == Type::Signal && header.member().is_some_and(|it| it == self.member())
    }

    /// Who may say it, and in which interface; `None` where the interface is the name.
    fn sender(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::ScreenSaver => None,
            Self::Sleep => Some((LOGIND, MANAGER)),
            Self::Lock => Some((LOGIND, SESSION)),
            Self::Hint => Some((LOGIND, PROPERTIES)),
        }
    }

    fn member(self) -> &'static str {
        match self {
            Self::ScreenSaver => "ActiveChanged",
            Self::Sleep => "PrepareForSleep",
            Self::Lock => "Lock",
            Self::Hint => "PropertiesChanged",
        }
    }

    /// `true` in the body, or no body at all (`Lock`). `false` means that the screen was unlocked or the system woke.
    fn says_lock(self, message: &Message) -> bool {
        let body = message.body();
        if !matches!(self, Self::Hint) {
            return body.deserialize::<bool>().unwrap_or(true);
        }
        type Changed<'a> = (&'a str, HashMap<&'a str, Value<'a>>, Vec<&'a str>);
        let changed = body.deserialize::<Changed<'_>>();
        changed.is_ok_and(|(interface, values, _)| {
            interface == SESSION && values.get("LockedHint") == Some(&Value::Bool(true))
        })
    }

    /// Whether its owner says it, and of our session where it is said of one.
    fn is_meant(self, bus: &Connection, message: &Message) -> bool {
        let of_one = matches!(self, Self::Lock | Self::Hint);
        let is_ours = || !of_one || is_of_own_session(bus, message);
        self.is_from_its_owner(bus, message) && is_ours()
    }

    /// The bus knows who owns the name, and puts each sender's own name on what it sends.
    fn is_from_its_owner(self, bus: &Connection, message: &Message) -> bool {
        let header = message.header();
        let owner = || {
            let name = self.sender().map(|(name, _)| name).or(header.interface().map(|it| it.as_str()))?;
            DBusProxy::new(bus).ok()?.get_name_owner(BusName::try_from(name).ok()?).ok()
        };
        let is_so = header.sender().is_some_and(|sender| owner().is_some_and(|it| it.inner() == sender));
        if !is_so {
            tracing::warn!(signal = self.member(), "a signal from somebody else was ignored");
        }
        is_so
    }
}

/// Keeps the system awake until the vault is locked. It waits for a few seconds at most, and without leave to hold it
/// the vault is locked all the same, only perhaps after it woke.
fn hold_sleep(bus: &Connection) -> Option<OwnedFd> {
    let asked = ("sleep", "Keyturn", "Locks its vault before the system sleeps", "delay");
    let held = bus
        .call_method(Some(LOGIND), LOGIND_PATH, Some(MANAGER), "Inhibit", &asked)
        .and_then(|reply| reply.body().deserialize::<OwnedFd>());
    held.inspect_err(|error| tracing::info!(%error, "the system will not wait before it sleeps")).ok()
}

/// Whether it is said of the session in which this process runs. Asked then, because logind may come after its bus.
fn is_of_own_session(bus: &Connection, message: &Message) -> bool {
    match own_session(bus) {
        Ok(own) => message.header().path() == Some(&*own),
        Err(error) => {
            tracing::info!(%error, "which session is locked cannot be told");
            false
        }
    }
}

/// The session in which this process runs; where it runs in none, the one that is shown of its user.
fn own_session(bus: &Connection) -> zbus::Result<OwnedObjectPath> {
    let manager = |member: &str, body: u32| {
        bus.call_method(Some(LOGIND), LOGIND_PATH, Some(MANAGER), member, &body)?
            .body()
            .deserialize::<OwnedObjectPath>()
    };
    manager("GetSessionByPID", std::process::id()).or_else(|_| {
        let id = std::env::var("XDG_SESSION_ID").unwrap_or_default();
        bus.call_method(Some(LOGIND), LOGIND_PATH, Some(MANAGER), "GetSession", &id)?.body().deserialize()
    })
}
