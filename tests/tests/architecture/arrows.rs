//! Dependencies point one way; read from the manifests.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::{files, read, root};

/// Every package, and which of our own packages it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("keyturn-core", &[]),
    ("keyturn-providers", &["keyturn-core"]),
    ("keyturn-storage", &["keyturn-core"]),
    ("keyturn-wire", &["keyturn-core"]),
    ("keyturn-authority", &[]),
    (
        "keyturn",
        &["keyturn-core", "keyturn-providers", "keyturn-storage", "keyturn-wire", "keyturn-authority"],
    ),
    ("keyturn-tests", &["keyturn-core", "keyturn-providers", "keyturn-storage", "keyturn-authority"]),
    ("xtask", &[]),
];

/// What only one room may know. The tests look from outside and may use anything but Tauri.
const KEPT_TO: &[(&str, &str)] = &[
    ("tauri", "keyturn"),
    ("webkit2gtk", "keyturn"),
    ("reqwest", "keyturn-providers"),
    ("ts-rs", "keyturn-wire"),
    ("keyring", "keyturn-storage"),
    ("zbus-secret-service", "keyturn-storage"),
    ("chacha20poly1305", "keyturn-storage"),
    ("axum", "keyturn-authority"),
];

struct Manifest {
    /// What the shipped code is built with and from.
    needs: BTreeSet<String>,
    /// What its tests need as well.
    tests_need: BTreeSet<String>,
}

#[test]
fn every_package_has_its_arrows_written_down() {
    let written: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let manifests = manifests();
    let there: BTreeSet<&str> = manifests.keys().map(String::as_str).collect();
    assert_eq!(there, written, "the packages of the workspace and those of ARROWS");
}

#[test]
fn no_package_depends_on_one_that_it_must_not_know() {
    let manifests = manifests();
    for (name, allowed) in ARROWS {
        let ours = manifests[*name].needs.iter().filter(|it| manifests.contains_key(*it));
        let forbidden: Vec<_> = ours.filter(|it| !allowed.contains(&it.as_str())).collect();
        assert!(forbidden.is_empty(), "{name} must not depend on {forbidden:?}");
    }
}

#[test]
fn the_authority_shares_nothing_with_those_that_are_tested_against_it() {
    let manifests = manifests();
    let known: Vec<_> =
        manifests["keyturn-authority"].tests_need.iter().filter(|it| manifests.contains_key(*it)).collect();
    assert!(known.is_empty(), "even the authority's tests must not know {known:?}");
}

#[test]
fn each_outside_library_stays_in_its_room() {
    for (name, manifest) in manifests().iter().filter(|(name, _)| *name != "keyturn-tests") {
        for (library, room) in KEPT_TO.iter().filter(|(_, room)| room != name) {
            let found = manifest.needs.iter().find(|it| is_of(it, library));
            assert!(found.is_none(), "{name} depends on {found:?}, which only {room} may");
        }
    }
}

#[test]
fn nobody_but_the_shell_knows_tauri_even_in_tests() {
    for (name, manifest) in manifests().iter().filter(|(name, _)| *name != "keyturn") {
        let found = manifest.needs.union(&manifest.tests_need).find(|it| is_of(it, "tauri"));
        assert!(found.is_none(), "{name} depends on {found:?}");
    }
}

#[test]
fn core_does_not_know_serde() {
    let core = &manifests()["keyturn-core"];
    let found: Vec<_> = core.needs.iter().filter(|it| is_of(it, "serde")).collect();
    assert!(found.is_empty(), "keyturn-core depends on {found:?}");
}

/// `tauri-plugin-x` and `serde_json` are of the family, `serdes` is not.
fn is_of(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

fn manifests() -> BTreeMap<String, Manifest> {
    let root = root();
    let mut paths = vec![root.join("Cargo.toml"), root.join("tests/Cargo.toml")];
    paths.extend(files(&root.join("src-tauri"), &["Cargo.toml"]));
    paths
        .iter()
        .map(|path| {
            let table: Table =
                read(path).parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let name = table["package"]["name"].as_str().expect("a package has a name").to_owned();
            let needs = names(&table, &["dependencies", "build-dependencies"]);
            let tests_need = names(&table, &["dev-dependencies"]);
            (name, Manifest { needs, tests_need })
        })
        .collect()
}

/// The packages named in these sections, for every system.
fn names(manifest: &Table, sections: &[&str]) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let places = std::iter::once(manifest).chain(targets.filter_map(Value::as_table));
    places
        .flat_map(|place| sections.iter().filter_map(|section| place.get(*section)?.as_table()))
        .flat_map(|dependencies| dependencies.iter().map(|(key, value)| package(key, value)))
        .collect()
}

/// A renamed dependency is still the package that it is.
fn package(key: &str, value: &Value) -> String {
    value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned()
}
