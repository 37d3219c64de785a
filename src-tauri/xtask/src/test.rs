//! `cargo xtask test`: every check, in the order in which it is cheapest to fail.
//!
//! A part that fails does not stop the next; each gets one line at the end.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::count::Count;
use crate::headless::Session;
use crate::house::{House, installed};
use crate::{generate, setup};

/// Longer than any part may take; a test that hangs must not hang the run.
const LIMIT: Duration = Duration::from_secs(40 * 60);
/// For one file of window tests, once built.
const WINDOW_LIMIT: Duration = Duration::from_secs(12 * 60);

#[derive(Args)]
pub struct Request {
    /// All of them when none is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Of the window tests, run only this file, for example e2e_first_start.
    #[arg(long, value_name = "FILE")]
    only: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    /// rustfmt finds nothing to change.
    Fmt,
    /// clippy finds nothing to say.
    Clippy,
    /// `cargo deny`: advisories, licences, banned crates, sources; skipped where it is not installed. Licences, bans and
    /// duplicates are tested in `rust` as well, always.
    Deny,
    /// Every Rust test that needs no window.
    Rust,
    /// The TypeScript types are those that the wire crate makes.
    Wire,
    /// Types and templates of the UI.
    SvelteCheck,
    /// Habits of the UI.
    Eslint,
    /// The UI's own tests.
    Vitest,
    /// End to end, in the real window, with a real keyring.
    Window,
}

struct Outcome {
    part: Part,
    count: Count,
    time: Duration,
}

pub fn test(house: &House, request: &Request) -> Result<ExitCode> {
    let parts = if request.parts.is_empty() { Part::value_variants() } else { &request.parts };
    prepare(house, parts)?;
    let mut outcomes = Vec::new();
    for part in parts.iter().copied() {
        println!("\n── {} ──", name(part));
        let start = Instant::now();
        let count = check(house, part, parts, request).unwrap_or_else(|error| {
            eprintln!("{}: {error:#}", name(part));
            Count::ONE_FAILED
        });
        if house.children.interrupted() {
            bail!("interrupted");
        }
        outcomes.push(Outcome { part, count, time: start.elapsed() });
    }
    Ok(report(&outcomes))
}

fn prepare(house: &House, parts: &[Part]) -> Result<()> {
    let wants = |some: &[Part]| parts.iter().any(|part| some.contains(part));
    if wants(&[Part::Fmt]) {
        setup::rust_component("rustfmt", "cargo-fmt")?;
    }
    if wants(&[Part::Clippy]) {
        setup::rust_component("clippy", "cargo-clippy")?;
    }
    if wants(&[Part::Clippy, Part::Rust, Part::Window]) {
        setup::to_build(house)?;
        setup::ui_pages(house)?;
    }
    if wants(&[Part::SvelteCheck, Part::Eslint, Part::Vitest]) {
        setup::ui_packages(house)?;
    }
    // The storage's own tests play with a real keyring on a real bus.
    if wants(&[Part::Rust, Part::Window]) && setup::can_drive() {
        setup::to_drive(house)?;
    }
    Ok(())
}

fn check(house: &House, part: Part, parts: &[Part], request: &Request) -> Result<Count> {
    match part {
        Part::Fmt => one(house, with(house.cargo("fmt"), &["--all", "--check"])),
        Part::Clippy => {
            one(house, with(house.cargo_fast("clippy"), &["--all-targets", "--", "-D", "warnings"]))
        }
        Part::Deny => deny(house),
        Part::Rust => rust(house),
        Part::Wire => {
            // The Rust tests have just exported the types; alone, this part does it itself.
            if !parts.contains(&Part::Rust) {
                generate::export_wire(house)?;
            }
            generate::compare_wire(house).map(|()| Count::ONE_PASSED)
        }
        Part::SvelteCheck => one(house, house.npm(&["run", "check"])),
        Part::Eslint => one(house, house.npm(&["run", "lint"])),
        Part::Vitest => counted(house, house.npm(&["run", "test", "--", "--run"]), LIMIT, Count::from_vitest),
        Part::Window => window(house, &request.only),
    }
}

/// A check that counts as one.
fn one(house: &House, command: Command) -> Result<Count> {
    house.children.run(command).map(|()| Count::ONE_PASSED)
}

fn counted(
    house: &House,
    command: Command,
    limit: Duration,
    read: fn(&str) -> Option<Count>,
) -> Result<Count> {
    let mut count = Count::default();
    let status = house.children.run_reading(command, limit, |line| {
        if let Some(more) = read(line) {
            count += more;
        }
    })?;
    Ok(count.ending(status.success()))
}

