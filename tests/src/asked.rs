//! A question that the application asks outside its pages, answered as a person does: with the keyboard.
//!
//! There is no window manager: the window is found by its title and given the keyboard by hand.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt as _, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{CURRENT_TIME, NONE};

const ALT: u32 = 0xffe9;
const ESCAPE: u32 = 0xff1b;
const PATIENCE: Duration = Duration::from_secs(10);

/// A question that stands.
#[derive(Debug)]
pub struct Asked {
    display: RustConnection,
    window: Window,
}

impl Asked {
    /// Waits for the window of this title.
    pub async fn find(title: &str) -> Result<Self> {
        let (display, number) = x11rb::connect(None).context("no X display")?;
        let root = display.setup().roots[number].root;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(window) = shown(&display, root, title)? {
                return Ok(Self { display, window });
            }
            if Instant::now() > deadline {
                bail!("nothing is asked in a window called {title}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether a window of this title is shown now.
    pub fn is_there(title: &str) -> Result<bool> {
        let (display, number) = x11rb::connect(None).context("no X display")?;
        let root = display.setup().roots[number].root;
        Ok(shown(&display, root, title)?.is_some())
    }

    /// Escape.
    pub async fn cancel(self) -> Result<()> {
        self.press(&[ESCAPE]).await
    }

    /// Alt and the first letter of the button that says yes.
    pub async fn agree(self, letter: char) -> Result<()> {
        self.press(&[ALT, u32::from(letter)]).await
    }

    /// Presses them one after the other, and lets go of them the other way round.
    async fn press(self, keys: &[u32]) -> Result<()> {
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.display.set_input_focus(InputFocus::PARENT, self.window, CURRENT_TIME)?;
        self.display.sync()?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let down = keys.iter().map(|key| (KEY_PRESS_EVENT, *key));
        let up = keys.iter().rev().map(|key| (KEY_RELEASE_EVENT, *key));
        for (event, key) in down.chain(up) {
            self.display.xtest_fake_input(event, self.code(key)?, CURRENT_TIME, NONE, 0, 0, 0)?;
            self.display.sync()?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    fn code(&self, symbol: u32) -> Result<u8> {
        let setup = self.display.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let map = self.display.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let at = map.keysyms.iter().position(|it| *it == symbol).context("the keyboard has no such key")?;
        Ok(first + u8::try_from(at / usize::from(map.keysyms_per_keycode))?)
    }
}

fn shown(display: &RustConnection, root: Window, title: &str) -> Result<Option<Window>> {
    for window in display.query_tree(root)?.reply()?.children {
        let name = display.get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 256)?.reply();
        let attributes = display.get_window_attributes(window)?.reply();
        // A window may go away between two questions.
        let (Ok(name), Ok(attributes)) = (name, attributes) else { continue };
        if attributes.map_state == MapState::VIEWABLE && name.value == title.as_bytes() {
            return Ok(Some(window));
        }
    }
    Ok(None)
}
