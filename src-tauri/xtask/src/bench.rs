//! `cargo xtask bench`: start, memory, keys, idling and refresh, each beside its peer in the same run.
//!
//! What is measured and how is the program `bench` of the package keyturn-tests.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use crate::headless::Session;
use crate::house::House;
use crate::setup;

/// Beside which Keyturn is measured, as Debian and Ubuntu call them.
const PEERS: &[&str] = &["keepassxc", "chromium"];

#[derive(Args)]
pub struct Request {
    /// How many rounds; the medians of their ratios are judged.
    #[arg(long, value_name = "N", default_value_t = 7)]
    runs: usize,
    /// Install KeePassXC and Chromium where they are missing; without this a missing peer is left out.
    #[arg(long)]
    peers: bool,
    /// Measure Keyturn as it ships. The first such build takes a quarter of an hour and more.
    #[arg(long)]
    release: bool,
    /// Fail where a ratio that must be reached is missed.
    #[arg(long)]
    check: bool,
    /// Only these, for example P1 P5; all when none is named.
    #[arg(value_name = "P…")]
    only: Vec<String>,
}

pub fn bench(house: &House, request: &Request) -> Result<ExitCode> {
    if !setup::can_drive() {
        bail!("the measurements look at an X screen and need Linux");
    }
    setup::to_build(house)?;
    setup::to_drive(house)?;
    setup::ui_pages(house)?;
    if request.peers {
        setup::peers(house, PEERS)?;
    }
    println!("Building Keyturn and the measuring programs.");
    house.children.run(house.cargo_build(&["keyturn", "bench", "bare_window"]))?;

    let keyturn = if request.release {
        house.children.run(house.cargo_release())?;
        house.target().join("release").join(format!("keyturn{}", std::env::consts::EXE_SUFFIX))
    } else {
        house.program("keyturn")
    };

    println!("Measuring. Leave the machine alone meanwhile.");
    let mut bench = house.command(house.program("bench"));
    bench.args(["--runs", &request.runs.to_string()]).args(&request.only);
    if request.check {
        bench.arg("--check");
    }
    bench.env("KEYTURN_BIN", keyturn);
    bench.env("KEYTURN_RELEASE_DIR", house.target().join("release"));
    bench.env("KEYTURN_BENCH_DIR", house.target().join("bench"));
    let session = Session::start(house)?;
    let status = house.children.start(session.around(&bench))?.wait(None)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
