//! The vendor's own one-call rotation: the old key dies at that moment and the new secret goes into escrow.
//! The overlapped way (create, verify, revoke) is not here yet.

use super::Context;
use super::account::{account, entry, key, open};
use super::create::{close, keep, unsettled};
use super::reconcile::{Found, settle};
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef, KeyStatus, LastUse};
use crate::operation::{Intent, Operation, OperationId, Stage};
use crate::permit::{Permit, Permits};
use crate::ports::{VaultError, VaultStatus};
use crate::provider::RotateSupport;

/// What a rotation would do, before it is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationPlan {
    pub record: KeyRecord,
    pub steps: Vec<String>,
    pub warnings: Vec<String>,
    pub permit: Permit,
}

/// Says in words what a rotation of `target` would do.
///
/// # Errors
/// [`FlowError::NotFound`] where the key is gone.
pub async fn plan_rotation(ctx: &Context, target: &KeyRef) -> Result<RotationPlan, FlowError> {
    let record = key(ctx, target).await?;
    let (account, provider) = account(ctx, &target.account).await?;
    let vendor = provider.manifest().name;
    let permit = match provider.manifest().capabilities.rotate {
        RotateSupport::Overlap => Permit::Denied(format!(
            "{vendor} rotates by creating and revoking, which Keyturn does not do yet."
        )),
        RotateSupport::Atomic | RotateSupport::Dashboard(_) => {
            Permits::of(&provider.manifest().capabilities, &record).rotate
        }
    };
    let steps = vec![
        format!("{vendor} makes a new key with the same name, scopes, environment and expiry."),
        format!(
            "In the same moment the old key {} stops working. There is no overlap.",
            record.hint.masked()
        ),
        "The new key is sealed in the vault and shown to you once, to be saved.".to_owned(),
    ];
    let mut warnings =
        vec!["Every system that still uses the old key fails until you give it the new one.".to_owned()];
    if let LastUse::At(_) = record.last_use {
        warnings.push("The old key is in use: see when it was last used below.".to_owned());
    }
    if account.manages_with(&target.key) {
        warnings.push("This is the managing key. Keyturn goes on with the new one by itself.".to_owned());
    }
    Ok(RotationPlan { record, steps, warnings, permit })
}

/// Rotates `target` in one call at the vendor; the new secret waits in escrow under `operation`.
///
/// # Errors
/// [`FlowError::Doubt`] where the reply was lost: the new secret is unknown then, and rotating again is offered.
pub async fn rotate_key(ctx: &Context, target: &KeyRef, operation: OperationId) -> Result<KeyRef, FlowError> {
    if ctx.vault.status() != VaultStatus::Open {
        return Err(VaultError::Locked.into());
    }
    let plan = plan_rotation(ctx, target).await?;
    if let Permit::Denied(reason) = plan.permit {
        return Err(FlowError::NotAllowed(reason));
    }
    let mut opened = open(ctx, &target.account).await?;
    let known = ctx.ledger.keys(&target.account).await?.into_iter().map(|key| key.id).collect();
    let operation = Operation {
        id: operation,
        account: target.account.clone(),
        intent: Intent::Rotate { predecessor: target.key.clone(), name: plan.record.name.clone(), known },
        stage: Stage::Sent,
        started_at: ctx.clock.now(),
    };
    let asked = entry(ctx, &target.account, Some(&target.key), Action::Rotate, Outcome::Intended);
    ctx.ledger.begin(&operation, &asked).await?;
    let minted = match opened.provider.rotate(opened.connection(), &target.key).await {
        Ok(minted) => minted,
        Err(error) if error.fault.leaves_doubt() => {
            let found = match settle(ctx, &opened, &operation).await {
                Ok(found) => found,
                Err(FlowError::Ledger(fault)) => return Err(fault.into()),
                Err(unread) => return Err(unsettled(&error, &unread)),
            };
            if found == Found::Undecided {
                return Err(FlowError::Doubt(format!(
                    "{error}. The old key was replaced and the new key's value never arrived: rotate the new key again"
                )));
            }
            close(ctx, &operation, Action::Rotate, Stage::Failed { reason: error.to_string() }).await?;
            return Err(error.into());
        }
        Err(error) => {
            close(ctx, &operation, Action::Rotate, Stage::Failed { reason: error.to_string() }).await?;
            return Err(error.into());
        }
    };
    if opened.account.manages_with(&target.key) {
        opened.replace_managing_key(ctx, &minted).await?;
    }
    let successor = keep(ctx, &opened, &operation, Action::Rotate, minted).await?;
    retire(ctx, target, plan.record, &successor).await?;
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
