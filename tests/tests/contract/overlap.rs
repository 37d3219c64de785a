//! What may happen while both keys work: one of them dies before its time, or the old one is used once more.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice};
use keyturn_core::journal::Outcome;
use keyturn_core::key::KeyRef;
use keyturn_core::provider::{Capabilities, Connection, Support};
use keyturn_core::reminder::ReminderKind;
use keyturn_core::rotation::Phase;
use keyturn_core::secret::Secret;
use keyturn_tests::flat::Flat;

use crate::house::{each, failures, flat, id, managed, overlap_of, rotation};

fn reports_uses(capabilities: &Capabilities) -> bool {
    managed(capabilities) && capabilities.last_use == Support::Yes
}

fn reports_no_uses(capabilities: &Capabilities) -> bool {
    managed(capabilities) && capabilities.last_use != Support::Yes
}

/// Somebody revokes a key at the vendor, past Keyturn, and some time later Keyturn reads the list.
async fn revoked_outside(flat: &Flat, key: &KeyRef) -> Result<()> {
    let managing_key = &Secret::new(flat.rehearsed.managing_key.clone());
    let base_url = &flat.rehearsed.authority.base_url();
    let connection = Connection { base_url, managing_key, settings: &flat.account.settings };
    flat.provider.revoke(connection, &key.key).await?;
    flat.pass(TimeDelta::minutes(2));
    Ok(flat.read_twice().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_that_dies_in_the_overlap_raises_an_alarm_and_undo_keeps_the_old_one() -> Result<()> {
    for choice in [Choice::OneHour, Choice::Quiet] {
        each(managed, async |provider| {
            let flat = flat(&provider).await?;
            let (old, old_value) = flat.make("make", "In production").await?;
            let (new, _) = overlap_of(&flat, &old, choice, None).await?;
            revoked_outside(&flat, &new).await?;
            flat.pass(TimeDelta::minutes(6));
            flat.drive("rotate").await?;
            let phase = rotation(&flat, &id("rotate")).await?.phase;
            assert!(matches!(phase, Phase::Bereft { .. }), "{phase:?}");
            assert_eq!(failures(&flat, &new).await?.len(), 1, "the journal tells of it");
            let bell = flat.ctx.ledger.reminders(100).await?;
            let alarms = bell.iter().filter(|kept| kept.reminder.kind == ReminderKind::Died);
            assert_eq!(
                alarms.map(|kept| &kept.reminder.key).collect::<Vec<_>>(),
                [&new],
                "and so does the bell"
            );
            flat.pass(TimeDelta::days(30));
            flat.drive("rotate").await?;
            assert!(flat.works(&old_value).await?, "whatever was planned, the last key that works stays");
            let finished = flows::finish_rotation(&flat.ctx, &id("rotate")).await;
            assert!(matches!(finished, Err(FlowError::Step(_))), "{finished:?}");
            flows::undo_rotation(&flat.ctx, &id("rotate")).await?;
            flat.outlast("rotate").await?;
            let phase = rotation(&flat, &id("rotate")).await?.phase;
            assert!(matches!(phase, Phase::Undone { left: None, .. }), "{phase:?}");
            assert!(flat.works(&old_value).await?);
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_key_that_dies_before_its_time_is_told_and_the_new_one_stays() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let (old, old_value) = flat.make("make", "In production").await?;
        let (_, new_value) = overlap_of(&flat, &old, Choice::OneDay, Some(&old_value)).await?;
        revoked_outside(&flat, &old).await?;
        flat.drive("rotate").await?;
        let phase = rotation(&flat, &id("rotate")).await?.phase;
        assert!(matches!(phase, Phase::Done { .. }), "{phase:?}");
        let told = failures(&flat, &old).await?;
        let words = format!("{told:?}");
        assert!(words.contains("before its overlap ended, and not through Keyturn"), "{words}");
        assert!(flat.works(&new_value).await?);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_use_a_second_before_the_end_keeps_the_old_key_and_says_who_can_be_asked() -> Result<()> {
    each(reports_uses, async |provider| {
        let flat = flat(&provider).await?;
        let (old, old_value) = flat.make("make", "In production").await?;
        let (_, new_value) = overlap_of(&flat, &old, Choice::Quiet, None).await?;
        let quiet = TimeDelta::hours(24)
            + TimeDelta::from_std(flat.provider.manifest().capabilities.reporting_delay)?;
        flat.pass(TimeDelta::minutes(5));
        flat.works(&new_value).await?;
        flat.pass(quiet - TimeDelta::minutes(5) - TimeDelta::seconds(1));
        assert!(flat.works(&old_value).await?, "one request at T\u{2212}1 s");
        flat.pass(TimeDelta::minutes(10));
        flat.drive("rotate").await?;
        let phase = rotation(&flat, &id("rotate")).await?.phase;
        assert!(matches!(phase, Phase::Overlap { .. }), "it begins anew: {phase:?}");
        let history = flat.ctx.ledger.history(&old, 100).await?;
        let told = history.iter().find_map(|entry| match &entry.outcome {
            Outcome::Done(seen) if seen.contains("used again on") => Some(seen.clone()),
            _ => None,
        });
        let told = told.context("the journal tells of the use")?;
        if let Some(creator) = flat.row(&old).await?.and_then(|row| row.creator) {
            assert!(told.contains(&creator), "{told}");
        }
        let from = flat.provider.manifest().name == "Neural Draft";
        assert_eq!(told.contains(" from 127.0.0.1"), from, "the address, where it is reported: {told}");
        // The look itself may be late, never early.
        flat.pass(quiet - TimeDelta::minutes(11));
        flat.drive("rotate").await?;
        assert!(matches!(rotation(&flat, &id("rotate")).await?.phase, Phase::Overlap { .. }));
        flat.pass(TimeDelta::minutes(5));
        flat.outlast("rotate").await?;
        let phase = rotation(&flat, &id("rotate")).await?.phase;
        assert!(matches!(phase, Phase::Done { .. }), "{phase:?}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_uses_are_not_reported_the_person_is_asked() -> Result<()> {
    each(reports_no_uses, async |provider| {
        let flat = flat(&provider).await?;
        let (old, old_value) = flat.make("make", "In production").await?;
        let plan = flows::plan_rotation(&flat.ctx, &old).await?;
        let offer =
            plan.offers.iter().find(|offer| offer.choice == Choice::Quiet).context("it is offered")?;
        assert!(offer.until_told && offer.steps.iter().any(|step| step.contains("does not report")));
        overlap_of(&flat, &old, Choice::Quiet, None).await?;
        flat.pass(TimeDelta::days(30));
        flat.drive("rotate").await?;
        assert!(flat.works(&old_value).await?, "nothing ends by itself");
        flows::finish_rotation(&flat.ctx, &id("rotate")).await?;
        flat.drive("rotate").await?;
        flat.pass(TimeDelta::minutes(2));
        assert!(!flat.works(&old_value).await?);
        Ok(())
    })
    .await
}
