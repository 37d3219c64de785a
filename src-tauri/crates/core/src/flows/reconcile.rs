//! What a lost reply left behind: the vendor's list is compared with the intent that was written first.

use chrono::TimeDelta;

use super::Context;
use super::account::{Opened, entry};
use super::create::close;
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef, KeyStatus, LastUse, VendorKeyId};
use crate::operation::{Intent, Operation, Stage};
use crate::provider::RotateSupport;

/// How far a vendor's clock may be from ours.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// What became of an operation whose reply was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The vendor made nothing.
    Nothing,
    /// The key that was to be rotated in one call is dead, and no new one is listed.
    Gone,
    /// A key may have another value than before under the same id: no list tells. Left to the person, marked.
    Unknown,
    /// Exactly one key fits the intent in every field; its secret is gone, so it was revoked, now or before.
    Revoked,
    /// More than one may be it, it must not be revoked, or by its date it is none of ours: left to the person, marked
    /// in the list.
    Undecided,
}

/// Lists the account and settles the operation as far as it can be settled without guessing.
pub(super) async fn settle(
    ctx: &Context,
    opened: &Opened,
    operation: &Operation,
) -> Result<Found, FlowError> {
    let keys = opened.read_list(ctx).await?;
    let mut alike: Vec<&KeyRecord> = Vec::new();
    for key in keys.iter().filter(|key| is_alike(operation, key)) {
        if !made_by_another(ctx, operation, key).await? {
            alike.push(key);
        }
    }
    let living: Vec<&KeyRecord> = alike.iter().copied().filter(|key| is_unused(key)).collect();
    let recent: Vec<&KeyRecord> = living.iter().copied().filter(|key| is_recent(operation, key)).collect();
    // One of the two clocks may be wrong. What is new in the list is then still ours, or nobody's that we know.
    let is_dated_otherwise = recent.is_empty() && !living.is_empty();
    let fitting = if is_dated_otherwise { living } else { recent };
    match (&operation.intent, fitting.as_slice()) {
        (_, []) if alike.iter().any(|key| !key.status.is_live()) => Ok(Found::Revoked),
        (Intent::Rotate { predecessor, .. }, []) if keeps_its_record(opened) && lives(&keys, predecessor) => {
            let key = KeyRef { account: operation.account.clone(), key: predecessor.clone() };
            close(ctx, operation, Stage::Orphaned { keys: vec![key] }).await?;
            Ok(Found::Unknown)
        }
        (Intent::Rotate { predecessor, .. }, []) if !lives(&keys, predecessor) => Ok(Found::Gone),
        (_, []) => Ok(Found::Nothing),
        (Intent::Create { .. } | Intent::Replace { .. }, [only]) if !is_dated_otherwise => {
            let intended = entry(ctx, &operation.account, Some(&only.id), Action::Revoke, Outcome::Intended);
            ctx.ledger.append(&intended).await?;
            opened.provider.revoke(opened.connection(), &only.id).await?;
            let mut gone = (*only).clone();
            // Nobody can ask with it: that it is dead is for the vendor's list to say.
            gone.status = KeyStatus::Revoking;
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

fn is_unused(key: &KeyRecord) -> bool {
    key.status.is_live() && matches!(key.last_use, LastUse::Never | LastUse::NotReported)
}

fn is_recent(operation: &Operation, key: &KeyRecord) -> bool {
    key.created_at.is_none_or(|at| at >= operation.started_at - CLOCK_SKEW)
}

/// Whether a listed key can be one that the operation made: new in the list, and alike in every field.
fn is_alike(operation: &Operation, key: &KeyRecord) -> bool {
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
