//! The figures at 100,000 keys. Printed, not asserted: machines differ. Run with `--ignored --nocapture`.
#![allow(clippy::print_stderr)]

use std::time::Instant;

use chrono::TimeDelta;
use keyturn_core::key::{KeyRecord, LastUse, Scope};
use keyturn_core::ports::Ledger;

use crate::samples::{desk, id, merge, noon, record};

fn listed(count: usize) -> Vec<KeyRecord> {
    (0..count)
        .map(|n| {
            let scopes = (0..=n % 5).map(|s| Scope(format!("domain{}:read", (n / 7 + s) % 26))).collect();
            KeyRecord { scopes, ..record(&format!("key_{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))) }
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures; run it in an optimised build"]
async fn figures_at_100_000_keys() {
    let desk = desk().await;
    let mut keys = listed(100_000);
    let timed =
        |what: &str, start: Instant| eprintln!("{what}: {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    for (what, minute) in [("first merge", 0), ("unchanged merge", 1)] {
        let start = Instant::now();
        merge(&desk.ledger, &id(), &keys, noon() + TimeDelta::minutes(minute)).await.unwrap();
        timed(what, start);
    }
    for key in &mut keys {
        key.last_use = LastUse::At(noon());
    }
    let start = Instant::now();
    merge(&desk.ledger, &id(), &keys, noon() + TimeDelta::minutes(2)).await.unwrap();
    timed("merge with every last use moved", start);
    for _ in 0..3 {
        let start = Instant::now();
        let rows = desk.ledger.inventory_rows().await.unwrap();
        timed("inventory_rows", start);
        assert_eq!(rows.len(), 100_000);
    }
    let start = Instant::now();
    desk.ledger.verify().await.unwrap();
    timed("verify", start);
    let path = desk.path();
    let _dir = desk.close();
    eprintln!("file: {} KiB", std::fs::metadata(&path).unwrap().len() / 1024);
    let start = Instant::now();
    let _opened = crate::samples::open(&path).unwrap();
    timed("open", start);
}
