//! Where a vendor allows so many keys and no more: with all of them taken, nothing is begun.

use anyhow::Result;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice, Confirmation};
use keyturn_core::key::KeyRef;
use keyturn_core::permit::Permit;
use keyturn_tests::flat::Flat;

use crate::house::{each, flat, managed, refresh};

/// Every place but `free` is taken; answers with the last key that was made.
async fn fill(flat: &Flat, free: usize) -> Result<KeyRef> {
    let limit = flat.provider.manifest().capabilities.key_limit.expect("there is a limit") as usize;
    let mut last = None;
    for number in flat.listed().await?.len()..limit - free {
        last = Some(flat.make(&format!("make {number}"), &format!("Number {number}")).await?.0);
    }
    Ok(last.expect("there was room"))
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_and_nd25_with_every_place_taken_a_rotation_stops_before_it_makes_a_key() -> Result<()> {
    each(
        |can| managed(can) && can.key_limit.is_some(),
        async |provider| {
            let flat = flat(&provider).await?;
            let key = fill(&flat, 0).await?;
            let before = flat.listed().await?.len();
            let plan = flows::plan_rotation(&flat.ctx, &key).await?;
            let Permit::Denied(reason) = &plan.permit else { panic!("it is allowed") };
            assert!(reason.contains(&before.to_string()), "the limit is said: {reason}");
            for (number, choice) in Choice::ALL.into_iter().enumerate() {
                let refused = flat.rotate(&key, choice, &format!("rotate {number}")).await;
                assert!(matches!(refused, Err(FlowError::NotAllowed(_))), "{choice:?}: {refused:?}");
            }
            assert_eq!(flat.listed().await?.len(), before);
            assert!(flat.ctx.ledger.open_operations().await?.is_empty());
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_and_nd24_one_key_too_many_is_refused_and_a_revoked_one_makes_room() -> Result<()> {
    each(
        |can| managed(can) && can.key_limit.is_some(),
        async |provider| {
            let flat = flat(&provider).await?;
            let key = fill(&flat, 0).await?;
            let before = flat.listed().await?.len();
            assert!(flows::create_key(&flat.ctx, flat.wanted("too many", "Too many")).await.is_err());
            assert_eq!(flat.listed().await?.len(), before);
            assert!(flat.ctx.ledger.open_operations().await?.is_empty(), "nothing is left half done");
            let name = flat.row(&key).await?.expect("listed").name;
            let typed = Confirmation { typed_name: Some(name), managing: false };
            flat.revoke(&key, &typed).await?;
            flat.make("now", "Now there is room").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_the_last_place_is_enough_for_a_rotation() -> Result<()> {
    each(
        |can| managed(can) && can.key_limit.is_some(),
        async |provider| {
            let flat = flat(&provider).await?;
            let key = fill(&flat, 1).await?;
            refresh(&flat).await?;
            flat.rotate(&key, Choice::OneDay, "rotate").await?;
            assert!(flat.works(&flat.value("rotate").await?).await?);
            Ok(())
        },
    )
    .await
}
