//! Feeds the parsers of the vendors' bytes with replies that are almost right. `cargo xtask fuzz` builds and runs it.
#![allow(clippy::print_stdout, reason = "the person who waits sees how far it is")]

use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Parser;
use keyturn_tests::fuzz::targets;

#[derive(Parser)]
struct CommandLine {
    /// How many replies each target is fed with.
    #[arg(long, default_value_t = 20_000)]
    runs: u64,
    /// Another seed gives other replies, the same seed the same ones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only those whose name begins so, for example `natural/list`.
    only: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let asked = CommandLine::parse();
    let mut chosen = targets();
    let is_named = |name: &str| asked.only.is_empty() || asked.only.iter().any(|part| name.starts_with(part));
    chosen.retain(|target| is_named(&target.name()));
    ensure!(!chosen.is_empty(), "no target of this name");
    for target in chosen {
        let began = Instant::now();
        target.feed(asked.runs, asked.seed).await?;
        println!("{:<28} {} replies, {:.1} s", target.name(), asked.runs, began.elapsed().as_secs_f32());
    }
    Ok(())
}
