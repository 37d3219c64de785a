//! The figures as a person reads them, and as JSON.
#![allow(clippy::print_stdout, reason = "the figures are printed for the person who asked for them")]

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

use super::figures::Figure;

/// What KeePassXC 2.7 takes once installed, without the libraries that it shares with others. MiB.
const KEEPASSXC_SIZE: f64 = 26.5;

/// Says what happens meanwhile.
pub fn said(words: &str) {
    println!("{words}");
}

/// The installed size: a release build is one file with the pages in it.
pub fn size(binary: &Path) -> Result<Option<Figure>> {
    let Ok(about) = std::fs::metadata(binary) else { return Ok(None) };
    let kibibytes = u32::try_from(about.len() / 1024).context("a binary of terabytes")?;
    let pair = (f64::from(kibibytes) / 1024.0, KEEPASSXC_SIZE);
    let what = "installed size, against KeePassXC's";
    Ok(super::figures::figure("P15", what, "MiB", &[pair], |ours, theirs| ours / theirs, (0.60, 0.35)))
}

/// The table, in Markdown, so that it can be put into a page as it is.
#[must_use]
pub fn table(figures: &[Figure]) -> String {
    let mut table = String::from(
        "| id | what | ours | theirs | ratio | must | aim | reached |\n|---|---|---:|---:|---:|---:|---:|---|\n",
    );
    for figure in figures {
        let Figure { id, what, unit, ours, theirs, ratio, must, aim, .. } = figure;
        let verdict = figure.verdict();
        table.push_str(&format!(
            "| {id} | {what} | {} {unit} | {} {unit} | {ratio:.2} | ≤ {must:.2} | ≤ {aim:.2} | {verdict} |\n",
            short(*ours),
            short(*theirs),
        ));
    }
    table
}

fn short(value: f64) -> String {
    if value < 20.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

/// Writes `latest.json` into `folder`.
pub fn write(folder: &Path, machine: &str, figures: &[Figure]) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let lines: Vec<_> =
        figures.iter().map(|figure| json!({ "figure": figure, "reached": figure.verdict() })).collect();
    let text = serde_json::to_string_pretty(&json!({ "machine": machine, "figures": lines }))?;
    let file = folder.join("latest.json");
    std::fs::write(&file, text).with_context(|| format!("could not write {}", file.display()))
}
