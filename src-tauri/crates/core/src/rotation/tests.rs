//! The machine alone: tables of what follows what, and generated sequences against a world that mints and revokes.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::{Death, Effect, Event, IllegalStep, Overlap, Phase, Rotation, Until, Way, step};
use crate::account::AccountId;
use crate::key::{KeyRef, VendorKeyId};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn new_key() -> KeyRef {
    KeyRef { account: AccountId("natural-1".into()), key: VendorKeyId("new".into()) }
}

fn minted(exact: bool) -> Event {
    Event::Minted { key: new_key(), exact }
}

/// Runs `events` a second apart, from the beginning.
fn run(way: Way, overlap: Overlap, events: &[Event]) -> Result<Rotation, IllegalStep> {
    let mut rotation = Rotation::begin(way, overlap, at(0));
    for (second, event) in (1..).zip(events) {
        rotation = step(&rotation, event.clone(), at(second))?;
    }
    Ok(rotation)
}

const DAY: Overlap = Overlap::For(TimeDelta::days(1));

#[test]
fn the_overlap_begins_when_the_new_key_works_and_is_stored_in_either_order() {
    for events in
        [[minted(true), Event::Works, Event::Acknowledged], [minted(true), Event::Acknowledged, Event::Works]]
    {
        let rotation = run(Way::Api, DAY, &events).unwrap();
        let Phase::Overlap { until, .. } = rotation.phase else { panic!("{rotation:?}") };
        assert_eq!(until, Until::Time(at(3) + TimeDelta::days(1)));
        assert_eq!(rotation.due(at(4)), Effect::Glance(new_key(), at(4) + TimeDelta::minutes(5)));
        let end = at(3) + TimeDelta::days(1);
        assert_eq!(rotation.due(end - TimeDelta::seconds(9)), Effect::Glance(new_key(), end));
        assert_eq!(rotation.due(end), Effect::End(new_key()));
        assert!(!rotation.needs_value());
    }
}

#[test]
fn an_overlap_does_not_end_before_its_time() {
    let rotation = run(Way::Api, DAY, &[minted(true), Event::Works, Event::Acknowledged]).unwrap();
    assert_eq!(step(&rotation, Event::Ended, at(60)), Err(IllegalStep));
    assert!(step(&rotation, Event::Finish, at(60)).is_ok());
}

#[test]
fn without_an_overlap_the_old_key_goes_as_soon_as_the_new_one_works() {
    let rotation = run(Way::Api, Overlap::None, &[minted(true), Event::Works]).unwrap();
    assert_eq!(rotation.due(at(3)), Effect::Revoke);
    assert_eq!(rotation.unsaved(), Some(&new_key()), "its value stays until it is stored");
}

#[test]
fn a_new_key_that_is_not_as_asked_for_waits_for_the_person() {
    let rotation = run(Way::Api, Overlap::None, &[minted(false), Event::Works]).unwrap();
    assert_eq!(rotation.due(at(3)), Effect::Nothing);
    let stored = step(&rotation, Event::Acknowledged, at(4)).unwrap();
    assert_eq!(stored.due(at(4)), Effect::Revoke);
}

#[test]
fn the_proof_says_how_long_the_old_key_lived_after_its_revocation() {
    let revoked = [minted(true), Event::Acknowledged, Event::Works, Event::Revoked];
    let mut rotation = run(Way::Api, Overlap::None, &revoked).unwrap();
    rotation = step(&rotation, Event::Alive, at(5)).unwrap();
    assert_eq!(rotation.due(at(5)), Effect::WaitUntil(at(6)));
    assert!(rotation.retry.as_ref().is_some_and(|retry| retry.why.is_none()), "alive is no failure");
    assert_eq!(rotation.due(at(6)), Effect::Prove);
    let done = step(&rotation, Event::Refused, at(45)).unwrap();
    let Phase::Done { death, .. } = done.phase else { panic!("{done:?}") };
    assert_eq!(death, Death::Proven { after: TimeDelta::seconds(41) });
}

#[test]
fn in_a_dashboard_that_kills_at_once_nothing_is_undone() {
    let events = [minted(true), Event::Works];
    let rotation = run(Way::ByHand { at_once: true }, Overlap::None, &events).unwrap();
    assert!(matches!(rotation.phase, Phase::Dying { .. }));
    assert_eq!(rotation.due(at(3)), Effect::Prove);
    assert_eq!(step(&rotation, Event::Undo, at(3)), Err(IllegalStep));
}

