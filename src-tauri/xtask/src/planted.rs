//! `cargo xtask planted`: faults are put into a copy of the sources, one at a time, and a test must find each.
//!
//! `tests/planted/*.patch` are the faults. The head of each says what it is and names the test: `Fault: …`,
//! `Test: what cargo test is told`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::count::Count;
use crate::house::House;
use crate::setup;

/// How long one test may take, with what has to be built for it.
const LIMIT: Duration = Duration::from_secs(3_600);

#[derive(Args)]
pub struct Request {
    /// Only these, by the beginning of their names; all when none is named.
    #[arg(value_name = "FAULT…")]
    only: Vec<String>,
}

/// One fault, as its patch describes it.
struct Fault {
    name: String,
    patch: PathBuf,
    what: String,
    /// The arguments of cargo, and those of the test.
    test: Vec<String>,
}

pub fn planted(house: &House, request: &Request) -> Result<ExitCode> {
    let mut faults = faults(&house.root.join("tests/planted"))?;
    faults
        .retain(|fault| request.only.is_empty() || request.only.iter().any(|it| fault.name.starts_with(it)));
    if faults.is_empty() {
        bail!("there is no fault of this name");
    }
    setup::to_build(house)?;
    setup::ui_pages(house)?;
    let folder = house.target().join("planted");
    let source = folder.join("src");
    borrow_what_is_built(house, &folder)?;
    let mut missed = 0;
    let mut table = String::from("| fault | found by | seconds |\n|---|---|---|\n");
    for fault in &faults {
        copy_sources(house, &source)?;
        let begun = Instant::now();
        println!("\n── {} ──", fault.name);
        let is_caught = is_caught(house, &folder, &source, fault)?;
        if house.children.interrupted() {
            bail!("interrupted");
        }
        missed += usize::from(!is_caught);
        let found = if is_caught { fault.test.join(" ") } else { "NOTHING".to_owned() };
        table += &format!("| {} | `{found}` | {} |\n", fault.what, begun.elapsed().as_secs());
        fs::write(folder.join("latest.md"), &table)?;
    }
    println!("\n{table}\n{} of {} found", faults.len() - missed, faults.len());
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn faults(folder: &Path) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for entry in fs::read_dir(folder).context("there are no planted faults")? {
        let patch = entry?.path();
        if patch.extension().is_some_and(|it| it == "patch") {
            let text = fs::read_to_string(&patch)?;
            let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            faults.push(read(name, patch, &text)?);
        }
    }
    faults.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(faults)
}

fn read(name: String, patch: PathBuf, text: &str) -> Result<Fault> {
    let line = |mark: &str| text.lines().find_map(|line| line.strip_prefix(mark)).map(str::trim);
    let what = line("Fault:").with_context(|| format!("{name} does not say what it is"))?.to_owned();
    let test = line("Test:").with_context(|| format!("{name} names no test"))?;
    Ok(Fault { name, patch, what, test: test.split_whitespace().map(str::to_owned).collect() })
}

/// The fault is found where its test ran and failed. A fault that does not compile was not planted.
fn is_caught(house: &House, folder: &Path, source: &Path, fault: &Fault) -> Result<bool> {
    let mut apply = house.command("git");
    apply.arg("apply").arg(&fault.patch).current_dir(source);
    house.children.run(apply).with_context(|| format!("{} does not fit the sources any more", fault.name))?;
    let words = fault.test.split(|word| word == "--").collect::<Vec<_>>();
    let (chosen, filter) = (words.first().copied().unwrap_or(&[]), words.get(1).copied().unwrap_or(&[]));
    let cargo = |more: &[&str]| {
        let mut command = house.cargo("test");
        command.current_dir(source).env("CARGO_TARGET_DIR", folder.join("target"));
        command.args(["--profile", "fast", "--features", "keyturn/automation"]).args(chosen).args(more);
        command
    };
    house.children.run(cargo(&["--no-run"])).with_context(|| format!("{} does not compile", fault.name))?;
    let mut test = cargo(&["--"]);
    test.args(filter);
    let mut count = Count::default();
    let status = house.children.run_reading(test, LIMIT, |line| {
        if let Some(more) = Count::from_cargo(line) {
            count += more;
        }
    })?;
    if count.passed + count.failed == 0 {
        bail!("{}: its test did not run", fault.name);
    }
    Ok(!status.success() && count.failed > 0)
}

/// The tracked files as they are now, where nothing of the fault before is left.
fn copy_sources(house: &House, source: &Path) -> Result<()> {
    let listed = house.command("git").args(["ls-files", "-z"]).stdout(Stdio::piped()).output()?;
    for name in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (house.root.join(name), source.join(name));
        // Only what differs: what keeps its time is not built again.
        let now = fs::read(&from).with_context(|| format!("could not read {name}"))?;
        if fs::read(&to).ok().as_ref() != Some(&now) {
            fs::create_dir_all(to.parent().context("a file without a folder")?)?;
            fs::write(&to, &now)?;
        }
    }
    // The shell is built with its pages; those are no source.
    let pages = source.join("ui/dist");
    if !pages.exists() {
        fs::create_dir_all(source.join("ui"))?;
        #[cfg(unix)]
        std::os::unix::fs::symlink(house.root.join("ui/dist"), &pages)?;
    }
    // So that git looks for no other repository above.
    if !source.join(".git").exists() {
        house.children.run(git_init(house, source))?;
    }
    Ok(())
}

fn git_init(house: &House, source: &Path) -> Command {
    let mut command = house.command("git");
    command.args(["init", "--quiet"]).current_dir(source);
    command
}

/// The dependencies as they are built already: building them once more takes a quarter of an hour.
fn borrow_what_is_built(house: &House, folder: &Path) -> Result<()> {
    let (built, target) = (house.target().join("fast"), folder.join("target"));
    if cfg!(unix) && built.is_dir() && !target.exists() {
        fs::create_dir_all(&target)?;
        let mut copy = house.command("cp");
        copy.arg("-a").arg("--reflink=auto").arg(built).arg(&target);
        house.children.run(copy)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_says_what_it_is_and_names_its_test() {
        let text =
            "Fault: the log is not synced.\nTest: --workspace --test crash -- r1_\n\ndiff --git a/x b/x\n";
        let fault = read("sync".into(), PathBuf::new(), text).unwrap();
        assert_eq!(fault.what, "the log is not synced.");
        assert_eq!(fault.test, ["--workspace", "--test", "crash", "--", "r1_"]);
        assert!(read("none".into(), PathBuf::new(), "Fault: x").is_err());
    }

    #[test]
    fn every_fault_fits_the_sources_as_they_are() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let faults = faults(&root.join("tests/planted")).unwrap();
        assert!(faults.len() >= 10, "{} faults", faults.len());
        for fault in faults {
            let mut check = Command::new("git");
            check.args(["apply", "--check"]).arg(fault.patch.canonicalize().unwrap()).current_dir(&root);
            assert!(check.status().unwrap().success(), "{} does not fit the sources any more", fault.name);
        }
    }
}