/// Advisories are fetched. Where they cannot be had that is said, and is no failure: the same sources pass with a
/// network and without.
fn deny(house: &House) -> Result<Count> {
    if !installed("cargo-deny") {
        println!(
            "cargo-deny is not installed (cargo install cargo-deny --locked): no advisories are looked at."
        );
        return Ok(Count::ONE_SKIPPED);
    }
    let mut count = one(house, with(house.cargo("deny"), &["check", "bans", "licenses", "sources"]))?;
    let fetched = house.children.run(with(house.cargo("deny"), &["fetch", "db"]));
    if let Err(error) = fetched {
        println!("The advisories cannot be had ({error:#}): skipped.");
        count += Count::ONE_SKIPPED;
        return Ok(count);
    }
    count += one(house, with(house.cargo("deny"), &["check", "--disable-fetch", "advisories"]))?;
    Ok(count)
}

fn rust(house: &House) -> Result<Count> {
    generate::clear_wire(house)?;
    let mut tests = with(house.cargo_fast("test"), &["--no-fail-fast", "--lib", "--bins"]);
    for file in test_files(house, |name| !is_window_test(name))? {
        tests.arg("--test").arg(file);
    }
    let mut count = counted(house, tests, LIMIT, Count::from_cargo)?;
    let documentation = with(house.cargo_fast("test"), &["--no-fail-fast", "--doc"]);
    count += counted(house, documentation, LIMIT, Count::from_cargo)?;
    Ok(count)
}

fn window(house: &House, only: &[String]) -> Result<Count> {
    if !setup::can_drive() {
        println!("The window tests drive WebKitGTK and need Linux: skipped.");
        return Ok(Count::ONE_SKIPPED);
    }
    let files = test_files(house, |name| {
        is_window_test(name) && (only.is_empty() || only.iter().any(|it| it == name))
    })?;
    if files.is_empty() {
        bail!("there is no such window test in tests/tests");
    }
    let mut build = with(house.cargo_fast("build"), &["--bins"]);
    for file in &files {
        build.arg("--test").arg(file);
    }
    house.children.run(build)?;
    let mut count = Count::default();
    for file in &files {
        println!("\n{file}, on a screen of its own:");
        count += window_file(house, file).unwrap_or_else(|error| {
            eprintln!("{file}: {error:#}");
            Count::ONE_FAILED
        });
    }
    Ok(count)
}

/// One file: one screen, one bus, one keyring, one home. Its tests share them, one after the other.
fn window_file(house: &House, file: &str) -> Result<Count> {
    let mut test =
        with(house.cargo_fast("test"), &["--test", file, "--no-fail-fast", "--", "--test-threads=1"]);
    test.env("KEYTURN_BIN", house.program("keyturn"));
    test.env("KEYTURN_AUTHORITY_BIN", house.program("keyturn-authority"));
    let session = Session::start(house)?;
    counted(house, session.around(&test), WINDOW_LIMIT, Count::from_cargo)
}

fn is_window_test(name: &str) -> bool {
    name.starts_with("e2e_")
}

/// The names of the integration tests of every member, sorted.
fn test_files(house: &House, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let mut folders = vec![house.root.join("tests/tests"), house.root.join("src-tauri/xtask/tests")];
    for member in
        fs::read_dir(house.root.join("src-tauri/crates")).context("could not list src-tauri/crates")?
    {
        folders.push(member?.path().join("tests"));
    }
    let mut names: Vec<String> =
        folders.iter().flat_map(|folder| tests_in(folder)).filter(|it| wanted(it)).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// `NAME.rs` and `NAME/main.rs`, as cargo finds them. A crate need not have the folder.
fn tests_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == "rs") || path.join("main.rs").is_file())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect()
}

fn report(outcomes: &[Outcome]) -> ExitCode {
    let mut total = Count::default();
    println!();
    for Outcome { part, count, time } in outcomes {
        let word = match count {
            Count { failed: 1.., .. } => "FAILED",
            Count { passed: 0, skipped: 1.., .. } => "skipped",
            Count { .. } => "ok",
        };
        println!("{:<13} {word:<8} {:<40} {:>7.1} s", name(*part), words(*count), time.as_secs_f64());
        total += *count;
    }
    println!("\n{}", words(total));
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn words(count: Count) -> String {
    let mut words = format!("{} passed, {} failed", count.passed, count.failed);
    if count.skipped > 0 {
        // Writing to a String cannot fail.
        let _ = write!(words, ", {} skipped", count.skipped);
    }
    words
}

fn name(part: Part) -> String {
    part.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn with(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments);
    command
}
