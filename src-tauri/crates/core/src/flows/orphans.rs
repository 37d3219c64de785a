//! Keys that a lost reply may have made, left to the person: once the vendor lists none of them as alive, there is
//! nothing left to decide.

use chrono::{DateTime, Utc};

use super::Context;
use super::create::close;
use crate::account::AccountId;
use crate::error::FlowError;
use crate::key::KeyRef;
use crate::operation::Stage;
use crate::ports::Listed;
use crate::reading::{Absence, absence};

/// Ends what was left to the person and has nobody left, after a good reading of the account that began at `read_at`.
pub(super) async fn end_where_none_lives(
    ctx: &Context,
    account: &AccountId,
    read_at: DateTime<Utc>,
) -> Result<(), FlowError> {
    for operation in ctx.ledger.open_operations().await? {
        let Stage::Orphaned { keys } = &operation.stage else { continue };
        if operation.account == *account && !any_may_live(ctx, keys, read_at).await? {
            let reason = "the vendor lists none of the keys as working that it may have made";
            close(ctx, &operation, Stage::Failed { reason: reason.into() }).await?;
        }
    }
    Ok(())
}

/// A key that was never listed may be listed by the next reading.
async fn any_may_live(ctx: &Context, keys: &[KeyRef], read_at: DateTime<Utc>) -> Result<bool, FlowError> {
    for key in keys {
        let may_live = match ctx.ledger.listed(key).await? {
            Some(Listed::Dead) => false,
            Some(Listed::Missing { since }) => absence(Some(since), read_at) == Absence::Rumour,
            Some(Listed::Alive) | None => true,
        };
        if may_live {
            return Ok(true);
        }
    }
    Ok(false)
}
