//! An inventory that a person brings: rows without values, all of them or none, and no key in them.

use anyhow::Result;
use keyturn_core::account::VendorId;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Imported};
use keyturn_core::journal::Action;
use keyturn_core::key::{Environment, Hint, KeyRef};
use keyturn_core::timestamp::Timestamp;
use keyturn_tests::canary;
use keyturn_tests::flat::{Flat, Plot};

async fn leadterra() -> Result<Flat> {
    Plot::of(&VendorId("leadterra".into())).furnished().build().await
}

async fn imported(flat: &Flat, csv: &str) -> Result<Imported, FlowError> {
    flows::import_keys(&flat.ctx, &flat.account.id, csv).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inventory_becomes_rows_and_the_same_one_again_changes_nothing() -> Result<()> {
    let flat = leadterra().await?;
    let csv = "\u{feff}Name,Last four,Environment,Created,Expires,Note\r\n\
               CRM bridge,sk_live_…ab12,live,2026-01-04,,made by Ada\r\n\
               \"Nightly, import\",****cd34,test,2026-02-01T10:00:00Z,2027-02-01,\r\n";
    let done = imported(&flat, csv).await?;
    assert_eq!((done.imported, done.known, done.problems.len()), (2, 0, 0), "{done:?}");
    let keys = flat.ctx.ledger.keys(&flat.account.id).await?;
    let bridge = keys.iter().find(|key| key.name == "CRM bridge").expect("the first row");
    assert_eq!(bridge.hint, Hint { prefix: "sk_live_".into(), suffix: "ab12".into() });
    assert_eq!(bridge.environment, Environment::Live);
    assert_eq!(bridge.created_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-01-04T12:00:00+00:00"));
    let nightly = keys.iter().find(|key| key.name == "Nightly, import").expect("the second row");
    assert_eq!(nightly.hint.masked(), "…cd34");
    assert_eq!(nightly.expires, Timestamp::read("2027-02-01"));
    let key = KeyRef { account: flat.account.id.clone(), key: bridge.id.clone() };
    let entry = flat.ctx.ledger.history(&key, 1).await?.remove(0);
    assert_eq!((entry.action, entry.reason.as_deref()), (Action::Import, Some("made by Ada")));
    assert!(
        flows::due_probes(&flat.ctx, flat.ctx.clock.now()).await?.is_empty(),
        "there is nothing to ask with"
    );

    let again = imported(&flat, csv).await?;
    assert_eq!((again.imported, again.known), (0, 2));
    assert_eq!(flat.ctx.ledger.keys(&flat.account.id).await?.len(), keys.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_line_is_named_and_nothing_is_imported() -> Result<()> {
    let flat = leadterra().await?;
    let whole = "sk_live_0123456789abcdef0123456789abcdef";
    let long = "x".repeat(500);
    for (csv, line) in [
        ("", 1),
        ("hint,note\nab12,x\n", 1),
        ("name,hint\nGood,ab12\n,cd34\n", 3),
        ("name,created\nGood,2026-01-04\nBad,4.1.2026\n", 3),
        ("name,hint\nGood,ab12\nBad,0123456789abcdef\n", 3),
        (&format!("name,hint\n{long},ab12\n"), 2),
        (&format!("name,note\nGood,\nBad,{whole}\n"), 3),
    ] {
        let done = imported(&flat, csv).await?;
        assert_eq!(done.imported, 0, "{csv}");
        assert_eq!(done.problems.first().map(|problem| problem.line), Some(line), "{csv}: {done:?}");
        assert!(!format!("{done:?}").contains(whole));
    }
    assert!(flat.ctx.ledger.keys(&flat.account.id).await?.is_empty());
    let hits = canary::in_files(flat.dir.path(), &[whole])?;
    assert!(hits.is_empty(), "{hits:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_lists_its_keys_takes_no_inventory() -> Result<()> {
    let flat = Flat::new().await?;
    let refused = imported(&flat, "name\nX\n").await;
    assert!(matches!(refused, Err(FlowError::NotAllowed(_))), "{refused:?}");
    Ok(())
}