#[test]
fn by_hand_the_old_key_is_asked_until_the_person_has_revoked_it() {
    let events = [minted(true), Event::Works, Event::Acknowledged, Event::Finish];
    let rotation = run(Way::ByHand { at_once: false }, DAY, &events).unwrap();
    assert_eq!(rotation.due(at(5)), Effect::Prove);
    let told = step(&rotation, Event::Finish, at(6)).unwrap();
    assert!(matches!(told.phase, Phase::Dying { .. }));
    assert!(matches!(step(&told, Event::Refused, at(7)).unwrap().phase, Phase::Done { .. }));
}

#[test]
fn undo_keeps_the_old_key_and_takes_the_new_one_back() {
    let events = [minted(true), Event::Works, Event::Acknowledged, Event::Undo];
    let rotation = run(Way::Api, DAY, &events).unwrap();
    assert_eq!(rotation.due(at(5)), Effect::TakeBack(new_key()));
    let fading = step(&rotation, Event::TakenBack, at(6)).unwrap();
    assert_eq!(fading.due(at(6)), Effect::ProveTakenBack(new_key()));
    let fading = step(&fading, Event::Alive, at(6)).unwrap();
    assert_eq!(fading.due(at(6)), Effect::WaitUntil(at(7)), "the vendor takes its time; it is asked again");
    let undone = step(&fading, Event::Refused, at(7)).unwrap();
    assert_eq!(undone.phase, Phase::Undone { left: None, at: at(7) });
    assert!(!undone.is_open());
}

#[test]
fn a_new_key_that_dies_in_the_overlap_leaves_the_old_one_alone() {
    let events = [minted(true), Event::Works, Event::Acknowledged, Event::NewDied];
    for overlap in [DAY, Overlap::UntilQuiet(TimeDelta::hours(1)), Overlap::UntilTold] {
        let rotation = run(Way::Api, overlap, &events).unwrap();
        assert_eq!(rotation.due(at(9_000_000)), Effect::Nothing, "it waits for the person");
        assert!(rotation.is_open() && rotation.can_be_undone());
        assert_eq!(step(&rotation, Event::Finish, at(5)), Err(IllegalStep));
        let undone = step(&rotation, Event::Undo, at(5)).unwrap();
        assert_eq!(undone.due(at(5)), Effect::TakeBack(new_key()));
    }
}

#[test]
fn an_old_key_that_dies_before_its_time_is_asked_whether_it_is_dead() {
    let events = [minted(true), Event::Works, Event::Acknowledged, Event::OldDied];
    let rotation = run(Way::Api, DAY, &events).unwrap();
    assert_eq!(rotation.due(at(5)), Effect::Prove);
    assert_eq!(step(&rotation, Event::Undo, at(5)), Err(IllegalStep), "the new one is the last that works");
}

#[test]
fn where_uses_are_not_reported_the_person_ends_the_overlap() {
    let rotation =
        run(Way::Api, Overlap::UntilTold, &[minted(true), Event::Works, Event::Acknowledged]).unwrap();
    assert!(matches!(rotation.due(at(9_000_000)), Effect::Glance(..)));
    assert_eq!(step(&rotation, Event::Ended, at(9_000_000)), Err(IllegalStep));
    let told = step(&rotation, Event::Finish, at(9_000_000)).unwrap();
    assert_eq!(told.due(at(9_000_000)), Effect::Revoke);
}

#[test]
fn one_use_a_second_before_the_end_begins_the_quiet_anew() {
    let quiet = TimeDelta::hours(1);
    let events = [minted(true), Event::Works, Event::Acknowledged];
    let rotation = run(Way::Api, Overlap::UntilQuiet(quiet), &events).unwrap();
    let seen = |rotation: &Rotation, old_used, now| {
        step(rotation, Event::Seen { old_used, new_used: true }, now).unwrap()
    };
    let rotation = seen(&rotation, None, at(60));
    let last = at(3) + quiet - TimeDelta::seconds(1);
    let used = seen(&rotation, Some(last), last);
    assert!(matches!(used.due(at(3) + quiet), Effect::WaitUntil(_)), "{used:?}");
    assert_eq!(used.due(last + quiet), Effect::End(new_key()));
    assert_eq!(rotation.due(at(3) + quiet), Effect::End(new_key()), "without that use it would have ended");
}

#[test]
fn the_quiet_does_not_end_while_nobody_uses_the_new_key() {
    let quiet = TimeDelta::hours(1);
    let events =
        [minted(true), Event::Works, Event::Acknowledged, Event::Seen { old_used: None, new_used: false }];
    let rotation = run(Way::Api, Overlap::UntilQuiet(quiet), &events).unwrap();
    assert_eq!(step(&rotation, Event::Ended, at(1_000_000)), Err(IllegalStep));
}

