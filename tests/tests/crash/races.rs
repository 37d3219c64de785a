//! R8: two processes, one profile, both told to rotate the same key.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use keyturn_core::account::VendorId;
use keyturn_tests::dice::Dice;
use keyturn_tests::doom::{Script, Unrest};
use keyturn_tests::lane::{rounds, seed};
use keyturn_tests::lies::Lie;

use crate::aftermath;
use crate::matrix::managed;
use crate::round::{attend, command};
use crate::world::{Weather, World};

/// `KEYTURN_RACES`: so many, over the vendors in turn.
#[tokio::test(flavor = "multi_thread")]
async fn r8_of_two_processes_that_rotate_one_key_one_does_and_the_other_is_told() -> Result<()> {
    let vendors = managed();
    rounds("R8", "KEYTURN_RACES", 20, async |number| {
        let vendor = &vendors[number % vendors.len()];
        let script = [Script::KillNow, Script::Overlap][number / vendors.len() % 2];
        let mut dice = Dice::new(seed() ^ number as u64);
        let lie = (number % 4 == 3).then(|| Lie::any(&mut dice));
        let unrest = Unrest { locks: number % 5 == 4, ..Unrest::default() };
        let weather = Weather { lie, unrest, ..Weather::default() };
        let race = race(vendor, script, weather).await;
        race.with_context(|| format!("race {number}, {}, {script:?}, {weather:?}", vendor.0))
    })
    .await
}

/// With an overlap one of them lets an hour pass, which is none to the other: its reading comes from another time then.
async fn race(vendor: &VendorId, script: Script, weather: Weather) -> Result<()> {
    let world = Arc::new(World::new(vendor, weather, true).await?);
    let subject = world.make_subject().await?;
    world.witness.look(&subject.key, 2).await?;
    let value = world.stored(&subject).context("it is stored")?;
    let mut runners = Vec::new();
    for operation in ["script", "other"] {
        let mut child =
            command(&world, script, &subject).args(["--operation", operation, "--beside-another"]).spawn()?;
        let (world, value) = (Arc::clone(&world), value.clone());
        // Each waits for its first line: they start together.
        runners.push(move || attend(&mut child, &world, &value));
    }
    world.lies(script);
    let both = runners.into_iter().map(tokio::task::spawn_blocking).collect::<Vec<_>>();
    let mut told = Vec::new();
    for runner in both {
        told.extend(runner.await??.refused);
    }
    world.tells_the_truth();
    // Who hears lies, or is locked out, may be told something else, and both may be.
    if weather.lie.is_none() && !weather.unrest.locks {
        ensure!(told.len() == 1, "one is told: {told:?}");
        // Whoever comes so late that the other is done with everything finds the old key gone from the list, or its value
        // refused.
        let plain = [
            "part of a",
            "replaced already",
            "revoked",
            "no such key",
            "did not list this key",
            "dead already",
            // The other has asked for the new key, which bears the same name.
            "is not known yet",
        ];
        let is_plain = plain.iter().any(|word| told[0].contains(word));
        ensure!(is_plain, "it is told why: {told:?}");
    }
    aftermath::look(&world, script, &subject).await?;
    let faults = world.witness.faults();
    ensure!(faults.is_empty(), "{}", faults.join("; "));
    Ok(())
}
