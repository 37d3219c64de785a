//! Reading an account anew. A failure marks it stale and keeps its rows.

use chrono::{DateTime, Utc};

use super::Context;
use super::account::{Opened, account, open};
use crate::account::{Account, AccountId, Freshness};
use crate::error::FlowError;
use crate::key::{KeyRecord, KeyRef, VendorKeyId};
use crate::ports::MergeReport;
use crate::provider::{Fault, Paging};

/// Of so many keys the addresses are asked for after a reading: each is a request.
const LOCATED: usize = 8;

/// Lists the account at its vendor and merges the answer into the ledger in one transaction. An assisted account
/// has nothing to be read: it is left as it is, and nothing is claimed of it.
///
/// # Errors
/// What the vendor or the vault answered; the account is then marked stale, unless the person stopped it or
/// the vault was only locked.
pub async fn refresh(
    ctx: &Context,
    id: &AccountId,
    on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
) -> Result<MergeReport, FlowError> {
    let (_, provider) = account(ctx, id).await?;
    if provider.manifest().capabilities.is_assisted() {
        return Ok(MergeReport::default());
    }
    let opened = open(ctx, id).await?;
    // Before the request: what Keyturn itself changes meanwhile is newer than this reading.
    let read_at = ctx.clock.now();
    match opened.provider.list(opened.connection(), on_page).await {
        Ok(keys) => merge(ctx, opened, &keys, read_at).await,
        Err(error) => {
            if !matches!(error.fault, Fault::Cancelled) {
                mark_stale(ctx, opened.account, error.to_string()).await?;
            }
            Err(error.into())
        }
    }
}

async fn merge(
    ctx: &Context,
    opened: Opened,
    keys: &[KeyRecord],
    read_at: DateTime<Utc>,
) -> Result<MergeReport, FlowError> {
    let mut opened = opened;
    let account = &mut opened.account;
    let recognised = recognise_managing_key(account, keys);
    if let Some(managing) = account.managing.as_mut().filter(|managing| managing.key != recognised) {
        managing.key = recognised;
        ctx.ledger.put_account(account, None, None).await?;
    }
    let report = ctx.ledger.merge_keys(&account.id, keys, read_at).await?;
    locate(ctx, &opened).await?;
    Ok(report)
}

/// Asks from where keys were used that were used since this was last asked. That the vendor does not answer
/// makes the reading no worse: it is asked again after the next one.
async fn locate(ctx: &Context, opened: &Opened) -> Result<(), FlowError> {
    if !opened.provider.reports_usage() {
        return Ok(());
    }
    let account = &opened.account.id;
    for key in ctx.ledger.unlocated(account, LOCATED).await? {
        let Ok(usage) = opened.provider.usage(opened.connection(), &key).await else { return Ok(()) };
        let key = KeyRef { account: account.clone(), key };
        ctx.ledger.locate(&key, &usage, ctx.clock.now()).await?;
    }
    Ok(())
}

async fn mark_stale(ctx: &Context, mut account: Account, reason: String) -> Result<(), FlowError> {
    account.freshness = match account.freshness {
        Freshness::Unread | Freshness::ByHand => {
            Freshness::Stale { since: ctx.clock.now(), read_at: None, reason }
        }
        Freshness::Fresh { read_at } => {
            Freshness::Stale { since: ctx.clock.now(), read_at: Some(read_at), reason }
        }
        Freshness::Stale { since, read_at, .. } => Freshness::Stale { since, read_at, reason },
    };
    ctx.ledger.put_account(&account, None, None).await?;
    Ok(())
}

/// The managing key's own row: the one live key that bears its hint. Two with the same hint leave it unknown.
pub(super) fn recognise_managing_key(account: &Account, keys: &[KeyRecord]) -> Option<VendorKeyId> {
    let hint = &account.managing.as_ref()?.hint;
    let mut bearing = keys.iter().filter(|key| key.status.is_live() && key.hint == *hint);
    match (bearing.next(), bearing.next()) {
        (Some(only), None) => Some(only.id.clone()),
        (_, _) => None,
    }
}
