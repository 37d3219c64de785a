//! Rotations through the real ledger, vault, adapter and authority: the overlap, its end, undo, and what a lost
//! reply or a race may not do.

use std::sync::Mutex;

use anyhow::Result;
use chrono::TimeDelta;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice, Wake};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::provider::Paging;
use keyturn_core::rotation::{Death, Phase, Rotation};
use keyturn_core::secret::Secret;
use keyturn_tests::cutter::CUTS;
use keyturn_tests::flat::Flat;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

/// The state of a rotation on disk.
async fn state(flat: &Flat, operation: &str) -> Result<Rotation> {
    match flat.ctx.ledger.operation(&id(operation)).await?.map(|found| found.stage) {
        Some(Stage::Rotating(rotation)) => Ok(rotation),
        other => anyhow::bail!("no rotation: {other:?}"),
    }
}

fn id(operation: &str) -> OperationId {
    OperationId(operation.into())
}

async fn drive(flat: &Flat, operation: &str) -> Result<Wake> {
    Ok(flat.drive(operation).await?)
}

async fn status(flat: &Flat, key: &KeyRef) -> Result<KeyStatus> {
    Ok(flat.ctx.ledger.key(key).await?.expect("listed").status)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_keys_work_until_the_overlap_ends_and_then_only_the_new_one() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, old_value) = flat.make("make", "Production").await?;
    let new = flat.rotate(&old, Choice::OneDay, "rotate").await?;
    let new_value = flat.value("rotate").await?;
    assert_eq!(drive(&flat, "rotate").await?, Wake::OnCall, "it waits for the person");
    assert!(matches!(state(&flat, "rotate").await?.phase, Phase::Verified(_)));
    flows::acknowledge(&flat.ctx, &id("rotate")).await?;
    assert!(matches!(drive(&flat, "rotate").await?, Wake::At(_)));
    assert!(matches!(status(&flat, &old).await?, KeyStatus::Retiring { .. }));
    assert!(flat.works(&old_value).await? && flat.works(&new_value).await?);

    flat.pass(TimeDelta::hours(23));
    drive(&flat, "rotate").await?;
    assert!(flat.works(&old_value).await?, "not an hour too early");
    flat.pass(TimeDelta::hours(1));
    assert_eq!(drive(&flat, "rotate").await?, Wake::OnCall);
    assert!(!flat.works(&old_value).await?);
    assert!(flat.works(&new_value).await?);
    assert!(matches!(status(&flat, &old).await?, KeyStatus::Revoked { .. }));
    let death = |phase| matches!(phase, Phase::Done { death: Death::Declared, .. });
    assert!(
        death(state(&flat, "rotate").await?.phase),
        "nobody asked with the old key: declared, not proven"
    );
    assert_ne!(old, new);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_old_key_at_hand_its_death_is_proven() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, old_value) = flat.make("make", "Leaked").await?;
    let wrong = Secret::new(format!("nl_live_{}", "0".repeat(64)));
    let begun = flows::begin_rotation(&flat.ctx, &old, Choice::Now, Some(wrong), id("wrong")).await;
    assert!(
        matches!(&begun, Err(FlowError::NotAllowed(why)) if why.contains("not the old key")),
        "{begun:?}"
    );
    let given = Some(Secret::new(old_value.clone()));
    flows::begin_rotation(&flat.ctx, &old, Choice::Now, given, id("kill")).await?;
    drive(&flat, "kill").await?;
    assert!(!flat.works(&old_value).await?, "killed without waiting for the person");
    let Phase::Done { death, .. } = state(&flat, "kill").await?.phase else { panic!("not done") };
    assert!(matches!(death, Death::Proven { .. }));
    assert!(flat.works(&flat.value("kill").await?).await?, "and the new one still waits to be saved");
    flows::acknowledge(&flat.ctx, &id("kill")).await?;
    assert!(flows::escrows(&flat.ctx).await?.is_empty());
    assert!(flat.ctx.ledger.open_operations().await?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_inside_the_overlap_keeps_the_old_key() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, old_value) = flat.make("make", "Undone").await?;
    let new = flat.rotate(&old, Choice::SevenDays, "rotate").await?;
    let new_value = flat.value("rotate").await?;
    drive(&flat, "rotate").await?;
    flows::acknowledge(&flat.ctx, &id("rotate")).await?;
    flows::undo_rotation(&flat.ctx, &id("rotate")).await?;
    drive(&flat, "rotate").await?;
    assert!(flat.works(&old_value).await?);
    assert!(!flat.works(&new_value).await?);
    assert_eq!(status(&flat, &old).await?, KeyStatus::Active);
    assert!(matches!(status(&flat, &new).await?, KeyStatus::Revoked { .. }));
    let late = flows::undo_rotation(&flat.ctx, &id("rotate")).await;
    assert!(matches!(late, Err(FlowError::Step(_))), "{late:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_lost_reply_in_a_rotation_leaves_one_new_key_and_no_orphan() -> Result<()> {
    let flat = Flat::new().await?;
    for cut in CUTS {
        let name = format!("Cut {cut:?}");
        let (old, old_value) = flat.make(&format!("make {name}"), &name).await?;
        flat.cutter.cut_next("POST /api/api-keys", cut);
        flat.rotate(&old, Choice::OneDay, &name).await?;
        assert_eq!(flat.live_at_vendor(&name).await?, 2, "the old one and one new one");
        assert!(flat.works(&flat.value(&name).await?).await?);
        assert!(flat.works(&old_value).await?);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r8_fifty_clicks_are_one_rotation() -> Result<()> {
    let flat = std::sync::Arc::new(Flat::new().await?);
    let (old, _) = flat.make("make", "Clicked").await?;
    let mut clicks = tokio::task::JoinSet::new();
    for click in 0..50 {
        let (flat, old) = (std::sync::Arc::clone(&flat), old.clone());
        clicks
            .spawn(async move { flat.rotate(&old, Choice::OneDay, &format!("click {click}")).await.is_ok() });
    }
    let begun = clicks.join_all().await.into_iter().filter(|begun| *begun).count();
    assert_eq!(begun, 1);
    assert_eq!(flat.live_at_vendor("Clicked").await?, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_did_not_go_through_is_tried_again() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, old_value) = flat.make("make", "Stubborn").await?;
    flat.rotate(&old, Choice::OneHour, "rotate").await?;
    drive(&flat, "rotate").await?;
    flows::acknowledge(&flat.ctx, &id("rotate")).await?;
    flat.pass(TimeDelta::hours(1));
    flat.cutter.cut_next("PATCH /api/api-keys", CUTS[0]);
    let Wake::At(again) = drive(&flat, "rotate").await? else { panic!("it is not tried again") };
    let stuck = state(&flat, "rotate").await?;
    assert!(matches!(stuck.phase, Phase::Revoking { .. }));
    assert!(stuck.retry.is_some_and(|retry| retry.why.is_some()));
    flat.pass(again - flat.ctx.clock.now() + TimeDelta::seconds(1));
    drive(&flat, "rotate").await?;
    assert!(matches!(state(&flat, "rotate").await?.phase, Phase::Done { .. }));
    assert!(!flat.works(&old_value).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_managing_key_is_replaced_before_it_goes() -> Result<()> {
    let flat = Flat::new().await?;
    let own = flat.account.managing.clone().and_then(|managing| managing.key).expect("recognised");
    let old = KeyRef { account: flat.account.id.clone(), key: own };
    flat.rotate(&old, Choice::Now, "rotate").await?;
    drive(&flat, "rotate").await?;
    assert!(!flat.works(&flat.rehearsed.managing_key).await?, "the old managing key is dead");
    let Phase::Done { death, .. } = state(&flat, "rotate").await?.phase else { panic!("not done") };
    assert!(matches!(death, Death::Proven { .. }), "Keyturn held it, and asked with it");
    flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
    let undone = flows::undo_rotation(&flat.ctx, &id("rotate")).await;
    assert!(undone.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_began_with_the_old_managing_key_does_not_bring_it_back() -> Result<()> {
    let flat = Flat::new().await?;
    let own = flat.account.managing.clone().and_then(|managing| managing.key).expect("recognised");
    let old = KeyRef { account: flat.account.id.clone(), key: own };
    let rotate = async || {
        let new = flat.rotate(&old, Choice::Now, "rotate").await?;
        drive(&flat, "rotate").await.map(|_| new)
    };
    // The vendor's page is full, so that another one is asked for: by then with a key that is dead.
    for number in flat.listed().await?.len()..50 {
        flat.make(&format!("make {number}"), "Filler").await?;
    }
    let made = Mutex::new(None);
    let on_page = |_| {
        *made.lock().unwrap() = block_in_place(|| Handle::current().block_on(rotate())).ok();
        Paging::Continue
    };
    assert!(flows::refresh(&flat.ctx, &flat.account.id, &on_page).await.is_err());
    let new = made.lock().unwrap().take().expect("rotated meanwhile");
    let managed_with = async || -> Result<bool> {
        Ok(flat.ctx.ledger.accounts().await?.iter().all(|account| account.manages_with(&new.key)))
    };
    assert!(managed_with().await?, "the key that Keyturn calls with is the one that the ledger names");
    flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
    assert!(managed_with().await?, "and it is recognised in the list");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r8_a_reading_that_outlasts_a_rotation_does_not_bring_the_old_key_back() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, old_value) = flat.make("make", "Slowly read").await?;
    let rotate = async || {
        flat.rotate(&old, Choice::OneHour, "rotate").await?;
        drive(&flat, "rotate").await?;
        flows::acknowledge(&flat.ctx, &id("rotate")).await?;
        flat.pass(TimeDelta::hours(2));
        drive(&flat, "rotate").await
    };
    let rotated = Mutex::new(None);
    let on_page = |_| {
        let mut rotated = rotated.lock().unwrap();
        if rotated.is_none() {
            *rotated = Some(block_in_place(|| Handle::current().block_on(rotate())));
        }
        Paging::Continue
    };
    flows::refresh(&flat.ctx, &flat.account.id, &on_page).await?;
    assert_eq!(rotated.into_inner().unwrap().expect("a page was read")?, Wake::OnCall);
    assert!(!flat.works(&old_value).await?, "the old key is dead");
    assert!(matches!(status(&flat, &old).await?, KeyStatus::Revoked { .. }), "and its row says so");
    let again = flat.rotate(&old, Choice::OneHour, "again").await;
    assert!(matches!(&again, Err(FlowError::NotAllowed(why)) if why.contains("revoked")), "{again:?}");
    assert_eq!(flat.live_at_vendor("Slowly read").await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_goes_on_after_a_restart_from_the_state_on_disk() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, old_value) = flat.make("make", "Restarted").await?;
    flat.rotate(&old, Choice::OneHour, "rotate").await?;
    // The application ends here, before the new key was tried. Another one opens the same ledger.
    let flat = flat.restarted().await?;
    assert!(flows::recover(&flat.ctx).await?.is_empty(), "nothing was interrupted in a mint");
    drive(&flat, "rotate").await?;
    flows::acknowledge(&flat.ctx, &id("rotate")).await?;
    flat.pass(TimeDelta::hours(1));
    drive(&flat, "rotate").await?;
    assert!(matches!(state(&flat, "rotate").await?.phase, Phase::Done { .. }));
    assert!(!flat.works(&old_value).await?);
    Ok(())
}
