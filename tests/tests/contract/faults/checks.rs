//! What holds after every fault: no secret and no query in words or files, and a ledger that is whole.

use std::error::Error;

use anyhow::{Result, ensure};
use keyturn_core::ports::{Ledger, Records};
use keyturn_storage::{JournalCheck, SqliteLedger};
use keyturn_tests::canary;
use keyturn_tests::flat::Flat;

/// Parts of a query, as the adapters write one.
const QUERIES: [&str; 6] = ["api_key=", "clientId=", "limit=", "cursor=", "skip=", "status="];

/// Neither the words of an error nor what stands behind it tell a secret or a query.
pub(super) fn says_no_secret(error: &(dyn Error + 'static), secrets: &[&str]) -> Result<()> {
    let mut link = Some(error);
    while let Some(current) = link {
        for words in [format!("{current}"), format!("{current:?}"), format!("{current:#?}")] {
            ensure!(!words.is_empty() && words.len() < 2000, "no words for a person: {words:?}");
            let found = secrets.iter().chain(&QUERIES).find(|secret| words.contains(*secret));
            ensure!(found.is_none(), "{words:?} tells {found:?}");
        }
        link = current.source();
    }
    Ok(())
}

/// The profile holds none of the secrets and no query, and its ledger and journal are as they were written.
pub(super) async fn is_sound(flat: &Flat, secrets: &[&str]) -> Result<()> {
    let ledger = SqliteLedger::open(&flat.ledger_file())?;
    ensure!(ledger.set_aside.is_none(), "the ledger was damaged");
    ledger.ledger.verify().await?;
    let journal = ledger.ledger.verify_journal().await?;
    ensure!(matches!(journal, JournalCheck::Whole { .. }), "{journal:?}");
    ensure!(!ledger.ledger.accounts().await?.is_empty(), "the account is there");
    let hits = canary::in_files(flat.dir.path(), secrets)?;
    ensure!(hits.is_empty(), "{hits:?}");
    for file in std::fs::read_dir(flat.dir.path())? {
        let bytes = std::fs::read(file?.path())?;
        let found = QUERIES.iter().find(|part| memchr::memmem::find(&bytes, part.as_bytes()).is_some());
        ensure!(found.is_none(), "a file tells {found:?}");
    }
    Ok(())
}
