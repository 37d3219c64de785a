//! The acts of a rotation at its vendor, each with the event that says how it ended.

use chrono::{DateTime, TimeDelta, Utc};

use super::plan::old_key;
use crate::account::Account;
use crate::error::FlowError;
use crate::flows::Context;
use crate::flows::account::{account, entry, key, open};
use crate::flows::batch::{Look, Looks};
use crate::flows::escrow::{REVOKED, release};
use crate::flows::refresh::refresh;
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef, LastUse};
use crate::operation::Operation;
use crate::ports::Purpose;
use crate::provider::{Connection, Fault, Paging, Probe, Provider, Support};
use crate::rotation::{Effect, Event, Phase, Rotation, Until};
use crate::secret::Secret;

/// A use this close to our own question may be that question: vendors report with a delay, clocks differ.
const OWN_USE: TimeDelta = TimeDelta::minutes(2);

/// Carries out one act. The journal hears of those that change something at the vendor before they begin.
pub(super) async fn act(
    ctx: &Context,
    operation: &Operation,
    rotation: &Rotation,
    effect: Effect,
    looks: Option<&Looks>,
) -> Result<Acted, FlowError> {
    Ok(Acted::Told(match effect {
        Effect::Verify(successor) => verify(ctx, operation, &successor).await?,
        Effect::Observe(successor) => observe(ctx, operation, rotation, &successor).await?,
        Effect::Glance(successor, next) => match glance(ctx, operation, &successor).await? {
            Some(died) => died,
            None => return Ok(Acted::Later(next)),
        },
        Effect::End(successor) => died(ctx, operation, &successor).await?.unwrap_or(Event::Ended),
        Effect::Revoke => {
            revoke(ctx, operation, predecessor(operation)?).await?;
            Event::Revoked
        }
        Effect::TakeBack(successor) => {
            revoke(ctx, operation, successor).await?;
            Event::TakenBack
        }
        Effect::Prove => {
            let value = old_value(ctx, operation, &account(ctx, &operation.account).await?.0).await?;
            return prove(ctx, operation, rotation, predecessor(operation)?, value, looks).await;
        }
        Effect::ProveTakenBack(successor) => {
            let value = value(ctx, &Purpose::Escrow(operation.id.clone())).await?;
            return prove(ctx, operation, rotation, successor, value, looks).await;
        }
        Effect::WaitUntil(_) | Effect::Nothing => Event::Ended,
    }))
}

/// How an act ended.
pub(super) enum Acted {
    Told(Event),
    /// Nothing to write down; not before then.
    Later(DateTime<Utc>),
}

/// Whether a key died while both should work, as far as the list was read; where it looks so, the vendor is asked.
async fn glance(
    ctx: &Context,
    operation: &Operation,
    successor: &KeyRef,
) -> Result<Option<Event>, FlowError> {
    let old = live(ctx, &predecessor(operation)?).await?;
    if old.is_some() && live(ctx, successor).await?.is_some() {
        return Ok(None);
    }
    died(ctx, operation, successor).await
}

/// Reads the vendor's list: which of the two keys is not alive any more, the new one first.
async fn died(ctx: &Context, operation: &Operation, successor: &KeyRef) -> Result<Option<Event>, FlowError> {
    let (account, provider) = account(ctx, &operation.account).await?;
    if provider.manifest().capabilities.list != Support::Yes {
        return Ok(None);
    }
    refresh(ctx, &account.id, &|_| Paging::Continue).await?;
    if live(ctx, successor).await?.is_none() {
        return Ok(Some(Event::NewDied));
    }
    let old = live(ctx, &predecessor(operation)?).await?;
    Ok(old.is_none().then_some(Event::OldDied))
}

fn predecessor(operation: &Operation) -> Result<KeyRef, FlowError> {
    operation.predecessor().ok_or(FlowError::NotFound("old key"))
}

