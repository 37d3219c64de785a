//! Secrets that wait for "I have stored this key": listing, taking for copy or reveal, letting go.

use chrono::{DateTime, Utc};

use super::Context;
use super::account::{account, entry, value};
use super::create::close;
use super::rotate::person;
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef};
use crate::operation::{Intent, Operation, OperationId, Stage};
use crate::ports::{Along, Purpose};
use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// A secret in escrow, without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escrow {
    pub operation: OperationId,
    pub key: KeyRef,
    pub record: KeyRecord,
    /// The name of the key that this one replaced.
    pub rotated_from: Option<String>,
    pub since: DateTime<Utc>,
    /// What differs between what was asked for and what the vendor granted, in words.
    pub differences: Vec<String>,
}

/// Every secret that waits, oldest first.
///
/// # Errors
/// Ledger faults.
pub async fn escrows(ctx: &Context) -> Result<Vec<Escrow>, FlowError> {
    let mut waiting = Vec::new();
    for operation in ctx.ledger.open_operations().await? {
        if let Some(escrow) = escrow_of(ctx, &operation).await? {
            waiting.push(escrow);
        }
    }
    Ok(waiting)
}

async fn escrow_of(ctx: &Context, operation: &Operation) -> Result<Option<Escrow>, FlowError> {
    let Some(key) = operation.stage.unsaved() else { return Ok(None) };
    let Some(record) = ctx.ledger.key(key).await? else { return Ok(None) };
    let rotated_from = match &operation.intent {
        Intent::Create { .. } | Intent::Revoke { .. } => None,
        Intent::Rotate { name, .. } | Intent::Replace { name, .. } => Some(name.clone()),
    };
    Ok(Some(Escrow {
        operation: operation.id.clone(),
        key: key.clone(),
        differences: differences(&operation.intent, &record),
        record,
        rotated_from,
        since: operation.started_at,
    }))
}

/// What the vendor granted otherwise than asked for; empty where all is as asked.
pub(super) fn differences(intent: &Intent, record: &KeyRecord) -> Vec<String> {
    let Some(grant) = intent.grant() else { return Vec::new() };
    let mut words = Vec::new();
    let missing: Vec<&str> =
        grant.scopes.iter().filter(|s| !record.scopes.contains(s)).map(|s| s.0.as_str()).collect();
    let extra: Vec<&str> =
        record.scopes.iter().filter(|s| !grant.scopes.contains(s)).map(|s| s.0.as_str()).collect();
    if !missing.is_empty() {
        words.push(format!("The vendor did not grant {}.", missing.join(", ")));
    }
    if !extra.is_empty() {
        words.push(format!("The vendor granted more than you asked for: {}.", extra.join(", ")));
    }
    if record.environment != grant.environment {
        words.push("The key works in another environment than you asked for.".into());
    }
    if record.expires == Timestamp::Unreadable {
        words.push("The vendor tells when the key expires in a way that could not be read.".into());
    } else if !record.expires.may_be(grant.expires_at) {
        words.push("The key expires at another time than you asked for.".into());
    }
    words
}

/// Opens a waiting secret for `action` ([`Action::Copy`] or [`Action::Reveal`]); the journal hears of it first.
///
/// # Errors
/// [`FlowError::NotFound`] where it was acknowledged already; vault and ledger faults.
pub async fn take_for(
    ctx: &Context,
    operation: &OperationId,
    action: Action,
) -> Result<(Escrow, Secret), FlowError> {
    let gone = FlowError::NotFound("unsaved key");
    let Some(found) = ctx.ledger.operation(operation).await? else { return Err(gone) };
    let Some(escrow) = escrow_of(ctx, &found).await? else { return Err(gone) };
    let (account, _) = account(ctx, &found.account).await?;
    let secret = value(ctx, &account, &Purpose::Escrow(operation.clone())).await?.ok_or(gone)?;
    let taken = entry(ctx, &escrow.key.account, Some(&escrow.key.key), action, Outcome::Intended);
    ctx.ledger.append(&taken).await?;
    Ok((escrow, secret))
}

/// The person has stored the key: the sealed secret is destroyed.
///
/// # Errors
/// [`FlowError::NotFound`] where nothing waits under this id.
pub async fn acknowledge(ctx: &Context, operation: &OperationId) -> Result<(), FlowError> {
    let found = ctx.ledger.operation(operation).await?.ok_or(FlowError::NotFound("unsaved key"))?;
    if let Stage::Rotating(_) = found.stage {
        return person::acknowledged(ctx, operation).await;
    }
    let Stage::Escrowed { key } = found.stage else { return Err(FlowError::NotFound("unsaved key")) };
    let done = entry(
        ctx,
        &key.account,
        Some(&key.key),
        Action::Acknowledge,
        Outcome::Done("stored by the person".into()),
    );
    let along = Along { entry: Some(&done), ..Along::default() };
    let stored = Stage::Acknowledged { key: key.clone() };
    if ctx.ledger.step(operation, &Stage::Escrowed { key }, &stored, along).await? {
        Ok(())
    } else {
        Err(FlowError::NotFound("unsaved key"))
    }
}

/// Why a value that nobody stored is not kept any longer.
pub(super) const REVOKED: &str = "the key was revoked";

/// The value of `target` works no more: what still waits for it, or was left without it, is over. Not so the
/// operation `but`, which is the one that ended it.
pub(super) async fn release(
    ctx: &Context,
    target: &KeyRef,
    but: Option<&OperationId>,
    reason: &str,
) -> Result<(), FlowError> {
    for operation in ctx.ledger.operations_of(target).await? {
        let over = Stage::Failed { reason: reason.into() };
        let next = match &operation.stage {
            Stage::Escrowed { key } if key == target => over,
            Stage::Orphaned { keys } if keys.contains(target) => {
                // The others are still to be decided on.
                let left: Vec<KeyRef> = keys.iter().filter(|key| *key != target).cloned().collect();
                if left.is_empty() { over } else { Stage::Orphaned { keys: left } }
            }
            Stage::Escrowed { .. }
            | Stage::Orphaned { .. }
            | Stage::Sent
            | Stage::Acknowledged { .. }
            | Stage::Failed { .. }
            | Stage::Rotating(_) => continue,
        };
        if but != Some(&operation.id) {
            // Where it moved on meanwhile, its own step has the word.
            close(ctx, &operation, next).await?;
        }
    }
    Ok(())
}
