//! Deleting a key at its vendor, where the vendor has it: only once it is revoked.

use super::Context;
use super::account::{account, entry, key, open};
use super::escrow::release;
use super::project::claimed_elsewhere;
use super::revoke::confirm_managing;
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef};
use crate::permit::{Permit, Permits};
use crate::provider::{Fault, Manifest};

/// Deletes `target` at its vendor and its row here. A key that is gone there already counts as deleted.
///
/// # Errors
/// [`FlowError::NotAllowed`] where it is not revoked yet or the vendor cannot delete.
pub async fn delete_key(ctx: &Context, target: &KeyRef, confirm: bool) -> Result<(), FlowError> {
    let record = key(ctx, target).await?;
    let (owner, provider) = account(ctx, &target.account).await?;
    if let Permit::Denied(reason) = permit(ctx, provider.manifest(), target, &record).await? {
        return Err(FlowError::NotAllowed(reason));
    }
    confirm_managing(owner.manages_with(&target.key), confirm)?;
    let opened = open(ctx, &target.account).await?;
    let note = |outcome| entry(ctx, &target.account, Some(&target.key), Action::Delete, outcome);
    ctx.ledger.append(&note(Outcome::Intended)).await?;
    match opened.provider.delete(opened.connection(), &target.key).await {
        Ok(()) => {}
        Err(error) if matches!(error.fault, Fault::NotFound) => {}
        Err(error) => {
            ctx.ledger.append(&note(Outcome::Failed(error.to_string()))).await?;
            return Err(error.into());
        }
    }
    // Before its row goes: afterwards no reading can tell that it does not live.
    release(ctx, target, None, "the key was deleted").await?;
    ctx.ledger.remove_key(target, &note(Outcome::Done("deleted at the vendor".into()))).await?;
    Ok(())
}

/// Whether the key can be deleted now: its state, and whose it may be.
pub(super) async fn permit(
    ctx: &Context,
    manifest: &Manifest,
    target: &KeyRef,
    record: &KeyRecord,
) -> Result<Permit, FlowError> {
    let permit = Permits::of(&manifest.capabilities, record).delete;
    if !permit.is_allowed() {
        return Ok(permit);
    }
    Ok(claimed_elsewhere(ctx, target).await?.map_or(Permit::Allowed, Permit::Denied))
}
