//! Revoking a key: irreversible, so a live key's name is typed and the managing key needs a second yes.

use super::Context;
use super::account::{account, entry, key, open};
use super::create::close;
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::{Environment, KeyRef, KeyStatus};
use crate::operation::Stage;
use crate::permit::{Permit, Permits};

/// What the person said before an act that cannot be undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// The key's name as typed; needed for a live key.
    pub typed_name: Option<String>,
    /// The second, explicit yes for the managing key.
    pub managing: bool,
}

/// Revokes `target` at its vendor. A secret that still waits in escrow for it is destroyed.
///
/// # Errors
/// [`FlowError::NotAllowed`] where the confirmation is missing or the key's state forbids it.
pub async fn revoke_key(
    ctx: &Context,
    target: &KeyRef,
    confirmation: &Confirmation,
) -> Result<(), FlowError> {
    let mut record = key(ctx, target).await?;
    let (owner, provider) = account(ctx, &target.account).await?;
    let manifest = provider.manifest();
    if let Permit::Denied(reason) = Permits::of(&manifest.capabilities, &record).revoke {
        return Err(FlowError::NotAllowed(reason));
    }
    if record.environment == Environment::Live
        && confirmation.typed_name.as_deref() != Some(record.name.as_str())
    {
        return Err(FlowError::NotAllowed(
            "Type the key's name exactly as it stands to revoke a live key.".into(),
        ));
    }
    confirm_managing(owner.manages_with(&target.key), confirmation.managing)?;
    let opened = open(ctx, &target.account).await?;
    let asked = entry(ctx, &target.account, Some(&target.key), Action::Revoke, Outcome::Intended);
    ctx.ledger.append(&asked).await?;
    if let Err(error) = opened.provider.revoke(opened.connection(), &target.key).await {
        let failed = entry(
            ctx,
            &target.account,
            Some(&target.key),
            Action::Revoke,
            Outcome::Failed(error.to_string()),
        );
        ctx.ledger.append(&failed).await?;
        return Err(error.into());
    }
    let at_once = manifest.capabilities.revocation_delay.is_zero();
    record.status =
        if at_once { KeyStatus::Revoked { at: Some(ctx.clock.now()) } } else { KeyStatus::Revoking };
    let seen = Outcome::Done(format!("accepted by {}", manifest.name));
    ctx.ledger
        .put_key(
            &target.account,
            &record,
            &entry(ctx, &target.account, Some(&target.key), Action::Revoke, seen),
        )
        .await?;
    release_escrow(ctx, target).await
}

/// The managing key's row needs a second yes before it is revoked or deleted.
pub(super) fn confirm_managing(managing: bool, confirmed: bool) -> Result<(), FlowError> {
    if managing && !confirmed {
        return Err(FlowError::NotAllowed(
            "This is the key with which Keyturn manages the account. Confirm that the account may lose its connection.".into(),
        ));
    }
    Ok(())
}

async fn release_escrow(ctx: &Context, target: &KeyRef) -> Result<(), FlowError> {
    for operation in ctx.ledger.open_operations().await? {
        let holds = match &operation.stage {
            Stage::Escrowed { key } => key == target,
            Stage::Orphaned { keys } => keys.as_slice() == std::slice::from_ref(target),
            Stage::Sent | Stage::Acknowledged { .. } | Stage::Failed { .. } => false,
        };
        if holds {
            close(ctx, &operation, Action::Revoke, Stage::Failed { reason: "the key was revoked".into() })
                .await?;
        }
    }
    Ok(())
}
