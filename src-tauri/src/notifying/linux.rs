//! The desktop's notification daemon, as its specification describes it.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tauri::AppHandle;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::zvariant::Value;
use zbus::{MatchRule, Message};

use crate::window;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Shows one notification at a time: the next one takes the place of the last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notifier {
    /// The one that stands now; 0: none yet.
    stands: Arc<AtomicU32>,
    /// That there is no daemon was said: once is enough.
    said: Arc<AtomicBool>,
}

impl Notifier {
    /// Shows it, from a thread of its own: a daemon that hangs holds up nothing.
    pub(crate) fn show(&self, title: String, text: String) {
        let own = self.clone();
        let spawned = std::thread::Builder::new().name("notification".into()).spawn(move || {
            let shown = Connection::session().and_then(|bus| own.notify(&bus, &title, &text));
            match shown {
                Err(error) if !own.said.swap(true, Ordering::Relaxed) => {
                    tracing::info!(%error, "the desktop shows no notifications");
                }
                Ok(()) | Err(_) => {}
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "could not show a notification");
        }
    }

    fn notify(&self, bus: &Connection, title: &str, text: &str) -> zbus::Result<()> {
        let capable = bus.call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &())?;
        let capable: Vec<String> = capable.body().deserialize()?;
        // A key's name may hold anything, and a daemon that knows markup would take it for some.
        let text = if capable.iter().any(|it| it == "body-markup") { escaped(text) } else { text.to_owned() };
        let hints = HashMap::from([("desktop-entry", Value::from("keyturn"))]);
        let (replaces, actions) = (self.stands.load(Ordering::Relaxed), vec!["default", "Open"]);
        let asked = ("Keyturn", replaces, "keyturn", title, text.as_str(), actions, hints, -1_i32);
        let shown = bus.call_method(Some(NAME), PATH, Some(NAME), "Notify", &asked)?;
        self.stands.store(shown.body().deserialize()?, Ordering::Relaxed);
        Ok(())
    }

    /// Brings the window forward when a notification is clicked. Its thread sleeps in the bus.
    pub(crate) fn listen(&self, app: &AppHandle) {
        let (own, app) = (self.clone(), app.clone());
        let hear = move || -> zbus::Result<()> {
            let rule =
                MatchRule::builder().msg_type(Type::Signal).interface(NAME)?.member("ActionInvoked")?;
            for message in MessageIterator::for_match_rule(rule.build(), &Connection::session()?, Some(8))? {
                if own.is_clicked(&message?) {
                    window::come_forward(&app);
                }
            }
            Ok(())
        };
        let spawned = std::thread::Builder::new().name("bus-clicks".into()).spawn(move || {
            if let Err(error) = hear() {
                tracing::info!(%error, "clicks on notifications will not be heard");
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "could not listen for clicks on notifications");
        }
    }

    /// Every program on the bus hears of every click: only ours counts.
    fn is_clicked(&self, message: &Message) -> bool {
        let ours = self.stands.load(Ordering::Relaxed);
        message.body().deserialize::<(u32, String)>().is_ok_and(|(id, _)| id != 0 && id == ours)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
