//! What a person with quick eyes would see: when a list can be used, and when it has answered a key.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::screen::{Area, Part, Picture, Screen};

/// X's names of the keys used here.
pub mod keys {
    pub const SLASH: u32 = 0x2f;
    pub const Z: u32 = 0x7a;
    pub const A: u32 = 0x61;
    pub const BACKSPACE: u32 = 0xff08;
    pub const ESCAPE: u32 = 0xff1b;
    pub const CONTROL: u32 = 0xffe3;
}

/// A list is painted once it shows this many lines of text: a waiting or a locked window shows fewer.
const LINES: usize = 10;
/// How long the list must look the same before the first key is pressed.
const STABLE: Duration = Duration::from_millis(50);
/// A caret that blinks changes fewer pixels than this, a letter or a frame around a field more.
const CARET: usize = 24;
const PATIENCE: Duration = Duration::from_secs(90);

/// Where to look and what to press.
#[derive(Debug, Clone, Copy)]
pub struct Face {
    pub list: Part,
    pub field: Part,
    /// The key that the search field answers at once, wherever the focus is after a start.
    pub first_key: u32,
    /// The key that leaves the empty search field, for a program that starts with no field focused.
    pub leave: Option<u32>,
    /// How long nothing may change before the list counts as settled.
    pub quiet: Duration,
}

/// What a key led to, in milliseconds since it was pressed.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// The list's first change.
    pub painted: f64,
    /// Its last.
    pub settled: f64,
}

/// A window that is looked at.
#[derive(Debug)]
pub struct Eye<'a> {
    screen: &'a Screen,
    face: Face,
    list: Area,
    field: Area,
}

impl<'a> Eye<'a> {
    /// Waits until the list is painted and has answered its first key. The caller took the time before.
    pub fn open(screen: &'a Screen, face: Face) -> Result<Self> {
        let shown = screen.wait_for_window(PATIENCE)?;
        let eye =
            Self { screen, face, list: screen.area(shown, face.list), field: screen.area(shown, face.field) };
        eye.wait_until_painted()?;
        eye.wait_for_first_answer()?;
        Ok(eye)
    }

    fn wait_until_painted(&self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let mut last = self.screen.grab(self.list)?;
        let mut since = Instant::now();
        while last.lines_of_text() < LINES || since.elapsed() < STABLE {
            if Instant::now() > deadline {
                bail!("the list shows {} lines of text after {PATIENCE:?}", last.lines_of_text());
            }
            std::thread::sleep(Duration::from_millis(10));
            let next = self.screen.grab(self.list)?;
            if next != last {
                (last, since) = (next, Instant::now());
            }
        }
        Ok(())
    }

    /// Presses the first key until the field answers: a window may be painted before it hears.
    fn wait_for_first_answer(&self) -> Result<()> {
        let before = self.screen.grab(self.field)?;
        for _ in 0..100 {
            self.screen.press(self.face.first_key, &[])?;
            let pressed = Instant::now();
            while pressed.elapsed() < Duration::from_millis(250) {
                if self.screen.grab(self.field)?.difference(&before) > CARET {
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(3));
            }
        }
        bail!("the window answers no key")
    }

    /// Goes to the search field and empties it, then types a letter that only some names hold and takes it back, `count` times; each press must change the list.
    pub fn search(&self, count: usize) -> Result<Vec<Answer>> {
        if self.face.leave.is_some() {
            self.screen.press(self.face.first_key, &[])?;
        }
        self.screen.press(keys::A, &[keys::CONTROL])?;
        self.screen.press(keys::BACKSPACE, &[])?;
        let mut seen = self.settle(self.screen.grab(self.list)?, Instant::now())?.0;
        let mut answers = Vec::new();
        for key in [keys::Z, keys::BACKSPACE].into_iter().cycle().take(count) {
            let pressed = Instant::now();
            self.screen.press(key, &[])?;
            let first = self.wait_for_change(&seen)?;
            let painted = super::machine::milliseconds(pressed.elapsed());
            let (picture, settled) = self.settle(first, Instant::now())?;
            let settled = super::machine::milliseconds(settled - pressed);
            answers.push(Answer { painted, settled });
            seen = picture;
        }
        Ok(answers)
    }

    /// As after the start: no field has the focus, where none had it.
    pub fn leave_search(&self) -> Result<()> {
        self.face.leave.map_or(Ok(()), |key| self.screen.press(key, &[]))
    }

    fn wait_for_change(&self, from: &Picture) -> Result<Picture> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let now = self.screen.grab(self.list)?;
            if now != *from {
                return Ok(now);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        bail!("a key changed nothing in the list")
    }

    /// The picture that stays, and when it came.
    fn settle(&self, mut last: Picture, mut since: Instant) -> Result<(Picture, Instant)> {
        while since.elapsed() < self.face.quiet {
            std::thread::sleep(Duration::from_millis(4));
            let next = self.screen.grab(self.list)?;
            if next != last {
                (last, since) = (next, Instant::now());
            }
        }
        Ok((last, since))
    }
}
