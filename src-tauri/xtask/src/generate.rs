//! `cargo xtask gen`: the files that are made from others and committed all the same.
//!
//! wire: ui/src/backend/wire, from the wire crate. icons: every size, from icons/icon.svg.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::house::House;
use crate::setup;

const ICONS: &[&str] = &["32x32.png", "128x128.png", "128x128@2x.png", "icon.png", "icon.ico", "icon.icns"];

#[derive(Args)]
pub struct Request {
    #[arg(value_enum, default_value = "wire")]
    what: What,
    /// Change nothing; fail if the committed files are not what would be made.
    #[arg(long)]
    check: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// The TypeScript types of everything that crosses to the UI.
    Wire,
    /// The sizes that the systems want.
    Icons,
}

pub fn generate(house: &House, request: &Request) -> Result<ExitCode> {
    match (request.what, request.check) {
        (What::Wire, check) => {
            export_wire(house)?;
            if check { compare_wire(house)? } else { replace_wire(house)? }
        }
        (What::Icons, false) => icons(house)?,
        (What::Icons, true) => {
            bail!("icons are made by hand's command only: renderers differ in single bytes")
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Forgets what was exported before, so that a type that is gone does not linger.
pub fn clear_wire(house: &House) -> Result<()> {
    let made = made_wire(house);
    if made.exists() {
        fs::remove_dir_all(&made).with_context(|| format!("could not remove {}", made.display()))?;
    }
    Ok(())
}

/// Lets the wire crate write its TypeScript into the target folder: that is what its `export_bindings` tests do.
pub fn export_wire(house: &House) -> Result<()> {
    clear_wire(house)?;
    let mut export = house.cargo("test");
    export.args(["--quiet", "--package", "keyturn-wire", "--profile", "fast", "--lib", "export_bindings"]);
    house.children.run(export).context("could not export the wire types")
}

/// Fails, naming the files, if ui/src/backend/wire is not what was exported.
pub fn compare_wire(house: &House) -> Result<()> {
    let made = read(&made_wire(house))?;
    let committed = read(&committed_wire(house))?;
    if made.is_empty() {
        bail!("the wire crate exported nothing");
    }
    let mut drift = Vec::new();
    for name in made.keys().filter(|name| !committed.contains_key(*name)) {
        drift.push(format!("{name} is missing"));
    }
    for (name, text) in &committed {
        match made.get(name) {
            None => drift.push(format!("{name} is no longer made")),
            Some(fresh) if fresh != text => drift.push(format!("{name} differs")),
            Some(_) => {}
        }
    }
    if !drift.is_empty() {
        bail!("ui/src/backend/wire is out of date (run `cargo xtask gen`): {}", drift.join(", "));
    }
    println!("The {} wire types of the UI are those of the wire crate.", made.len());
    Ok(())
}

fn replace_wire(house: &House) -> Result<()> {
    let made = read(&made_wire(house))?;
    let folder = committed_wire(house);
    for name in read(&folder)?.keys().filter(|name| !made.contains_key(*name)) {
        fs::remove_file(folder.join(name)).with_context(|| format!("could not remove {name}"))?;
    }
    for (name, text) in &made {
        fs::write(folder.join(name), text).with_context(|| format!("could not write {name}"))?;
    }
    println!("Wrote {} wire types to {}.", made.len(), folder.display());
    Ok(())
}

fn icons(house: &House) -> Result<()> {
    setup::ui_packages(house)?;
    let made = house.target().join("icons");
    let folder = house.root.join("icons");
    let mut command = house.npm(&["exec", "--yes", "--package", "@tauri-apps/cli@2", "--", "tauri", "icon"]);
    command.arg(folder.join("icon.svg")).arg("--output").arg(&made);
    house.children.run(command)?;
    for name in ICONS {
        fs::copy(made.join(name), folder.join(name)).with_context(|| format!("could not copy {name}"))?;
    }
    println!("Wrote {} icons to {}.", ICONS.len(), folder.display());
    Ok(())
}

fn made_wire(house: &House) -> PathBuf {
    house.target().join("wire")
}

fn committed_wire(house: &House) -> PathBuf {
    house.root.join("ui/src/backend/wire")
}

fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let entries = fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        // Where git turns line ends around, the committed files have others than the made ones.
        files.insert(name, text.replace("\r\n", "\n"));
    }
    Ok(files)
}
