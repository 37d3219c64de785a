//! The vendor's own rotation in one call: the old value dies as the new one is made, and where the reply is lost
//! that is said.

use anyhow::Result;
use keyturn_authority::{Fault, Requests, RetryAfter, Times};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice, Recovered};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::provider::{Capabilities, RotateSupport};
use keyturn_tests::cutter::{CUTS, Cut};
use keyturn_tests::flat::Flat;
use keyturn_tests::lane::rounds;

use crate::house::{each, flat, id, refresh, status};

fn in_one_call(can: &Capabilities) -> bool {
    matches!(can.rotate, RotateSupport::Atomic { .. })
}

/// The row of the key whose value is not known.
async fn orphan(flat: &Flat, name: &str) -> Result<KeyRef> {
    let keys = flat.ctx.ledger.keys(&flat.account.id).await?;
    let mut orphans = keys.iter().filter(|key| key.name == name && key.status == KeyStatus::Orphan);
    let (orphan, none) = (orphans.next(), orphans.next());
    assert_eq!(none, None, "only one is marked");
    Ok(KeyRef { account: flat.account.id.clone(), key: orphan.expect("it is marked").id.clone() })
}

#[tokio::test(flavor = "multi_thread")]
async fn nl15_and_sl12_the_old_value_dies_as_the_new_one_is_made() -> Result<()> {
    each(in_one_call, async |provider| {
        let flat = flat(&provider).await?;
        let (old, old_value) = flat.make("make", "At once").await?;
        let new = flat.rotate(&old, Choice::Atomic, "rotate").await?;
        let new_value = flat.value("rotate").await?;
        assert!(flat.works(&new_value).await? && !flat.works(&old_value).await?);
        flows::acknowledge(&flat.ctx, &id("rotate")).await?;
        refresh(&flat).await?;
        assert_eq!(status(&flat, &new).await?, KeyStatus::Active);
        assert_eq!(flat.live_at_vendor("At once").await?, 1);
        assert!(flat.ctx.ledger.open_operations().await?.is_empty());
        Ok(())
    })
    .await
}

/// `KEYTURN_ONE_CALLS`: so many times with every provider and every cut.
#[tokio::test(flavor = "multi_thread")]
async fn r3_a_lost_reply_is_never_done_and_never_nothing() -> Result<()> {
    rounds("R3", "KEYTURN_ONE_CALLS", 1, async |_| {
        each(in_one_call, async |provider| {
            for cut in CUTS {
                lose(&flat(&provider).await?, cut).await?;
            }
            Ok(())
        })
        .await
    })
    .await
}

async fn lose(flat: &Flat, cut: Cut) -> Result<()> {
    let name = format!("Lost {cut:?}");
    let (old, old_value) = flat.make("make", &name).await?;
    flat.cutter.cut_next("P", cut);
    let lost = flat.rotate(&old, Choice::Atomic, "lost").await;
    let Err(FlowError::Doubt(words)) = &lost else { panic!("{lost:?}") };
    assert!(words.contains("again"), "rotating again is offered: {words}");
    assert!(!flat.works(&old_value).await?);
    let orphan = orphan(flat, &name).await?;
    flat.rotate(&orphan, Choice::Atomic, "again").await?;
    assert!(flat.works(&flat.value("again").await?).await?);
    flows::acknowledge(&flat.ctx, &id("again")).await?;
    refresh(flat).await?;
    assert_eq!(flat.ctx.ledger.open_operations().await?, [], "nothing is owed any more");
    let live = flat.ctx.ledger.keys(&flat.account.id).await?;
    let live: Vec<_> = live.iter().filter(|key| key.name == name && key.status.is_live()).collect();
    assert_eq!(live.iter().map(|key| &key.status).collect::<Vec<_>>(), [&KeyStatus::Active]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r3_a_rotation_that_died_with_the_application_is_not_called_nothing() -> Result<()> {
    each(in_one_call, async |provider| {
        let flat = flat(&provider).await?;
        let (old, old_value) = flat.make("make", "Died").await?;
        // The reply is lost, and the vendor is gone when its list is asked for: the intent stays open.
        flat.cutter.cut_next("P", CUTS[0]);
        let faults = flat.rehearsed.authority.faults();
        faults.set_on(
            Requests::reads(),
            Fault::Unavailable { committed: false, retry_after: RetryAfter::Absent },
            Times::UntilCleared,
        );
        let lost = flat.rotate(&old, Choice::Atomic, "lost").await;
        assert!(matches!(lost, Err(FlowError::Doubt(_))), "{lost:?}");
        faults.clear();
        let flat = flat.restarted().await?;
        let recovered = flows::recover(&flat.ctx).await?;
        assert_eq!(recovered, [Recovered::Orphaned { name: "Died".into() }]);
        assert!(!flat.works(&old_value).await?);
        orphan(&flat, "Died").await?;
        assert_eq!(flows::recover(&flat.ctx).await?, [], "it is said once");
        Ok(())
    })
    .await
}
