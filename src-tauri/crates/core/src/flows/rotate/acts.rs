//! The acts of a rotation at its vendor, each with the event that says how it ended.

use chrono::{DateTime, TimeDelta, Utc};

use super::death::{declared, prove};
use super::plan::old_key;
use crate::account::{Account, ManagingKey};
use crate::error::FlowError;
use crate::flows::Context;
use crate::flows::account::{account, entry, key, open, seal, value};
use crate::flows::escrow::{REVOKED, release};
use crate::flows::reading::{Young, read_since};
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef, KeyStatus, LastUse};
use crate::moment::moment;
use crate::operation::Operation;
use crate::ports::{Purpose, Sealed};
use crate::provider::{Connection, Fault, Paging, Probe, Provider, Support};
use crate::reading::{AGREE, Absence, absence, clock_words};
use crate::rotation::{Effect, Event, Phase, Rotation, Until};
use crate::secret::Secret;

/// A use this close to our own question may be that question: vendors report with a delay, clocks differ.
const OWN_USE: TimeDelta = TimeDelta::minutes(2);

/// How old a reading may be that many rotations share, while nothing is undone by it.
const SHARED: TimeDelta = TimeDelta::minutes(4);

/// How old the reading may be that is looked at before an old key goes.
const BEFORE_THE_END: TimeDelta = TimeDelta::minutes(1);

/// Carries out one act. The journal hears of those that change something at the vendor before they begin.
pub(super) async fn act(
    ctx: &Context,
    operation: &Operation,
    rotation: &Rotation,
    effect: Effect,
) -> Result<Acted, FlowError> {
    Ok(Acted::Told(match effect {
        Effect::Verify(successor) => return verify(ctx, operation, &successor).await,
        Effect::Observe(successor) => return observe(ctx, operation, rotation, &successor).await,
        Effect::Glance(successor, next) => return glance(ctx, operation, &successor, next).await,
        Effect::LookAgain(successor, next) => return look_again(ctx, operation, &successor, next).await,
        Effect::End(successor) => return end(ctx, operation, rotation, &successor).await,
        Effect::Revoke => {
            revoke(ctx, operation, predecessor(operation)?).await?;
            Event::Revoked
        }
        Effect::TakeBack(successor) => {
            revoke(ctx, operation, successor).await?;
            Event::TakenBack
        }
        Effect::Prove => {
            let value = old_value(ctx, operation, &owner(ctx, operation).await?).await?;
            let old = predecessor(operation)?;
            return match value {
                Some(value) => prove(ctx, operation, rotation, &value).await.map(Acted::Told),
                None => declared(ctx, operation, rotation, &old).await,
            };
        }
        Effect::ProveTakenBack(successor) => {
            let purpose = Purpose::Escrow(operation.id.clone());
            return match value(ctx, &owner(ctx, operation).await?, &purpose).await? {
                Some(value) => prove(ctx, operation, rotation, &value).await.map(Acted::Told),
                None => declared(ctx, operation, rotation, &successor).await,
            };
        }
        Effect::WaitUntil(_) | Effect::Nothing => Event::Ended,
    }))
}

/// How an act ended.
pub(super) enum Acted {
    Told(Event),
    /// The new key works, and is the one with which the account is managed from now on.
    Replaced(ManagingKey, Sealed),
    /// Nothing to write down; not before then.
    Later(DateTime<Utc>),
}

/// Whether both keys live, as far as the ledger knows.
enum Both {
    Live,
    /// One is not listed; another reading decides, not before then.
    Unlisted(DateTime<Utc>),
    NewDead,
    OldDead,
}

/// The new one first: if it is dead, the old one is kept. That a key is not listed is a fact once the account was read
/// again some minutes after the first reading that lacked it.
async fn both(ctx: &Context, operation: &Operation, successor: &KeyRef) -> Result<Both, FlowError> {
    let read_at = owner(ctx, operation).await?.freshness.read_at();
    let alive = |record: &Option<KeyRecord>| match record.as_ref().map(|record| &record.status) {
        Some(KeyStatus::Unlisted { since }) => {
            read_at.is_none_or(|read_at| absence(Some(*since), read_at) == Absence::Rumour)
        }
        Some(status) => status.is_live(),
        None => false,
    };
    let (old, new) = (ctx.ledger.key(&predecessor(operation)?).await?, ctx.ledger.key(successor).await?);
    let unlisted = |record: &Option<KeyRecord>| match record.as_ref().map(|record| &record.status) {
        Some(KeyStatus::Unlisted { since }) => Some(*since + AGREE),
        _ => None,
    };
    Ok(match (alive(&old), alive(&new)) {
        (_, false) => Both::NewDead,
        (false, _) => Both::OldDead,
        (true, true) => match unlisted(&new).or(unlisted(&old)) {
            Some(again) => Both::Unlisted(again),
            None => Both::Live,
        },
    })
}

