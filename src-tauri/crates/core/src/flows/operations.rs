//! What is under way and what ended lately, each with both keys and with what was seen.

use std::sync::Arc;

use chrono::TimeDelta;

use super::Context;
use super::account::account;
use super::rotate::can_prove;
use crate::account::Account;
use crate::error::FlowError;
use crate::journal::Entry;
use crate::key::{KeyRecord, KeyRef};
use crate::operation::{Operation, OperationId, Stage};
use crate::provider::Provider;

/// How long an operation that ended is shown.
const SHOWN: TimeDelta = TimeDelta::days(7);

/// How many entries of each key's history are looked through.
const HISTORY: usize = 100;

/// One operation as the screen shows it.
pub struct OperationPage {
    pub operation: Operation,
    pub account: Account,
    pub provider: Arc<dyn Provider>,
    pub old: Option<KeyRecord>,
    pub new: Option<KeyRecord>,
    /// Keyturn holds the old key and can ask the vendor with it.
    pub can_prove: bool,
    /// Oldest first.
    pub evidence: Vec<Entry>,
}

impl std::fmt::Debug for OperationPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OperationPage").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}

/// Every operation that is open or was begun in the last seven days, oldest first.
///
/// # Errors
/// Ledger faults.
pub async fn operations(ctx: &Context) -> Result<Vec<OperationPage>, FlowError> {
    let mut pages = Vec::new();
    for operation in ctx.ledger.operations_since(ctx.clock.now() - SHOWN).await? {
        pages.push(page(ctx, operation).await?);
    }
    Ok(pages)
}

/// One of them.
///
/// # Errors
/// [`FlowError::NotFound`] where it is gone; ledger faults.
pub async fn operation(ctx: &Context, id: &OperationId) -> Result<OperationPage, FlowError> {
    let found = ctx.ledger.operation(id).await?.ok_or(FlowError::NotFound("operation"))?;
    page(ctx, found).await
}

async fn page(ctx: &Context, operation: Operation) -> Result<OperationPage, FlowError> {
    let (account, provider) = account(ctx, &operation.account).await?;
    let (old, new) = (operation.predecessor(), made(&operation));
    let mut evidence = Vec::new();
    for key in [&old, &new].into_iter().flatten() {
        let told = ctx.ledger.history(key, HISTORY).await?;
        evidence.extend(told.into_iter().filter(|entry| entry.at >= operation.started_at));
    }
    evidence.sort_by_key(|entry| entry.at);
    let can_prove = can_prove(ctx, &operation, &account).await?;
    Ok(OperationPage {
        can_prove,
        account,
        provider,
        old: record(ctx, old).await?,
        new: record(ctx, new).await?,
        evidence,
        operation,
    })
}

async fn record(ctx: &Context, key: Option<KeyRef>) -> Result<Option<KeyRecord>, FlowError> {
    match key {
        Some(key) => Ok(ctx.ledger.key(&key).await?),
        None => Ok(None),
    }
}

/// The key that was made, once there is one.
fn made(operation: &Operation) -> Option<KeyRef> {
    match &operation.stage {
        Stage::Escrowed { key } | Stage::Acknowledged { key } => Some(key.clone()),
        Stage::Orphaned { keys } => keys.first().cloned(),
        Stage::Rotating(rotation) => rotation.successor().map(|successor| successor.key.clone()),
        Stage::Sent | Stage::Failed { .. } => None,
    }
}
