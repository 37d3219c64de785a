//! The vendors' own audit logs: read where there are any, and kept beside the journal, never in its chain.

use super::Context;
use super::account::open;
use crate::account::AccountId;
use crate::error::FlowError;
use crate::provider::Support;

/// Reads what the vendor recorded since the newest record that is known; says how many came.
///
/// # Errors
/// [`FlowError::Provider`] where the vendor did not answer, or lets nobody with this key read its log.
pub async fn read_feed(ctx: &Context, account: &AccountId) -> Result<usize, FlowError> {
    let (_, provider) = super::account::account(ctx, account).await?;
    if provider.manifest().capabilities.list != Support::Yes {
        return Ok(0);
    }
    let opened = open(ctx, account).await?;
    let since = ctx.ledger.newest_record(account).await?;
    let records = opened.provider.audit_feed(opened.connection(), since).await?;
    ctx.ledger.put_records(account, &records).await?;
    Ok(records.len())
}
