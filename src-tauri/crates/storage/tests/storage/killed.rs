//! Kill -9 in the middle of a refresh: the old rows or the new ones, never both.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use keyturn_core::key::KeyRecord;
use keyturn_core::ports::Ledger;
use tempfile::TempDir;

use crate::samples::{account, id, merge, noon, put, record, until};

const CHILD: &str = "KEYTURN_TEST_LEDGER";
/// In the short form, and with `KEYTURN_REFRESH_KILLS` in the long one.
const SHORT: (usize, usize) = (5_000, 6);
const LONG: usize = 100_000;

fn from_environment(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

/// How many keys the vendor lists, and how often the process is killed.
fn size() -> (usize, usize) {
    from_environment("KEYTURN_REFRESH_KILLS").map_or(SHORT, |kills| (LONG, kills))
}

/// One generation of the vendor's list: every row bears its number, and a tenth of the ids change.
fn generation(number: usize) -> Vec<KeyRecord> {
    (0..size().0)
        .map(|n| {
            let id = if n % 10 == 0 { format!("key_{n}_{number}") } else { format!("key_{n}") };
            KeyRecord { name: format!("generation {number}"), ..record(&id) }
        })
        .collect()
}

/// The child: merges one generation after another until it is killed, and counts them in a file.
async fn refresh_for_ever(path: &std::path::Path) {
    let ledger = crate::samples::open(path).unwrap().ledger;
    if ledger.accounts().await.unwrap().is_empty() {
        put(&ledger, &account("naturalead-1"), None).await;
    }
    for number in 0.. {
        let at = noon() + TimeDelta::minutes(i64::try_from(number).unwrap());
        merge(&ledger, &id(), &generation(number), at).await.unwrap();
        std::fs::write(path.with_extension("merged"), number.to_string()).unwrap();
    }
}

fn spawn(path: &std::path::Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::d1_a_killed_refresh_leaves_the_old_rows_or_the_new", "--nocapture"])
        .env(CHILD, path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d1_a_killed_refresh_leaves_the_old_rows_or_the_new() {
    if let Some(path) = std::env::var_os(CHILD) {
        return refresh_for_ever(path.as_ref()).await;
    }
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("ledger.db");
    let merged = path.with_extension("merged");
    let (keys_listed, kills) = size();
    let end = from_environment("KEYTURN_SECONDS")
        .map(|seconds| Instant::now() + Duration::from_secs(seconds as u64));
    let mut done = 0;
    for round in 0..kills {
        if end.is_some_and(|end| Instant::now() >= end) {
            break;
        }
        let _ = std::fs::remove_file(&merged);
        let mut child = spawn(&path);
        until("the first merge", || merged.exists());
        // A moment somewhere within a merge: which one does not matter, that they differ does.
        let mut delay = [0_u8; 1];
        getrandom::fill(&mut delay).unwrap();
        let longest = u64::try_from(keys_listed / 40).unwrap();
        std::thread::sleep(Duration::from_millis(u64::from(delay[0]) * longest / 255));
        child.kill().unwrap();
        child.wait().unwrap();

        let opened = crate::samples::open(&path).unwrap();
        assert_eq!(opened.set_aside, None, "round {round}");
        opened.ledger.verify().await.unwrap();
        let mut keys = opened.ledger.keys(&id()).await.unwrap();
        let number = keys[0].name.strip_prefix("generation ").unwrap().parse().unwrap();
        let mut expected = generation(number);
        for rows in [&mut keys, &mut expected] {
            rows.sort_by(|a, b| a.id.cmp(&b.id));
        }
        assert!(keys == expected, "round {round}: rows of several readings are mixed");
        done += 1;
    }
    println!("counted D1: {done} of {kills}, 0 failed");
}
