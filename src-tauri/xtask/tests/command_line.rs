//! The command line, as a newcomer meets it.
//!
//! This file has a second job: it is the test that every `cargo build` of xtask names, so that cargo counts
//! the features of dev-dependencies and the tree is built once (see `House::cargo_build`).

use std::fs;
use std::process::Command;

#[test]
fn the_readme_names_every_command() {
    let help = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("--help").output().expect("xtask starts");
    let help = String::from_utf8(help.stdout).expect("the help is text");
    let readme =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).expect("a README");
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.contains(&"run") && commands.contains(&"test"), "unexpected help: {help}");
    for command in commands {
        assert!(
            readme.contains(&format!("cargo xtask {command}")),
            "README.md does not name `cargo xtask {command}`"
        );
    }
}
