//! A vendor's limits: so many keys and no more, and "not now" in every form.

use anyhow::Result;
use chrono::TimeDelta;
use keyturn_authority::{Armed, Fault, Requests, RetryAfter, Times};
use keyturn_core::account::VendorId;
use keyturn_core::flows::{self, Wanted};
use keyturn_core::journal::Outcome;
use keyturn_core::operation::Intent;
use keyturn_core::provider::Operation;
use keyturn_providers::HttpSettings;
use keyturn_tests::batch::{Left, Pace, carry};
use keyturn_tests::counted::Calls;
use keyturn_tests::flat::{Flat, Plot};

use crate::house::{
    A_DAY, NOW, assert_each_was_replaced_once, begin, ends, flat, id, items, keys, rotation, work,
};

pub(crate) async fn live(flat: &Flat) -> Result<usize> {
    Ok(flat.listed().await?.iter().filter(|record| record.status.is_live()).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_where_two_places_are_left_two_keys_get_a_second_one_and_nothing_is_half_done() -> Result<()> {
    let flat = flat("neural-draft").await?;
    let taken = live(&flat).await?;
    let keys = keys(&flat, 18 - taken).await?;
    let wanted = begin(&flat, A_DAY, &keys[..5]).await?;
    assert_eq!(flows::plan_batch(&flat.ctx, &wanted).await?.will_do(), 2);
    assert_eq!(work(&flat, usize::MAX).await?, Left::Ended);
    let ends: Vec<_> = ends(&flat).await?.into_iter().collect();
    assert!(
        ends[0] == ("done".to_owned(), 2) && ends[1].0.contains("no more keys") && ends[1].1 == 3,
        "{ends:?}"
    );
    assert_eq!(live(&flat).await?, 20);
    for found in items(&flat).await?.into_iter().take(2) {
        assert!(rotation(&flat, &found).await?.unsaved().is_some(), "it waits to be saved");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_with_one_place_left_many_are_killed_one_after_the_other() -> Result<()> {
    let flat = flat("neural-draft").await?;
    let taken = live(&flat).await?;
    let keys = keys(&flat, 19 - taken).await?;
    begin(&flat, NOW, &keys[..4]).await?;
    assert_eq!(work(&flat, usize::MAX).await?, Left::Ended);
    assert_eq!(ends(&flat).await?.into_iter().collect::<Vec<_>>(), [("done".to_owned(), 4)]);
    assert_each_was_replaced_once(&flat, &keys[..4], 19).await
}

/// Storms over reads and writes: the batch ends, with few requests more than needed, and none of them earlier than
/// told.
pub(crate) async fn storm(provider: &str, count: usize, faults: Vec<Armed>) -> Result<()> {
    // The adapter's own patience would wait by the wall's clock.
    let http = HttpSettings { attempts: 1, ..HttpSettings::default() };
    let flat = Plot::of(&VendorId(provider.into())).over(http).build().await?;
    let keys = keys(&flat, count).await?;
    let before = live(&flat).await?;
    begin(&flat, NOW, &keys).await?;
    let calls = Calls::default();
    let ctx = calls.count(&flat.ctx);
    let told = format!("{faults:?}");
    flat.rehearsed.authority.faults().replace(faults);
    let pass = |time: TimeDelta| flat.pass(time);
    assert_eq!(carry(&ctx, &id(), &Pace::Moved(&pass), usize::MAX).await?, Left::Ended, "{told}");
    assert_eq!(ends(&flat).await?.into_iter().collect::<Vec<_>>(), [("done".to_owned(), count)], "{told}");
    let_the_rest_end(&flat).await?;
    assert_each_was_replaced_once(&flat, &keys, before).await?;
    assert_eq!(calls.too_early(), [], "{told}");
    // Each is made, asked with and revoked; the list is read to see them die.
    let (all, needed) = (calls.all().len(), 3 * count + calls.of(Operation::List).min(4));
    assert!(all * 10 <= needed * 12, "{told}: {all} requests, {needed} needed");
    Ok(())
}

/// What was taken back is revoked by an operation of its own, which the batch does not wait for.
async fn let_the_rest_end(flat: &Flat) -> Result<()> {
    for operation in flat.ctx.ledger.open_operations().await? {
        if matches!(operation.intent, Intent::Revoke { .. }) {
            flat.outlast(&operation.id.0).await?;
        }
    }
    Ok(())
}

/// Every form in which a vendor says when to come back.
pub(crate) const FORMS: [RetryAfter; 6] = [
    RetryAfter::Seconds(30),
    RetryAfter::Date(30),
    RetryAfter::Absent,
    RetryAfter::Seconds(0),
    RetryAfter::Seconds(1_000_000_000),
    RetryAfter::Garbage,
];

#[tokio::test(flavor = "multi_thread")]
async fn r6_storms_of_429_in_every_form_end_with_few_requests_more_than_needed() -> Result<()> {
    for retry_after in FORMS {
        let fault = Fault::TooManyRequests { retry_after };
        let armed = |on| Armed { fault: fault.clone(), times: Times::Next(5), on };
        storm("naturalead", 30, vec![armed(Requests::writes()), armed(Requests::reads())]).await?;
    }
    Ok(())
}

/// The look after a lost reply is refused with "not now": that holds for the whole account, although a list may lag.
#[tokio::test(flavor = "multi_thread")]
async fn r6_a_look_that_must_wait_holds_the_others_too() -> Result<()> {
    for provider in ["naturalead", "natural"] {
        for count in [60, 66] {
            let asked = Fault::TooManyRequests { retry_after: RetryAfter::Seconds(1_000_000_000) };
            let out = |committed, seconds| Fault::Unavailable {
                committed,
                retry_after: RetryAfter::Seconds(seconds),
            };
            let armed = |fault, times, on| Armed { fault, times: Times::Next(times), on };
            let faults = vec![
                armed(asked, 4, Requests::reads()),
                armed(out(true, 30), 1, Requests::writes()),
                armed(out(false, 0), 5, Requests::writes()),
            ];
            storm(provider, count, faults).await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r6_storms_of_503_leave_no_key_behind_whether_it_was_made_or_not() -> Result<()> {
    for (committed, retry_after) in [false, true].into_iter().flat_map(|done| FORMS.map(|form| (done, form)))
    {
        let fault = Fault::Unavailable { committed, retry_after };
        let armed = Armed { fault, times: Times::Next(3), on: Requests::writes() };
        storm("naturalead", 30, vec![armed]).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_die_are_seen_in_a_few_readings() -> Result<()> {
    let flat = flat("naturalead").await?;
    let keys = keys(&flat, 60).await?;
    let watched = keys.clone();
    let wanted = Wanted { deed: keyturn_core::batch::Deed::Revoke, keys };
    let phrase = flows::plan_batch(&flat.ctx, &wanted).await?.phrase().unwrap_or_default();
    flows::begin_batch(&flat.ctx, &wanted, &phrase, id()).await?;
    let calls = Calls::default();
    let pass = |time: TimeDelta| flat.pass(time);
    carry(&calls.count(&flat.ctx), &id(), &Pace::Moved(&pass), usize::MAX).await?;
    assert_eq!(ends(&flat).await?.into_iter().collect::<Vec<_>>(), [("done".to_owned(), 60)]);
    // One is sent for each key, and one more for each of which the journal says why.
    let mut again = Vec::new();
    for key in &watched {
        let told = flat.ctx.ledger.history(key, 50).await?;
        again.extend(told.into_iter().filter(|entry| matches!(entry.outcome, Outcome::Failed(_))));
    }
    let told = calls.of(Operation::Revoke);
    assert_eq!(told, 60 + again.len(), "{again:?}");
    assert!(again.len() <= 6, "{again:?}");
    assert!(calls.of(Operation::List) <= 20, "{} readings", calls.of(Operation::List));
    Ok(())
}
