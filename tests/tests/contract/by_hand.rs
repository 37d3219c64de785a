//! Vendors without an API for keys: adopted, checked, and replaced by hand, with the old key seen to be dead.

use anyhow::Result;
use chrono::TimeDelta;
use keyturn_authority::DashboardKey;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, AdoptRequest, Begun, Choice, Wake};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::provider::{Capabilities, RotateSupport};
use keyturn_core::rotation::{Death, Phase};
use keyturn_core::secret::Secret;
use keyturn_tests::flat::Flat;

use crate::house::{by_hand, each, failures, flat, id, rotation, status};

/// There the old key dies as the new one is made.
fn at_once(can: &Capabilities) -> bool {
    matches!(can.rotate, RotateSupport::Dashboard { at_once: true, .. })
}

fn in_two_steps(can: &Capabilities) -> bool {
    matches!(can.rotate, RotateSupport::Dashboard { at_once: false, .. })
}

/// A key from the vendor's dashboard, adopted.
async fn adopted(flat: &Flat, label: &str) -> Result<(KeyRef, DashboardKey)> {
    let made = flat.rehearsed.authority.dashboard_issue(label, None)?;
    let secret = Secret::new(made.value.clone());
    let request = AdoptRequest { account: flat.account.id.clone(), label: label.into(), secret };
    Ok((flows::adopt_key(&flat.ctx, request).await?, made))
}

async fn begin(flat: &Flat, old: &KeyRef, choice: Choice) -> Result<()> {
    let begun = flows::begin_rotation(&flat.ctx, old, choice, None, id("rotate")).await?;
    assert_eq!(begun, Begun::ByHand);
    assert_eq!(flat.drive("rotate").await?, Wake::OnCall, "the person has the word");
    Ok(())
}

async fn bring(flat: &Flat, value: &str) -> Result<KeyRef, FlowError> {
    flows::bring_key(&flat.ctx, &id("rotate"), Secret::new(value.to_owned())).await
}

