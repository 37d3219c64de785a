//! A measured program while it runs, and its end with everything that it started.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::machine::family;

/// A subject that runs. Dropped, it ends with everything that it started.
#[derive(Debug)]
pub struct Running {
    pub(super) child: Child,
    pub started: Instant,
}

impl Running {
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits until nothing of it is left.
    pub fn end(mut self) -> Result<()> {
        let members = family(self.pid())?;
        signal("TERM", &members[..1])?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.child.try_wait()?.is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        while members.iter().any(|pid| Path::new(&format!("/proc/{pid}/exe")).exists()) {
            if Instant::now() > deadline {
                signal("KILL", &members)?;
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After `end` there is nobody left to signal.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let members = family(self.pid()).unwrap_or_default();
            if let Err(error) = signal("KILL", &members).and_then(|()| Ok(self.child.wait()?)) {
                crate::said(&format!("a measured program did not end: {error}"));
            }
        }
    }
}

/// One that has ended already is passed over.
fn signal(name: &str, members: &[u32]) -> Result<()> {
    let mut kill = Command::new("kill");
    kill.arg(format!("-{name}")).args(members.iter().map(u32::to_string));
    kill.stderr(Stdio::null()).status()?;
    Ok(())
}
