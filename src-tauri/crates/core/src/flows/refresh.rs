//! Reading an account anew, because a person or the time asks for it.

use super::Context;
use super::account::{Opened, account, open};
use super::reading::{OnPage, read};
use super::recover::Recovered;
use crate::account::AccountId;
use crate::error::FlowError;
use crate::key::KeyRef;
use crate::ports::{MergeReport, Trust};

/// Of so many keys the addresses are asked for after a reading: each is a request.
const LOCATED: usize = 8;

/// What a reading brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refreshed {
    pub report: MergeReport,
    /// What became of requests whose replies were lost before.
    pub recovered: Vec<Recovered>,
}

impl Refreshed {
    /// Whether a second reading some minutes later has something to say: a key was not listed, or nothing was to be seen
    /// yet of a lost request.
    #[must_use]
    pub fn is_unsettled(&self) -> bool {
        let postponed = |it: &Recovered| matches!(it, Recovered::Postponed { .. });
        self.report.unlisted > 0 || self.recovered.iter().any(postponed)
    }
}

/// Lists the account at its vendor and merges the answer into the ledger in one transaction. An assisted account
/// has nothing to be read: it is left as it is, and nothing is claimed of it.
///
/// # Errors
/// What the vendor or the vault answered; the account is then marked stale, unless the person stopped it or
/// the vault was only locked.
pub async fn refresh(ctx: &Context, id: &AccountId, on_page: OnPage<'_>) -> Result<Refreshed, FlowError> {
    refresh_as(ctx, id, Trust::Usual, on_page).await
}

/// The same for the time, which asks again and again: a vendor that asked to be left alone is not asked before, also over
/// a restart. `None`: it was not.
///
/// # Errors
/// As [`refresh`].
pub async fn refresh_by_time(
    ctx: &Context,
    id: &AccountId,
    on_page: OnPage<'_>,
) -> Result<Option<Refreshed>, FlowError> {
    let (account, _) = account(ctx, id).await?;
    match account.freshness.rests_until(ctx.clock.now()) {
        Some(_) => Ok(None),
        None => refresh(ctx, id, on_page).await.map(Some),
    }
}

/// The same for a person who has said that a list that was doubted is right: what it lacks is gone.
///
/// # Errors
/// As [`refresh`].
pub async fn accept_reading(
    ctx: &Context,
    id: &AccountId,
    on_page: OnPage<'_>,
) -> Result<Refreshed, FlowError> {
    refresh_as(ctx, id, Trust::Accepted, on_page).await
}

async fn refresh_as(
    ctx: &Context,
    id: &AccountId,
    trust: Trust,
    on_page: OnPage<'_>,
) -> Result<Refreshed, FlowError> {
    let (_, provider) = account(ctx, id).await?;
    if provider.manifest().capabilities.is_assisted() {
        return Ok(Refreshed::default());
    }
    let mut opened = open(ctx, id).await?;
    let read = read(ctx, &mut opened, trust, on_page).await?;
    locate(ctx, &opened).await?;
    Ok(Refreshed { report: read.report, recovered: read.recovered })
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
