//! Batches that lose what they stand on.

use anyhow::{Context as _, Result, ensure};
use keyturn_core::batch::{BatchId, BatchState, Deed, ItemState};
use keyturn_core::flows::{self, Choice, Wanted};
use keyturn_tests::batch::{Left, Pace, carry};
use keyturn_tests::flat::Flat;

#[tokio::test(flavor = "multi_thread")]
async fn f43_a_batch_whose_account_is_gone_ends_and_says_so() -> Result<()> {
    for acts in [0, 3] {
        let flat = Flat::new().await?;
        let mut keys = Vec::new();
        for name in ["one", "two", "three"] {
            keys.push(flat.make(name, name).await?.0);
        }
        let wanted = Wanted { deed: Deed::Rotate(Choice::OneDay), keys };
        let id = BatchId("batch".into());
        flows::begin_batch(&flat.ctx, &wanted, "", id.clone()).await?;
        let pass = |time| flat.pass(time);
        if acts > 0 {
            carry(&flat.ctx, &id, &Pace::Moved(&pass), acts).await?;
        }
        let lost = flows::plan_disconnect(&flat.ctx, &flat.account.id).await?;
        flows::disconnect(&flat.ctx, &flat.account.id, &lost).await?;
        // A hundred acts are many for three keys that are not there.
        let left = carry(&flat.ctx, &id, &Pace::Moved(&pass), 100).await?;
        ensure!(left == Left::Ended, "{left:?}");
        let standing = flat.ctx.ledger.batch(&id).await?.context("it is there")?;
        ensure!(standing.batch.state == BatchState::Done, "{standing:?}");
        for found in flat.ctx.ledger.items(&id, None, 0, 10).await?.0 {
            ensure!(found.item.state != ItemState::Open, "{found:?}");
        }
    }
    Ok(())
}
