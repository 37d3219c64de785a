//! Replacing a key: both work for the time agreed on, and then the old one dies, seen to be dead.

use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::rotation::{Death, Phase};
use keyturn_core::secret::Secret;
use keyturn_tests::flat::{Flat, Plot};

use crate::house::{
    each, flat, id, is_as_delayed, managed, overlap_of, refresh, rotation, status, watch_death,
};

/// Rotates with an hour's overlap up to its beginning, with the old key given for the proof where it is wanted.
async fn overlap(flat: &Flat, old: &KeyRef, given: Option<&str>) -> Result<(KeyRef, String)> {
    overlap_of(flat, old, Choice::OneHour, given).await
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_and_nd21_both_keys_work_and_then_the_old_one_dies_whatever_the_delay() -> Result<()> {
    for delay in [0, 45, 60, 90].map(Duration::from_secs) {
        each(managed, async |provider| {
            let plot = Plot::of(&provider).revocation_delay(delay);
            let flat = plot.build().await?;
            let (old, old_value) = flat.make("make", "In production").await?;
            let (new, new_value) = overlap(&flat, &old, Some(&old_value)).await?;
            let (row, successor) = (flat.row(&old).await?, flat.row(&new).await?);
            let (row, successor) = (row.expect("listed"), successor.expect("listed"));
            assert_eq!((row.name, row.scopes), (successor.name, successor.scopes));
            assert!(matches!(row.status, KeyStatus::Retiring { .. }), "{:?}", row.status);
            flat.pass(TimeDelta::minutes(59));
            flat.drive("rotate").await?;
            assert!(flat.works(&old_value).await? && flat.works(&new_value).await?, "both, to the end");
            flat.pass(TimeDelta::minutes(1));
            let lived = watch_death(&flat, &id("rotate"), &old, &old_value).await?;
            assert!(is_as_delayed(&flat, lived, delay), "{lived} instead of {delay:?}");
            let phase = rotation(&flat, &id("rotate")).await?.phase;
            assert!(matches!(phase, Phase::Done { death: Death::Proven { .. }, .. }), "{phase:?}");
            assert!(flat.works(&new_value).await?);
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_keeps_the_old_key_and_ends_the_new_one() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let (old, old_value) = flat.make("make", "Undone").await?;
        let (new, new_value) = overlap(&flat, &old, None).await?;
        flows::undo_rotation(&flat.ctx, &id("rotate")).await?;
        // Its value was stored by the person and is held no more: the vendor's list has the word, after its delay.
        while !flat.ctx.ledger.open_operations().await?.is_empty() {
            flat.drive("rotate").await?;
            let says_dead = matches!(status(&flat, &new).await?, KeyStatus::Revoked { .. });
            assert!(!(says_dead && flat.works(&new_value).await?), "called dead, and it works");
            flat.pass(TimeDelta::seconds(7));
        }
        assert!(flat.works(&old_value).await?);
        assert!(!flat.works(&new_value).await?);
        refresh(&flat).await?;
        assert_eq!(status(&flat, &old).await?, KeyStatus::Active);
        let left = flat.row(&new).await?.filter(|row| row.status.is_live());
        assert_eq!(left, None);
        assert!(flat.ctx.ledger.open_operations().await?.is_empty());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn r8_a_reading_forgets_nothing_by_which_the_old_key_is_known() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let (old, old_value) = flat.make("make", "Read again").await?;
        let hint = flat.row(&old).await?.expect("listed").hint;
        refresh(&flat).await?;
        assert_eq!(flat.row(&old).await?.expect("listed").hint, hint);
        let given = Some(Secret::new(old_value));
        flows::begin_rotation(&flat.ctx, &old, Choice::Now, given, id("rotate")).await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_the_old_one_proves_nothing_and_is_refused() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let (old, _) = flat.make("make", "The old one").await?;
        let (_, other) = flat.make("other", "Another").await?;
        refresh(&flat).await?;
        let given = Some(Secret::new(other));
        let begun = flows::begin_rotation(&flat.ctx, &old, Choice::Now, given, id("rotate")).await;
        assert!(matches!(begun, Err(FlowError::NotAllowed(_))), "{begun:?}");
        assert_eq!(flat.live_at_vendor("The old one").await?, 1, "nothing was made");
        assert!(flat.ctx.ledger.open_operations().await?.is_empty());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_managing_key_is_replaced_before_it_goes() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let Some(own) = flat.account.managing.clone().and_then(|managing| managing.key) else {
            // Its key is none of those that the account lists.
            return Ok(());
        };
        let old = KeyRef { account: flat.account.id.clone(), key: own };
        flat.rotate(&old, Choice::Now, "rotate").await?;
        watch_death(&flat, &id("rotate"), &old, &flat.rehearsed.managing_key).await?;
        refresh(&flat).await?;
        let account = flat.ctx.ledger.accounts().await?.remove(0);
        assert_ne!(account.managing.and_then(|managing| managing.key), Some(old.key));
        Ok(())
    })
    .await
}
