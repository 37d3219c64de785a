//! One key with all that is known of it: fields, what may be done, history.

use std::sync::Arc;

use super::Context;
use super::account::{account, key};
use crate::account::Account;
use crate::error::FlowError;
use crate::journal::Entry;
use crate::key::{KeyRecord, KeyRef};
use crate::operation::OperationId;
use crate::permit::Permits;
use crate::provider::Provider;

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
    let permits = Permits::of(&provider.manifest().capabilities, &record);
    let history = ctx.ledger.history(target, HISTORY).await?;
    let (mut unsaved, mut operation) = (None, None);
    for open in ctx.ledger.open_operations().await? {
        if open.stage.unsaved() == Some(target) {
            unsaved = Some(open.id.clone());
        }
        if open.concerns(target) {
            operation = Some(open.id);
        }
    }
    Ok(KeyPage { record, account, provider, permits, history, unsaved, operation })
}
