//! What Keyturn is made of: under which licences, which crates never, and none twice that we name ourselves.
//!
//! The rules are those of `deny.toml`, so that `cargo deny` says the same where it is installed; the advisories, which
//! must be fetched, are its work alone.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use toml::Table;

use crate::{read, root};

/// Crates that we name ourselves and that stand twice in the tree, because others still need the older one.
const TWICE: &[&str] = &["base64", "getrandom", "sha2", "thiserror", "toml"];

#[test]
fn s8_every_crate_may_be_linked_by_its_licence() {
    let rules = rules();
    let allowed: BTreeSet<&str> = texts(&rules["licenses"]["allow"]).collect();
    for package in packages().iter().filter(|package| !package["source"].is_null()) {
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(may_be_linked(licence, &allowed), "{} is under {licence:?}", package["name"]);
    }
}

#[test]
fn s8_no_banned_crate_and_no_source_but_the_registry() {
    let rules = rules();
    let banned: BTreeSet<&str> = rules["bans"]["deny"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|ban| ban["crate"].as_str())
        .collect();
    assert!(banned.contains("openssl-sys"), "deny.toml moved");
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        assert!(!banned.contains(name), "{name} is banned");
        let source = package["source"].as_str().unwrap_or("registry+");
        assert!(source.starts_with("registry+"), "{name} comes from {source}");
    }
}

#[test]
fn s8_no_crate_that_we_name_stands_twice_in_the_tree() {
    let packages = packages();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &packages {
        let (name, version) = (package["name"].as_str(), package["version"].as_str());
        versions.entry(name.expect("a name")).or_default().insert(version.expect("a version"));
    }
    let ours = packages.iter().filter(|package| package["source"].is_null());
    let named: BTreeSet<&str> = ours
        .flat_map(|package| package["dependencies"].as_array().expect("a list"))
        .filter_map(|dependency| dependency["name"].as_str())
        .collect();
    let twice: Vec<&str> =
        named.into_iter().filter(|name| versions.get(name).is_some_and(|all| all.len() > 1)).collect();
    assert_eq!(twice, TWICE, "crates that we name and that stand twice");
}

#[test]
fn f62_the_door_to_a_driver_is_closed_unless_somebody_opens_it() {
    let manifest: Table = read(&root().join("Cargo.toml")).parse().expect("a manifest");
    let features = &manifest["features"];
    let mut open: BTreeSet<&str> = texts(&features["default"]).collect();
    // Features bring others along.
    for _ in 0..features.as_table().map_or(0, Table::len) {
        let more: Vec<&str> = open.iter().filter_map(|name| features.get(*name)).flat_map(texts).collect();
        open.extend(more);
    }
    assert!(features.get("automation").is_some(), "the feature has another name now");
    assert!(!open.contains("automation"), "a plain build opens the door: {open:?}");
    let house = read(&root().join("src-tauri/xtask/src/house.rs"));
    let release = house.split("fn cargo_release").nth(1).and_then(|rest| rest.split("\n    }\n").next());
    let release = release.expect("xtask builds what ships");
    assert!(!release.contains("--features") && !release.contains("cargo_fast"), "{release}");
}

#[test]
fn f63_every_npm_package_in_the_pages_brings_its_licence_along() {
    let shipped = read(&root().join("ui/dist/licenses.md"));
    let mut sections = shipped.split("\n## ");
    sections.next();
    let mut names = BTreeSet::new();
    for section in sections {
        let (name, text) = section.split_once('\n').expect("a heading and a text");
        assert!(text.trim().len() > 200, "{name} ships without its licence");
        names.insert(name.split(" - ").next().unwrap_or(name).to_owned());
    }
    for name in ["svelte", "bits-ui", "@lucide/svelte", "@tauri-apps/api", "d3-array", "d3-shape"] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
}

fn rules() -> Table {
    read(&root().join("deny.toml")).parse().expect("deny.toml is a table")
}

fn texts(list: &toml::Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(toml::Value::as_str)
}

/// Every crate of the lock file, for every system.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let told = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .current_dir(root())
        .output()
        .expect("cargo can be asked");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told: Value = serde_json::from_slice(&told.stdout).expect("cargo answers in JSON");
    told["packages"].as_array().expect("a list of packages").clone()
}

/// SPDX: one side of each `OR`, every side of each `AND`; an older form writes `/` for `OR`.
fn may_be_linked(licence: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = licence.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let may = either(&words, &mut at, allowed);
    may && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut may = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        may |= both(words, at, allowed);
    }
    may
}

fn both(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut may = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        may &= one(words, at, allowed);
    }
    may
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let may = either(words, at, allowed);
        *at += 1;
        return may;
    }
    match (words.get(*at), words.get(*at + 1)) {
        (Some(&"WITH"), Some(exception)) => {
            *at += 2;
            allowed.contains(format!("{word} WITH {exception}").as_str()) || allowed.contains(word)
        }
        _ => allowed.contains(word),
    }
}

#[test]
fn a_licence_is_read_as_it_is_meant() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]);
    for (licence, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("", false),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0 OR MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(GPL-3.0 OR MIT) AND Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
        ("MIT AND", false),
    ] {
        assert_eq!(may_be_linked(licence, &allowed), expected, "{licence}");
    }
}
