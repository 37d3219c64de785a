//! Installs what is missing, and says so. Does nothing, quickly, where nothing is missing.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::house::{House, installed, newest};

/// What Debian and Ubuntu call the things that the window is built with.
const TO_BUILD: &[&str] = &["libwebkit2gtk-4.1-dev", "build-essential", "pkg-config"];

/// And those with which it is driven where nobody looks.
const TO_DRIVE: &[&str] = &[
    "xvfb",
    "xdotool",
    "xclip",
    "webkit2gtk-driver",
    "dbus",
    "gnome-keyring",
    "libsecret-tools",
    "fonts-dejavu-core",
    "fonts-noto-color-emoji",
    "fonts-noto-cjk",
];

/// The system's libraries and compilers.
pub fn to_build(house: &House) -> Result<()> {
    if cfg!(target_os = "linux") {
        return system_packages(
            house,
            TO_BUILD,
            "To build Keyturn, install a C compiler, pkg-config and the development files of WebKitGTK 4.1 \
             (Fedora: gcc pkgconf webkit2gtk4.1-devel; Arch: base-devel webkit2gtk-4.1), then try again.",
            || installed("cc") && installed("pkg-config") && has_library("webkit2gtk-4.1"),
        );
    }
    if cfg!(target_os = "macos") && !installed("cc") {
        bail!("the compilers of Xcode are missing: run `xcode-select --install`, then try again");
    }
    Ok(())
}

/// A screen, a bus, a keyring and a driver for the window. Linux only: ask [`can_drive`] first.
pub fn to_drive(house: &House) -> Result<()> {
    system_packages(
        house,
        TO_DRIVE,
        "To drive the window, install Xvfb, xdotool, xclip, WebKitWebDriver (part of WebKitGTK), \
         dbus-run-session, gnome-keyring, secret-tool and fonts (DejaVu, Noto Emoji, Noto CJK), then try again.",
        || {
            [
                "Xvfb",
                "xdotool",
                "xclip",
                "WebKitWebDriver",
                "dbus-run-session",
                "gnome-keyring-daemon",
                "secret-tool",
            ]
            .into_iter()
            .all(installed)
        },
    )
}

/// The programs beside which Keyturn is measured: only for who asked for them.
pub fn peers(house: &House, packages: &[&str]) -> Result<()> {
    let words = format!("To measure beside them, install {}, then try again.", packages.join(" and "));
    system_packages(house, packages, &words, || packages.iter().all(|it| installed(it)))
}

/// Only WebKitGTK can be driven together with a keyring and a screen of its own.
pub fn can_drive() -> bool {
    cfg!(target_os = "linux")
}

/// The UI's packages, as package-lock.json names them.
pub fn ui_packages(house: &House) -> Result<()> {
    if !installed("npm") {
        bail!("Node is missing: install Node 20.19 or later with npm (https://nodejs.org), then try again");
    }
    let lock =
        fs::read(house.ui().join("package-lock.json")).context("could not read ui/package-lock.json")?;
    let mut hasher = DefaultHasher::new();
    lock.hash(&mut hasher);
    let wanted = format!("{:016x}", hasher.finish());
    let stamp = house.ui().join("node_modules/.keyturn-installed");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    println!("Installing the UI's packages (npm ci in ui/).");
    house.children.run(house.npm(&["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, wanted).with_context(|| format!("could not write {}", stamp.display()))
}

/// The pages that are built into the window: ui/dist, made again when a source is newer.
pub fn ui_pages(house: &House) -> Result<()> {
    ui_packages(house)?;
    let made = newest(&house.ui().join("dist/index.html"), &[]);
    let sources = newest(&house.ui(), &["node_modules", "dist", ".svelte-kit"]);
    if made.is_some() && made >= sources {
        return Ok(());
    }
    println!("Building the window's pages (Vite, ui/dist).");
    house.children.run(house.npm(&["run", "build"]))
}

/// rustfmt and clippy come with rustup, but may have been left out.
pub fn rust_component(component: &str, program: &str) -> Result<()> {
    if !installed(program) {
        bail!("{program} is missing: run `rustup component add {component}`, then try again");
    }
    Ok(())
}

fn system_packages(house: &House, packages: &[&str], words: &str, there: impl Fn() -> bool) -> Result<()> {
    if !installed("dpkg-query") || !installed("apt-get") {
        return if there() { Ok(()) } else { bail!("{words}") };
    }
    let missing = missing_packages(packages)?;
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing what the system lacks: {}.", missing.join(" "));
    if apt_get(house, &install(&missing)).is_err() {
        println!("Reading the list of packages anew (apt-get update), then trying once more.");
        apt_get(house, &["update"])?;
        apt_get(house, &install(&missing))?;
    }
    Ok(())
}

fn missing_packages<'a>(packages: &[&'a str]) -> Result<Vec<&'a str>> {
    let answer = Command::new("dpkg-query")
        .args(["-W", "-f=${Package} ${db:Status-Status}\n"])
        .args(packages)
        .stderr(Stdio::null())
        .output()
        .context("could not ask dpkg-query")?;
    let answer = String::from_utf8_lossy(&answer.stdout);
    let there = |package: &str| answer.lines().any(|line| line == format!("{package} installed"));
    Ok(packages.iter().copied().filter(|package| !there(package)).collect())
}

fn install<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    [&["install", "--yes", "--no-install-recommends"], packages].concat()
}

/// In the foreground and in our own group, because sudo may ask for a password.
fn apt_get(house: &House, arguments: &[&str]) -> Result<()> {
    let mut command = if is_root() { house.command("env") } else { house.command("sudo") };
    if !is_root() {
        if !installed("sudo") {
            bail!("as root, run: apt-get {}", arguments.join(" "));
        }
        command.arg("env");
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments);
    let status = command.status().context("could not start apt-get")?;
    if !status.success() {
        bail!("apt-get {} failed", arguments.join(" "));
    }
    Ok(())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

fn has_library(name: &str) -> bool {
    Command::new("pkg-config").args(["--exists", name]).status().is_ok_and(|status| status.success())
}
