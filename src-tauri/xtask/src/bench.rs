//! `cargo xtask bench`: start, memory, search and refresh, each beside its peer in the same run.
//!
//! What is measured and how is the program `bench` of the package keyturn-tests.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::headless::Session;
use crate::house::House;
use crate::setup;

pub fn bench(house: &House, arguments: &[OsString]) -> Result<ExitCode> {
    if !setup::can_drive() {
        bail!("the measurements drive WebKitGTK and need Linux");
    }
    setup::to_build(house)?;
    setup::to_drive(house)?;
    setup::ui_pages(house)?;
    println!("Building Keyturn and the measuring program.");
    house.children.run(house.cargo_build(&["keyturn", "keyturn-authority", "bench"]))?;

    println!("Measuring. Leave the machine alone meanwhile.");
    let mut bench = house.command(house.program("bench"));
    bench.args(arguments);
    bench.env("KEYTURN_BIN", house.program("keyturn"));
    bench.env("KEYTURN_AUTHORITY_BIN", house.program("keyturn-authority"));
    let session = Session::start(house)?;
    house.children.run(session.around(&bench)).context("the measurements did not reach their end")?;
    Ok(ExitCode::SUCCESS)
}
