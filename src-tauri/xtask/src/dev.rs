//! `cargo xtask dev`: the pages come from Vite and change as they are saved; Rust is built again and restarted.

use std::ffi::OsString;
use std::net::TcpStream;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, bail};

use crate::house::{House, newest};
use crate::process::Running;
use crate::setup;

// As in tauri.conf.json (`devUrl`).
const HOST: &str = "127.0.0.1";
const PORT: u16 = 14207;
const GLANCE: Duration = Duration::from_millis(500);

pub fn dev(house: &House, arguments: &[OsString]) -> Result<ExitCode> {
    setup::to_build(house)?;
    setup::ui_packages(house)?;
    println!("Starting Vite on port {PORT}.");
    let port = PORT.to_string();
    let mut vite = house.children.start(house.npm(&[
        "run",
        "dev",
        "--",
        "--host",
        HOST,
        "--port",
        &port,
        "--strictPort",
    ]))?;
    wait_for_vite(&mut vite)?;
    loop {
        println!("Building and opening Keyturn; it starts again when a Rust file changes.");
        let sources = rust_sources(house);
        let mut keyturn = house.children.start(keyturn(house, arguments))?;
        if !changed_before_end(house, &mut vite, &mut keyturn, sources)? {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// Without the default features, so that the window loads its pages from Vite.
fn keyturn(house: &House, arguments: &[OsString]) -> Command {
    let mut command = house.cargo("run");
    command.arg("--no-default-features").arg("--").args(arguments);
    command
}

fn wait_for_vite(vite: &mut Running) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect((HOST, PORT)).is_err() {
        if vite.has_ended()? || Instant::now() > end {
            bail!("Vite did not start; is port {PORT} taken?");
        }
        thread::sleep(GLANCE);
    }
    Ok(())
}

/// False: the window was closed. A build that failed is kept until a file changes.
fn changed_before_end(
    house: &House,
    vite: &mut Running,
    keyturn: &mut Running,
    sources: Option<SystemTime>,
) -> Result<bool> {
    loop {
        if house.children.interrupted() {
            bail!("interrupted");
        }
        if vite.has_ended()? {
            bail!("Vite ended");
        }
        if keyturn.has_ended()? && keyturn.wait(None)?.success() {
            return Ok(false);
        }
        if rust_sources(house) != sources {
            return Ok(true);
        }
        thread::sleep(GLANCE);
    }
}

fn rust_sources(house: &House) -> Option<SystemTime> {
    ["src-tauri/src", "src-tauri/crates", "Cargo.toml", "tauri.conf.json"]
        .iter()
        .filter_map(|part| newest(&house.root.join(part), &["tests"]))
        .max()
}
