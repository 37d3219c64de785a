//! Believable keys, so that a fresh authority looks like one in use. Their values are made and forgotten:
//! nobody can use them, as nobody has them.

use std::net::Ipv4Addr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::form::KeyHash;
use super::key::Key;
use super::lifecycle::Actor;
use super::limiter::Window;
use super::membership::enrol;
use super::people::Role;
use super::sketch::{DAYS, Sketch};
use super::usage::{Seen, Usage};
use super::{Engine, store};
use crate::error::AuthorityError;
use crate::moment::{AtomicMoment, Moment};

/// Active keys that a crowd of believable ones leaves room for, where the vendor limits them.
const SPARE: usize = 3;

/// The vendor's believable keys.
pub(crate) fn rehearsal(engine: &Engine, account: &str) -> Result<(), AuthorityError> {
    let actor = enrol(engine, account, "ana@rehearsal.example", Role::Owner)?;
    let now = engine.now();
    let keys = engine
        .profile
        .rehearsal
        .iter()
        .map(|sketch| draw(engine, &actor, sketch, sketch.name.to_owned(), now))
        .collect::<Result<Vec<_>, _>>()?;
    insert(engine, &keys)
}

/// `count` keys that vary in everything a list can show, in one transaction. No more of them are active than
/// the vendor allows.
pub(crate) fn many(engine: &Engine, account: &str, count: usize) -> Result<(), AuthorityError> {
    let actor = enrol(engine, account, "ana@rehearsal.example", Role::Owner)?;
    let now = engine.now();
    let sketches = engine.profile.rehearsal;
    let mut active = engine.index().count_active(&actor.member.account, now);
    let keys = (0..count)
        .map(|n| {
            let base = &sketches[n * 7 % sketches.len()];
            let spread = (n as u64).wrapping_mul(7919) % (300 * DAYS);
            let mut varied = Sketch {
                age: base.age + spread,
                used: base.used.map(|used| (used + spread / 3).min(base.age)),
                ..*base
            };
            if engine.profile.key_limit.is_some_and(|limit| active + SPARE >= limit) {
                varied.revoked = varied.revoked.or(varied.used).or(Some(varied.age));
            }
            active += usize::from(varied.is_active());
            draw(engine, &actor, &varied, format!("{} {n:05}", base.name), now)
        })
        .collect::<Result<Vec<_>, _>>()?;
    insert(engine, &keys)
}

fn draw(
    engine: &Engine,
    actor: &Actor,
    sketch: &Sketch,
    name: String,
    now: Moment,
) -> Result<Arc<Key>, AuthorityError> {
    let form = &engine.profile.form;
    let environment = &form.environments[usize::from(sketch.test)];
    let value = form.mint(environment)?;
    let ago = |seconds: u64| now.minus(Duration::from_secs(seconds));
    let scopes = sketch.scopes.iter().filter_map(|scope| engine.profile.scope(scope)).collect();
    Ok(Arc::new(Key {
        id: engine.profile.ids.next()?,
        // EXPOSE: only its hash and its end are kept.
        hash: KeyHash::of(value.expose()),
        hint: form.hint_of(&value, environment).into(),
        environment,
        name: name.into(),
        scopes,
        client: sketch.client.map(Into::into),
        creator: Arc::clone(&actor.member),
        created_at: ago(sketch.age),
        expires_at: sketch.expires.map(|seconds| {
            let span = Duration::from_secs(seconds.unsigned_abs());
            if seconds < 0 { now.minus(span) } else { now.plus(span) }
        }),
        revoked_at: AtomicMoment::new(sketch.revoked.map(ago)),
        revoked_by: sketch.revoked.map_or_else(OnceLock::new, |_| actor.member.name.clone().into()),
        last_used_at: AtomicMoment::new(sketch.used.map(ago)),
        unwritten: AtomicBool::new(false),
        window: Window::default(),
        usage: if engine.profile.reports_usage { usage(sketch, now) } else { Usage::default() },
        second: Window::default(),
        hour: Window::default(),
    }))
}

/// One or two addresses that are nobody's [RFC 5737], other ones for other keys.
fn usage(sketch: &Sketch, now: Moment) -> Usage {
    let Some(used) = sketch.used else { return Usage::default() };
    let days = sketch.age / DAYS + 1;
    let host = u8::try_from(days % 250).unwrap_or_default() + 1;
    let seen = |network: [u8; 3], ago: u64, count: u64| Seen {
        address: Ipv4Addr::new(network[0], network[1], network[2], host).into(),
        last_used_at: now.minus(Duration::from_secs(ago)),
        count: u32::try_from(count).unwrap_or(u32::MAX),
    };
    let mut addresses = vec![seen([203, 0, 113], used, 40 * days)];
    if days % 2 == 1 {
        addresses.push(seen([198, 51, 100], (used + 3 * DAYS).min(sketch.age), days));
    }
    Usage::of(addresses)
}

fn insert(engine: &Engine, keys: &[Arc<Key>]) -> Result<(), AuthorityError> {
    engine.change(
        |transaction| {
            keys.iter().try_for_each(|key| {
                store::insert_key(transaction, key)?;
                if engine.profile.reports_usage {
                    store::write_usage(transaction, key)?;
                }
                Ok(())
            })
        },
        |index, ()| index.add_keys(keys),
    )
}
