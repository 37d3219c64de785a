//! The screen seen and the keyboard pressed from outside, through X11: the same for every program measured.
//!
//! Knows nothing of what it looks at: a window, rectangles in it, whether their pixels changed.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    ConnectionExt as _, ImageFormat, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{CURRENT_TIME, NONE};

/// A program's window is at least this wide and high; a splash or a helper is smaller.
const SMALLEST: (u16, u16) = (500, 400);

/// A part of a window: left, top, right, bottom, each from 0 to 1.
#[derive(Debug, Clone, Copy)]
pub struct Part(pub f32, pub f32, pub f32, pub f32);

/// A rectangle on the screen, in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Area {
    x: i16,
    y: i16,
    width: u16,
    height: u16,
}

/// What an area showed: four bytes a pixel, row by row.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture {
    bytes: Vec<u8>,
    width: usize,
}

/// A window that is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    window: Window,
    area: Area,
}

/// A connection to the display.
#[derive(Debug)]
pub struct Screen {
    display: RustConnection,
    root: Window,
    /// The keyboard's codes: for each, what it means without and with shift.
    symbols: Vec<u32>,
    per_code: usize,
}

impl Screen {
    pub fn open() -> Result<Self> {
        let (display, number) = x11rb::connect(None).context("no X display")?;
        let setup = display.setup();
        let root = setup.roots[number].root;
        let count = setup.max_keycode - setup.min_keycode + 1;
        let mapping = display.get_keyboard_mapping(setup.min_keycode, count)?.reply()?;
        let per_code = usize::from(mapping.keysyms_per_keycode);
        // Where no list stands: a row under the pointer would light up and show a tooltip.
        display.warp_pointer(NONE, root, 0, 0, 0, 0, 2, 790)?;
        Ok(Self { display, root, symbols: mapping.keysyms, per_code })
    }

    /// Waits for a program's window, and gives it the keyboard, as a window manager would.
    pub fn wait_for_window(&self, patience: Duration) -> Result<Shown> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(shown) = self.window()? {
                self.display.set_input_focus(InputFocus::PARENT, shown.window, CURRENT_TIME)?;
                self.display.sync()?;
                return Ok(shown);
            }
            if Instant::now() > deadline {
                bail!("no window within {patience:?}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// True while some program's window is shown.
    pub fn is_occupied(&self) -> Result<bool> {
        Ok(self.window()?.is_some())
    }

    /// A part of a window, in pixels of the screen.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "fractions of a screen")]
    pub fn area(&self, shown: Shown, part: Part) -> Area {
        let (width, height) = (f32::from(shown.area.width), f32::from(shown.area.height));
        Area {
            x: shown.area.x + (width * part.0) as i16,
            y: shown.area.y + (height * part.1) as i16,
            width: (width * (part.2 - part.0)) as u16,
            height: (height * (part.3 - part.1)) as u16,
        }
    }

    pub fn grab(&self, area: Area) -> Result<Picture> {
        let Area { x, y, width, height } = area;
        let asked =
            self.display.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, u32::MAX)?;
        Ok(Picture { bytes: asked.reply()?.data, width: usize::from(width) })
    }

    /// Presses and lets go of a key, with others held meanwhile. The keys are X's symbols.
    pub fn press(&self, key: u32, held: &[u32]) -> Result<()> {
        for symbol in held {
            self.fake(KEY_PRESS_EVENT, *symbol)?;
        }
        self.fake(KEY_PRESS_EVENT, key)?;
        self.fake(KEY_RELEASE_EVENT, key)?;
        for symbol in held.iter().rev() {
            self.fake(KEY_RELEASE_EVENT, *symbol)?;
        }
        Ok(self.display.sync()?)
    }

    fn fake(&self, event: u8, symbol: u32) -> Result<()> {
        let at = self.symbols.iter().position(|it| *it == symbol).context("the keyboard has no such key")?;
        let code = self.display.setup().min_keycode + u8::try_from(at / self.per_code)?;
        self.display.xtest_fake_input(event, code, CURRENT_TIME, NONE, 0, 0, 0)?;
        Ok(())
    }

    fn window(&self) -> Result<Option<Shown>> {
        let mut largest: Option<Shown> = None;
        for window in self.display.query_tree(self.root)?.reply()?.children {
            // A window may go away between two questions.
            let (Ok(about), Ok(place)) = (
                self.display.get_window_attributes(window)?.reply(),
                self.display.get_geometry(window)?.reply(),
            ) else {
                continue;
            };
            let is_large = place.width >= SMALLEST.0 && place.height >= SMALLEST.1;
            let is_larger = largest.is_none_or(|it| place.width > it.area.width);
            if about.map_state == MapState::VIEWABLE && is_large && is_larger {
                let area = Area { x: place.x, y: place.y, width: place.width, height: place.height };
                largest = Some(Shown { window, area });
            }
        }
        Ok(largest)
    }
}

impl Picture {
    /// How many lines of text it shows: runs of scan lines in which the colour changes often.
    #[must_use]
    pub fn lines_of_text(&self) -> usize {
        let mut lines = 0;
        let mut inside = false;
        for scan_line in self.bytes.chunks_exact(self.width * 4) {
            let pixels: Vec<&[u8]> = scan_line.chunks_exact(4).collect();
            let is_text = pixels.windows(2).filter(|pair| pair[0] != pair[1]).count() > 12;
            lines += usize::from(is_text && !inside);
            inside = is_text;
        }
        lines
    }

    /// How many pixels differ.
    #[must_use]
    pub fn difference(&self, other: &Self) -> usize {
        self.bytes.chunks_exact(4).zip(other.bytes.chunks_exact(4)).filter(|(one, two)| one != two).count()
    }
}
