//! What a lost reply left behind: the vendor's list is compared with the intent that was written first.
//!
//! Three things keep a key safe that a person uses. A key is none of a lost request's where any operation of ours ever
//! led to it, or its value was ever sealed here. It is taken back by itself only where the vendor says that it was
//! never used; that no uses are reported says nothing, but for a key that was made seconds ago by a request whose reply
//! reached nobody. And that a list shows nothing new counts only some minutes after the request: lists lag behind.

use chrono::{DateTime, TimeDelta, Utc};

use super::Context;
use super::account::{Opened, entry};
use super::create::close;
use super::reading::read_alone;
use super::recover::{NOTHING, Recovered, recovered};
use super::revoke;
use crate::account::AccountId;
use crate::error::FlowError;
use crate::grant::Grant;
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef, LastUse, VendorKeyId};
use crate::name;
use crate::operation::{Intent, Operation, Stage};
use crate::ports::Trust;
use crate::provider::{Paging, RotateSupport};
use crate::reading::AGREE;

/// For so long after a request that had no effect as it seems, a key like the one that was asked for may be its own.
const LATE: TimeDelta = TimeDelta::days(1);

/// How far a vendor's clock may be from ours.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// What became of an operation whose reply was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The vendor made nothing.
    Nothing,
    /// The list shows nothing that fits, and may lag behind the request: it is looked at again then.
    NothingYet(DateTime<Utc>),
    /// The key that was to be rotated in one call is dead, and no new one is listed.
    Gone,
    /// A key may have another value than before under the same id: no list tells. Left to the person, marked.
    Unknown,
    /// Exactly one key fits the intent in every field; its secret is gone, so it was revoked, now or before.
    Revoked,
    /// More than one may be it, it must not be revoked, or by its date it is none of ours: left to the person, marked
    /// in the list.
    Undecided,
    /// The operation moved on meanwhile: there is nothing to settle.
    Overtaken,
}

/// When an operation is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// In the call whose reply was lost a moment ago, which carries the operation: nobody can have the secret of what it
    /// made.
    AtOnce,
    /// Later: somebody may use what looks like it.
    Afterwards,
}

/// Lists the account and settles the operation as far as it can be settled without guessing.
pub(super) async fn settle(
    ctx: &Context,
    opened: &mut Opened,
    operation: &Operation,
    when: When,
) -> Result<Found, FlowError> {
    let began = ctx.clock.now();
    let keys = read_alone(ctx, opened, Trust::Usual, &|_| Paging::Continue).await?.keys;
    settle_by(ctx, opened, operation, (&keys, began), when).await
}

/// Settles what was interrupted at an account by a list that was read for another reason, begun at `began`. What this
/// process carries itself is passed over, and what it carried when that reading began.
pub(super) async fn settle_with(
    ctx: &Context,
    opened: &Opened,
    keys: &[KeyRecord],
    (began, turn): (DateTime<Utc>, u64),
) -> Result<Vec<Recovered>, FlowError> {
    let mut all = Vec::new();
    for operation in ctx.ledger.open_operations().await? {
        let interrupted = operation.account == opened.account.id
            && operation.stage.is_minting()
            && ctx.process.was_over(&operation.id, turn);
        if interrupted {
            let found = settle_by(ctx, opened, &operation, (keys, began), When::Afterwards).await;
            all.extend(recovered(ctx, &operation, found).await?);
        }
    }
    all.extend(listed_late(ctx, &opened.account.id, keys).await?);
    Ok(all)
}

/// Two readings lacked what a request had made, and a later one shows it: the operation that was over is the person's to
/// decide.
async fn listed_late(
    ctx: &Context,
    account: &AccountId,
    keys: &[KeyRecord],
) -> Result<Vec<Recovered>, FlowError> {
    let mut all = Vec::new();
    for operation in ctx.ledger.operations_since(ctx.clock.now() - LATE).await? {
        let found_nothing = matches!(&operation.stage, Stage::Failed { reason } if reason == NOTHING);
        if operation.account != *account || !found_nothing {
            continue;
        }
        let mut late = Vec::new();
        for key in keys.iter().filter(|key| key.status.is_live() && is_alike(&operation, key)) {
            // Its value reached nobody: whatever is used is somebody else's.
            let may_be_ours = is_unused(key, When::AtOnce) && !ctx.ledger.was_ours(&key.id).await?;
            let key_ref = KeyRef { account: account.clone(), key: key.id.clone() };
            if may_be_ours && ctx.ledger.operations_of(&key_ref).await?.is_empty() {
                late.push(key_ref);
            }
        }
        if !late.is_empty() {
            let found = left(ctx, &operation, late, Found::Undecided).await;
            all.extend(recovered(ctx, &operation, found).await?);
        }
    }
    Ok(all)
}

