//! Children that never outlive us.
//!
//! Each child leads a process group of its own, so that whatever it started ends with it. On Ctrl-C the
//! groups are killed, the wait in progress returns, and everything is put away on the ordinary way out.

use std::io::{BufRead, BufReader, IsTerminal};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const GLANCE: Duration = Duration::from_millis(50);
/// How long output may still arrive after its writer ended: a lost grandchild may hold the pipe open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The process groups that are alive because of us.
#[derive(Clone, Default)]
pub struct Children {
    groups: Arc<Mutex<Vec<u32>>>,
    interrupted: Arc<AtomicBool>,
}

impl Children {
    /// Starts to listen for Ctrl-C and for a request to end.
    pub fn watched() -> Result<Self> {
        let children = Self::default();
        let for_handler = children.clone();
        ctrlc::set_handler(move || {
            for_handler.interrupted.store(true, Ordering::SeqCst);
            for group in for_handler.groups().iter() {
                kill_group(*group);
            }
            thread::sleep(Duration::from_secs(3));
            #[expect(
                clippy::disallowed_methods,
                reason = "whoever still hangs after three seconds is left behind"
            )]
            std::process::exit(130);
        })
        .context("could not listen for Ctrl-C")?;
        Ok(children)
    }

    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Starts `command`; it ends at the latest when the returned value is dropped.
    pub fn start(&self, mut command: Command) -> Result<Running> {
        let name = command.get_program().to_string_lossy().into_owned();
        lead_own_group(&mut command);
        let child = command.spawn().with_context(|| format!("could not start {name}"))?;
        self.groups().push(child.id());
        if self.interrupted() {
            kill_group(child.id());
        }
        Ok(Running { child, name, children: self.clone() })
    }

    /// Runs `command` to its end and fails if it fails.
    pub fn run(&self, command: Command) -> Result<()> {
        let mut running = self.start(command)?;
        let status = running.wait(None)?;
        if !status.success() {
            bail!("{} failed ({status})", running.name);
        }
        Ok(())
    }

    /// Runs `command` to its end, passing its lines on to the screen and to `line`.
    pub fn run_reading(
        &self,
        mut command: Command,
        limit: Duration,
        mut line: impl FnMut(&str),
    ) -> Result<ExitStatus> {
        command.stdout(Stdio::piped());
        let mut running = self.start(command)?;
        let lines = read_lines(&mut running.child);
        let end = Instant::now() + limit;
        let mut show = |text: String| {
            println!("{text}");
            line(&text);
        };
        loop {
            match lines.recv_timeout(GLANCE) {
                Ok(text) => show(text),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) if running.has_ended()? => break,
                Err(RecvTimeoutError::Timeout) => running.check_limit(end)?,
            }
        }
        let status = running.wait(Some(end))?;
        kill_group(running.child.id());
        while let Ok(text) = lines.recv_timeout(LAST_WORDS) {
            show(text);
        }
        Ok(status)
    }

    fn groups(&self) -> MutexGuard<'_, Vec<u32>> {
        self.groups.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A child that is killed, with all that it started, when this is dropped.
pub struct Running {
    pub child: Child,
    name: String,
    children: Children,
}

impl Running {
    /// Waits for the end of the child, but not beyond `end`.
    pub fn wait(&mut self, end: Option<Instant>) -> Result<ExitStatus> {
        loop {
            let status =
                self.child.try_wait().with_context(|| format!("could not wait for {}", self.name))?;
            if self.children.interrupted() {
                bail!("interrupted");
            }
            match status {
                Some(status) => return Ok(status),
                None => thread::sleep(GLANCE),
            }
            if let Some(end) = end {
                self.check_limit(end)?;
            }
        }
    }

    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait().with_context(|| format!("could not wait for {}", self.name))?.is_some())
    }

    fn check_limit(&self, end: Instant) -> Result<()> {
        if Instant::now() > end {
            bail!("{} took too long and was stopped", self.name);
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        kill_group(self.child.id());
        // Already ended is as good as killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.children.groups().retain(|group| *group != self.child.id());
    }
}

fn read_lines(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut bytes = Vec::new();
            while output.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
                let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
                bytes.clear();
                if sender.send(text).is_err() {
                    break;
                }
            }
        });
    }
    lines
}

fn lead_own_group(command: &mut Command) {
    // A background group that reads from the terminal is stopped by it.
    if std::io::stdin().is_terminal() {
        command.stdin(Stdio::null());
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(unix)]
fn kill_group(leader: u32) {
    use nix::sys::signal::{Signal, killpg};
    if let Ok(leader) = i32::try_from(leader) {
        // No such group: it has ended by itself.
        let _ = killpg(nix::unistd::Pid::from_raw(leader), Signal::SIGKILL);
    }
}

/// Elsewhere the console passes Ctrl-C on to everyone, and `Child::kill` does the rest.
#[cfg(not(unix))]
fn kill_group(_leader: u32) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn lines_of(script: &str, limit: Duration) -> (Result<ExitStatus>, Vec<String>) {
        let mut lines = Vec::new();
        let status =
            Children::default().run_reading(shell(script), limit, |line| lines.push(line.to_owned()));
        (status, lines)
    }

    #[test]
    fn output_is_read_to_its_last_line() {
        let (status, lines) = lines_of("echo one; echo two; exit 3", Duration::from_secs(20));
        assert_eq!(lines, ["one", "two"]);
        assert_eq!(status.unwrap().code(), Some(3));
    }

    #[test]
    fn a_grandchild_that_was_left_behind_holds_nothing_up() {
        let start = Instant::now();
        let (status, lines) = lines_of("sleep 60 & echo started", Duration::from_secs(50));
        assert_eq!(lines, ["started"]);
        assert!(status.unwrap().success());
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn what_takes_too_long_is_stopped() {
        let (status, _) = lines_of("sleep 60", Duration::from_millis(200));
        assert!(status.unwrap_err().to_string().contains("took too long"));
    }
}
