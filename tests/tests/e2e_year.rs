//! A year of observations of ten thousand keys: how much room it takes, and how fast the audit paints from it.
#![allow(clippy::print_stderr)]

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chrono::{TimeDelta, Utc};
use keyturn_core::key::{KeyRecord, LastUse};
use keyturn_core::ports::{Ledger as _, Trust};
use keyturn_storage::SqliteLedger;
use keyturn_tests::desk::Desk;
use keyturn_tests::flat::LEDGER;
use keyturn_tests::page::Page;

const KEYS: usize = 10_000;
const DAYS: i64 = 365;
const ROOM: u64 = 100_000_000;

/// Presses a link of the navigation and answers with the milliseconds until what it leads to is painted.
const PAINTED: &str = r"
const [link, what, done] = arguments;
const named = [...document.querySelectorAll('nav a')].find((a) => a.innerText.trim().startsWith(link));
const began = performance.now();
const look = () => requestAnimationFrame(() => {
  if (!document.querySelector(what)) return look();
  requestAnimationFrame(() => done(performance.now() - began));
});
named.click();
look();
";

/// What stands on the audit's first page last: its pictures.
const PICTURES: &str = "main svg rect";
const ROWS: &str = "[role=grid] [role=gridcell]";

/// Milliseconds until the screen is painted: the first time, and the median of five more.
async fn painted(page: &Page, link: &str, what: &str, from: &str) -> Result<(f64, f64)> {
    let mut all = Vec::new();
    for _ in 0..6 {
        page.press("link", from).await?;
        page.find("heading", from).await?;
        let took = page.run_async(PAINTED, vec![link.into(), what.into()]).await?;
        all.push(took.as_f64().context("no time")?);
    }
    let first = all.remove(0);
    all.sort_by(f64::total_cmp);
    Ok((first, all[all.len() / 2]))
}

#[tokio::test]
async fn a_year_of_ten_thousand_keys_is_small_and_the_audit_paints_from_it_at_once() -> Result<()> {
    let mut desk = Desk::new()?;
    desk.set("KEYTURN_REHEARSAL_KEYS", KEYS.to_string());
    desk.set("KEYTURN_LOG", "info");
    let page = desk.open().await?;
    page.until_within(Duration::from_secs(60), "all are listed", |text| text.contains("10,001 keys")).await?;
    desk.close().await?;

    let ledger = desk.profile.join(LEDGER);
    let empty = std::fs::metadata(&ledger)?.len();
    live_a_year(&ledger).await?;
    let grown = std::fs::metadata(&ledger)?.len().saturating_sub(empty);
    ensure!(grown > 0, "nothing was written");
    ensure!(grown < ROOM, "a year takes {grown} bytes");

    let page = desk.open().await?;
    let after = painted(&page, "Audit", PICTURES, "Settings").await?;
    let list = painted(&page, "Keys", ROWS, "Settings").await?;
    eprintln!("a year of {KEYS} keys: {} KiB", grown / 1024);
    eprintln!("painted: Audit {after:.0?} ms, the list {list:.0?} ms (at first, median of five)");
    ensure!(after.1 < 3.0 * list.1, "Audit paints in {after:?} ms, the list in {list:?} ms");
    desk.close().await
}

/// Each day every key is read; two of three were used since the day before.
async fn live_a_year(path: &Path) -> Result<()> {
    let ledger = SqliteLedger::open(path)?.ledger;
    let account = ledger.accounts().await?.pop().context("no account")?.id;
    let keys = ledger.keys(&account).await?;
    ensure!(keys.len() > KEYS, "{} keys", keys.len());
    let now = Utc::now();
    for day in 1..=DAYS {
        let read_at = now - TimeDelta::days(DAYS - day);
        let used = |n: i64| read_at - TimeDelta::hours(if (n + day) % 3 == 0 { 30 } else { 3 });
        let listed: Vec<KeyRecord> = (0..)
            .zip(&keys)
            .map(|(n, key)| KeyRecord { last_use: LastUse::At(used(n)), ..key.clone() })
            .collect();
        ledger.merge_keys(&account, &listed, ledger.moment(read_at).await?, Trust::Usual).await?;
    }
    Ok(())
}
