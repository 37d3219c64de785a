//! A person's desk: a session, a profile, the application open on it, and its window.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::Client;

use crate::driver::{Driver, binary};
use crate::page::Page;
use crate::session::{Keyring, Session};

/// The application, open on a profile of its own.
#[derive(Debug)]
pub struct Desk {
    pub session: Session,
    pub profile: PathBuf,
    environment: Vec<(&'static str, String)>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    client: Client,
    driver: Driver,
}

impl Desk {
    /// A desk with an open keyring and a new profile. Nothing is started yet.
    pub fn new() -> Result<Self> {
        Self::with(Keyring::Unlocked)
    }

    pub fn with(keyring: Keyring) -> Result<Self> {
        let session = Session::start(keyring)?;
        let profile = session.profile("first");
        Ok(Self { session, profile, environment: vec![("KEYTURN_LOG", "trace".into())], open: None })
    }

    /// Sets a variable for the application's next start.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.environment.push((name, value.into()));
    }

    /// Starts the application and waits until its list is painted.
    pub async fn open(&mut self) -> Result<Page> {
        let driver = Driver::start(&self.session, &self.environment)?;
        let arguments = ["--profile".to_owned(), self.profile.display().to_string()];
        let client = driver.open(&binary(), &arguments).await?;
        let page = Page::new(client.clone());
        self.open = Some(Open { client, driver });
        page.find("navigation", "Main").await.context("the window did not paint")?;
        Ok(page)
    }

    /// Quits as the window's close button does: ends the WebDriver session, which closes the application.
    pub async fn close(&mut self) -> Result<()> {
        if let Some(Open { client, driver }) = self.open.take() {
            self.signal("TERM")?;
            self.wait_until_ended(Duration::from_secs(10)).await?;
            // The driver lost its window: that the session ends with an error is as expected.
            drop(tokio::time::timeout(Duration::from_secs(2), client.close()).await);
            drop(driver);
        }
        Ok(())
    }

    /// kill -9.
    pub async fn kill(&mut self) -> Result<()> {
        self.signal("KILL")?;
        self.wait_until_ended(Duration::from_secs(10)).await?;
        self.open = None;
        Ok(())
    }

    pub fn signal(&self, signal: &str) -> Result<()> {
        let pid = self.pid()?;
        let status = Command::new("kill").args([format!("-{signal}"), pid.to_string()]).status()?;
        if !status.success() {
            bail!("could not signal process {pid}");
        }
        Ok(())
    }

    /// The application's process, found by its profile.
    pub fn pid(&self) -> Result<u32> {
        processes_with(&self.profile)?.into_iter().next().context("the application does not run")
    }

    /// Waits until the application's process is gone.
    pub async fn wait_until_ended(&self, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        while !processes_with(&self.profile)?.is_empty() {
            if Instant::now() > deadline {
                bail!("the application still runs after {patience:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Every process below the application: WebKit's network and web processes.
    pub fn children(&self) -> Result<Vec<u32>> {
        let mut family = vec![self.pid()?];
        let mut next = 0;
        while next < family.len() {
            family.extend(children_of(family[next]));
            next += 1;
        }
        family.remove(0);
        Ok(family)
    }

    /// Those of them that hold a page.
    pub fn web_processes(&self) -> Result<Vec<u32>> {
        // The kernel keeps 15 characters of a name.
        let holds_a_page = |pid: &u32| {
            std::fs::read_to_string(format!("/proc/{pid}/comm"))
                .is_ok_and(|name| name.starts_with("WebKitWebProces"))
        };
        Ok(self.children()?.into_iter().filter(holds_a_page).collect())
    }

    /// What the clipboard holds, read by another program.
    pub fn clipboard(&self) -> Result<String> {
        self.selection("clipboard")
    }

    /// What was marked last, as a middle click would paste it.
    pub fn marked(&self) -> Result<String> {
        self.selection("primary")
    }

    fn selection(&self, which: &str) -> Result<String> {
        let output =
            self.session.command("timeout").args(["5", "xclip", "-o", "-selection", which]).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Real presses of the mouse in the middle of the window of this title, `times` in a row.
    pub fn click_into(&self, title: &str, times: u32) -> Result<()> {
        let found =
            self.session.command("xdotool").args(["search", "--onlyvisible", "--name", title]).output()?;
        let found = String::from_utf8_lossy(&found.stdout).into_owned();
        let window = found.lines().last().with_context(|| format!("no window {title:?}"))?;
        let geometry =
            self.session.command("xdotool").args(["getwindowgeometry", "--shell", window]).output()?;
        let geometry = String::from_utf8_lossy(&geometry.stdout).into_owned();
        let of = |name: &str| -> Option<i64> {
            geometry.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
        };
        let (width, height) = of("WIDTH").zip(of("HEIGHT")).context("its size")?;
        let place = [(width / 2).to_string(), (height / 2).to_string()];
        let mut click = self.session.command("xdotool");
        click.args(["mousemove", "--window", window, &place[0], &place[1]]);
        click.args(["click", "--repeat", &times.to_string(), "--delay", "60", "1"]);
        ensure!(click.status()?.success(), "the mouse was not moved");
        Ok(())
    }

    /// Another program takes the clipboard.
    pub fn put_on_clipboard(&self, text: &str) -> Result<()> {
        let mut xclip = self
            .session
            .command("xclip")
            .args(["-i", "-selection", "clipboard"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()?;
        std::io::Write::write_all(&mut xclip.stdin.take().context("no stdin")?, text.as_bytes())?;
        xclip.wait()?;
        Ok(())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for pid in processes_with(&self.profile).unwrap_or_default() {
            if let Err(error) = Command::new("kill").args(["-KILL", &pid.to_string()]).status() {
                crate::said(&format!("process {pid} did not end: {error}"));
            }
        }
    }
}

/// The processes whose parent is `pid`. One that ends while it is read is none.
fn children_of(pid: u32) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let is_child = |stat: &str| {
        // "pid (name) state parent …": a name may hold anything, so that the last bracket divides.
        let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
        after.split(' ').nth(1) == Some(pid.to_string().as_str())
    };
    processes
        .filter_map(|process| {
            let process = process.ok()?;
            let number = process.file_name().to_str()?.parse().ok()?;
            is_child(&std::fs::read_to_string(process.path().join("stat")).ok()?).then_some(number)
        })
        .collect()
}

/// Processes whose command line names `profile` and whose program is the application.
fn processes_with(profile: &Path) -> Result<Vec<u32>> {
    let wanted = profile.display().to_string();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let mut words = line.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let is_ours = words.next().is_some_and(|program| program.ends_with("/keyturn"));
        if is_ours && words.any(|word| word == wanted) {
            found.push(pid);
        }
    }
    Ok(found)
}