/// Whether a key died while both should work, as far as the list was read; where it looks so, it is read anew.
async fn glance(
    ctx: &Context,
    operation: &Operation,
    successor: &KeyRef,
    next: DateTime<Utc>,
) -> Result<Acted, FlowError> {
    let now = ctx.clock.now();
    match both(ctx, operation, successor).await? {
        Both::Live => return Ok(Acted::Later(next)),
        Both::Unlisted(again) if again > now => return Ok(Acted::Later(again.min(next))),
        Both::Unlisted(_) | Both::NewDead | Both::OldDead => {}
    }
    Ok(died(ctx, operation, successor, now - BEFORE_THE_END).await?.unwrap_or(Acted::Later(next)))
}

/// Whether both live after all, after one was taken for dead: nobody else may read the list.
async fn look_again(
    ctx: &Context,
    operation: &Operation,
    successor: &KeyRef,
    next: DateTime<Utc>,
) -> Result<Acted, FlowError> {
    if !matches!(both(ctx, operation, successor).await?, Both::Live)
        && let Young::Later(at) =
            read_since(ctx, &operation.account, ctx.clock.now() - BEFORE_THE_END).await?
    {
        return Ok(Acted::Later(at));
    }
    Ok(match both(ctx, operation, successor).await? {
        Both::Live => Acted::Told(Event::BothLive),
        Both::Unlisted(_) | Both::NewDead | Both::OldDead => Acted::Later(next),
    })
}

/// How an act ends because one of the two keys is not alive any more, by a reading begun at `from` or later, or because
/// that is not known yet; `None` where both live.
async fn died(
    ctx: &Context,
    operation: &Operation,
    successor: &KeyRef,
    from: DateTime<Utc>,
) -> Result<Option<Acted>, FlowError> {
    let (account, provider) = account(ctx, &operation.account).await?;
    if provider.manifest().capabilities.list != Support::Yes {
        return Ok(None);
    }
    if let Young::Later(at) = read_since(ctx, &account.id, from).await? {
        return Ok(Some(Acted::Later(at)));
    }
    Ok(match both(ctx, operation, successor).await? {
        Both::Live => None,
        Both::Unlisted(again) => Some(Acted::Later(again)),
        Both::NewDead => Some(Acted::Told(Event::NewDied)),
        Both::OldDead => Some(Acted::Told(Event::OldDied)),
    })
}

/// The overlap is over by our clock. Right before the old key goes the list is read once more, and the vendor's clock is
/// compared: what ends here cannot be undone.
async fn end(
    ctx: &Context,
    operation: &Operation,
    rotation: &Rotation,
    successor: &KeyRef,
) -> Result<Acted, FlowError> {
    let now = ctx.clock.now();
    if let Some(ended) = died(ctx, operation, successor, now - BEFORE_THE_END).await? {
        return Ok(ended);
    }
    let Phase::Overlap { until, .. } = &rotation.phase else { return Ok(Acted::Told(Event::Ended)) };
    let Some(skew) = ctx.process.skew(&operation.account) else { return Ok(Acted::Told(Event::Ended)) };
    // A clock that was wrong all the time measures as well as a right one: what counts is how far the two have drifted.
    let drift = skew - rotation.skew.unwrap_or_default();
    Ok(Acted::Told(match clock_words(drift) {
        Some(words) if !until.is_over(ctx.clock.now() + drift) => {
            let vendor = account(ctx, &operation.account).await?.1.manifest().name;
            let why = format!(
                "this computer's clock has moved {words} {vendor}'s since the overlap began, and by that one it is not over yet. Set the clock, or end the overlap yourself"
            );
            Event::Held { why, wait: None }
        }
        Some(_) | None => Event::Ended,
    }))
}

pub(super) fn predecessor(operation: &Operation) -> Result<KeyRef, FlowError> {
    operation.predecessor().ok_or(FlowError::NotFound("old key"))
}

async fn owner(ctx: &Context, operation: &Operation) -> Result<Account, FlowError> {
    Ok(account(ctx, &operation.account).await?.0)
}

