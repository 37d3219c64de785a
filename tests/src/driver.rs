//! WebKit's own WebDriver: starts the application's binary and speaks to its window. No tauri-driver in between.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

use crate::session::Session;

/// A running WebKitWebDriver.
#[derive(Debug)]
pub struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts the driver in `session`; what it starts inherits `environment` as well.
    pub fn start(session: &Session, environment: &[(&str, String)]) -> Result<Self> {
        // Another program may take a free port before the driver does; then the driver ends at once.
        for _ in 0..3 {
            if let Some(driver) = Self::start_once(session, environment)? {
                return Ok(driver);
            }
        }
        bail!("WebKitWebDriver ended three times before it listened")
    }

    fn start_once(session: &Session, environment: &[(&str, String)]) -> Result<Option<Self>> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = session.command("WebKitWebDriver");
        command.arg(format!("--port={port}")).env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let process = command
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .context("WebKitWebDriver (Debian: webkit2gtk-driver)")?;
        let mut driver = Self { process, port };
        Ok(driver.answers()?.then_some(driver))
    }

    /// Opens a session with `binary`, which the driver starts with `arguments`.
    pub async fn open(&self, binary: &Path, arguments: &[String]) -> Result<Client> {
        let options = json!({ "binary": binary, "args": arguments });
        let capabilities: Map<String, Value> =
            [("webkitgtk:browserOptions".to_owned(), options)].into_iter().collect();
        let url = format!("http://127.0.0.1:{}", self.port);
        let mut last = None;
        for _ in 0..2 {
            let mut connector = HttpConnector::new();
            connector.set_nodelay(true);
            match ClientBuilder::new(connector).capabilities(capabilities.clone()).connect(&url).await {
                Ok(client) => return Ok(client),
                Err(error) => last = Some(error),
            }
        }
        Err(last.context("no attempt")?).context("the application did not open under WebDriver")
    }

    /// Waits until it listens; not so where it has ended.
    fn answers(&mut self) -> Result<bool> {
        let deadline = Instant::now() + Duration::from_secs(15);
        while self.process.try_wait()?.is_none() {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                // Whoever took the port answers as well, while the driver ends.
                std::thread::sleep(Duration::from_millis(100));
                return Ok(self.process.try_wait()?.is_none());
            }
            if Instant::now() > deadline {
                bail!("WebKitWebDriver did not listen within 15 s");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(false)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Err(error) = self.process.kill().and_then(|()| self.process.wait().map(drop)) {
            crate::said(&format!("the driver did not end: {error}"));
        }
    }
}

/// The application under test: `KEYTURN_BIN`, or the one that `cargo xtask` builds.
#[must_use]
pub fn binary() -> PathBuf {
    std::env::var_os("KEYTURN_BIN")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fast/keyturn"), PathBuf::from)
}
