//! `cargo xtask run`: from a fresh clone to the open window.

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::house::House;
use crate::{setup, tour};

pub fn run(house: &House, arguments: &[OsString]) -> Result<ExitCode> {
    setup::to_build(house)?;
    setup::ui_pages(house)?;
    if !has_display() {
        println!("There is no display here: Keyturn opens on one of its own and the tour drives it.");
        return tour::tour(house);
    }
    println!("Building Keyturn. The first build takes a while, later ones seconds.");
    house.children.run(house.cargo_build(&["keyturn"]))?;
    println!("Opening Keyturn.");
    open(house, arguments)
}

fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Takes this process's place, so that signals and the exit code are Keyturn's own.
#[cfg(unix)]
fn open(house: &House, arguments: &[OsString]) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    let error = house.command(house.program("keyturn")).args(arguments).exec();
    Err(anyhow::Error::new(error).context("could not open Keyturn"))
}

#[cfg(not(unix))]
fn open(house: &House, arguments: &[OsString]) -> Result<ExitCode> {
    let mut keyturn = house.command(house.program("keyturn"));
    keyturn.args(arguments);
    house.children.run(keyturn)?;
    Ok(ExitCode::SUCCESS)
}
