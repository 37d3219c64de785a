//! axe in the real page: what it finds fault with, in words.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::page::Page;

/// Where the UI's packages put it.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/node_modules/axe-core/axe.min.js");

const RUN: &str = r"
const done = arguments[arguments.length - 1];
const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const found = ({ violations }) => violations.flatMap(({ id, help, nodes }) =>
  nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} (${failureSummary})`));
// A colour on its way to another is neither. A change begins its transitions with the next frame.
const frame = () => new Promise((seen) => requestAnimationFrame(seen));
const ends = ({ effect }) => effect.getComputedTiming().endTime !== Infinity;
const rests = async () => {
  await frame();
  await frame();
  await Promise.allSettled(document.getAnimations().filter(ends).map(({ finished }) => finished));
};
rests().then(() => axe.run(document, { runOnly })).then((result) => done(found(result)), (error) => done([String(error)]));
";

/// Fails with every rule that the page breaks as it is once its transitions have ended.
pub async fn check(page: &Page, what: &str) -> Result<()> {
    let axe = std::fs::read_to_string(AXE).context("axe comes with the UI's packages")?;
    page.run(&axe, vec![]).await?;
    let found = page.run_async(RUN, vec![]).await?;
    let found: Vec<String> = serde_json::from_value::<Vec<Value>>(found)?.iter().map(words).collect();
    ensure!(found.is_empty(), "{what}: axe finds {} faults:\n{}", found.len(), found.join("\n"));
    Ok(())
}

fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
