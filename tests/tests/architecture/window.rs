//! What the web view may do: the policy, the permissions and the commands, pinned.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::{files, read, root};

/// Changing this line is a decision about security, to be made in the open.
const CSP: &str = "default-src 'self'; connect-src ipc: http://ipc.localhost; img-src 'self' data:; \
                   style-src 'self' 'unsafe-inline'; script-src 'self'; object-src 'none'; frame-src 'none'; \
                   worker-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The reveal window fetches one secret and closes itself. Nobody else may fetch a secret.
const REVEAL: &[&str] = &["revealed_secret", "close_reveal"];

/// What the main window may do beside calling our commands.
const OF_TAURI: &[&str] = &["core:event:allow-listen", "core:event:allow-unlisten"];

#[test]
fn s8_the_content_security_policy_is_the_pinned_one() {
    let app = &json("tauri.conf.json")["app"];
    let security = &app["security"];
    assert_eq!(security["csp"], CSP);
    assert!(matches!(security["devCsp"], Value::Null), "development has the same policy");
    assert_eq!(security["dangerousDisableAssetCspModification"], serde_json::json!(["style-src"]));
    assert_eq!(security["freezePrototype"], true);
    assert!(security["assetProtocol"].is_null(), "no file of the disk is served to a page");
    assert_ne!(app["withGlobalTauri"], true, "a page finds Tauri only through its imports");
    assert_eq!(app["windows"], serde_json::json!([]), "windows are opened by the shell, hardened");
}

#[test]
fn s8_the_capabilities_name_every_command_once_and_nothing_else() {
    let reveal: BTreeSet<String> = REVEAL.iter().map(|it| permission(it)).collect();
    let mut main: BTreeSet<String> = OF_TAURI.iter().map(|it| (*it).to_owned()).collect();
    main.extend(declared_commands().iter().map(|it| permission(it)).filter(|it| !reveal.contains(it)));
    for (window, expected) in [("main", main), ("reveal", reveal)] {
        let capability = json(&format!("src-tauri/capabilities/{window}.json"));
        let permissions = capability["permissions"].as_array().expect("a list of permissions");
        let found: BTreeSet<String> =
            permissions.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        assert_eq!(found.len(), permissions.len(), "{window}: each permission once, and each a plain name");
        assert_eq!(found, expected, "{window}.json");
        assert_eq!(capability["windows"], serde_json::json!([window]), "{window}.json");
        assert!(capability["remote"].is_null(), "no page from elsewhere has rights here");
        assert!(capability["webviews"].is_null(), "rights are given to windows");
    }
}

#[test]
fn s8_there_are_no_capabilities_but_those_of_the_two_windows() {
    let found: Vec<_> = files(&root().join("src-tauri/capabilities"), &[""])
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    assert_eq!(found, ["main.json", "reveal.json"]);
}

#[test]
fn every_command_is_declared_and_every_declared_command_exists() {
    let mut source = read(&root().join("src-tauri/src/commands.rs"));
    for room in fs::read_dir(root().join("src-tauri/src/commands")).expect("the rooms of the commands") {
        source.push_str(&read(&room.expect("a file").path()));
    }
    let mut lines = source.lines().map(str::trim);
    let mut written = BTreeSet::new();
    while let Some(line) = lines.next() {
        if line.starts_with("#[tauri::command") {
            let function = lines.find(|it| it.contains("fn ")).expect("a command is a function");
            let name = function.split("fn ").nth(1).and_then(|it| it.split(['(', '<']).next());
            written.insert(name.expect("a function has a name").to_owned());
        }
    }
    assert_eq!(written, declared_commands(), "src/commands.rs and the COMMANDS of build.rs");
}

fn declared_commands() -> BTreeSet<String> {
    let source = read(&root().join("src-tauri/build.rs"));
    let (_, list) = source.split_once("COMMANDS: &[&str] = &[").expect("build.rs declares COMMANDS");
    let (list, _) = list.split_once("];").expect("the list ends");
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn permission(command: &str) -> String {
    format!("allow-{}", command.replace('_', "-"))
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(&root().join(path))).unwrap_or_else(|error| panic!("{path}: {error}"))
}
