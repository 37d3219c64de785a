//! One key with all that is known of it: fields, what may be done, history.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Context;
use super::account::{account, key, open};
use super::{delete, revoke, rotate};
use crate::account::Account;
use crate::error::FlowError;
use crate::journal::Entry;
use crate::key::{KeyRecord, KeyRef, Usage};
use crate::label::Label;
use crate::operation::OperationId;
use crate::permit::{Permit, Permits};
use crate::policy::{Due, due};
use crate::ports::Purpose;
use crate::provider::{Manifest, Provider};

/// How many entries of the journal a key's page shows.
const HISTORY: usize = 200;

/// What the key's page shows.
pub struct KeyPage {
    pub record: KeyRecord,
    pub account: Account,
    pub provider: Arc<dyn Provider>,
    pub permits: Permits,
    pub history: Vec<Entry>,
    pub unsaved: Option<OperationId>,
    /// What replaces it, or what it replaces with.
    pub operation: Option<OperationId>,
    pub labels: Vec<Label>,
    /// When a refresh last saw it changed, appeared or revoked outside Keyturn.
    pub changed_outside: Option<DateTime<Utc>>,
    /// When a policy wants it replaced.
    pub due: Option<Due>,
    /// Keyturn can ask the vendor with it.
    pub check: Permit,
    /// It can be removed from here without changing anything at the vendor.
    pub forget: Permit,
}

impl std::fmt::Debug for KeyPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyPage").field("record", &self.record).finish_non_exhaustive()
    }
}

/// Reads one key from the ledger; asks the vendor nothing.
///
/// # Errors
/// [`FlowError::NotFound`] where the key is gone.
pub async fn key_page(ctx: &Context, target: &KeyRef) -> Result<KeyPage, FlowError> {
    let record = key(ctx, target).await?;
    let (account, provider) = account(ctx, &target.account).await?;
    let permits = permits(ctx, provider.manifest(), &account, &record).await?;
    let history = ctx.ledger.history(target, HISTORY).await?;
    let (mut unsaved, mut operation) = (None, None);
    for open in ctx.ledger.operations_of(target).await? {
        if open.stage.unsaved() == Some(target) {
            unsaved = Some(open.id.clone());
        }
        if open.concerns(target) {
            operation = Some(open.id);
        }
    }
    let adopted = ctx.ledger.sealed(&Purpose::Adopted(target.clone())).await?.is_some();
    let assisted = provider.manifest().capabilities.is_assisted();
    // What the list says of the key the page says too.
    let row = ctx.ledger.inventory_row(target).await?.ok_or(FlowError::NotFound("key"))?;
    Ok(KeyPage {
        due: due(&row, &ctx.ledger.policies().await?),
        labels: row.labels,
        changed_outside: row.changed_outside,
        check: permit(adopted, "Keyturn does not hold this key's value, so that it cannot ask with it."),
        forget: permit(assisted, "The vendor lists this key: it would come back at the next reading."),
        record,
        account,
        provider,
        permits,
        history,
        unsaved,
        operation,
    })
}

/// What may be done with it now; what is under way, and other accounts at its project, included.
async fn permits(
    ctx: &Context,
    manifest: &Manifest,
    account: &Account,
    record: &KeyRecord,
) -> Result<Permits, FlowError> {
    let target = KeyRef { account: account.id.clone(), key: record.id.clone() };
    Ok(Permits {
        rotate: rotate::permit(ctx, manifest, &target, record).await?,
        revoke: revoke::permit(ctx, manifest, account, record).await?,
        delete: delete::permit(ctx, manifest, &target, record).await?,
    })
}

/// Asks the vendor from where a key was used, and remembers it; empty where it does not tell.
///
/// # Errors
/// [`FlowError::NotFound`] where the key is gone; what the vendor or the vault answered.
pub async fn key_usage(ctx: &Context, target: &KeyRef) -> Result<Vec<Usage>, FlowError> {
    key(ctx, target).await?;
    let (_, provider) = account(ctx, &target.account).await?;
    if provider.manifest().capabilities.is_assisted() {
        return Ok(Vec::new());
    }
    let opened = open(ctx, &target.account).await?;
    let usage = opened.provider.usage(opened.connection(), &target.key).await?;
    ctx.ledger.locate(target, &usage, ctx.clock.now()).await?;
    Ok(usage)
}

fn permit(allowed: bool, otherwise: &str) -> Permit {
    if allowed { Permit::Allowed } else { Permit::Denied(otherwise.to_owned()) }
}
