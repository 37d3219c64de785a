//! From a presented value to a caller, and from a caller to a permission.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::Engine;
use super::form::KeyHash;
use super::key::Key;
use super::last_use;
use super::limiter::Allowance;
use crate::config::Limits;
use crate::moment::Moment;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Whose request it is, and how many more there may be.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) key: Arc<Key>,
    pub(crate) allowance: Allowance,
}

/// Why a presented value is no caller.
pub(crate) enum Denied {
    /// No form of a key, unknown, revoked or expired: deliberately one and the same.
    Invalid,
    /// The key, or its account, has had its share.
    Exceeded(Allowance),
}

/// What a caller lacks.
pub(crate) enum Lacking {
    /// The key was not granted the scope.
    Scope,
    /// The key was, but the role of the member who made it does not hold it (any more).
    Role,
}

/// Authenticates, counts the request against the key and its account, and notes the use. The form is checked
/// before anything is looked up.
///
/// # Errors
/// See [`Denied`].
pub(crate) fn authenticate(
    engine: &Engine,
    presented: &str,
    from: IpAddr,
    address: Allowance,
) -> Result<Caller, Denied> {
    if !engine.profile.form.fits(presented) {
        return Err(Denied::Invalid);
    }
    let hash = KeyHash::of(presented);
    let key = engine.index().verify(&hash).cloned().ok_or(Denied::Invalid)?;
    let now = engine.now();
    if !key.is_accepted(now, engine.revocation_delay) {
        return Err(Denied::Invalid);
    }
    let limits = &engine.limits;
    let of_key = take_share(limits, &key, now)?;
    let of_account = key.creator.account.window.take(now, limits.window, limits.per_account);
    if of_account.is_exceeded() {
        return Err(Denied::Exceeded(of_account));
    }
    last_use::note(engine, &key, from, now);
    Ok(Caller { allowance: of_key.tighter(of_account).tighter(address), key })
}

/// The id of the key whose value was presented, whether or not it would be let in.
pub(crate) fn whose(engine: &Engine, presented: &str) -> Option<Box<str>> {
    engine.index().verify(&KeyHash::of(presented)).map(|key| key.id.clone())
}

/// Counts the request against the key: in the limits' own window, and in a second's and an hour's where those
/// are limited. The one that will stop the caller first is the answer.
///
/// # Errors
/// The key has had its share of one of them.
fn take_share(limits: &Limits, key: &Key, now: Moment) -> Result<Allowance, Denied> {
    let counted = |allowance: Allowance| {
        if allowance.is_exceeded() { Err(Denied::Exceeded(allowance)) } else { Ok(allowance) }
    };
    let mut tightest = counted(key.window.take(now, limits.window, limits.per_key))?;
    for (window, span, limit) in
        [(&key.second, SECOND, limits.per_key_second), (&key.hour, HOUR, limits.per_key_hour)]
    {
        if let Some(limit) = limit {
            tightest = tightest.tighter(counted(window.take(now, span, limit))?);
        }
    }
    Ok(tightest)
}

/// Whether the caller's key and its creator's role both give `needed`.
///
/// # Errors
/// Which of the two does not.
pub(crate) fn permit(engine: &Engine, caller: &Caller, needed: &str) -> Result<(), Lacking> {
    if !engine.profile.any_covers(&caller.key.scopes, needed) {
        return Err(Lacking::Scope);
    }
    let role = caller.key.creator.role();
    if !engine.profile.any_covers(engine.profile.role_scopes(role), needed) {
        return Err(Lacking::Role);
    }
    Ok(())
}