async fn settle_by(
    ctx: &Context,
    opened: &Opened,
    operation: &Operation,
    (keys, began): (&[KeyRecord], DateTime<Utc>),
    when: When,
) -> Result<Found, FlowError> {
    // The list took its time: whoever carried the operation on meanwhile knows more than it.
    let now_at = ctx.ledger.operation(&operation.id).await?;
    if now_at.is_none_or(|now_at| now_at.stage != operation.stage) {
        return Ok(Found::Overtaken);
    }
    let (mut living, mut has_ended): (Vec<&KeyRecord>, bool) = (Vec::new(), false);
    for key in keys.iter().filter(|key| is_alike(operation, key)) {
        if ctx.ledger.was_ours(&key.id).await? {
            continue;
        }
        if key.status.is_live() && !is_being_revoked(ctx, operation, key).await? {
            living.push(key);
        } else {
            has_ended = true;
        }
    }
    let recent: Vec<&KeyRecord> = living.iter().copied().filter(|key| is_recent(operation, key)).collect();
    // One of the two clocks may be wrong. What is new in the list is then still ours, or nobody's that we know.
    let is_dated_otherwise = recent.is_empty() && !living.is_empty();
    let fitting = if is_dated_otherwise { living } else { recent };
    let again = operation.started_at + AGREE;
    let is_early = began < again && began >= operation.started_at;
    match (&operation.intent, fitting.as_slice()) {
        (_, []) if has_ended => Ok(Found::Revoked),
        (Intent::Rotate { predecessor, .. }, []) if keeps_its_record(opened) && lives(keys, predecessor) => {
            let key = KeyRef { account: operation.account.clone(), key: predecessor.clone() };
            left(ctx, operation, vec![key], Found::Unknown).await
        }
        (Intent::Rotate { predecessor, .. }, []) if is_dead(keys, predecessor) => Ok(Found::Gone),
        (_, []) if is_early => Ok(Found::NothingYet(again)),
        (Intent::Rotate { predecessor, .. }, []) if !lives(keys, predecessor) => Ok(Found::Gone),
        (_, []) => {
            let strangers = under_another_name(ctx, operation, keys, when).await?;
            if strangers.is_empty() {
                return Ok(Found::Nothing);
            }
            left(ctx, operation, strangers, Found::Undecided).await
        }
        (Intent::Create { .. } | Intent::Replace { .. }, [only])
            if !is_dated_otherwise && is_unused(only, when) =>
        {
            take_back(ctx, opened, operation, only).await
        }
        (_, candidates) => {
            let keys = candidates
                .iter()
                .map(|key| KeyRef { account: operation.account.clone(), key: key.id.clone() })
                .collect();
            left(ctx, operation, keys, Found::Undecided).await
        }
    }
}

/// Whether it was taken back before, or a person has it revoked: that goes on by itself.
async fn is_being_revoked(ctx: &Context, operation: &Operation, key: &KeyRecord) -> Result<bool, FlowError> {
    let key = KeyRef { account: operation.account.clone(), key: key.id.clone() };
    let under_way = ctx.ledger.operations_of(&key).await?;
    Ok(under_way.iter().any(|it| matches!(&it.intent, Intent::Revoke { key: it, .. } if *it == key.key)))
}

/// Revokes the one key that the request made, whose secret nobody has.
async fn take_back(
    ctx: &Context,
    opened: &Opened,
    operation: &Operation,
    only: &KeyRecord,
) -> Result<Found, FlowError> {
    let key = KeyRef { account: operation.account.clone(), key: only.id.clone() };
    revoke::take_back(ctx, opened, &key, &only.name).await?;
    let seen = Outcome::Done("made by a request whose reply was lost; its secret never arrived".into());
    ctx.ledger.append(&entry(ctx, &operation.account, Some(&only.id), Action::Recover, seen)).await?;
    Ok(Found::Revoked)
}

