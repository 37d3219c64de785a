//! Another value for a key that stays: same id, same name, and the old value dead at once.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use super::audit::{self, Deed};
use super::form::KeyHash;
use super::key::{Key, Status};
use super::lifecycle::{Actor, Minted, Refusal, find};
use super::limiter::Window;
use super::usage::Usage;
use super::{Engine, store};
use crate::moment::AtomicMoment;

/// Replaces a key's value in one transaction: at no time are both valid, or neither.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Revoked`], [`Refusal::Expired`], [`Refusal::Failed`].
pub(crate) fn reset(engine: &Engine, actor: &Actor, id: &str) -> Result<Minted, Refusal> {
    let now = engine.now();
    let (_, minted) = engine.change(
        |transaction| {
            let old = find(engine, actor, id)?;
            match old.status(now) {
                Status::Active => {}
                Status::Revoked => return Err(Refusal::Revoked),
                Status::Expired => return Err(Refusal::Expired),
            }
            let minted = revalued(engine, &old)?;
            store::write_value(transaction, &minted.key)?;
            audit::record(transaction, actor, Deed::Reset, &old, None, now)?;
            Ok((old, minted))
        },
        |index, (old, minted)| index.replace_key(old, &minted.key),
    )?;
    Ok(minted)
}

/// The same key with another value. Its limits begin anew; where it was used from is the old value's.
fn revalued(engine: &Engine, old: &Key) -> Result<Minted, Refusal> {
    let form = &engine.profile.form;
    let value = form.mint(old.environment)?;
    let key = Key {
        id: old.id.clone(),
        // EXPOSE: only its hash is kept.
        hash: KeyHash::of(value.expose()),
        hint: form.hint_of(&value, old.environment).into(),
        environment: old.environment,
        name: old.name.clone(),
        scopes: old.scopes.clone(),
        client: old.client.clone(),
        creator: Arc::clone(&old.creator),
        created_at: old.created_at,
        expires_at: old.expires_at,
        revoked_at: AtomicMoment::new(None),
        revoked_by: OnceLock::new(),
        last_used_at: AtomicMoment::new(old.last_used_at()),
        unwritten: AtomicBool::new(false),
        window: Window::default(),
        second: Window::default(),
        hour: Window::default(),
        usage: Usage::default(),
    };
    Ok(Minted { value, key: Arc::new(key) })
}
