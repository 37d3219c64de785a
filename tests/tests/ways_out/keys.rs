//! What the page of a key, a plan and a dry run show is what core lets through at that moment.

use anyhow::{Context as _, Result, ensure};
use keyturn_core::batch::Deed;
use keyturn_core::flows::{self, Choice, Confirmation, Wanted};
use keyturn_core::key::KeyRef;
use keyturn_core::operation::OperationId;
use keyturn_core::permit::Permit;
use keyturn_core::reading::AGREE;
use keyturn_tests::flat::Flat;

use crate::buttons::{Button, offered, press};
use crate::world::{connect_neighbour, gone_elsewhere, unheard};

fn denied(permit: &Permit) -> Result<&str> {
    match permit {
        Permit::Denied(words) => Ok(words),
        Permit::Allowed => anyhow::bail!("it is offered"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_a_key_that_is_being_rotated_is_not_offered_for_anything_that_core_refuses() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, _) = flat.make("old", "Deploy").await?;
    let new = flat.rotate(&old, Choice::OneDay, "rotate").await?;
    flat.drive("rotate").await?;
    for key in [&old, &new] {
        let permits = flows::key_page(&flat.ctx, key).await?.permits;
        denied(&permits.rotate)?;
        let words = denied(&permits.revoke)?;
        let refused =
            press(&flat, &Button::Revoke(key.clone()), "revoke").await.err().context("it is busy")?;
        ensure!(refused.to_string() == words, "{refused}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_a_dry_run_leaves_out_what_another_account_at_the_project_works_on() -> Result<()> {
    let flat = Flat::new().await?;
    let (busy, _) = flat.make("busy", "Busy").await?;
    let (free, _) = flat.make("free", "Free").await?;
    let neighbour = connect_neighbour(&flat).await?;
    flat.rotate(&busy, Choice::OneDay, "rotate").await?;
    let twin = |key: &KeyRef| KeyRef { account: neighbour.clone(), key: key.key.clone() };
    let wanted = Wanted { deed: Deed::Revoke, keys: vec![twin(&busy), twin(&free)] };
    let plan = flows::plan_batch(&flat.ctx, &wanted).await?;
    let skipped = plan.items[0].skip.as_deref().context("it is busy there")?;
    ensure!(skipped.contains("“Flat”"), "{skipped}");
    ensure!(plan.items[1].skip.is_none(), "{:?}", plan.items[1].skip);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_a_rotation_is_not_offered_while_a_key_of_that_name_is_in_doubt() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("old", "Deploy").await?;
    unheard(&flat, "unheard", "Deploy").await?;
    let rotate = Button::Rotate(key.clone(), Choice::Now);
    let words = flows::plan_rotation(&flat.ctx, &key).await?.permit;
    ensure!(denied(&words)?.contains("not known yet"), "{words:?}");
    ensure!(!offered(&flat).await?.contains(&rotate));
    flat.pass(AGREE * 2);
    press(&flat, &Button::Refresh(flat.account.id.clone()), "refresh").await?;
    ensure!(offered(&flat).await?.contains(&rotate), "it is settled");
    press(&flat, &rotate, "rotate").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f50_a_key_that_is_gone_already_is_watched_like_one_that_was_revoked_now() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, value) = flat.make("make", "Deploy").await?;
    gone_elsewhere(&flat, &key).await?;
    let typed = Confirmation { typed_name: Some("Deploy".into()), managing: false };
    let id = OperationId("revoke".into());
    flows::revoke_key(&flat.ctx, &key, &typed, id.clone()).await?;
    flat.outlast("revoke").await?;
    let found = flat.ctx.ledger.operation(&id).await?.context("it is there")?;
    ensure!(!found.stage.is_open(), "{:?}", found.stage);
    ensure!(!flat.works(&value).await?);
    Ok(())
}
