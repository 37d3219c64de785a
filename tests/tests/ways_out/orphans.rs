//! Keys whose values never arrived: known, and the person's to decide. Once none of them is left, so is the question.

use anyhow::{Context as _, Result, ensure};
use keyturn_core::flows::refresh;
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::provider::Paging;
use keyturn_core::reading::AGREE;
use keyturn_tests::flat::Flat;

use crate::buttons::{Button, offered, press};
use crate::world::{elsewhere, gone_elsewhere, lost, revoked_elsewhere, truth};

/// A reply was lost, and beside the key that was made lives another that looks like it.
async fn two_alike(flat: &Flat) -> Result<Vec<KeyRef>> {
    lost(flat, "lost", "Deploy").await?;
    elsewhere(flat, "Deploy").await?;
    truth(flat);
    refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
    match stage(flat).await? {
        Stage::Orphaned { keys } => Ok(keys),
        other => anyhow::bail!("nobody can tell which: {other:?}"),
    }
}

async fn stage(flat: &Flat) -> Result<Stage> {
    let found = flat.ctx.ledger.operation(&OperationId("lost".into())).await?;
    Ok(found.context("it is there")?.stage)
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_once_each_key_that_may_be_ours_is_revoked_nothing_is_open() -> Result<()> {
    let flat = Flat::new().await?;
    let keys = two_alike(&flat).await?;
    assert_eq!(keys.len(), 2);
    for key in &keys {
        assert_eq!(flat.row(key).await?.context("listed")?.status, KeyStatus::Orphan);
        ensure!(stage(&flat).await?.is_open(), "one of them lives");
        let revoke = Button::Revoke(key.clone());
        ensure!(offered(&flat).await?.contains(&revoke), "{key} can be revoked");
        press(&flat, &revoke, &format!("revoke {key}")).await?;
    }
    ensure!(!stage(&flat).await?.is_open(), "{:?}", stage(&flat).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_once_each_key_that_may_be_ours_is_gone_at_the_vendor_nothing_is_open() -> Result<()> {
    let flat = Flat::new().await?;
    for key in two_alike(&flat).await? {
        gone_elsewhere(&flat, &key).await?;
    }
    ensure!(stage(&flat).await?.is_open(), "nobody has seen it yet");
    flat.read_twice().await?;
    flat.pass(AGREE);
    flat.read_twice().await?;
    ensure!(!stage(&flat).await?.is_open(), "{:?}", stage(&flat).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_a_key_that_was_deleted_holds_nothing_open() -> Result<()> {
    let flat = Flat::new().await?;
    let keys = two_alike(&flat).await?;
    revoked_elsewhere(&flat, &keys[0]).await?;
    flat.read_twice().await?;
    press(&flat, &Button::Delete(keys[0].clone()), "delete").await?;
    ensure!(stage(&flat).await? == Stage::Orphaned { keys: keys[1..].to_vec() }, "{:?}", stage(&flat).await?);
    revoked_elsewhere(&flat, &keys[1]).await?;
    flat.read_twice().await?;
    ensure!(!stage(&flat).await?.is_open(), "{:?}", stage(&flat).await?);
    Ok(())
}