/// Asks with the new key. A refusal is no verdict yet: a new key may take a moment to be known everywhere.
async fn verify(ctx: &Context, operation: &Operation, successor: &KeyRef) -> Result<Acted, FlowError> {
    let (account, provider) = account(ctx, &operation.account).await?;
    let secret = value(ctx, &account, &Purpose::Escrow(operation.id.clone())).await?;
    let secret = secret.ok_or(FlowError::NotFound("new key's value"))?;
    if operation.intent.predecessor().is_some_and(|old| account.manages_with(old)) {
        return replace_managing(ctx, &account, provider.as_ref(), successor, &secret).await;
    }
    Ok(Acted::Told(match provider.probe(asking_with(&account, &secret)).await? {
        Probe::Refused => not_yet(provider.as_ref()),
        Probe::Alive => Event::Works { manages: false },
    }))
}

fn not_yet(provider: &dyn Provider) -> Event {
    Event::Held { why: format!("{} does not accept the new key yet", provider.manifest().name), wait: None }
}

/// Keyturn itself goes on with the new key before the old one goes. That it can is seen by reading the list with it: a
/// key that authenticates and may not list is none to manage an account with.
async fn replace_managing(
    ctx: &Context,
    account: &Account,
    provider: &dyn Provider,
    successor: &KeyRef,
    secret: &Secret,
) -> Result<Acted, FlowError> {
    let listing = match provider.list(asking_with(account, secret), &|_| Paging::Continue).await {
        Ok(listing) => listing,
        Err(error) if matches!(error.fault, Fault::Unauthenticated) => {
            return Ok(Acted::Told(not_yet(provider)));
        }
        Err(error) => return Err(error.into()),
    };
    let sees = |id| listing.keys.iter().any(|key| key.id == id && key.status.is_live());
    let old = account.managing.as_ref().and_then(|managing| managing.key.clone());
    if !sees(successor.key.clone()) || old.is_some_and(|old| !sees(old)) {
        let why = format!(
            "{} does not list the same keys to the new key as to the old one; the account goes on with the old one",
            provider.manifest().name
        );
        return Ok(Acted::Told(Event::Held { why, wait: None }));
    }
    let record = ctx.ledger.key(successor).await?.ok_or(FlowError::NotFound("new key"))?;
    let sealed = seal(ctx, account, Purpose::Managing(account.id.clone()), secret)?;
    Ok(Acted::Replaced(ManagingKey { hint: record.hint, key: Some(record.id) }, sealed))
}

/// Looks at the last uses of both keys. What Keyturn asked with the new key is not a use.
async fn observe(
    ctx: &Context,
    operation: &Operation,
    rotation: &Rotation,
    successor: &KeyRef,
) -> Result<Acted, FlowError> {
    let now = ctx.clock.now();
    if let Some(ended) = died(ctx, operation, successor, now - SHARED).await? {
        return Ok(ended);
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
        LastUse::At(at) => Some(at.min(now)),
        _ => None,
    };
    if let (Some(used), Phase::Overlap { until: Until::Quiet { since, .. }, .. }) =
        (old_used, &rotation.phase)
        && used > *since
    {
        tell_of_use(ctx, operation, &old, used).await?;
    }
    Ok(Acted::Told(Event::Seen { old_used, new_used }))
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
    let mut seen = format!("used again on {}", moment(used));
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
        Ok(()) => release(ctx, &key, Some(&operation.id), REVOKED).await,
        // The vendor says in its own words that there is no such key, as it should be.
        Err(error) if matches!(error.fault, Fault::NotFound) => {
            release(ctx, &key, Some(&operation.id), REVOKED).await
        }
        Err(error) => {
            let failed = Outcome::Failed(error.to_string());
            ctx.ledger.append(&entry(ctx, &key.account, Some(&key.key), Action::Revoke, failed)).await?;
            Err(error.into())
        }
    }
}

/// The old key's value: given for the proof, or one that Keyturn holds anyway.
pub(super) async fn old_value(
    ctx: &Context,
    operation: &Operation,
    account: &Account,
) -> Result<Option<Secret>, FlowError> {
    if let Some(given) = value(ctx, account, &Purpose::Predecessor(operation.id.clone())).await? {
        return Ok(Some(given));
    }
    match old_key(ctx, account, &predecessor(operation)?).await? {
        Some(purpose) => value(ctx, account, &purpose).await,
        None => Ok(None),
    }
}

/// A call with the key itself.
pub(super) fn asking_with<'a>(account: &'a Account, secret: &'a Secret) -> Connection<'a> {
    Connection { base_url: &account.base_url, managing_key: secret, settings: &account.settings }
}
