//! Many rounds beside each other, counted. What failed is named so that it can be played again alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use keyturn_core::account::VendorId;
use keyturn_core::provider::{Manifest, RotateSupport, Support};
use keyturn_providers::{HttpSettings, providers};
use keyturn_tests::dice::Dice;
use keyturn_tests::doom::{Script, Unrest};
use keyturn_tests::lane::{ends, seed, tell};
use keyturn_tests::lies::Lie;
use tokio::task::JoinSet;

use crate::round::{Course, Strike, round};
use crate::world::Weather;

/// How many rounds run beside each other: most of a round is waiting for the other side.
const AT_ONCE: usize = 4;

/// One round to be played.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) provider: VendorId,
    pub(crate) script: Script,
    pub(crate) strike: Strike,
    pub(crate) weather: Weather,
}

impl Case {
    /// By this it is chosen with `KEYTURN_CASE`.
    fn name(&self) -> String {
        format!("{} {} {:?} {:?}", self.provider.0, self.script.word(), self.strike, self.weather)
    }
}

/// Every script over every vendor that manages keys through its API, as it goes when nothing happens.
pub(crate) async fn courses() -> Result<Vec<(VendorId, Script, Course)>> {
    let mut courses = Vec::new();
    for provider in providers(HttpSettings::default()).iter() {
        let manifest = provider.manifest();
        for script in Script::ALL.into_iter().filter(|script| is_possible(*script, manifest)) {
            let course = round(&manifest.vendor, script, Strike::Never, Weather::default()).await;
            let course = course.with_context(|| format!("{} {}", manifest.vendor.0, script.word()))?;
            ensure!(
                course.refused.is_none() || script == Script::Again,
                "{} {}: {:?}",
                manifest.vendor.0,
                script.word(),
                course.refused
            );
            courses.push((manifest.vendor.clone(), script, course));
        }
    }
    ensure!(!courses.is_empty(), "no vendor manages keys");
    Ok(courses)
}

fn is_possible(script: Script, manifest: &Manifest) -> bool {
    let can = &manifest.capabilities;
    let managed = can.list == Support::Yes && can.mint == Support::Yes && can.revoke == Support::Yes;
    managed
        && match script {
            Script::AtOnce => matches!(can.rotate, RotateSupport::Atomic { .. }),
            // SmartLead lists the keys of one client. The managing key is the account's own: it is not among them, and
            // only the dashboard replaces it.
            Script::Managing => manifest.vendor.0 != "smartlead-clients",
            _ => true,
        }
}

/// What the sky is like in the `pass`th time around: at first one thing at a time, or nothing; then with slow vendors and
/// wrong clocks as well.
pub(crate) fn weather(pass: usize, case: usize) -> Weather {
    if pass == 0 {
        let mut dice = Dice::new(seed() ^ case as u64);
        let quiet = Weather::default();
        match case % 8 {
            0 | 1 => Weather { lie: Some(Lie::any(&mut dice)), ..quiet },
            2 => Weather { unrest: Unrest { locks: true, ..Unrest::default() }, ..quiet },
            3 => Weather { unrest: Unrest { neighbour: true, ..Unrest::default() }, ..quiet },
            4 => Weather { unrest: Unrest { undo: true, ..Unrest::default() }, ..quiet },
            _ => quiet,
        }
    } else {
        any_weather(&mut Dice::new(seed() ^ (pass * 100_000 + case) as u64))
    }
}

/// A vendor that is slow by up to a minute, and a clock that is wrong by up to a day; every other time a lie, or unrest.
pub(crate) fn any_weather(dice: &mut Dice) -> Weather {
    let delay = Some(Duration::from_millis(dice.below(60_001) as u64));
    let minutes = i64::try_from(dice.below(2 * 24 * 60 + 1)).unwrap_or(0) - 24 * 60;
    let wrong = if dice.once_in(3) { TimeDelta::zero() } else { TimeDelta::minutes(minutes) };
    let lie = dice.once_in(3).then(|| Lie::any(dice));
    let mut some = || dice.once_in(6);
    let unrest = Unrest { locks: some(), neighbour: some(), undo: some() };
    Weather { delay, wrong, lie, unrest }
}

/// The cases in another order, so that one that is broken off has seen some of each.
pub(crate) fn shuffled<T>(mut cases: Vec<T>) -> Vec<T> {
    let mut dice = Dice::new(seed());
    for last in (1..cases.len()).rev() {
        cases.swap(last, dice.below(last + 1));
    }
    cases
}

/// The vendors whose keys are managed through their API.
pub(crate) fn managed() -> Vec<VendorId> {
    let all = providers(HttpSettings::default());
    let manifests = all.iter().map(|provider| provider.manifest());
    manifests
        .filter(|manifest| is_possible(Script::Create, manifest))
        .map(|manifest| manifest.vendor.clone())
        .collect()
}

/// Plays the cases until the time is over (`KEYTURN_SECONDS`), and fails with the names of those that failed.
#[allow(clippy::print_stdout, reason = "the long lane reads how far it came")]
pub(crate) async fn play(id: &str, mut cases: Vec<Case>) -> Result<()> {
    if let Ok(only) = std::env::var("KEYTURN_CASE") {
        cases.retain(|case| case.name().contains(&only));
    }
    ensure!(!cases.is_empty(), "nothing to be played");
    let end = ends();
    let of = cases.len();
    let failures = Arc::new(Mutex::new(Vec::new()));
    let (mut running, mut waiting, mut done, mut killed) = (JoinSet::new(), cases.into_iter(), 0, 0);
    loop {
        while running.len() < AT_ONCE && end.is_none_or(|end| Instant::now() < end) {
            let Some(case) = waiting.next() else { break };
            let failures = Arc::clone(&failures);
            running.spawn(async move {
                let course = round(&case.provider, case.script, case.strike, case.weather).await;
                course.map_or_else(
                    |error| {
                        let told = format!("{}: {error:#}", case.name());
                        failures.lock().unwrap_or_else(PoisonError::into_inner).push(told);
                        false
                    },
                    |course| course.killed,
                )
            });
        }
        match running.join_next().await {
            Some(was_killed) => {
                killed += usize::from(was_killed?);
                done += 1;
            }
            None => break,
        }
    }
    let failures = std::mem::take(&mut *failures.lock().unwrap_or_else(PoisonError::into_inner));
    println!("{id}: {killed} processes were killed");
    tell(id, done, of, failures.len());
    // Where the record of the long lane is kept, the reasons are too.
    failures.iter().take(30).for_each(|failure| println!("failed: {failure}"));
    ensure!(failures.is_empty(), "{} of {done} rounds failed", failures.len());
    Ok(())
}
