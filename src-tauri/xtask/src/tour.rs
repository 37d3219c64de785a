//! `cargo xtask tour`: the whole main job, driven through the real window, a picture of each step.
//!
//! The steps themselves are the program `tour` of the package keyturn-tests.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::headless::Session;
use crate::house::House;
use crate::setup;

pub fn tour(house: &House) -> Result<ExitCode> {
    if !setup::can_drive() {
        bail!("the tour drives WebKitGTK and needs Linux; `cargo xtask run` opens the window here");
    }
    setup::to_build(house)?;
    setup::to_drive(house)?;
    setup::ui_pages(house)?;
    println!("Building Keyturn and the tour. The first build takes a while, later ones seconds.");
    house.children.run(house.cargo_build(&["keyturn", "keyturn-authority", "tour"]))?;

    let pictures = house.target().join("tour");
    fs::create_dir_all(&pictures).with_context(|| format!("could not create {}", pictures.display()))?;
    println!("The tour starts. Its pictures go to {}.", pictures.display());
    let mut tour = house.command(house.program("tour"));
    tour.env("KEYTURN_BIN", house.program("keyturn"));
    tour.env("KEYTURN_AUTHORITY_BIN", house.program("keyturn-authority"));
    tour.env("KEYTURN_TOUR_DIR", &pictures);
    let session = Session::start(house)?;
    house.children.run(session.around(&tour)).context("the tour did not reach its end")?;
    Ok(ExitCode::SUCCESS)
}
