//! A thousand rotations in one batch against the ideal: each key made, asked with and revoked, by a vendor that takes
//! 50 ms for each call, eight calls at a time.
//!
//! No window: the flows, the adapter, HTTP, sealing and the ledger (synced at each step) are the real ones.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Utc};
use keyturn_authority::{Config, Fault, Limits, Requests, Role, Times, Vendor};
use keyturn_core::account::{AccountId, VendorId};
use keyturn_core::batch::{AT_ONCE, BatchId, Deed};
use keyturn_core::flows::{self, Choice, ConnectDetails, Context, Wanted};
use keyturn_core::key::KeyRef;
use keyturn_core::provider::{Connection, Operation, Paging};
use keyturn_core::secret::Secret;
use tempfile::TempDir;

use super::report::said;
use crate::authority::{Rehearsed, rehearse};
use crate::batch::{Left, Pace, carry};
use crate::counted::Calls;
use crate::flat::{Flat, Plot};

/// How long the vendor takes for each call.
const CALL: Duration = Duration::from_millis(50);

/// Made, asked with, revoked.
const CALLS: usize = 3;

/// Two accounts: no single one is given all that may run at a time.
const ACCOUNTS: usize = 2;

/// One measured batch.
#[derive(Debug, Clone, Copy)]
pub struct Batched {
    /// Milliseconds until the last old key was revoked.
    pub revoked: f64,
    /// Milliseconds until every old key was seen to be gone from the vendor's lists.
    pub seen: f64,
    pub ideal: f64,
}

/// Rotates `count` keys, killed after each of these numbers of acts, and checks that each was replaced once.
pub async fn rotate(count: usize, kills: &[usize]) -> Result<Batched> {
    let dir = TempDir::new()?;
    let mut flat = Plot::of(&VendorId("naturalead".into())).build().await?;
    let (mut vendors, mut chosen) = (Vec::new(), Vec::new());
    for number in 0..ACCOUNTS {
        let mut config = Config::new(Vendor::Naturalead, dir.path().join(format!("{number}.db")));
        config.limits = Limits::unlimited();
        let vendor = rehearse(config, Role::Owner, false).await?;
        // Some of the believable ones are dead.
        vendor.authority.seed_many(count)?;
        let account = connect(&flat.ctx, &vendor, number).await?;
        chosen.extend(choose(&flat.ctx, &account, count / ACCOUNTS).await?);
        vendors.push(vendor);
    }
    let before = live(&flat, &vendors).await?.len();
    let wanted = Wanted { deed: Deed::Rotate(Choice::Now), keys: chosen.clone() };
    let phrase = flows::plan_batch(&flat.ctx, &wanted).await?.phrase().unwrap_or_default();
    let id = BatchId("bench".into());
    for vendor in &vendors {
        let delay = Fault::Delay { millis: u64::try_from(CALL.as_millis())? };
        vendor.authority.faults().set_on(Requests::default(), delay, Times::UntilCleared);
    }

    let (calls, began) = (Calls::default(), Utc::now());
    flows::begin_batch(&flat.ctx, &wanted, &phrase, id.clone()).await?;
    for acts in kills {
        let left = carry(&calls.count(&flat.ctx), &id, &Pace::Real, *acts).await?;
        ensure!(left == Left::Killed, "it was over before it was killed: {left:?}");
        flat = flat.restarted().await?;
        flows::recover(&flat.ctx).await?;
    }
    let left = carry(&calls.count(&flat.ctx), &id, &Pace::Real, usize::MAX).await?;
    let seen = since(began, Utc::now());
    ensure!(left == Left::Ended, "it did not end: {left:?}");
    for vendor in &vendors {
        vendor.authority.faults().clear();
    }
    check(&flat, &vendors, &id, &chosen, before).await?;
    let revoked = calls.all().into_iter().filter(|call| call.operation == Operation::Revoke);
    let revoked = since(began, revoked.map(|call| call.ended).max().context("nothing was revoked")?);
    let ideal = (chosen.len() * CALLS) as f64 * CALL.as_secs_f64() * 1000.0 / AT_ONCE as f64;
    said(&format!(
        "{} rotations, {} kills: revoked after {revoked:.0} ms, seen dead after {seen:.0} ms, ideal {ideal:.0} ms, {} calls.",
        chosen.len(),
        kills.len(),
        calls.all().len()
    ));
    Ok(Batched { revoked, seen, ideal })
}

fn since(began: DateTime<Utc>, ended: DateTime<Utc>) -> f64 {
    (ended - began).as_seconds_f64() * 1000.0
}

async fn connect(ctx: &Context, vendor: &Rehearsed, number: usize) -> Result<AccountId> {
    let details = ConnectDetails {
        id: AccountId(format!("bench-{number}")),
        vendor: VendorId("naturalead".into()),
        label: format!("Bench {number}"),
        base_url: Some(vendor.authority.base_url()),
        managing_key: Some(Secret::new(vendor.managing_key.clone())),
        settings: std::collections::BTreeMap::new(),
        rehearsal: true,
    };
    let account = flows::connect(ctx, details).await?.id;
    flows::refresh(ctx, &account, &|_| Paging::Continue).await?;
    Ok(account)
}

/// So many keys that a batch would rotate, without the managing key.
async fn choose(ctx: &Context, account: &AccountId, count: usize) -> Result<Vec<KeyRef>> {
    let keys = ctx.ledger.keys(account).await?.into_iter();
    let keys = keys.map(|record| KeyRef { account: account.clone(), key: record.id }).collect();
    let plan = flows::plan_batch(ctx, &Wanted { deed: Deed::Rotate(Choice::Now), keys }).await?;
    let fit = plan.items.into_iter().filter(|item| item.skip.is_none() && !item.managing);
    let chosen: Vec<KeyRef> = fit.take(count).map(|item| item.key).collect();
    ensure!(chosen.len() == count, "only {} keys can be rotated", chosen.len());
    Ok(chosen)
}

/// The keys that live at the vendors, read past the ledger.
async fn live(flat: &Flat, vendors: &[Rehearsed]) -> Result<HashSet<KeyRef>> {
    let mut live = HashSet::new();
    for (number, vendor) in vendors.iter().enumerate() {
        let managing_key = &Secret::new(vendor.managing_key.clone());
        let base_url = &vendor.authority.base_url();
        let connection = Connection { base_url, managing_key, settings: &flat.account.settings };
        let account = AccountId(format!("bench-{number}"));
        let listed = flat.provider.list(connection, &|_| Paging::Continue).await?;
        let listed = listed.keys.into_iter().filter(|record| record.status.is_live());
        live.extend(listed.map(|record| KeyRef { account: account.clone(), key: record.id }));
    }
    Ok(live)
}

/// All done, and none twice.
async fn check(
    flat: &Flat,
    vendors: &[Rehearsed],
    id: &BatchId,
    chosen: &[KeyRef],
    before: usize,
) -> Result<()> {
    let counts = flat.ctx.ledger.batch(id).await?.context("the batch is there")?.counts;
    ensure!(counts.done == chosen.len(), "{counts:?}");
    let live = live(flat, vendors).await?;
    ensure!(live.len() == before, "{} keys live, not {before}", live.len());
    ensure!(chosen.iter().all(|key| !live.contains(key)), "an old key lives");
    let escrows = flows::escrows(&flat.ctx).await?;
    ensure!(escrows.len() == chosen.len(), "{} new keys wait to be saved", escrows.len());
    ensure!(escrows.iter().all(|escrow| live.contains(&escrow.key)), "a sealed key is dead");
    Ok(())
}
