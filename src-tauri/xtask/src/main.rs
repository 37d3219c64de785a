//! The chores of Keyturn: building, opening, testing. `cargo xtask --help` lists them.
//!
//! One file a command. What they share: [`house`] (where things are, how cargo is called), [`process`]
//! (children that end with us), [`setup`] (what is missing is installed), [`headless`] (a screen of our own).

mod bench;
mod count;
mod dev;
mod fuzz;
mod generate;
mod headless;
mod house;
mod planted;
mod process;
mod run;
mod setup;
mod soak;
mod test;
mod tour;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::house::House;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, opens and tests Keyturn.")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, build Keyturn and open it (without a display: show the tour).
    Run {
        /// Passed on to Keyturn, for example `-- --profile DIR`.
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Open Keyturn from the sources and follow changes: the UI at once, Rust by building again.
    Dev {
        /// Passed on to Keyturn.
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Check and test everything, or only the named parts.
    Test(test::Request),
    /// Drive the whole main job through the real window; a picture of each step goes to target/tour.
    Tour,
    /// Measure Keyturn beside KeePassXC, Chromium and a bare window; the figures go to target/bench.
    Bench(bench::Request),
    /// Feed the parsers of the vendors' bytes with replies that are almost right.
    Fuzz(fuzz::Request),
    /// Run the reliability tests at length; the figures go to target/soak.
    Soak(soak::Request),
    /// Plant faults into a copy of the sources, one at a time: a test must find each.
    Planted(planted::Request),
    /// Make the generated files again: the wire types, or the icons.
    Gen(generate::Request),
    /// Run a command on a screen, a session bus and a keyring of its own.
    Headless {
        #[arg(required = true, last = true)]
        command: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match obey(CommandLine::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> anyhow::Result<ExitCode> {
    let house = House::find()?;
    match command {
        Command::Run { arguments } => run::run(&house, &arguments),
        Command::Dev { arguments } => dev::dev(&house, &arguments),
        Command::Test(request) => test::test(&house, &request),
        Command::Tour => tour::tour(&house),
        Command::Bench(request) => bench::bench(&house, &request),
        Command::Fuzz(request) => fuzz::fuzz(&house, &request),
        Command::Soak(request) => soak::soak(&house, &request),
        Command::Planted(request) => planted::planted(&house, &request),
        Command::Gen(request) => generate::generate(&house, &request),
        Command::Headless { command } => headless::command(&house, &command),
    }
}
