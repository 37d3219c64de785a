//! A revoked key is called so once the vendor refuses it, not before, and for good.

use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Confirmation};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::provider::DeleteSupport;
use keyturn_core::rotation::{Death, Phase};
use keyturn_tests::flat::{Flat, Plot};

use crate::house::{
    LONGEST_WATCH, each, flat, id, is_as_delayed, managed, refresh, rotation, status, watch_death,
};

fn typed(name: &str) -> Confirmation {
    Confirmation { typed_name: Some(name.into()), managing: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_and_nd21_a_key_is_revoked_once_it_is_refused_whatever_the_delay() -> Result<()> {
    for delay in [0, 45, 60].map(Duration::from_secs) {
        each(managed, async |provider| {
            let plot = Plot::of(&provider).revocation_delay(delay);
            let flat = plot.build().await?;
            // Not stored yet: Keyturn holds the value and can ask with it.
            let key = flows::create_key(&flat.ctx, flat.wanted("make", "Short-lived")).await?;
            let value = flat.value("make").await?;
            flows::revoke_key(&flat.ctx, &key, &typed("Short-lived"), id("revoke")).await?;
            let lived = watch_death(&flat, &id("revoke"), &key, &value).await?;
            assert!(is_as_delayed(&flat, lived, delay), "{lived} instead of {delay:?}");
            let Phase::Done { death: Death::Proven { after }, .. } =
                rotation(&flat, &id("revoke")).await?.phase
            else {
                panic!("it was refused, and that is not said")
            };
            assert!(after >= lived);
            assert!(flows::escrows(&flat.ctx).await?.is_empty(), "a dead key waits for nobody");
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_can_ask_with_is_declared_dead_after_the_vendors_delay() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let (key, _) = flat.make("make", "Stored elsewhere").await?;
        flows::revoke_key(&flat.ctx, &key, &typed("Stored elsewhere"), id("revoke")).await?;
        flat.drive("revoke").await?;
        let delay = TimeDelta::from_std(flat.provider.manifest().capabilities.revocation_delay)?;
        if !delay.is_zero() {
            assert_eq!(status(&flat, &key).await?, KeyStatus::Revoking);
            flat.pass(delay - TimeDelta::seconds(1));
            flat.drive("revoke").await?;
            assert_eq!(status(&flat, &key).await?, KeyStatus::Revoking);
            flat.pass(LONGEST_WATCH + TimeDelta::seconds(1));
        }
        flat.outlast("revoke").await?;
        let phase = rotation(&flat, &id("revoke")).await?.phase;
        assert!(matches!(phase, Phase::Done { death: Death::Declared, .. }), "{phase:?}");
        assert!(matches!(status(&flat, &key).await?, KeyStatus::Revoked { .. }));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_key_goes_only_by_its_name_and_never_comes_back() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let (key, value) = flat.make("make", "By name").await?;
        for wrong in [Confirmation::default(), typed("by name"), typed("By nam")] {
            let refused = flat.revoke(&key, &wrong).await;
            assert!(matches!(refused, Err(FlowError::NotAllowed(_))), "{refused:?}");
        }
        assert!(flat.works(&value).await?);
        // A screen does not tell these two apart.
        flat.revoke(&key, &typed("By  name ")).await?;
        flat.pass(TimeDelta::seconds(61));
        assert!(!flat.works(&value).await?);
        let again = flat.revoke(&key, &typed("By name")).await;
        assert!(matches!(again, Err(FlowError::NotAllowed(_))), "{again:?}");
        assert_eq!(flat.live_at_vendor("By name").await?, 0);
        Ok(())
    })
    .await
}

async fn revoked(flat: &Flat) -> Result<KeyRef> {
    let (key, _) = flat.make("make", "To be deleted").await?;
    let early = flows::delete_key(&flat.ctx, &key, false).await;
    assert!(matches!(early, Err(FlowError::NotAllowed(_))), "{early:?}");
    flat.revoke(&key, &typed("To be deleted")).await?;
    for operation in flat.ctx.ledger.open_operations().await? {
        flat.outlast(&operation.id.0).await?;
    }
    Ok(key)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_can_be_deleted_where_the_vendor_deletes() -> Result<()> {
    each(
        |can| managed(can) && can.delete == DeleteSupport::OnceRevoked,
        async |provider| {
            let flat = flat(&provider).await?;
            let key = revoked(&flat).await?;
            flows::delete_key(&flat.ctx, &key, false).await?;
            assert_eq!(flat.row(&key).await?, None);
            refresh(&flat).await?;
            assert_eq!(flat.row(&key).await?, None, "and it is gone at the vendor");
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_stays_where_the_vendor_deletes_nothing_and_the_reason_is_said() -> Result<()> {
    each(
        |can| managed(can) && can.delete != DeleteSupport::OnceRevoked,
        async |provider| {
            let flat = flat(&provider).await?;
            let key = revoked(&flat).await?;
            let refused = flows::delete_key(&flat.ctx, &key, false).await;
            let DeleteSupport::No(reason) = flat.provider.manifest().capabilities.delete else {
                panic!("it deletes")
            };
            assert!(matches!(&refused, Err(FlowError::NotAllowed(why)) if why == reason), "{refused:?}");
            assert!(flat.row(&key).await?.is_some());
            Ok(())
        },
    )
    .await
}
