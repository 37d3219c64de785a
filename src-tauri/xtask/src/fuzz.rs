//! `cargo xtask fuzz`: the parsers of the vendors' bytes, fed with replies that are almost right.
//!
//! What is fed and what is looked for is the program `fuzz` of the package keyturn-tests.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::house::House;
use crate::setup;

#[derive(Args)]
pub struct Request {
    /// How many replies each target is fed with.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    runs: u64,
    /// Another seed gives other replies.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Only those whose name begins so, for example `natural/list`; all when none is named.
    #[arg(value_name = "TARGET…")]
    only: Vec<String>,
}

pub fn fuzz(house: &House, request: &Request) -> Result<ExitCode> {
    setup::to_build(house)?;
    println!("Building the parsers and what feeds them.");
    house.children.run(house.cargo_build(&["fuzz"]))?;
    let mut fuzz = house.command(house.program("fuzz"));
    fuzz.args(["--runs", &request.runs.to_string(), "--seed", &request.seed.to_string()]).args(&request.only);
    house.children.run(fuzz).context("a reply was not borne")?;
    Ok(ExitCode::SUCCESS)
}
