//! A key's life: created, rotated, revoked, deleted. Each deed is one synced transaction that also writes its
//! audit record.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use rusqlite::Transaction;

use super::audit::{self, Deed};
use super::authenticate::Caller;
use super::form::{Environment, KeyHash, Plaintext};
use super::idempotency::{self, Claim};
use super::key::{Key, Status};
use super::limiter::Window;
use super::people::Member;
use super::usage::Usage;
use super::{Engine, store};
use crate::error::AuthorityError;
use crate::moment::{AtomicMoment, Moment};

/// Who does something to a key.
pub(crate) struct Actor {
    pub(super) member: Arc<Member>,
    pub(super) with_key: Option<Box<str>>,
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self { member: Arc::clone(&caller.key.creator), with_key: Some(caller.key.id.clone()) }
    }
}

/// What a new key shall be. The dialect has checked the name and that the scopes exist.
pub(crate) struct NewKey {
    pub(crate) name: Box<str>,
    pub(crate) environment: &'static Environment,
    pub(crate) scopes: Box<[&'static str]>,
    pub(crate) expires_at: Option<Moment>,
}

/// A new key and its value, which is not kept anywhere.
pub(crate) struct Minted {
    pub(crate) value: Plaintext,
    pub(crate) key: Arc<Key>,
}

/// Why it was not done; nothing was changed.
pub(crate) enum Refusal {
    /// No such key in the actor's account.
    NotFound,
    /// Only a revoked key can be deleted.
    NotRevoked,
    /// A revoked key cannot be rotated.
    Revoked,
    /// An expired key cannot be rotated: its successor would be born expired.
    Expired,
    /// The expiry asked for is not in the future.
    ExpiryPast,
    /// The actor's role does not hold this scope, so it cannot be granted.
    RoleLacks(&'static str),
    /// The account has as many active keys as it may have.
    KeyLimit(usize),
    /// The idempotency key was used for something else.
    OtherIntent,
    /// The authority's own fault.
    Failed(AuthorityError),
}

impl From<AuthorityError> for Refusal {
    fn from(error: AuthorityError) -> Self {
        Self::Failed(error)
    }
}

/// Creates a key.
///
/// # Errors
/// [`Refusal::RoleLacks`], [`Refusal::ExpiryPast`], [`Refusal::KeyLimit`], [`Refusal::Failed`].
pub(crate) fn create(engine: &Engine, actor: &Actor, wanted: NewKey) -> Result<Minted, Refusal> {
    create_for(engine, actor, wanted, None)
}

/// Creates a key for one of the account's clients.
///
/// # Errors
/// As [`create`].
pub(crate) fn create_for(
    engine: &Engine,
    actor: &Actor,
    wanted: NewKey,
    client: Option<Box<str>>,
) -> Result<Minted, Refusal> {
    let now = engine.now();
    check_grant(engine, actor, &wanted.scopes)?;
    if wanted.expires_at.is_some_and(|at| at <= now) {
        return Err(Refusal::ExpiryPast);
    }
    let minted = mint(engine, actor, wanted, client, now)?;
    engine.change(
        |transaction| {
            check_room(engine, actor, now)?;
            store::insert_key(transaction, &minted.key)?;
            audit::record(transaction, actor, Deed::Create, &minted.key, None, now)?;
            Ok::<_, Refusal>(())
        },
        |index, ()| index.add_key(&minted.key),
    )?;
    Ok(minted)
}

/// Revokes a key and makes its successor, with the same name, environment, scopes and expiry, in one
/// transaction: at no time are both valid, or neither.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Revoked`], [`Refusal::Expired`], [`Refusal::RoleLacks`] (or a rotation
/// would hand out a key that its maker may not grant), [`Refusal::Failed`].
pub(crate) fn rotate(engine: &Engine, actor: &Actor, id: &str) -> Result<Minted, Refusal> {
    let now = engine.now();
    let (_, minted) = engine.change(
        |transaction| {
            let old = find(engine, actor, id)?;
            match old.status(now) {
                Status::Active => {}
                Status::Revoked => return Err(Refusal::Revoked),
                Status::Expired => return Err(Refusal::Expired),
            }
            check_grant(engine, actor, &old.scopes)?;
            let wanted = NewKey {
                name: old.name.clone(),
                environment: old.environment,
                scopes: old.scopes.clone(),
                expires_at: old.expires_at,
            };
            let minted = mint(engine, actor, wanted, old.client.clone(), now)?;
            store::write_revocation(transaction, &old.id, &actor.member.name, now)?;
            store::insert_key(transaction, &minted.key)?;
            audit::record(transaction, actor, Deed::Rotate, &old, Some(&minted.key), now)?;
            Ok((old, minted))
        },
        |index, (old, minted)| {
            old.mark_revoked(&actor.member.name, now);
            index.add_key(&minted.key);
        },
    )?;
    Ok(minted)
}

/// Revokes a key for good. A key that is revoked stays as it is, so that a revocation can be repeated.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Failed`].
pub(crate) fn revoke(engine: &Engine, actor: &Actor, id: &str) -> Result<Arc<Key>, Refusal> {
    let now = engine.now();
    if engine.lies.pretends() {
        return pretended(engine, actor, id);
    }
    engine.change(
        |transaction| {
            let key = find(engine, actor, id)?;
            end(transaction, actor, &key, now)?;
            Ok(key)
        },
        |_, key| key.mark_revoked(&actor.member.name, now),
    )
}

/// The same under an idempotency key; tells whether it was done before under this very key.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::OtherIntent`], [`Refusal::Failed`].
pub(crate) fn revoke_once(
    engine: &Engine,
    actor: &Actor,
    id: &str,
    idempotency_key: &str,
) -> Result<(Arc<Key>, bool), Refusal> {
    let now = engine.now();
    if engine.lies.pretends() {
        return Ok((pretended(engine, actor, id)?, false));
    }
    engine.change(
        |transaction| {
            let key = find(engine, actor, id)?;
            let intent = format!("revoke {id}");
            match idempotency::claim(transaction, &actor.member.account, idempotency_key, &intent, now)? {
                Claim::New => {
                    end(transaction, actor, &key, now)?;
                    Ok((key, false))
                }
                Claim::Repeated => Ok((key, true)),
                Claim::Taken => Err(Refusal::OtherIntent),
            }
        },
        |_, (key, _)| key.mark_revoked(&actor.member.name, now),
    )
}

/// Revokes a key and forgets it, in one transaction; its audit records stay.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Failed`].
pub(crate) fn remove(engine: &Engine, actor: &Actor, id: &str) -> Result<(), Refusal> {
    let now = engine.now();
    if engine.lies.pretends() {
        return pretended(engine, actor, id).map(drop);
    }
    engine.change(
        |transaction| {
            let key = find(engine, actor, id)?;
            store::delete_key(transaction, &key.id)?;
            audit::record(transaction, actor, Deed::Delete, &key, None, now)?;
            Ok::<_, Refusal>(key)
        },
        |index, key| index.delete_key(key, now),
    )?;
    Ok(())
}

/// Forgets a revoked key; its audit records stay.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::NotRevoked`], [`Refusal::Failed`].
pub(crate) fn delete(engine: &Engine, actor: &Actor, id: &str) -> Result<(), Refusal> {
    let now = engine.now();
    if engine.lies.pretends() {
        return pretended(engine, actor, id).map(drop);
    }
    engine.change(
        |transaction| {
            let key = find(engine, actor, id)?;
            if key.revoked_at().is_none() {
                return Err(Refusal::NotRevoked);
            }
            store::delete_key(transaction, &key.id)?;
            audit::record(transaction, actor, Deed::Delete, &key, None, now)?;
            Ok(key)
        },
        |index, key| index.delete_key(key, now),
    )?;
    Ok(())
}

/// The key as a revocation would have left it; nothing is done to it.
///
/// # Errors
/// [`Refusal::NotFound`].
fn pretended(engine: &Engine, actor: &Actor, id: &str) -> Result<Arc<Key>, Refusal> {
    let key = find(engine, actor, id)?;
    let at = AtomicMoment::new(Some(key.revoked_at().unwrap_or_else(|| engine.now())));
    Ok(Arc::new(key.as_if_revoked(at, Some(&actor.member.name))))
}

/// A key of the actor's account.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) fn find(engine: &Engine, actor: &Actor, id: &str) -> Result<Arc<Key>, Refusal> {
    engine.index().key(&actor.member.account, id).cloned().ok_or(Refusal::NotFound)
}

/// A key that is revoked already stays as it is.
fn end(transaction: &Transaction<'_>, actor: &Actor, key: &Key, now: Moment) -> Result<(), AuthorityError> {
    if key.revoked_at().is_some() {
        return Ok(());
    }
    store::write_revocation(transaction, &key.id, &actor.member.name, now)?;
    audit::record(transaction, actor, Deed::Revoke, key, None, now)
}

/// Within a change, so that two who create at once cannot both take the last place.
fn check_room(engine: &Engine, actor: &Actor, now: Moment) -> Result<(), Refusal> {
    match engine.profile.key_limit {
        Some(limit) if engine.index().count_active(&actor.member.account, now) >= limit => {
            Err(Refusal::KeyLimit(limit))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_grant(engine: &Engine, actor: &Actor, scopes: &[&'static str]) -> Result<(), Refusal> {
    let held = engine.profile.role_scopes(actor.member.role());
    match scopes.iter().find(|scope| !engine.profile.any_covers(held, scope)) {
        Some(scope) => Err(Refusal::RoleLacks(scope)),
        None => Ok(()),
    }
}

fn mint(
    engine: &Engine,
    actor: &Actor,
    wanted: NewKey,
    client: Option<Box<str>>,
    now: Moment,
) -> Result<Minted, AuthorityError> {
    let form = &engine.profile.form;
    let value = form.mint(wanted.environment)?;
    let key = Key {
        id: engine.profile.ids.next()?,
        // EXPOSE: only its hash is kept.
        hash: KeyHash::of(value.expose()),
        hint: form.hint_of(&value, wanted.environment).into(),
        environment: wanted.environment,
        name: wanted.name,
        scopes: wanted.scopes,
        client,
        creator: Arc::clone(&actor.member),
        created_at: now,
        expires_at: wanted.expires_at,
        revoked_at: AtomicMoment::new(None),
        revoked_by: OnceLock::new(),
        last_used_at: AtomicMoment::new(None),
        unwritten: AtomicBool::new(false),
        window: Window::default(),
        second: Window::default(),
        hour: Window::default(),
        usage: Usage::default(),
    };
    Ok(Minted { value, key: Arc::new(key) })
}
