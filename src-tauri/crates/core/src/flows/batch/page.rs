//! Batches and their items as a screen shows them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::account::{Account, AccountId};
use crate::batch::{BatchId, FoundItem, ItemKind, Standing};
use crate::error::FlowError;
use crate::flows::Context;
use crate::operation::Operation;
use crate::ports::VaultStatus;
use crate::provider::Provider;

/// How long a batch that ended is shown.
const SHOWN: TimeDelta = TimeDelta::days(7);

/// Most items in one part of the list.
const LIMIT: usize = 200;

/// Every batch that is shown, and whether the vault lets them go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchPage {
    pub standings: Vec<Standing>,
    pub locked: bool,
}

/// One item with where it stands at its vendor.
pub struct ItemPage {
    pub found: FoundItem,
    pub account: Option<(Account, Arc<dyn Provider>)>,
    pub operation: Option<Operation>,
}

impl std::fmt::Debug for ItemPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ItemPage").field("found", &self.found).finish_non_exhaustive()
    }
}

/// Batches that have not ended or did in the last seven days, newest first.
///
/// # Errors
/// Ledger faults.
pub async fn batches(ctx: &Context) -> Result<BatchPage, FlowError> {
    let standings = ctx.ledger.batches(ctx.clock.now() - SHOWN).await?;
    Ok(BatchPage { standings, locked: ctx.vault.status() != VaultStatus::Open })
}

/// One of them, and whether the vault holds it up.
///
/// # Errors
/// [`FlowError::NotFound`] where there is no such batch; ledger faults.
pub async fn batch(ctx: &Context, id: &BatchId) -> Result<(Standing, bool), FlowError> {
    let standing = ctx.ledger.batch(id).await?.ok_or(FlowError::NotFound("batch"))?;
    Ok((standing, ctx.vault.status() != VaultStatus::Open))
}

/// A part of a batch's items, with how many there are of this kind.
///
/// # Errors
/// Ledger faults.
pub async fn batch_items(
    ctx: &Context,
    id: &BatchId,
    kind: Option<ItemKind>,
    offset: usize,
    limit: usize,
) -> Result<(Vec<ItemPage>, usize), FlowError> {
    let (found, total) = ctx.ledger.items(id, kind, offset, limit.min(LIMIT)).await?;
    let mut accounts: HashMap<AccountId, (Account, Arc<dyn Provider>)> = HashMap::new();
    for account in ctx.ledger.accounts().await? {
        if let Some(provider) = ctx.providers.provider(&account.vendor) {
            accounts.insert(account.id.clone(), (account, provider));
        }
    }
    let mut pages = Vec::with_capacity(found.len());
    for found in found {
        let operation =
            if found.begun { ctx.ledger.operation(&found.item.operation(id)).await? } else { None };
        let account = accounts.get(&found.item.key.account).cloned();
        pages.push(ItemPage { found, account, operation });
    }
    Ok((pages, total))
}
