//! What a run gave: a table for people and the same figures for programs.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// One part, as far as it came.
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) what: &'static str,
    pub(super) done: u64,
    pub(super) of: u64,
    pub(super) failed: u64,
    pub(super) seconds: u64,
    /// How what failed is played again.
    pub(super) repeat: Option<String>,
}

pub(super) fn markdown(seed: u64, rows: &[Row]) -> String {
    let mut text =
        format!("Seed {seed}.\n\n| id | test | played | failed | seconds |\n|---|---|---|---|---|\n");
    for row in rows {
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "| {} | {} | {} | {} | {} |", row.id, row.what, row.done, row.failed, row.seconds);
    }
    for row in rows {
        if let Some(repeat) = &row.repeat {
            let _ = writeln!(text, "\n{} failed. Again: {repeat}", row.id);
        }
    }
    text
}

/// Writes `latest.md` and `latest.json`.
pub(super) fn write(folder: &Path, seed: u64, rows: &[Row]) -> Result<()> {
    let parts: Vec<String> = rows
        .iter()
        .map(|row| {
            let Row { id, done, of, failed, seconds, .. } = row;
            format!(r#"{{"id":"{id}","done":{done},"of":{of},"failed":{failed},"seconds":{seconds}}}"#)
        })
        .collect();
    let json = format!("{{\"seed\":{seed},\"parts\":[{}]}}\n", parts.join(","));
    fs::write(folder.join("latest.json"), json).context("could not write the figures")?;
    fs::write(folder.join("latest.md"), markdown(seed, rows)).context("could not write the table")
}
