//! Revoking a key: irreversible, so a live key's name is typed and the managing key needs a second yes.

use chrono::TimeDelta;

use super::Context;
use super::account::{Opened, account, entry, key, open};
use super::create::close;
use super::escrow::{REVOKED, release};
use super::project::{claimed_elsewhere, is_busy};
use super::rotate::{NOT_KNOWN_WHICH, proof_of, say};
use crate::account::Account;
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::{Environment, KeyRecord, KeyRef};
use crate::name::{confirms, is_visible};
use crate::operation::{Intent, Operation, OperationId, Stage};
use crate::permit::{Permit, Permits};
use crate::ports::Sealed;
use crate::provider::{Fault, Manifest};
use crate::rotation::{Event, Overlap, Rotation, Way};

/// What the person said before an act that cannot be undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// The key's name as typed; needed for a live key.
    pub typed_name: Option<String>,
    /// The second, explicit yes for the managing key.
    pub managing: bool,
}

/// Revokes `target` at its vendor, under `operation`: its death is watched from then on, with its own value where
/// Keyturn holds that. A secret that still waits in escrow for it is destroyed.
///
/// # Errors
/// [`FlowError::NotAllowed`] where the confirmation is missing or the key's state forbids it.
pub async fn revoke_key(
    ctx: &Context,
    target: &KeyRef,
    confirmation: &Confirmation,
    operation: OperationId,
) -> Result<(), FlowError> {
    let record = key(ctx, target).await?;
    let (owner, _) = account(ctx, &target.account).await?;
    if record.environment == Environment::Live && !is_typed(confirmation, &record) {
        return Err(FlowError::NotAllowed("Type the key's name as it stands to revoke a live key.".into()));
    }
    confirm_managing(owner.manages_with(&target.key), confirmation.managing)?;
    revoke_confirmed(ctx, target, operation).await
}

/// Whether the key was named. One whose name shows nothing is named by the vendor's id.
fn is_typed(confirmation: &Confirmation, record: &KeyRecord) -> bool {
    let name = if is_visible(&record.name) { &record.name } else { &record.id.0 };
    confirmation.typed_name.as_deref().is_some_and(|typed| confirms(typed, name))
}

/// Whether the key can be revoked now: its state, whose it may be, and what is under way.
pub(super) async fn permit(
    ctx: &Context,
    manifest: &Manifest,
    owner: &Account,
    record: &KeyRecord,
) -> Result<Permit, FlowError> {
    let permit = Permits::of(&manifest.capabilities, record).revoke;
    if !permit.is_allowed() {
        return Ok(permit);
    }
    if owner.may_manage_with(record) {
        return Ok(Permit::Denied(NOT_KNOWN_WHICH.into()));
    }
    let target = KeyRef { account: owner.id.clone(), key: record.id.clone() };
    if let Some(reason) = claimed_elsewhere(ctx, &target).await? {
        return Ok(Permit::Denied(reason));
    }
    if is_busy(ctx, &target).await? {
        return Ok(Permit::Denied(
            "This key is part of an operation that is not finished. Finish or undo it under Operations."
                .into(),
        ));
    }
    Ok(Permit::Allowed)
}

/// The same, once the person has said what such a key needs: for it alone, or for all of a batch.
///
/// # Errors
/// As [`revoke_key`].
pub(super) async fn revoke_confirmed(
    ctx: &Context,
    target: &KeyRef,
    operation: OperationId,
) -> Result<(), FlowError> {
    let record = key(ctx, target).await?;
    let (owner, provider) = account(ctx, &target.account).await?;
    if let Permit::Denied(reason) = permit(ctx, provider.manifest(), &owner, &record).await? {
        return Err(FlowError::NotAllowed(reason));
    }
    let opened = open(ctx, &target.account).await?;
    let watched = revocation(ctx, target, &record.name, operation);
    let old_key = proof_of(ctx, &owner, target, &watched.id).await?;
    send(ctx, &opened, target, &watched, old_key.as_ref()).await
}

/// Has a key revoked whose value reached nobody, and watches its end like that of any other: that the vendor accepts a
/// revocation is not that it carries it out.
///
/// # Errors
/// [`FlowError::Doubt`] where the vendor has not accepted it yet; [`FlowError::Provider`] where it refuses.
pub(super) async fn take_back(
    ctx: &Context,
    opened: &Opened,
    target: &KeyRef,
    name: &str,
) -> Result<(), FlowError> {
    let id = OperationId(format!("taken back {target} {}", ctx.clock.now().timestamp_millis()));
    send(ctx, opened, target, &revocation(ctx, target, name, id), None).await
}

fn revocation(ctx: &Context, target: &KeyRef, name: &str, id: OperationId) -> Operation {
    Operation {
        id,
        account: target.account.clone(),
        intent: Intent::Revoke { key: target.key.clone(), name: name.to_owned() },
        stage: Stage::Rotating(Rotation::begin(Way::End, Overlap::None, ctx.clock.now())),
        started_at: ctx.clock.now(),
    }
}

/// Writes down that it is asked for, and asks.
async fn send(
    ctx: &Context,
    opened: &Opened,
    target: &KeyRef,
    watched: &Operation,
    old_key: Option<&Sealed>,
) -> Result<(), FlowError> {
    let asked = entry(ctx, &target.account, Some(&target.key), Action::Revoke, Outcome::Intended);
    ctx.ledger.begin(watched, old_key, &asked).await?;
    match opened.provider.revoke(opened.connection(), &target.key).await {
        Ok(()) => {}
        // The vendor says in its own words that there is no such key. Its end is watched all the same.
        Err(error) if matches!(error.fault, Fault::NotFound) => {}
        Err(error) if error.fault.leaves_doubt() => {
            // It may be revoked. Asking again does no harm, and that goes on by itself.
            let wait = error.fault.asked_wait().and_then(|asked| TimeDelta::from_std(asked).ok());
            say(ctx, &watched.id, Event::Held { why: error.to_string(), wait }).await?;
            return Err(FlowError::Doubt(format!(
                "{error}. Whether the key was revoked is not known yet: Keyturn asks again by itself"
            )));
        }
        Err(error) => {
            close(ctx, watched, Stage::Failed { reason: error.to_string() }).await?;
            return Err(error.into());
        }
    }
    say(ctx, &watched.id, Event::Revoked).await?;
    release(ctx, target, Some(&watched.id), REVOKED).await
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
