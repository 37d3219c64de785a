//! What a lost reply left behind: the vendor's list is compared with the intent that was written first.

use chrono::TimeDelta;

use super::Context;
use super::account::{Opened, entry};
use super::create::close;
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef, KeyStatus, LastUse, VendorKeyId};
use crate::operation::{Intent, Operation, Stage};
use crate::provider::{Paging, RotateSupport};

/// How far a vendor's clock may be from ours.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// What became of an operation whose reply was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The vendor made nothing.
    Nothing,
    /// A key may have another value than before under the same id: no list tells. Left to the person, marked.
    Unknown,
    /// Exactly one key fits the intent in every field; its secret is gone, so it was revoked.
    Revoked,
    /// More than one may be it, or it must not be revoked: left to the person, marked in the list.
    Undecided,
}

/// Lists the account and settles the operation as far as it can be settled without guessing.
pub(super) async fn settle(
    ctx: &Context,
    opened: &Opened,
    operation: &Operation,
) -> Result<Found, FlowError> {
    let read_at = ctx.clock.now();
    let keys = opened.provider.list(opened.connection(), &|_| Paging::Continue).await?;
    ctx.ledger.merge_keys(&operation.account, &keys, read_at).await?;
    let mut fitting: Vec<&KeyRecord> = Vec::new();
    for key in keys.iter().filter(|key| fits(operation, key)) {
        if !made_by_another(ctx, operation, key).await? {
            fitting.push(key);
        }
    }
    match (&operation.intent, fitting.as_slice()) {
        (Intent::Rotate { predecessor, .. }, []) if keeps_its_record(opened) && lives(&keys, predecessor) => {
            let key = KeyRef { account: operation.account.clone(), key: predecessor.clone() };
            close(ctx, operation, Stage::Orphaned { keys: vec![key] }).await?;
            Ok(Found::Unknown)
        }
        (_, []) => Ok(Found::Nothing),
        (Intent::Create { .. } | Intent::Replace { .. }, [only]) => {
            let intended = entry(ctx, &operation.account, Some(&only.id), Action::Revoke, Outcome::Intended);
            ctx.ledger.append(&intended).await?;
            opened.provider.revoke(opened.connection(), &only.id).await?;
            let mut gone = (*only).clone();
            gone.status = KeyStatus::Revoked { at: Some(ctx.clock.now()) };
            let seen =
                Outcome::Done("made by a request whose reply was lost; its secret never arrived".into());
            let done = entry(ctx, &operation.account, Some(&only.id), Action::Revoke, seen);
            ctx.ledger.put_key(&operation.account, &gone, &done).await?;
            Ok(Found::Revoked)
        }
        (_, candidates) => {
            let keys = candidates
                .iter()
                .map(|key| KeyRef { account: operation.account.clone(), key: key.id.clone() })
                .collect();
            close(ctx, operation, Stage::Orphaned { keys }).await?;
            Ok(Found::Undecided)
        }
    }
}

/// Whether a key came with the reply to another request of ours: its value is sealed here.
async fn made_by_another(ctx: &Context, operation: &Operation, key: &KeyRecord) -> Result<bool, FlowError> {
    let key = KeyRef { account: operation.account.clone(), key: key.id.clone() };
    let held = ctx.ledger.operations_of(&key).await?;
    Ok(held.iter().any(|other| other.id != operation.id && other.stage.unsaved() == Some(&key)))
}

/// Whether the vendor's one-call rotation leaves the key its id.
fn keeps_its_record(opened: &Opened) -> bool {
    opened.provider.manifest().capabilities.rotate == RotateSupport::Atomic { same_record: true }
}

fn lives(keys: &[KeyRecord], id: &VendorKeyId) -> bool {
    keys.iter().any(|key| key.id == *id && key.status.is_live())
}

/// Whether a listed key can be the one that the operation made: new, live, unused, and alike in every field.
fn fits(operation: &Operation, key: &KeyRecord) -> bool {
    let recent = key.created_at.is_none_or(|at| at >= operation.started_at - CLOCK_SKEW);
    let unused = matches!(key.last_use, LastUse::Never | LastUse::NotReported);
    if !recent || !unused || !key.status.is_live() {
        return false;
    }
    match &operation.intent {
        Intent::Create { grant, known } | Intent::Replace { grant: Some(grant), known, .. } => {
            let mut scopes = key.scopes.clone();
            scopes.sort();
            !known.contains(&key.id)
                && key.name == grant.name
                && key.environment == grant.environment
                && scopes == grant.scopes
                && key.expires_at.map(|at| at.timestamp()) == grant.expires_at.map(|at| at.timestamp())
        }
        Intent::Rotate { name, known, .. } => !known.contains(&key.id) && key.name == *name,
        // By hand, or nothing at all: no request of ours makes a key.
        Intent::Replace { grant: None, .. } | Intent::Revoke { .. } => false,
    }
}
