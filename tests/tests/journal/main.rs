//! The journal first, and what is found of a key that leaked: the flows against the real ledger, vault, adapters and
//! authority, without a window.

mod import;
mod leak;
mod order;

use anyhow::Result;
use keyturn_core::flows;
use keyturn_core::ports::{JournalFilter, Source};
use keyturn_tests::flat::Flat;

#[tokio::test(flavor = "multi_thread")]
async fn the_vendors_own_log_stands_beside_the_journal_and_not_in_its_chain() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("one", "Seen by both").await?;
    let read = flows::read_feed(&flat.ctx, &flat.account.id).await?;
    assert!(read > 0, "the vendor has recorded the creation");
    let theirs =
        JournalFilter { source: Source::Vendor, search: "Seen by both".into(), ..JournalFilter::default() };
    let window = flat.ctx.ledger.journal_window(&theirs, 0, 10).await?;
    assert_eq!(window.rows[0].action, "api_key.created");
    assert_eq!(window.rows[0].key.as_ref(), Some(&key.key));
    assert!(window.rows[0].actor.is_some() && window.rows[0].link.is_none());
    // Nothing is kept twice.
    let before = flat.ctx.ledger.journal_window(&JournalFilter::default(), 0, 1).await?.everything;
    flows::read_feed(&flat.ctx, &flat.account.id).await?;
    assert_eq!(flat.ctx.ledger.journal_window(&JournalFilter::default(), 0, 1).await?.everything, before);
    Ok(())
}