/// The rotation ended, and the old key was seen to be dead.
async fn proven(flat: &Flat, old: &KeyRef) -> Result<()> {
    let phase = rotation(flat, &id("rotate")).await?.phase;
    assert!(matches!(phase, Phase::Done { death: Death::Proven { .. }, .. }), "{phase:?}");
    assert!(matches!(status(flat, old).await?, KeyStatus::Revoked { .. }));
    assert_eq!(failures(flat, old).await?, []);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adopted_key_is_checked_with_the_key_itself() -> Result<()> {
    each(by_hand, async |provider| {
        let flat = flat(&provider).await?;
        let (key, made) = adopted(&flat, "ci-pipeline").await?;
        assert!(flows::probe_key(&flat.ctx, &key).await?.alive);
        if at_once(&flat.provider.manifest().capabilities) {
            flat.rehearsed.authority.dashboard_regenerate(&made.id)?;
        } else {
            flat.rehearsed.authority.dashboard_revoke(&made.id)?;
        }
        assert!(!flows::probe_key(&flat.ctx, &key).await?.alive);
        assert!(status(&flat, &key).await?.is_live(), "the vendor may refuse everybody at this moment");
        flat.pass(TimeDelta::hours(2));
        assert!(!flows::probe_key(&flat.ctx, &key).await?.alive);
        assert!(matches!(status(&flat, &key).await?, KeyStatus::Revoked { at: Some(_) }));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn lt10_the_old_key_is_revoked_in_the_dashboard_and_then_seen_to_be_dead() -> Result<()> {
    each(in_two_steps, async |provider| {
        let flat = flat(&provider).await?;
        let (old, made) = adopted(&flat, "production").await?;
        begin(&flat, &old, Choice::OneHour).await?;
        let fresh = flat.rehearsed.authority.dashboard_issue("production, new", None)?;
        let new = bring(&flat, &fresh.value).await?;
        flat.drive("rotate").await?;
        assert_eq!(flat.value("rotate").await?, fresh.value);
        flows::acknowledge(&flat.ctx, &id("rotate")).await?;
        flat.pass(TimeDelta::hours(1));
        flat.drive("rotate").await?;
        // The person says so, and it is not so: the key still works, and nothing is claimed.
        flows::finish_rotation(&flat.ctx, &id("rotate")).await?;
        flat.drive("rotate").await?;
        assert!(status(&flat, &old).await?.is_live());
        flat.rehearsed.authority.dashboard_revoke(&made.id)?;
        flat.pass(TimeDelta::minutes(1));
        flat.drive("rotate").await?;
        proven(&flat, &old).await?;
        assert!(flat.works(&fresh.value).await? && !flat.works(&made.value).await?);
        assert_eq!(status(&flat, &new).await?, KeyStatus::Active);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn lt10_after_a_leak_the_old_key_goes_first() -> Result<()> {
    each(in_two_steps, async |provider| {
        let flat = flat(&provider).await?;
        let (old, made) = adopted(&flat, "leaked").await?;
        begin(&flat, &old, Choice::Now).await?;
        flat.rehearsed.authority.dashboard_revoke(&made.id)?;
        let fresh = flat.rehearsed.authority.dashboard_issue("after the leak", None)?;
        bring(&flat, &fresh.value).await?;
        flat.drive("rotate").await?;
        proven(&flat, &old).await?;
        assert_eq!(flat.value("rotate").await?, fresh.value, "the new key still waits to be stored");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn sl12_and_sl15_a_regenerated_key_is_dead_as_the_new_one_is_made_and_both_is_seen() -> Result<()> {
    each(at_once, async |provider| {
        let flat = flat(&provider).await?;
        let (old, made) = adopted(&flat, "Production").await?;
        let plan = flows::plan_rotation(&flat.ctx, &old).await?;
        let warnings: Vec<_> = plan.offers.iter().flat_map(|offer| &offer.warnings).collect();
        assert!(warnings.iter().any(|words| words.contains("still uses the old key fails")), "{warnings:?}");
        begin(&flat, &old, Choice::Now).await?;
        let fresh = flat.rehearsed.authority.dashboard_regenerate(&made.id)?;
        bring(&flat, &fresh.value).await?;
        flat.drive("rotate").await?;
        proven(&flat, &old).await?;
        assert!(flat.works(&fresh.value).await? && !flat.works(&made.value).await?);
        flows::acknowledge(&flat.ctx, &id("rotate")).await?;
        assert!(flat.ctx.ledger.open_operations().await?.is_empty());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn sl12_a_key_that_was_not_regenerated_is_not_called_dead() -> Result<()> {
    each(at_once, async |provider| {
        let flat = flat(&provider).await?;
        let (old, made) = adopted(&flat, "Production").await?;
        begin(&flat, &old, Choice::Now).await?;
        // Another key of the account instead of the regenerated one.
        let another = flat.rehearsed.authority.dashboard_issue("Another", None)?;
        bring(&flat, &another.value).await?;
        flat.drive("rotate").await?;
        assert!(status(&flat, &old).await?.is_live());
        assert!(flat.works(&made.value).await?);
        let phase = rotation(&flat, &id("rotate")).await?.phase;
        assert!(matches!(phase, Phase::Dying { .. }), "it is watched: {phase:?}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_not_taken_for_the_new_one() -> Result<()> {
    each(by_hand, async |provider| {
        let flat = flat(&provider).await?;
        let (old, made) = adopted(&flat, "Production").await?;
        begin(&flat, &old, Choice::Now).await?;
        let same = bring(&flat, &made.value).await;
        assert!(matches!(&same, Err(FlowError::NotAllowed(why)) if why.contains("old key")), "{same:?}");
        let mut unknown = made.value.clone();
        let last = unknown.pop();
        unknown.push(if last == Some('a') { 'b' } else { 'a' });
        let refused = bring(&flat, &unknown).await;
        assert!(matches!(&refused, Err(FlowError::NotAllowed(_))), "{refused:?}");
        let cut = bring(&flat, &made.value[..10]).await;
        assert!(cut.is_err(), "{cut:?}");
        assert_eq!(flat.ctx.ledger.keys(&flat.account.id).await?.len(), 1, "nothing of them is kept");
        assert!(matches!(rotation(&flat, &id("rotate")).await?.phase, Phase::Bringing));
        assert!(flat.works(&made.value).await?);
        Ok(())
    })
    .await
}