#[test]
fn waits_grow_and_are_never_shorter_than_the_vendor_asks_for() {
    let mut rotation = run(Way::Api, DAY, &[minted(true)]).unwrap();
    let mut waits = Vec::new();
    for _ in 0..12 {
        rotation = step(&rotation, Event::Held { why: "no connection".into(), wait: None }, at(9)).unwrap();
        waits.push((rotation.retry.as_ref().unwrap().at - at(9)).num_seconds());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    let asked = Event::Held { why: "too many requests".into(), wait: Some(TimeDelta::seconds(77)) };
    let rotation = step(&rotation, asked, at(9)).unwrap();
    assert_eq!(rotation.retry.unwrap().at, at(86));
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        any::<bool>().prop_map(minted),
        Just(Event::Works),
        Just(Event::Acknowledged),
        (proptest::option::of(0..200_000_i64), any::<bool>())
            .prop_map(|(used, new_used)| Event::Seen { old_used: used.map(at), new_used }),
        Just(Event::Ended),
        Just(Event::Finish),
        Just(Event::Undo),
        Just(Event::Revoked),
        Just(Event::Refused),
        Just(Event::Alive),
        Just(Event::Declared),
        Just(Event::OldDied),
        Just(Event::NewDied),
        Just(Event::TakenBack),
        Just(Event::Held { why: "no connection".into(), wait: None }),
    ]
}

fn ways() -> impl Strategy<Value = (Way, Overlap)> {
    let way = prop_oneof![Just(Way::Api), any::<bool>().prop_map(|at_once| Way::ByHand { at_once }),];
    let overlap = prop_oneof![
        Just(Overlap::None),
        (1..100_i64).prop_map(|hours| Overlap::For(TimeDelta::hours(hours))),
        (1..100_i64).prop_map(|hours| Overlap::UntilQuiet(TimeDelta::hours(hours))),
        Just(Overlap::UntilTold),
    ];
    (way, overlap)
}

proptest! {
    /// In whatever order things happen: the old key is revoked only after the new one worked, the new one is
    /// never taken back after that, and the value of a new key that nobody stored is needed as long as it lives.
    #[test]
    fn no_order_of_events_loses_the_last_working_key(
        (way, overlap) in ways(),
        story in proptest::collection::vec((events(), 1..100_000_i64), 0..40),
    ) {
        let mut rotation = Rotation::begin(way, overlap, at(0));
        let (mut worked, mut stored, mut old_gone, mut taken_back) = (false, false, false, false);
        let mut now = at(0);
        for (event, later) in story {
            now += TimeDelta::seconds(later);
            let due = rotation.due(now);
            prop_assert!(due != Effect::Revoke || worked, "revoked before the new key was seen to work");
            prop_assert!(!(old_gone && matches!(due, Effect::TakeBack(_))), "both keys gone");
            let Ok(next) = step(&rotation, event.clone(), now) else { continue };
            worked |= event == Event::Works;
            stored |= event == Event::Acknowledged;
            old_gone |= event == Event::OldDied || due == Effect::Revoke && event == Event::Revoked;
            taken_back |= event == Event::TakenBack;
            let minted = next.successor().is_some();
            if minted && !stored && !matches!(next.phase, Phase::Undone { .. }) {
                prop_assert!(next.needs_value(), "the only copy would be destroyed in {next:?}");
            }
            prop_assert!(!(old_gone && taken_back));
            rotation = next;
        }
    }

    /// A rotation that is open always has something due, waits for a time, or waits for the person's word.
    #[test]
    fn nothing_gets_stuck_without_a_word(
        (way, overlap) in ways(),
        story in proptest::collection::vec((events(), 1..100_000_i64), 0..40),
    ) {
        let mut rotation = Rotation::begin(way, overlap, at(0));
        let mut now = at(0);
        for (event, later) in story {
            now += TimeDelta::seconds(later);
            rotation = step(&rotation, event, now).unwrap_or(rotation);
        }
        let persons = matches!(
            rotation.phase,
            Phase::Minting | Phase::Bringing | Phase::Verified(_) | Phase::Bereft(_)
        );
        if rotation.due(now) == Effect::Nothing && !persons {
            prop_assert!(!rotation.is_open() || rotation.unsaved().is_some(), "{rotation:?}");
        }
        if let Effect::WaitUntil(time) = rotation.due(now) {
            prop_assert!(time > now);
        }
    }
}
