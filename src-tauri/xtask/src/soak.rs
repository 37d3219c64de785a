//! `cargo xtask soak`: the reliability tests at length, each for its part of the time.
//!
//! The tests are those of `cargo xtask test`; the environment tells them how long to go on. They run from copies, so
//! that a build meanwhile does not disturb them.

mod lanes;
mod table;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::count::Count;
use crate::house::House;
use crate::setup;
use lanes::{LANES, Lane, Size};
use table::Row;

/// How long a lane may go on beyond its time, to end what it has begun.
const GRACE: Duration = Duration::from_secs(600);

#[derive(Args)]
pub struct Request {
    /// How long it takes, all in all.
    #[arg(long, value_name = "N", default_value_t = 60)]
    minutes: u64,
    /// Begins with this seed instead of a random one.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Only these, for example `R1 D2`; all when none is named.
    #[arg(value_name = "ID…")]
    only: Vec<String>,
}

/// The seed, and where the copies and the records are.
struct Run {
    seed: u64,
    folder: PathBuf,
}

pub fn soak(house: &House, request: &Request) -> Result<ExitCode> {
    let lanes: Vec<&Lane> = LANES
        .iter()
        .filter(|lane| request.only.is_empty() || request.only.iter().any(|id| id == lane.id))
        .collect();
    if lanes.is_empty() {
        bail!("there is no part of this name");
    }
    setup::to_build(house)?;
    println!("Building the tests.");
    let run = Run { seed: request.seed.unwrap_or_else(random), folder: house.target().join("soak") };
    copy_programs(house, &run.folder.join("bin"))?;
    let shares: u64 = lanes.iter().map(|lane| lane.share).sum();
    let mut rows = Vec::new();
    for lane in lanes {
        let time = Duration::from_secs(request.minutes * 60 * lane.share / shares);
        println!("\n── {}: {}, for {} s with the seed {} ──", lane.id, lane.what, time.as_secs(), run.seed);
        let row = play(house, &run, lane, time)?;
        if house.children.interrupted() {
            bail!("interrupted");
        }
        rows.push(row);
        // After each part, so that a run that is broken off has told what it saw.
        table::write(&run.folder, run.seed, &rows)?;
    }
    print!("\n{}", table::markdown(run.seed, &rows));
    let failed = rows.iter().any(|row| row.failed > 0);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn random() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| u64::from(time.subsec_nanos()) % 1_000_000)
}

/// Goes on with one lane until its time is over or it has all that was wanted.
fn play(house: &House, run: &Run, lane: &Lane, time: Duration) -> Result<Row> {
    let begun = Instant::now();
    let mut record = File::create(run.folder.join(format!("{}.log", lane.id)))?;
    let mut row =
        Row { id: lane.id, what: lane.what, of: lane.of, done: 0, failed: 0, seconds: 0, repeat: None };
    let mut seed = run.seed;
    loop {
        let left = time.saturating_sub(begun.elapsed());
        let command = command(house, run, lane, seed, left);
        let (mut done, mut count, mut own) = (0, Count::default(), None);
        let status = house.children.run_reading(command, left + GRACE, |line| {
            // A record that cannot be written is no reason to stop: the screen has it too.
            drop(writeln!(record, "{line}"));
            if let Some(more) = Count::from_cargo(line) {
                count += more;
            }
            done += lanes::replies(line);
            own = lanes::counted(line).or(own);
        });
        let failed = match status {
            Ok(status) => count.ending(status.success()).failed.into(),
            Err(error) => {
                eprintln!("{}: {error:#}", lane.id);
                1
            }
        };
        let (counted, of, wrong) = own.unwrap_or((if done > 0 { done } else { lane.slice }, lane.of, failed));
        row.of = of;
        row.done += counted;
        row.failed += wrong.max(failed.min(1));
        row.seconds = begun.elapsed().as_secs();
        if row.failed > 0 {
            row.repeat = Some(format!("KEYTURN_SEED={seed}; {}", lane.again()));
        }
        let enough = row.done >= lane.of || begun.elapsed() >= time || row.failed > 0;
        if enough || matches!(lane.size, Size::Whole(_)) || house.children.interrupted() {
            return Ok(row);
        }
        seed += 1;
    }
}

/// The test with its size, from its copy.
fn command(house: &House, run: &Run, lane: &Lane, seed: u64, left: Duration) -> Command {
    let bin = run.folder.join("bin");
    let mut command = house.command(bin.join(lane.program));
    match lane.test {
        Some(test) => command.args([test, "--nocapture"]),
        None => command.args(["--runs", &lane.slice.to_string(), "--seed", &seed.to_string()]),
    };
    let (Size::Whole(name) | Size::Slices(name)) = lane.size;
    let size = if matches!(lane.size, Size::Whole(_)) { lane.rounds } else { lane.slice };
    command.env(name, size.to_string()).env("KEYTURN_DOOMED", bin.join("doomed"));
    command.env("KEYTURN_SECONDS", left.as_secs().to_string()).env("KEYTURN_SEED", seed.to_string());
    command
}

/// Builds the tests and puts them where no later build reaches them.
fn copy_programs(house: &House, bin: &Path) -> Result<()> {
    fs::create_dir_all(bin)?;
    let mut build = house.cargo_fast("test");
    build.args(["--no-run", "--message-format=json-render-diagnostics"]);
    let tests: BTreeSet<&str> =
        LANES.iter().filter(|lane| lane.test.is_some()).map(|lane| lane.program).collect();
    for test in tests {
        build.args(["--test", test]);
    }
    build.args(["--bin", "fuzz"]);
    build.stderr(Stdio::inherit());
    let built = build.output().context("could not start cargo")?;
    if !built.status.success() {
        bail!("the tests could not be built");
    }
    let told = String::from_utf8_lossy(&built.stdout);
    for (name, executable) in told.lines().filter_map(executable) {
        if LANES.iter().any(|lane| lane.test.is_some() && lane.program == name) {
            fs::copy(&executable, bin.join(&name)).with_context(|| format!("could not copy {executable}"))?;
        }
    }
    house.children.run(house.cargo_build(&["fuzz", "doomed"]))?;
    for program in ["fuzz", "doomed"] {
        fs::copy(house.program(program), bin.join(program))?;
    }
    Ok(())
}

/// The name and the place of a test, from what cargo tells of it.
fn executable(line: &str) -> Option<(String, String)> {
    let after = |mark: &str| {
        let rest = &line[line.find(mark)? + mark.len()..];
        Some(rest[..rest.find('"')?].to_owned())
    };
    line.contains("\"kind\":[\"test\"]").then_some(())?;
    Some((after("\"name\":\"")?, after("\"executable\":\"")?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_test_is_found_in_what_cargo_tells() {
        let line = r#"{"reason":"compiler-artifact","target":{"kind":["test"],"crate_types":["bin"],"name":"crash","src_path":"x"},"executable":"/t/crash-1","fresh":true}"#;
        assert_eq!(super::executable(line), Some(("crash".into(), "/t/crash-1".into())));
        assert_eq!(super::executable(&line.replace("test", "bin")), None);
    }
}
