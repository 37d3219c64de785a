//! Several processes that open, write and close one ledger: none takes what another does for damage, from the very
//! first start on.

use std::path::Path;
use std::process::{Command, Stdio};

use keyturn_core::journal::Action;
use keyturn_core::ports::{Ledger, Records};
use tempfile::TempDir;

use crate::samples::entry;

const CHILD: &str = "KEYTURN_TEST_SHARED";
const PROCESSES: usize = 4;
const ROUNDS: usize = 60;
const ENTRIES: usize = 5;

/// The child: opens, writes and closes. Whoever closes last writes the log back, while another opens.
async fn come_and_go(path: &Path) {
    for round in 0..ROUNDS {
        let opened = crate::samples::open(path).unwrap_or_else(|error| panic!("round {round}: {error:?}"));
        assert_eq!(opened.set_aside, None, "round {round}");
        for _ in 0..ENTRIES {
            opened.ledger.append(&entry(Action::Copy, Some("key_1"))).await.unwrap();
        }
    }
}

#[tokio::test]
async fn r8_a_ledger_that_others_open_and_close_is_never_taken_for_damaged() {
    if let Some(path) = std::env::var_os(CHILD) {
        return come_and_go(path.as_ref()).await;
    }
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("ledger.db");
    let child = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "shared::r8_a_ledger_that_others_open_and_close_is_never_taken_for_damaged"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..PROCESSES).map(|_| child()).collect();
    for child in children {
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    }
    let ledger = crate::samples::open(&path).unwrap().ledger;
    ledger.verify().await.unwrap();
    let entries = (PROCESSES * ROUNDS * ENTRIES) as u64;
    assert_eq!(ledger.verify_journal().await.unwrap(), crate::samples::whole(entries));
}
