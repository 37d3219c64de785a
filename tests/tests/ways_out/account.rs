//! Accounts: whatever a reading has come to, another one, a person's word or a farewell goes on from there.

use anyhow::{Context as _, Result, ensure};
use keyturn_core::account::{Account, Freshness};
use keyturn_core::flows;
use keyturn_core::key::KeyStatus;
use keyturn_core::reading::AGREE;
use keyturn_tests::flat::Flat;
use keyturn_tests::lies::Lie;

use crate::buttons::{Button, offered, press};
use crate::world::{gone_elsewhere, lost, truth};

async fn account(flat: &Flat) -> Result<Account> {
    flat.ctx.ledger.accounts().await?.pop().context("it is connected")
}

/// Presses what a stale account shows until it is fresh.
async fn freshen(flat: &Flat) -> Result<()> {
    for round in 0..4 {
        drop(press(flat, &Button::Refresh(flat.account.id.clone()), "freshen").await);
        if offered(flat).await?.contains(&Button::AcceptReading(flat.account.id.clone())) {
            press(flat, &Button::AcceptReading(flat.account.id.clone()), "freshen")
                .await
                .with_context(|| format!("round {round}"))?;
        }
        if matches!(account(flat).await?.freshness, Freshness::Fresh { .. }) {
            return Ok(());
        }
        flat.pass(AGREE);
    }
    anyhow::bail!("it stays as it is: {:?}", account(flat).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_an_account_is_fresh_again_after_every_lie_and_its_keys_are_as_they_were() -> Result<()> {
    for lie in Lie::each() {
        for accepted in [false, true] {
            let flat = Flat::new().await?;
            let (kept, value) = flat.make("kept", "Kept").await?;
            lie.tell(flat.rehearsed.authority.faults());
            for _ in 0..2 {
                drop(press(&flat, &Button::Refresh(flat.account.id.clone()), "lied to").await);
                if accepted && offered(&flat).await?.contains(&Button::AcceptReading(flat.account.id.clone()))
                {
                    drop(press(&flat, &Button::AcceptReading(flat.account.id.clone()), "believed").await);
                }
                flat.pass(AGREE * 2);
            }
            truth(&flat);
            freshen(&flat).await.with_context(|| format!("after {lie:?}"))?;
            let status = flat.row(&kept).await?.with_context(|| format!("{lie:?}"))?.status;
            ensure!(status == KeyStatus::Active, "after {lie:?}, accepted: {accepted}: {status:?}");
            ensure!(flat.works(&value).await?, "after {lie:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_an_account_whose_managing_key_is_dead_is_left_with_open_eyes() -> Result<()> {
    let flat = Flat::new().await?;
    lost(&flat, "lost", "Deploy").await?;
    flows::create_key(&flat.ctx, flat.wanted("unsaved", "Other")).await?;
    let own = account(&flat).await?.managing.and_then(|managing| managing.key).context("recognised")?;
    let own = keyturn_core::key::KeyRef { account: flat.account.id.clone(), key: own };
    gone_elsewhere(&flat, &own).await?;
    drop(press(&flat, &Button::Refresh(flat.account.id.clone()), "refused").await);
    ensure!(matches!(account(&flat).await?.freshness, Freshness::Stale { .. }));
    let lost = flows::plan_disconnect(&flat.ctx, &flat.account.id).await?;
    ensure!(lost.unsaved == ["Other"], "{lost:?}");
    ensure!(lost.under_way.contains(&"Deploy".to_owned()), "{lost:?}");
    // What waits to be saved can be saved without the vendor.
    press(&flat, &Button::Save(keyturn_core::operation::OperationId("unsaved".into())), "saved").await?;
    let lost = flows::plan_disconnect(&flat.ctx, &flat.account.id).await?;
    ensure!(lost.unsaved.is_empty(), "{lost:?}");
    flows::disconnect(&flat.ctx, &flat.account.id, &lost).await?;
    ensure!(flat.ctx.ledger.open_operations().await?.is_empty());
    Ok(())
}