/// Asks with the new key. A refusal is no verdict yet: a new key may take a moment to be known everywhere.
async fn verify(ctx: &Context, operation: &Operation, successor: &KeyRef) -> Result<Event, FlowError> {
    let (account, provider) = account(ctx, &operation.account).await?;
    let secret = value(ctx, &Purpose::Escrow(operation.id.clone())).await?;
    let secret = secret.ok_or(FlowError::NotFound("new key's value"))?;
    match provider.probe(asking_with(&account, &secret)).await? {
        Probe::Refused => Ok(Event::Held {
            why: format!("{} does not accept the new key yet", provider.manifest().name),
            wait: None,
        }),
        Probe::Alive => {
            // Keyturn itself goes on with the new key before the old one goes.
            if operation.intent.predecessor().is_some_and(|old| account.manages_with(old)) {
                let record = ctx.ledger.key(successor).await?.ok_or(FlowError::NotFound("new key"))?;
                open(ctx, &account.id).await?.replace_managing_key(ctx, &record, &secret).await?;
            }
            Ok(Event::Works)
        }
    }
}

/// Reads the vendor's list for the last uses of both keys. What Keyturn asked with the new key is not a use.
async fn observe(
    ctx: &Context,
    operation: &Operation,
    rotation: &Rotation,
    successor: &KeyRef,
) -> Result<Event, FlowError> {
    if let Some(event) = died(ctx, operation, successor).await? {
        return Ok(event);
    }
    let (account, _) = account(ctx, &operation.account).await?;
    let old = key(ctx, &predecessor(operation)?).await?;
    let new_used = match key(ctx, successor).await?.last_use {
        // Keyturn itself is the one that uses the managing key.
        LastUse::At(_) if account.manages_with(&successor.key) => true,
        LastUse::At(at) => {
            let asked_at = rotation.successor().and_then(|successor| successor.seen_at);
            asked_at.is_none_or(|asked| at > asked + OWN_USE)
        }
        _ => false,
    };
    let old_used = match old.last_use {
        LastUse::At(at) => Some(at),
        _ => None,
    };
    if let (Some(used), Phase::Overlap { until: Until::Quiet { since, .. }, .. }) =
        (old_used, &rotation.phase)
        && used > *since
    {
        tell_of_use(ctx, operation, &old, used).await?;
    }
    Ok(Event::Seen { old_used, new_used })
}

/// The old key is still in use: the journal says when, from where, and who can be asked.
async fn tell_of_use(
    ctx: &Context,
    operation: &Operation,
    old: &KeyRecord,
    used: DateTime<Utc>,
) -> Result<(), FlowError> {
    let opened = open(ctx, &operation.account).await?;
    // Where the vendor does not tell, or not now, the rest is worth saying all the same.
    let usage = opened.provider.usage(opened.connection(), &old.id).await.unwrap_or_else(|error| {
        tracing::info!(%error, "could not read from where a key is used");
        Vec::new()
    });
    let last =
        usage.iter().filter(|usage| usage.last_used_at.is_some()).max_by_key(|usage| usage.last_used_at);
    let mut seen = format!("used again on {}", used.format("%-d %B, %H:%M UTC"));
    if let Some(last) = last {
        seen.push_str(&format!(" from {}", last.ip));
    }
    seen.push_str("; the quiet time begins anew");
    if let Some(creator) = &old.creator {
        seen.push_str(&format!(". {creator} made it and can be asked"));
    }
    let told = entry(ctx, &operation.account, Some(&old.id), Action::Retire, Outcome::Done(seen));
    Ok(ctx.ledger.append(&told).await?)
}

async fn revoke(ctx: &Context, operation: &Operation, key: KeyRef) -> Result<(), FlowError> {
    let opened = open(ctx, &operation.account).await?;
    let asked = entry(ctx, &key.account, Some(&key.key), Action::Revoke, Outcome::Intended);
    ctx.ledger.append(&asked).await?;
    match opened.provider.revoke(opened.connection(), &key.key).await {
        Ok(()) => release(ctx, &key, &operation.id, REVOKED).await,
        // It is gone already, as it should be.
        Err(error) if matches!(error.fault, Fault::NotFound) => {
            release(ctx, &key, &operation.id, REVOKED).await
        }
        Err(error) => {
            let failed = Outcome::Failed(error.to_string());
            ctx.ledger.append(&entry(ctx, &key.account, Some(&key.key), Action::Revoke, failed)).await?;
            Err(error.into())
        }
    }
}

