//! Locks when the system sleeps or its screen is locked, as the desktop announces it on D-Bus.
//!
//! Without a bus there is nothing to hear: idling still locks.

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::Arc;

    use zbus::blocking::{Connection, MessageIterator};
    use zbus::message::Type;
    use zbus::{MatchRule, Message};

    use crate::house::House;
    use crate::opening;

    /// Interface, member: a signal whose one boolean says that the screen is locked or the system goes to sleep.
    const SESSION: [(&str, &str); 3] = [
        ("org.freedesktop.ScreenSaver", "ActiveChanged"),
        ("org.gnome.ScreenSaver", "ActiveChanged"),
        ("org.cinnamon.ScreenSaver", "ActiveChanged"),
    ];
    const SYSTEM: [(&str, &str); 2] =
        [("org.freedesktop.login1.Manager", "PrepareForSleep"), ("org.freedesktop.login1.Session", "Lock")];

    pub(crate) fn listen(house: &Arc<House>) {
        for (interface, member) in SESSION {
            watch(house, Connection::session, interface, member);
        }
        for (interface, member) in SYSTEM {
            watch(house, Connection::system, interface, member);
        }
    }

    /// A thread for each signal: it sleeps in the bus until one comes.
    fn watch(
        house: &Arc<House>,
        connect: fn() -> zbus::Result<Connection>,
        interface: &'static str,
        member: &'static str,
    ) {
        let house = Arc::clone(house);
        let spawned = std::thread::Builder::new().name(format!("bus-{member}")).spawn(move || {
            if let Err(error) = hear(&house, connect, interface, member) {
                tracing::info!(%error, interface, "no such signal will be heard");
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "could not listen for the session's signals");
        }
    }

    fn hear(
        house: &House,
        connect: fn() -> zbus::Result<Connection>,
        interface: &str,
        member: &str,
    ) -> zbus::Result<()> {
        let rule = MatchRule::builder().msg_type(Type::Signal).interface(interface)?.member(member)?.build();
        for message in MessageIterator::for_match_rule(rule, &connect()?, Some(8))? {
            if says_lock(&message?) {
                opening::lock(house, false);
            }
        }
        Ok(())
    }

    /// `true` in the body, or no body at all (`Lock`). `false` means that the screen was unlocked again.
    fn says_lock(message: &Message) -> bool {
        message.body().deserialize::<bool>().unwrap_or(true)
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::listen;

#[cfg(not(target_os = "linux"))]
pub(crate) fn listen(_: &std::sync::Arc<crate::house::House>) {}
