//! Limits as chance has them: storms of "not now", and accounts with few places or none. The long lane plays many.

use anyhow::{Context as _, Result, ensure};
use keyturn_authority::{Armed, Fault, Requests, Times};
use keyturn_core::batch::ItemState;
use keyturn_core::flows::{self, Wanted};
use keyturn_tests::batch::Left;
use keyturn_tests::dice::Dice;
use keyturn_tests::flat::Flat;
use keyturn_tests::lane::{rounds, seed};

use crate::house::{A_DAY, NOW, begin, flat, items, keys, rotation, work};
use crate::limits::{FORMS, live, storm};

/// As many keys as Neural Draft allows.
const LIMIT: usize = 20;

fn dice(round: usize) -> Dice {
    Dice::new(seed().wrapping_mul(1_000_003) ^ round as u64)
}

/// `KEYTURN_STORMS`: so many.
#[tokio::test(flavor = "multi_thread")]
async fn r6_whatever_storm_comes_a_batch_ends_with_few_requests_more_than_needed() -> Result<()> {
    rounds("R6", "KEYTURN_STORMS", 6, async |round| {
        let mut dice = dice(round);
        let (provider, count) = (*dice.one_of(&["naturalead", "natural"]), 20 + dice.below(41));
        let faults = faults(&mut dice, count);
        let told = format!("storm {round} over {count} keys of {provider}: {faults:?}");
        storm(provider, count, faults).await.context(told)
    })
    .await
}

/// One to three kinds of trouble, so much of it that a tenth of what is needed is asked for again.
fn faults(dice: &mut Dice, count: usize) -> Vec<Armed> {
    let mut room = count * 3 / 10;
    let mut faults = Vec::new();
    for _ in 0..=dice.below(3) {
        let retry_after = *dice.one_of(&FORMS);
        let committed = dice.once_in(3);
        // After a 503 it is looked what was done; what was is taken away and made again.
        let (fault, weight) = match dice.below(2) {
            0 => (Fault::TooManyRequests { retry_after }, 1),
            _ => (Fault::Unavailable { committed, retry_after }, if committed { 4 } else { 2 }),
        };
        let times = 1 + dice.below(8);
        if times * weight > room {
            continue;
        }
        room -= times * weight;
        let on = if dice.once_in(3) { Requests::reads() } else { Requests::writes() };
        faults.push(Armed { fault, times: Times::Next(u32::try_from(times).unwrap_or(1)), on });
    }
    faults
}

/// `KEYTURN_PLACES`: so many accounts, some of them with an application that is killed in between.
#[tokio::test(flavor = "multi_thread")]
async fn r4_however_few_places_are_left_nothing_is_left_half_done() -> Result<()> {
    rounds("R4", "KEYTURN_PLACES", 6, async |round| {
        let mut dice = dice(round);
        let (free, count, now) = (dice.below(5), 1 + dice.below(8), dice.once_in(2));
        let acts = if dice.once_in(2) { 1 + dice.below(2 * count) } else { usize::MAX };
        let told = format!("account {round}: {free} free, {count} keys, now: {now}, killed after {acts}");
        crowd(free, count, now, acts).await.context(told)
    })
    .await
}

/// Rotates `count` keys of an account in which `free` places are left, and is killed after so many acts.
async fn crowd(free: usize, count: usize, now: bool, acts: usize) -> Result<()> {
    let mut flat = flat("neural-draft").await?;
    let taken = live(&flat).await?;
    let keys = keys(&flat, LIMIT - free - taken).await?;
    let (deed, before) = (if now { NOW } else { A_DAY }, live(&flat).await?);
    let will_do =
        flows::plan_batch(&flat.ctx, &Wanted { deed, keys: keys[..count].to_vec() }).await?.will_do();
    let expected = match (free, now) {
        (0, _) => 0,
        (_, true) => count,
        (_, false) => free.min(count),
    };
    ensure!(will_do == expected, "the plan says {will_do}, and {expected} fit");
    if will_do == 0 {
        ensure!(begin(&flat, deed, &keys[..count]).await.is_err(), "a batch of nothing began");
        ensure!(live(&flat).await? == before, "a key was made");
        return Ok(());
    }
    begin(&flat, deed, &keys[..count]).await?;
    if work(&flat, acts).await? == Left::Killed {
        flat = flat.restarted().await?;
        flows::recover(&flat.ctx).await?;
        ensure!(work(&flat, usize::MAX).await? != Left::Killed, "it goes on");
    }
    settled(&flat, expected).await?;
    let beside = if now { 0 } else { expected };
    let living = live(&flat).await?;
    ensure!(living == before + beside, "{living} keys live, and {before} lived before");
    Ok(())
}

/// Each key was replaced, or nothing was done to it.
async fn settled(flat: &Flat, expected: usize) -> Result<()> {
    let mut done = 0;
    for found in items(flat).await? {
        let old = flat.row(&found.item.key).await?.context("its row is there")?;
        if found.item.state == ItemState::Done {
            done += 1;
            let successor = rotation(flat, &found).await?.successor().context("a new key")?.key.clone();
            let row = flat.row(&successor).await?.context("the new key is listed")?;
            ensure!(row.status.is_live(), "the new key of {} is {:?}", old.name, row.status);
        } else {
            let operation = flat.ctx.ledger.operation(&found.item.operation(&crate::house::id())).await?;
            ensure!(operation.is_none() && old.status.is_live(), "{} was left half done", old.name);
        }
    }
    ensure!(done == expected, "{expected} fit: {:?}", crate::house::ends(flat).await?);
    Ok(())
}