/// Asks with a key that goes, where Keyturn holds its value; otherwise the vendor's list has the word.
async fn prove(
    ctx: &Context,
    operation: &Operation,
    rotation: &Rotation,
    key: KeyRef,
    value: Option<Secret>,
    looks: Option<&Looks>,
) -> Result<Acted, FlowError> {
    let (account, provider) = account(ctx, &operation.account).await?;
    match value {
        Some(secret) => Ok(Acted::Told(match provider.probe(asking_with(&account, &secret)).await? {
            Probe::Refused => Event::Refused,
            Probe::Alive => Event::Alive,
        })),
        None => declared(ctx, operation, rotation, provider.as_ref(), looks, &key).await,
    }
}

/// Where nobody can ask with a key: dead by the vendor's list, and not before the vendor's own delay.
async fn declared(
    ctx: &Context,
    operation: &Operation,
    rotation: &Rotation,
    provider: &dyn Provider,
    looks: Option<&Looks>,
    key: &KeyRef,
) -> Result<Acted, FlowError> {
    let capabilities = &provider.manifest().capabilities;
    let (Phase::Dying { since, .. } | Phase::Fading { since, .. }) = rotation.phase else {
        return Ok(Acted::Told(Event::Alive));
    };
    let delay = TimeDelta::from_std(capabilities.revocation_delay).unwrap_or_default();
    let (from, now) = (since + delay, ctx.clock.now());
    if now < from {
        return Ok(match looks {
            // Nothing to write down: it is known how long it takes.
            Some(_) => Acted::Later(from),
            None => Acted::Told(Event::Alive),
        });
    }
    if capabilities.list != Support::Yes {
        return Ok(Acted::Told(Event::Declared));
    }
    let lives = match looks.map(|looks| looks.look(&operation.account, &key.key, from, now)) {
        Some(Look::Seen { lives }) => lives,
        Some(Look::Later(at)) => return Ok(Acted::Later(at)),
        Some(Look::Read) | None => {
            // The row bears our own word by now: only the vendor's list knows what the vendor says.
            let listed = match open(ctx, &operation.account).await {
                Ok(opened) => opened.read_list(ctx).await,
                Err(error) => Err(error),
            };
            if let Some(looks) = looks {
                looks.keep(&operation.account, listed.as_deref().ok(), now, ctx.clock.now());
            }
            listed?.iter().any(|record| record.id == key.key && record.status.is_live())
        }
    };
    Ok(Acted::Told(if lives {
        let why = format!("{} still lists the revoked key as active", provider.manifest().name);
        Event::Held { why, wait: None }
    } else {
        Event::Declared
    }))
}

/// The old key's value: given for the proof, or one that Keyturn holds anyway.
pub(super) async fn old_value(
    ctx: &Context,
    operation: &Operation,
    account: &Account,
) -> Result<Option<Secret>, FlowError> {
    if let Some(given) = value(ctx, &Purpose::Predecessor(operation.id.clone())).await? {
        return Ok(Some(given));
    }
    match old_key(ctx, account, &predecessor(operation)?).await? {
        Some(purpose) => value(ctx, &purpose).await,
        None => Ok(None),
    }
}

/// A call with the key itself.
pub(super) fn asking_with<'a>(account: &'a Account, secret: &'a Secret) -> Connection<'a> {
    Connection { base_url: &account.base_url, managing_key: secret, settings: &account.settings }
}

async fn value(ctx: &Context, purpose: &Purpose) -> Result<Option<Secret>, FlowError> {
    let Some(sealed) = ctx.ledger.sealed(purpose).await? else { return Ok(None) };
    Ok(Some(ctx.vault.open(&sealed)?))
}

/// The key's row, where the vendor lists it as one that may still work.
async fn live(ctx: &Context, key: &KeyRef) -> Result<Option<KeyRecord>, FlowError> {
    Ok(ctx.ledger.key(key).await?.filter(|record| record.status.is_live()))
}
