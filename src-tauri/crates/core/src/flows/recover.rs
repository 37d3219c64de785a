//! At the start: every operation whose end is not on disk is settled against the vendor's list.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::Context;
use super::account::open;
use super::create::close;
use super::reconcile::{Found, settle};
use crate::error::FlowError;
use crate::operation::{Operation, Stage};

/// What recovery found, for a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// The request never took effect.
    NothingHappened { name: String },
    /// A key had been made; its secret was lost with the reply, so it was revoked.
    OrphanRevoked { name: String },
    /// A rotation in one call: the old key is dead, and there is no new one.
    Gone { name: String },
    /// Keys are left without a secret, or with one that is not known, for the person to decide.
    Orphaned { name: String },
    /// It could not be settled now; it is tried again later, and not before the time that the vendor `asked` for.
    Postponed { name: String, reason: String, asked: Option<TimeDelta> },
}

/// Settles each operation that was sent and whose reply never reached the disk. Never mints.
///
/// # Errors
/// Ledger faults. A vendor that cannot be reached postpones its operations instead.
pub async fn recover(ctx: &Context) -> Result<Vec<Recovered>, FlowError> {
    let (mut results, mut left_alone) = (Vec::new(), HashMap::new());
    for operation in ctx.ledger.open_operations().await? {
        if !operation.stage.is_minting() {
            continue;
        }
        let result = match left_alone.get(&operation.account) {
            Some((reason, asked)) => {
                let (name, reason) = (operation.intent.name().to_owned(), String::clone(reason));
                Recovered::Postponed { name, reason, asked: Some(*asked) }
            }
            None => settle_one(ctx, &operation).await?,
        };
        if let Recovered::Postponed { reason, asked: Some(asked), .. } = &result {
            left_alone.insert(operation.account, (reason.clone(), *asked));
        }
        results.push(result);
    }
    Ok(results)
}

/// Settles one of them.
pub(super) async fn settle_one(ctx: &Context, operation: &Operation) -> Result<Recovered, FlowError> {
    let name = operation.intent.name().to_owned();
    let found = match open(ctx, &operation.account).await {
        Ok(opened) => settle(ctx, &opened, operation).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(Found::Nothing) => {
            let reason = "interrupted before the vendor did anything".into();
            close(ctx, operation, Stage::Failed { reason }).await?;
            Ok(Recovered::NothingHappened { name })
        }
        Ok(Found::Revoked) => {
            let reason = "interrupted; the key that had been made was revoked".into();
            close(ctx, operation, Stage::Failed { reason }).await?;
            Ok(Recovered::OrphanRevoked { name })
        }
        Ok(Found::Gone) => {
            let reason = "interrupted; the old key is dead, and there is no new one".into();
            close(ctx, operation, Stage::Failed { reason }).await?;
            Ok(Recovered::Gone { name })
        }
        Ok(Found::Undecided | Found::Unknown) => Ok(Recovered::Orphaned { name }),
        Err(FlowError::Ledger(error)) => Err(error.into()),
        Err(error) => Ok(Recovered::Postponed { name, reason: error.to_string(), asked: error.asked_wait() }),
    }
}
