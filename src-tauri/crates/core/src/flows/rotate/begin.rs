//! The beginning of a rotation: the decision is on disk before the vendor is asked for anything.

use super::acts::asking_with;
use super::atomic::rotate_at_once;
use super::choices::{Choice, offered, way};
use super::plan::{not_with_its_own, old_key, permit};
use crate::account::Account;
use crate::error::FlowError;
use crate::flows::Context;
use crate::flows::account::{account, entry, key, open, seal, value};
use crate::flows::create::{Doubts, mint, not_begun};
use crate::flows::reading::read;
use crate::grant::Grant;
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef};
use crate::observed::Changed;
use crate::operation::{Intent, Operation, OperationId, Stage};
use crate::paste::check_paste;
use crate::permit::Permit;
use crate::ports::{Purpose, Sealed, Trust, VaultError, VaultStatus};
use crate::provider::{Manifest, Paging, Probe, Provider, Support};
use crate::rotation::{Rotation, Way};
use crate::secret::Secret;

/// How a rotation began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The new key is made and waits to be stored.
    Made(KeyRef),
    /// The person makes it in the dashboard.
    ByHand,
}

/// Rotates `target` as chosen. `given` is the old key, where the person wants its death proven and Keyturn does
/// not hold it.
///
/// # Errors
/// [`FlowError::NotAllowed`] before anything is sent; [`FlowError::Doubt`] where a reply was lost and the list
/// did not settle it.
pub async fn begin_rotation(
    ctx: &Context,
    target: &KeyRef,
    choice: Choice,
    given: Option<Secret>,
    operation: OperationId,
) -> Result<Begun, FlowError> {
    begin(ctx, target, choice, given, operation, Doubts::SettledAtOnce).await
}

/// The same for one key of many: the account's list was read a short while ago, and is not read for each of them.
///
/// # Errors
/// As [`begin_rotation`]. A provider's fault that leaves a doubt leaves the operation open, as it stands on disk.
pub(crate) async fn begin_in_batch(
    ctx: &Context,
    target: &KeyRef,
    choice: Choice,
    operation: OperationId,
) -> Result<Begun, FlowError> {
    begin(ctx, target, choice, None, operation, Doubts::LeftOpen).await
}

async fn begin(
    ctx: &Context,
    target: &KeyRef,
    choice: Choice,
    given: Option<Secret>,
    operation: OperationId,
    doubts: Doubts,
) -> Result<Begun, FlowError> {
    if ctx.vault.status() != VaultStatus::Open {
        return Err(VaultError::Locked.into());
    }
    let record = key(ctx, target).await?;
    let (owner, provider) = account(ctx, &target.account).await?;
    let manifest = provider.manifest();
    if let Permit::Denied(reason) = permit(ctx, manifest, target, &record).await? {
        return Err(FlowError::NotAllowed(reason));
    }
    if let Some(Permit::Denied(reason)) = not_with_its_own(choice, owner.manages_with(&target.key)) {
        return Err(FlowError::NotAllowed(reason));
    }
    let (way, overlap) = match (way(&manifest.capabilities), choice.overlap(&manifest.capabilities)) {
        _ if !offered(&manifest.capabilities).contains(&choice) => {
            return Err(FlowError::NotAllowed(format!("{} does not rotate in this way.", manifest.name)));
        }
        (Some(way), Some(overlap)) => (way, overlap),
        _ => return rotate_at_once(ctx, target, operation).await.map(Begun::Made),
    };
    let proof = proof(ctx, provider.as_ref(), &owner, &record, given, &operation).await?;
    let begun = |intent| Operation {
        id: operation.clone(),
        account: target.account.clone(),
        intent,
        stage: Stage::Rotating(Rotation::begin(way, overlap, ctx.clock.now())),
        started_at: ctx.clock.now(),
    };
    let asked = entry(ctx, &target.account, Some(&target.key), Action::Rotate, Outcome::Intended);
    let (predecessor, name) = (target.key.clone(), record.name.clone());
    if let Way::ByHand { .. } = way {
        let operation = begun(Intent::Replace { predecessor, name, grant: None, known: Vec::new() });
        ctx.ledger.begin(&operation, proof.as_ref(), &asked).await?;
        return Ok(Begun::ByHand);
    }
    let mut opened = open(ctx, &target.account).await?;
    if doubts == Doubts::SettledAtOnce {
        // After a lost reply, what is new in the list was made by that request.
        read(ctx, &mut opened, Trust::Usual, &|_| Paging::Continue).await?;
        // That took its time: somebody else may have rotated the key meanwhile, or changed it.
        let listed = key(ctx, target).await?;
        if let Permit::Denied(reason) = permit(ctx, manifest, target, &listed).await? {
            return Err(FlowError::NotAllowed(reason));
        }
        if let Some(words) = changed_since(&record, &listed) {
            return Err(FlowError::NotAllowed(words));
        }
    }
    let grant = successor_grant(ctx, manifest, &record)?;
    let _carried = ctx.process.carries(&operation);
    let known = ctx.ledger.keys_named(&target.account, &grant.name).await?;
    let operation = begun(Intent::Replace { predecessor, name, grant: Some(grant.clone()), known });
    let begun = ctx.ledger.begin(&operation, proof.as_ref(), &asked).await;
    begun.map_err(|fault| match doubts {
        Doubts::SettledAtOnce => not_begun(fault, &grant.name),
        Doubts::LeftOpen => fault.into(),
    })?;
    mint(ctx, opened, &operation, &grant, doubts).await.map(Begun::Made)
}

