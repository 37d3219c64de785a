//! A real bus with a daemon on it that writes down what it is asked to show.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

use zbus::blocking::connection::Builder;
use zbus::zvariant::OwnedValue;

use super::*;

struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut address = String::new();
        let printed = daemon.stdout.take().expect("piped");
        BufReader::new(printed).read_line(&mut address).expect("an address");
        Self { daemon, address: address.trim().to_owned() }
    }

    fn connection(&self) -> Connection {
        Builder::address(self.address.as_str()).and_then(Builder::build).expect("the bus answers")
    }

    /// A daemon that knows markup, and what it hears.
    fn desktop(&self) -> (Connection, Receiver<Shown>) {
        let (sender, receiver) = channel();
        let played = Played { shown: sender };
        let builder = Builder::address(self.address.as_str()).expect("an address");
        let named = builder.name(NAME).expect("a name").serve_at(PATH, played).expect("a path");
        (named.build().expect("the name is free"), receiver)
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().and_then(|()| self.daemon.wait()).expect("the bus ends");
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Shown {
    replaces: u32,
    title: String,
    text: String,
    actions: Vec<String>,
}

struct Played {
    shown: Sender<Shown>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Played {
    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".into(), "body-markup".into()]
    }

    #[allow(clippy::too_many_arguments, reason = "the specification's own")]
    fn notify(
        &self,
        _app: String,
        replaces: u32,
        _icon: String,
        title: String,
        text: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> u32 {
        self.shown.send(Shown { replaces, title, text, actions }).expect("the test listens");
        7
    }
}

#[test]
fn the_daemon_is_asked_to_show_it_and_the_next_takes_its_place() {
    let bus = Bus::start();
    let (_desktop, shown) = bus.desktop();
    let notifier = Notifier::default();
    notifier.notify(&bus.connection(), "server in Shop", "Expires in 3 days.").expect("shown");
    let first = shown.recv().expect("asked");
    assert_eq!((first.title.as_str(), first.text.as_str()), ("server in Shop", "Expires in 3 days."));
    assert_eq!((first.replaces, first.actions), (0, vec!["default".to_owned(), "Open".to_owned()]));
    notifier.notify(&bus.connection(), "2 reminders about your keys", "<b>a</b> & b").expect("shown");
    let second = shown.recv().expect("asked");
    assert_eq!(second.replaces, 7);
    assert_eq!(second.text, "&lt;b&gt;a&lt;/b&gt; &amp; b", "a name is never markup");
}

#[test]
fn without_a_daemon_nothing_is_shown_and_the_reason_is_known() {
    let bus = Bus::start();
    let refused = Notifier::default().notify(&bus.connection(), "server in Shop", "Has expired.");
    assert!(matches!(refused, Err(zbus::Error::MethodError(..))), "{refused:?}");
}

#[test]
fn only_a_click_on_the_one_that_stands_counts() {
    let click = |id: u32| {
        let builder = Message::signal(PATH, NAME, "ActionInvoked").expect("a signal");
        builder.build(&(id, "default")).expect("a body")
    };
    let notifier = Notifier::default();
    assert!(!notifier.is_clicked(&click(0)));
    notifier.stands.store(7, Ordering::Relaxed);
    assert!(notifier.is_clicked(&click(7)));
    assert!(!notifier.is_clicked(&click(8)));
}
