//! Believable keys, so that a fresh authority looks like one in use. Their values are made and forgotten:
//! nobody can use them, as nobody has them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use uuid::Uuid;

use super::form::KeyHash;
use super::key::Key;
use super::lifecycle::{Actor, enrol};
use super::limiter::Window;
use super::people::Role;
use super::{Engine, store};
use crate::error::AuthorityError;
use crate::moment::{AtomicMoment, Moment};

const MINUTES: u64 = 60;
const HOURS: u64 = 60 * MINUTES;
const DAYS: u64 = 24 * HOURS;

/// One key of the rehearsal. Times in seconds before (or, for the expiry, after) now.
struct Sketch {
    name: &'static str,
    test: bool,
    scopes: &'static [&'static str],
    age: u64,
    used: Option<u64>,
    /// Negative: it expired that long ago.
    expires: Option<i64>,
    revoked: Option<u64>,
}

const fn sketch(name: &'static str, scopes: &'static [&'static str], age: u64, used: Option<u64>) -> Sketch {
    Sketch { name, test: false, scopes, age, used, expires: None, revoked: None }
}

impl Sketch {
    const fn test(mut self) -> Self {
        self.test = true;
        self
    }
    const fn expires(mut self, seconds: i64) -> Self {
        self.expires = Some(seconds);
        self
    }
    const fn revoked(mut self, ago: u64) -> Self {
        self.revoked = Some(ago);
        self
    }
}

const READ: &[&str] = &["leads:view", "conversations:view", "campaigns:view", "analytics:view"];
const CRM: &[&str] = &["leads:view", "leads:import", "leads:sync_create"];
const IN: i64 = 24 * 3600;

static REHEARSAL: [Sketch; 24] = [
    sketch("CRM integration", CRM, 210 * DAYS, Some(4 * MINUTES)).expires(155 * IN),
    sketch("Zapier lead import", &["leads:import"], 340 * DAYS, Some(3 * HOURS)),
    sketch("Nightly warehouse export", READ, 95 * DAYS, Some(11 * HOURS)).expires(5 * IN),
    sketch(
        "Support desk bridge",
        &["conversations:view", "conversations:send_message"],
        60 * DAYS,
        Some(25 * MINUTES),
    ),
    sketch("Campaign launcher", &["campaigns:view", "campaigns:launch"], 400 * DAYS, Some(6 * DAYS)),
    sketch("BI dashboard", &["analytics:view"], 500 * DAYS, Some(2 * DAYS)),
    sketch(
        "Mobile app backend",
        &["leads:view", "conversations:view", "conversations:edit"],
        30 * DAYS,
        Some(9 * MINUTES),
    )
    .expires(60 * IN),
    sketch("Website contact form", &["leads:import"], 720 * DAYS, Some(40 * MINUTES)),
    sketch("Old importer (ask Ana before deleting)", CRM, 900 * DAYS, Some(200 * DAYS)),
    sketch("Partner: Müller & Söhne GmbH", READ, 150 * DAYS, Some(97 * DAYS)),
    sketch("営業チームの同期", CRM, 45 * DAYS, Some(DAYS)).expires(45 * IN),
    sketch("Audit exporter", &["audit:view", "audit:export"], 20 * DAYS, Some(8 * DAYS)).expires(70 * IN),
    sketch("Knowledge base upload", &["knowledge:view", "knowledge:upload"], 12 * DAYS, None)
        .expires(78 * IN),
    sketch(
        "Agent configuration sync",
        &["agent_config:view", "agent_config:edit"],
        80 * DAYS,
        Some(33 * DAYS),
    ),
    sketch("A/B test runner", &["ab_testing:view", "ab_testing:manage"], 70 * DAYS, None),
    sketch("Webhook relay", &["conversations:view"], 2 * DAYS, None).expires(88 * IN),
    sketch("Staging smoke tests", READ, 120 * DAYS, Some(15 * MINUTES)).test(),
    sketch("Load test September", CRM, 75 * DAYS, Some(70 * DAYS)).test().expires(-14 * IN),
    sketch("Contractor access", &["leads:view"], 50 * DAYS, Some(49 * DAYS)).test().revoked(48 * DAYS),
    sketch("Sandbox", CRM, 14 * DAYS, Some(5 * HOURS)).test().expires(3 * IN),
    sketch("Ana’s laptop", READ, 33 * DAYS, None).test(),
    sketch("CRM integration (before March)", CRM, 600 * DAYS, Some(215 * DAYS)).revoked(210 * DAYS),
    sketch(
        "Data migration 2025",
        &["leads:view", "leads:sync_create", "leads:sync_delete"],
        380 * DAYS,
        Some(370 * DAYS),
    )
    .expires(-290 * IN),
    sketch(
        "Integration whose name somebody wrote as a whole sentence so that nobody ever deletes it by mistake",
        READ,
        240 * DAYS,
        Some(19 * DAYS),
    ),
];

/// Two dozen keys: both environments, every status, last uses from minutes to 200 days.
pub(crate) fn rehearsal(engine: &Engine, account: &str) -> Result<(), AuthorityError> {
    let actor = enrol(engine, account, "ana@rehearsal.example", Role::Owner)?;
    let now = engine.now();
    let keys = REHEARSAL
        .iter()
        .map(|sketch| draw(engine, &actor, sketch, sketch.name.to_owned(), now))
        .collect::<Result<Vec<_>, _>>()?;
    insert(engine, &keys)
}

/// `count` keys that vary in everything a list can show, in one transaction.
pub(crate) fn many(engine: &Engine, account: &str, count: usize) -> Result<(), AuthorityError> {
    let actor = enrol(engine, account, "ana@rehearsal.example", Role::Owner)?;
    let now = engine.now();
    let keys = (0..count)
        .map(|n| {
            let base = &REHEARSAL[n * 7 % REHEARSAL.len()];
            let spread = (n as u64).wrapping_mul(7919) % (300 * DAYS);
            let varied = Sketch {
                age: base.age + spread,
                used: base.used.map(|used| (used + spread / 3).min(base.age)),
                ..*base
            };
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
        id: Uuid::new_v4().to_string().into(),
        // EXPOSE: only its hash and its end are kept.
        hash: KeyHash::of(value.expose()),
        hint: form.hint_of(&value).into(),
        environment,
        name: name.into(),
        scopes,
        creator: Arc::clone(&actor.member),
        created_at: ago(sketch.age),
        expires_at: sketch.expires.map(|seconds| {
            let span = Duration::from_secs(seconds.unsigned_abs());
            if seconds < 0 { now.minus(span) } else { now.plus(span) }
        }),
        revoked_at: AtomicMoment::new(sketch.revoked.map(ago)),
        last_used_at: AtomicMoment::new(sketch.used.map(ago)),
        unwritten: AtomicBool::new(false),
        window: Window::default(),
    }))
}

fn insert(engine: &Engine, keys: &[Arc<Key>]) -> Result<(), AuthorityError> {
    engine.change(
        |transaction| keys.iter().try_for_each(|key| store::insert_key(transaction, key)),
        |index, ()| index.add_keys(keys),
    )
}