/// What the vendor changed of a key since the person looked at it, as far as a successor would be another for it. They
/// look again before anything is made.
fn changed_since(seen: &KeyRecord, listed: &KeyRecord) -> Option<String> {
    let changed = |changed: Changed| changed.words();
    let mut words = Vec::new();
    let sorted = |record: &KeyRecord| {
        let mut scopes = record.scopes.clone();
        scopes.sort();
        scopes
    };
    if sorted(seen) != sorted(listed) {
        words.push(changed(Changed::Scopes { before: seen.scopes.clone(), after: listed.scopes.clone() }));
    }
    if seen.expires != listed.expires {
        words.push(changed(Changed::Expiry { before: seen.expires, after: listed.expires }));
    }
    if seen.environment != listed.environment {
        words.push("It works in another environment now.".to_owned());
    }
    (!words.is_empty()).then(|| {
        format!(
            "“{}” was changed at the vendor since you looked at it. {} Nothing was made: look at the plan again.",
            listed.name,
            words.join(" ")
        )
    })
}

/// The same as the old key may do, as far as the vendor lets it be asked for.
pub(crate) fn successor_grant(
    ctx: &Context,
    manifest: &Manifest,
    record: &KeyRecord,
) -> Result<Grant, FlowError> {
    let expires_at = match manifest.capabilities.expiry {
        Support::Yes => record.expires.ends(),
        Support::No(_) => None,
    };
    Ok(Grant::check(
        manifest,
        &record.name,
        record.environment.clone(),
        record.scopes.clone(),
        expires_at,
        ctx.clock.now(),
    )?)
}

/// The old key, sealed for the proof of its death: as Keyturn holds it, or as given and seen to be accepted.
async fn proof(
    ctx: &Context,
    provider: &dyn Provider,
    owner: &Account,
    record: &KeyRecord,
    given: Option<Secret>,
    operation: &OperationId,
) -> Result<Option<Sealed>, FlowError> {
    let target = KeyRef { account: owner.id.clone(), key: record.id.clone() };
    // What the vault holds is the key itself. What is given beside it is not looked at.
    let held = old_key(ctx, owner, &target).await?.is_some();
    let Some(given) = given.filter(|_| !held) else {
        return proof_of(ctx, owner, &target, operation).await;
    };
    check_paste(provider.manifest(), &given)?;
    if record.hint.is_empty() {
        return Err(FlowError::NotAllowed(format!(
            "{} shows no part of this key, so that Keyturn cannot tell whether this is the old one. Go on without it.",
            provider.manifest().name
        )));
    }
    if provider.hint(&given) != record.hint {
        return Err(FlowError::NotAllowed(format!(
            "This is not the old key: that one is {}.",
            record.hint.masked()
        )));
    }
    // Only the refusal of a value that was accepted before proves a death: of any other, that it never was a key.
    if provider.probe(asking_with(owner, &given)).await? == Probe::Refused {
        return Err(FlowError::NotAllowed(format!(
            "{} does not accept this value: it is not the old key, or that is dead already. Go on without it.",
            provider.manifest().name
        )));
    }
    Ok(Some(seal(ctx, owner, Purpose::Predecessor(operation.clone()), &given)?))
}

/// The value of a key that is about to go, sealed for the proof of its death; `None` where Keyturn does not hold
/// it, or holds it in a place where it stays.
pub(crate) async fn proof_of(
    ctx: &Context,
    owner: &Account,
    target: &KeyRef,
    operation: &OperationId,
) -> Result<Option<Sealed>, FlowError> {
    let purpose = match old_key(ctx, owner, target).await? {
        Some(Purpose::Adopted(_)) | None => return Ok(None),
        Some(purpose) => purpose,
    };
    let Some(old) = value(ctx, owner, &purpose).await? else { return Ok(None) };
    Ok(Some(seal(ctx, owner, Purpose::Predecessor(operation.clone()), &old)?))
}
