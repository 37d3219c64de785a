//! The new key of a rotation by hand: made by the person in the dashboard, checked, and sealed here.

use super::acts::{asking_with, old_value};
use super::drive::settled;
use crate::error::FlowError;
use crate::flows::Context;
use crate::flows::account::{account, entry, key, seal};
use crate::journal::{Action, Outcome};
use crate::key::{Checked, KeyRecord, KeyRef, KeyStatus, LastUse, VendorKeyId};
use crate::operation::{OperationId, Stage};
use crate::paste::check_paste;
use crate::ports::{Purpose, VaultError, VaultStatus};
use crate::provider::Probe;
use crate::rotation::{Event, step};
use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// Takes the new key: only one that the vendor accepts and that is not the old one. It is adopted, and waits to
/// be saved like any new key.
///
/// # Errors
/// [`FlowError::Paste`] where the form is wrong, [`FlowError::NotAllowed`] where it is the old key or refused;
/// nothing is kept then and the rotation waits on.
pub async fn bring_key(ctx: &Context, operation: &OperationId, brought: Secret) -> Result<KeyRef, FlowError> {
    if ctx.vault.status() != VaultStatus::Open {
        return Err(VaultError::Locked.into());
    }
    let (found, rotation) = settled(ctx, operation).await?;
    let old = found.predecessor().ok_or(FlowError::NotFound("old key"))?;
    let (account, provider) = account(ctx, &found.account).await?;
    let environment = check_paste(provider.manifest(), &brought)?;
    let id = VendorKeyId(found.id.0.clone());
    let new = KeyRef { account: found.account.clone(), key: id.clone() };
    let given = old_value(ctx, &found, &account).await?;
    if given.is_some_and(|given| given.is_same(&brought)) || is_or_was(ctx, &brought, &old, &new).await? {
        return Err(FlowError::NotAllowed("This is the old key. Bring the one that was made now.".into()));
    }
    let brings = Event::Minted { key: new.clone(), exact: true };
    let now = ctx.clock.now();
    let stage = Stage::Rotating(step(&rotation, brings, now)?);
    if provider.probe(asking_with(&account, &brought)).await? == Probe::Refused {
        let vendor = provider.manifest().name;
        return Err(FlowError::NotAllowed(format!(
            "{vendor} does not accept this key. Copy it again from the dashboard, whole."
        )));
    }
    let record = KeyRecord {
        id,
        name: key(ctx, &old).await?.name,
        hint: provider.hint(&brought),
        environment,
        scopes: Vec::new(),
        status: KeyStatus::Active,
        created_at: Some(now),
        expires: Timestamp::None,
        last_use: LastUse::NotReported,
        creator: None,
        checked: Some(Checked { at: now, alive: true }),
    };
    let note = |action, seen: String| entry(ctx, &new.account, Some(&new.key), action, Outcome::Done(seen));
    let adopted = seal(ctx, &account, Purpose::Adopted(new.clone()), &brought)?;
    let escrowed = seal(ctx, &account, Purpose::Escrow(operation.clone()), &brought)?;
    let kept = note(Action::Adopt, "brought from the dashboard; accepted by the vendor".into());
    ctx.ledger.adopt(&new.account, &record, &adopted, &kept).await?;
    let replaces = note(Action::Adopt, format!("to replace {}", key(ctx, &old).await?.hint.masked()));
    if ctx.ledger.escrow(operation, &found.stage, &stage, &record, &escrowed, &replaces).await? {
        Ok(new)
    } else {
        Err(FlowError::NotAllowed("This rotation was ended meanwhile; the key was added to the list.".into()))
    }
}

/// Whether `value` is one that the old key has or had. Where it is that of yet another key, it is refused with its name.
async fn is_or_was(ctx: &Context, value: &Secret, old: &KeyRef, new: &KeyRef) -> Result<bool, FlowError> {
    let held = ctx.ledger.held_as(&[ctx.vault.fingerprint(value)?]).await?;
    let keys: Vec<KeyRef> = held.into_iter().map(|(_, key)| key).filter(|key| key != new).collect();
    if keys.contains(old) {
        return Ok(true);
    }
    for key in keys {
        if let Some(row) = ctx.ledger.key(&key).await? {
            return Err(FlowError::NotAllowed(format!(
                "This key is here already, as “{}”. Bring the one that was made now.",
                row.name
            )));
        }
    }
    Ok(false)
}