/// Leaves the keys to the person, marked in the list.
async fn left(
    ctx: &Context,
    operation: &Operation,
    keys: Vec<KeyRef>,
    found: Found,
) -> Result<Found, FlowError> {
    let taken = close(ctx, operation, Stage::Orphaned { keys }).await?;
    Ok(if taken { found } else { Found::Overtaken })
}

/// Whether the vendor's one-call rotation leaves the key its id.
fn keeps_its_record(opened: &Opened) -> bool {
    opened.provider.manifest().capabilities.rotate == RotateSupport::Atomic { same_record: true }
}

fn lives(keys: &[KeyRecord], id: &VendorKeyId) -> bool {
    keys.iter().any(|key| key.id == *id && key.status.is_live())
}

/// The vendor itself lists it as dead.
fn is_dead(keys: &[KeyRecord], id: &VendorKeyId) -> bool {
    keys.iter().any(|key| key.id == *id && !key.status.is_live())
}

fn is_unused(key: &KeyRecord, when: When) -> bool {
    match key.last_use {
        LastUse::Never => true,
        LastUse::NotReported => when == When::AtOnce,
        LastUse::Unreadable
        | LastUse::On(_)
        | LastUse::At(_)
        | LastUse::UntrackedBefore(_)
        | LastUse::Stale { .. } => false,
    }
}

/// Keys of the same minute and kind that bear another name than was asked for: a vendor may write it otherwise than
/// anybody expects. Whose they are is for the person to say.
async fn under_another_name(
    ctx: &Context,
    operation: &Operation,
    keys: &[KeyRecord],
    when: When,
) -> Result<Vec<KeyRef>, FlowError> {
    let (Intent::Create { grant, known } | Intent::Replace { grant: Some(grant), known, .. }) =
        &operation.intent
    else {
        return Ok(Vec::new());
    };
    let of_that_minute =
        |key: &KeyRecord| key.created_at.is_some_and(|at| (at - operation.started_at).abs() <= CLOCK_SKEW);
    let open = ctx.ledger.open_operations().await?;
    let is_anothers = |key: &KeyRecord| {
        let others =
            open.iter().filter(|other| other.id != operation.id && other.account == operation.account);
        others.filter_map(|other| other.intent.grant()).any(|grant| name::is_same(&grant.name, &key.name))
    };
    let mut strangers = Vec::new();
    for key in keys.iter().filter(|key| key.status.is_live() && of_that_minute(key) && is_unused(key, when)) {
        if is_anothers(key) {
            continue;
        }
        let is_new = !known.contains(&key.id) && !ctx.ledger.was_ours(&key.id).await?;
        if is_new && is_of_kind(grant, key) && !is_being_revoked(ctx, operation, key).await? {
            strangers.push(KeyRef { account: operation.account.clone(), key: key.id.clone() });
        }
    }
    Ok(strangers)
}

/// Whether a key may do what was asked for, where it was asked for.
fn is_of_kind(grant: &Grant, key: &KeyRecord) -> bool {
    let mut scopes = key.scopes.clone();
    scopes.sort();
    key.environment == grant.environment && scopes == grant.scopes && key.expires.may_be(grant.expires_at)
}

fn is_recent(operation: &Operation, key: &KeyRecord) -> bool {
    key.created_at.is_none_or(|at| at >= operation.started_at - CLOCK_SKEW)
}

/// Whether a listed key can be one that the operation made: new in the list, and alike in every field.
fn is_alike(operation: &Operation, key: &KeyRecord) -> bool {
    match &operation.intent {
        Intent::Create { grant, known } | Intent::Replace { grant: Some(grant), known, .. } => {
            !known.contains(&key.id) && name::is_same(&key.name, &grant.name) && is_of_kind(grant, key)
        }
        Intent::Rotate { name, known, .. } => !known.contains(&key.id) && name::is_same(&key.name, name),
        // By hand, or nothing at all: no request of ours makes a key.
        Intent::Replace { grant: None, .. } | Intent::Revoke { .. } => false,
    }
}
