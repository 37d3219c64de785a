//! The vendor's own one-call rotation: the old key dies at that moment and the new secret goes into escrow.

use crate::error::FlowError;
use crate::flows::Context;
use crate::flows::account::{entry, key, open};
use crate::flows::create::{close, keep, not_seen, unsettled};
use crate::flows::escrow::release;
use crate::flows::reconcile::{Found, When, settle};
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef, KeyStatus};
use crate::operation::{Intent, Operation, OperationId, Stage};

/// Rotates `target` in one call at the vendor; the new secret waits in escrow under `operation`.
///
/// # Errors
/// [`FlowError::Doubt`] where the reply was lost: the new secret is unknown then, and rotating again is offered.
pub(super) async fn rotate_at_once(
    ctx: &Context,
    target: &KeyRef,
    operation: OperationId,
) -> Result<KeyRef, FlowError> {
    let record = key(ctx, target).await?;
    let mut opened = open(ctx, &target.account).await?;
    let known = ctx.ledger.keys_named(&target.account, &record.name).await?;
    let _carried = ctx.process.carries(&operation);
    let operation = Operation {
        id: operation,
        account: target.account.clone(),
        intent: Intent::Rotate { predecessor: target.key.clone(), name: record.name.clone(), known },
        stage: Stage::Sent,
        started_at: ctx.clock.now(),
    };
    let asked = entry(ctx, &target.account, Some(&target.key), Action::Rotate, Outcome::Intended);
    ctx.ledger.begin(&operation, None, &asked).await?;
    let minted = match opened.provider.rotate(opened.connection(), &target.key).await {
        Ok(minted) => minted,
        Err(error) if error.fault.leaves_doubt() => {
            let found = match settle(ctx, &mut opened, &operation, When::AtOnce).await {
                Ok(found) => found,
                Err(FlowError::Ledger(fault)) => return Err(fault.into()),
                Err(unread) => return Err(unsettled(&error, &unread)),
            };
            let words = match found {
                Found::Undecided => {
                    "The old key was replaced and the new key's value never arrived: rotate the new key again"
                }
                Found::Unknown => {
                    "Whether the key has a new value now is not known. If it has, the old one is dead and the new one never arrived: rotate the key again, so that its value is known"
                }
                Found::NothingYet(_) => return Err(not_seen(&error)),
                Found::Overtaken => return Err(error.into()),
                Found::Nothing | Found::Revoked | Found::Gone => {
                    close(ctx, &operation, Stage::Failed { reason: error.to_string() }).await?;
                    return Err(error.into());
                }
            };
            return Err(FlowError::Doubt(format!("{error}. {words}")));
        }
        Err(error) => {
            close(ctx, &operation, Stage::Failed { reason: error.to_string() }).await?;
            return Err(error.into());
        }
    };
    let successor = keep(ctx, &opened, &operation, minted).await?;
    retire(ctx, target, record, &successor).await?;
    release(ctx, target, Some(&operation.id), "the key was rotated").await?;
    Ok(successor)
}

/// The vendor's reply means that the old key is dead: its row says so until the next reading confirms it.
async fn retire(
    ctx: &Context,
    target: &KeyRef,
    mut record: KeyRecord,
    successor: &KeyRef,
) -> Result<(), FlowError> {
    if successor == target {
        return Ok(());
    }
    record.status = KeyStatus::Revoked { at: Some(ctx.clock.now()) };
    let done = entry(
        ctx,
        &target.account,
        Some(&target.key),
        Action::Rotate,
        Outcome::Done("replaced by a new key".into()),
    );
    ctx.ledger.put_key(&target.account, &record, &done).await?;
    Ok(())
}
