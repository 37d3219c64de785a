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

const WORKS: Event = Event::Works { manages: false };

const DAY: Overlap = Overlap::For(TimeDelta::days(1));

#[test]
fn the_overlap_begins_when_the_new_key_works_and_is_stored_in_either_order() {
    for events in [[minted(true), WORKS, Event::Acknowledged], [minted(true), Event::Acknowledged, WORKS]] {
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
    let rotation = run(Way::Api, DAY, &[minted(true), WORKS, Event::Acknowledged]).unwrap();
    assert_eq!(step(&rotation, Event::Ended, at(60)), Err(IllegalStep));
    assert!(step(&rotation, Event::Finish, at(60)).is_ok());
}

#[test]
fn without_an_overlap_the_old_key_goes_as_soon_as_the_new_one_works() {
    let rotation = run(Way::Api, Overlap::None, &[minted(true), WORKS]).unwrap();
    assert_eq!(rotation.due(at(3)), Effect::Revoke);
    assert_eq!(rotation.unsaved(), Some(&new_key()), "its value stays until it is stored");
}

#[test]
fn a_new_key_that_is_not_as_asked_for_waits_for_the_person() {
    let rotation = run(Way::Api, Overlap::None, &[minted(false), WORKS]).unwrap();
    assert_eq!(rotation.due(at(3)), Effect::Nothing);
    let stored = step(&rotation, Event::Acknowledged, at(4)).unwrap();
    assert_eq!(stored.due(at(4)), Effect::Revoke);
}

#[test]
fn the_proof_says_how_long_the_old_key_lived_after_its_revocation() {
    let revoked = [minted(true), Event::Acknowledged, WORKS, Event::Revoked];
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
    let events = [minted(true), WORKS];
    let rotation = run(Way::ByHand { at_once: true }, Overlap::None, &events).unwrap();
    assert!(matches!(rotation.phase, Phase::Dying { .. }));
    assert_eq!(rotation.due(at(3)), Effect::Prove);
    assert_eq!(step(&rotation, Event::Undo, at(3)), Err(IllegalStep));
}

#[test]
fn by_hand_the_old_key_is_asked_until_the_person_has_revoked_it() {
    let events = [minted(true), WORKS, Event::Acknowledged, Event::Finish];
    let rotation = run(Way::ByHand { at_once: false }, DAY, &events).unwrap();
    assert_eq!(rotation.due(at(5)), Effect::Prove);
    let told = step(&rotation, Event::Finish, at(6)).unwrap();
    assert!(matches!(told.phase, Phase::Dying { .. }));
    assert!(matches!(step(&told, Event::Refused, at(7)).unwrap().phase, Phase::Done { .. }));
}

#[test]
fn undo_keeps_the_old_key_and_takes_the_new_one_back() {
    let events = [minted(true), WORKS, Event::Acknowledged, Event::Undo];
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
    let events = [minted(true), WORKS, Event::Acknowledged, Event::NewDied];
    for overlap in [DAY, Overlap::UntilQuiet(TimeDelta::hours(1)), Overlap::UntilTold] {
        let rotation = run(Way::Api, overlap, &events).unwrap();
        let waits = rotation.due(at(9_000_000));
        assert!(matches!(waits, Effect::LookAgain(..)), "it waits for the person, or for both: {waits:?}");
        assert!(rotation.is_open() && rotation.can_be_undone());
        assert_eq!(step(&rotation, Event::Finish, at(5)), Err(IllegalStep));
        let undone = step(&rotation, Event::Undo, at(5)).unwrap();
        assert_eq!(undone.due(at(5)), Effect::TakeBack(new_key()));
    }
}

#[test]
fn an_old_key_that_dies_before_its_time_is_asked_whether_it_is_dead() {
    let events = [minted(true), WORKS, Event::Acknowledged, Event::OldDied];
    let rotation = run(Way::Api, DAY, &events).unwrap();
    assert_eq!(rotation.due(at(5)), Effect::Prove);
    assert_eq!(step(&rotation, Event::Undo, at(5)), Err(IllegalStep), "the new one is the last that works");
}

#[test]
fn where_uses_are_not_reported_the_person_ends_the_overlap() {
    let rotation = run(Way::Api, Overlap::UntilTold, &[minted(true), WORKS, Event::Acknowledged]).unwrap();
    assert!(matches!(rotation.due(at(9_000_000)), Effect::Glance(..)));
    assert_eq!(step(&rotation, Event::Ended, at(9_000_000)), Err(IllegalStep));
    let told = step(&rotation, Event::Finish, at(9_000_000)).unwrap();
    assert_eq!(told.due(at(9_000_000)), Effect::Revoke);
}

#[test]
fn one_use_a_second_before_the_end_begins_the_quiet_anew() {
    let quiet = TimeDelta::hours(1);
    let events = [minted(true), WORKS, Event::Acknowledged];
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
    let events = [minted(true), WORKS, Event::Acknowledged, Event::Seen { old_used: None, new_used: false }];
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

#[test]
fn f43_a_death_that_was_a_rumour_is_taken_back() {
    let overlap = run(Way::Api, DAY, &[minted(true), WORKS, Event::Acknowledged]).unwrap();
    for rumour in [Event::OldDied, Event::NewDied] {
        let taken = step(&overlap, rumour.clone(), at(10)).unwrap();
        let back = step(&taken, Event::BothLive, at(200)).unwrap();
        assert_eq!(back.phase, overlap.phase, "after {rumour:?}");
    }
}

#[test]
fn f50_a_key_that_lives_on_is_told_to_go_again_and_ever_more_seldom() {
    let revoked = [minted(true), Event::Acknowledged, WORKS, Event::Revoked];
    let mut rotation = run(Way::Api, Overlap::None, &revoked).unwrap();
    let mut waits = Vec::new();
    for _ in 0..9 {
        rotation = step(&rotation, Event::LivesOn, at(100)).unwrap();
        let Effect::WaitUntil(again) = rotation.due(at(100)) else { panic!("{rotation:?}") };
        waits.push((again - at(100)).num_minutes());
        assert_eq!(rotation.due(again), Effect::Revoke);
        rotation = step(&rotation, Event::Revoked, at(100)).unwrap();
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
    let asked = step(&rotation, Event::AskAgain, at(101)).unwrap();
    assert_eq!(asked.due(at(101)), Effect::Revoke, "a person need not wait");
}

#[test]
fn f51_one_refusal_beside_nothing_proves_nothing_and_two_hours_apart_do() {
    let revoked = [minted(true), Event::Acknowledged, WORKS, Event::Revoked];
    let dying = run(Way::Api, Overlap::None, &revoked).unwrap();
    let once = step(&dying, Event::RefusedAlone, at(10)).unwrap();
    assert!(matches!(once.phase, Phase::Dying { .. }));
    assert_eq!(once.due(at(11)), Effect::WaitUntil(at(10) + TimeDelta::hours(2)));
    let soon = step(&once, Event::RefusedAlone, at(60)).unwrap();
    assert!(matches!(soon.phase, Phase::Dying { .. }), "too soon to agree");
    let later = step(&soon, Event::RefusedAlone, at(10) + TimeDelta::hours(2)).unwrap();
    assert!(matches!(later.phase, Phase::Done { death: Death::Proven { .. }, .. }));
    let alive = step(&once, Event::Alive, at(20)).unwrap();
    assert_eq!(alive.refused_at, None, "an answer in between makes the first one worth nothing");
}

#[test]
fn f52_a_key_that_keyturn_calls_the_vendor_with_is_not_taken_back() {
    let events = [minted(true), Event::Works { manages: true }, Event::Acknowledged];
    let rotation = run(Way::Api, DAY, &events).unwrap();
    assert!(!rotation.can_be_undone());
    assert_eq!(step(&rotation, Event::Undo, at(9)), Err(IllegalStep));
}

#[test]
fn f54_a_use_from_the_future_holds_the_old_key_no_longer_than_one_of_now() {
    let quiet = TimeDelta::hours(1);
    let rotation =
        run(Way::Api, Overlap::UntilQuiet(quiet), &[minted(true), WORKS, Event::Acknowledged]).unwrap();
    let far = Event::Seen { old_used: Some(at(90_000_000)), new_used: true };
    let seen = step(&rotation, far, at(60)).unwrap();
    let Phase::Overlap { until: Until::Quiet { since, .. }, .. } = seen.phase else { panic!("{seen:?}") };
    assert_eq!(since, at(60));
}

/// What a person, and what the vendor, can say.
const PERSON: [Event; 5] = [Event::Acknowledged, Event::Finish, Event::Undo, Event::AskAgain, Event::Leave];
const VENDOR: [Event; 9] = [
    WORKS,
    Event::Ended,
    Event::Revoked,
    Event::Refused,
    Event::RefusedAlone,
    Event::Declared,
    Event::TakenBack,
    Event::BothLive,
    Event::NewDied,
];

/// Whether some of these events, in some order and with days between them, lead to an end with both keys accounted for.
fn has_a_way_out(from: &Rotation, now: DateTime<Utc>, events: &[Event]) -> bool {
    let mut seen: Vec<Rotation> = vec![from.clone()];
    let mut next = 0;
    while let Some(rotation) = seen.get(next).cloned() {
        if !rotation.is_open() {
            return true;
        }
        next += 1;
        let later = now + TimeDelta::days(200) * i32::try_from(next).unwrap_or(i32::MAX).min(50);
        for event in events {
            if let Ok(after) = step(&rotation, event.clone(), later)
                && !seen.iter().any(|known| known.phase == after.phase)
                && seen.len() < 200
            {
                seen.push(after);
            }
        }
    }
    false
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        any::<bool>().prop_map(minted),
        any::<bool>().prop_map(|manages| Event::Works { manages }),
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
        Just(Event::RefusedAlone),
        Just(Event::LivesOn),
        Just(Event::AskAgain),
        Just(Event::BothLive),
        Just(Event::Leave),
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
            worked |= matches!(event, Event::Works { .. });
            stored |= event == Event::Acknowledged;
            old_gone |= event == Event::OldDied || due == Effect::Revoke && event == Event::Revoked;
            // Seen to live: its death was a rumour.
            old_gone &= event != Event::BothLive;
            taken_back |= event == Event::TakenBack;
            taken_back &= event != Event::LivesOn && event != Event::AskAgain;
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
        let persons = matches!(rotation.phase, Phase::Minting | Phase::Bringing | Phase::Verified(_));
        if rotation.due(now) == Effect::Nothing && !persons {
            prop_assert!(!rotation.is_open() || rotation.unsaved().is_some(), "{rotation:?}");
        }
        if let Effect::WaitUntil(time) = rotation.due(now) {
            prop_assert!(time > now);
        }
    }

    /// What is offered to a person in a state is taken in it; and what would be taken is offered, so that nobody has to wait
    /// for something that a word would end.
    #[test]
    fn f43_what_is_offered_is_taken_and_nothing_else(
        (way, overlap) in ways(),
        story in proptest::collection::vec((events(), 1..100_000_i64), 0..40),
        ending: bool,
    ) {
        let way = if ending { Way::End } else { way };
        let mut rotation = Rotation::begin(way, overlap, at(0));
        let mut now = at(0);
        for (event, later) in story {
            now += TimeDelta::seconds(later);
            rotation = step(&rotation, event, now).unwrap_or(rotation);
            let offers = [
                (Event::Finish, rotation.can_be_finished()),
                (Event::Undo, rotation.can_be_undone()),
                (Event::AskAgain, rotation.can_be_asked_again()),
                (Event::Leave, rotation.can_be_left()),
            ];
            for (word, offered) in offers {
                let taken = step(&rotation, word.clone(), now).is_ok();
                prop_assert_eq!(offered, taken, "{:?} in {:?}", word, rotation);
            }
            let saved = step(&rotation, Event::Acknowledged, now).is_ok();
            prop_assert!(rotation.unsaved().is_none() || saved, "it cannot be saved in {rotation:?}");
        }
    }

    /// From every state there is a way out by what the vendor may say and a person may do; and from every state in
    /// which a new key was made, by a person alone, whatever the vendor does.
    #[test]
    fn f43_no_state_is_without_a_way_out(
        (way, overlap) in ways(),
        story in proptest::collection::vec((events(), 1..100_000_i64), 0..40),
    ) {
        let mut rotation = Rotation::begin(way, overlap, at(0));
        let mut now = at(0);
        for (event, later) in story {
            now += TimeDelta::seconds(later);
            rotation = step(&rotation, event, now).unwrap_or(rotation);
        }
        let mut both = PERSON.to_vec();
        both.extend(VENDOR);
        both.push(minted(true));
        prop_assert!(has_a_way_out(&rotation, now, &both), "{rotation:?}");
        // Minting is settled by a reading, and bringing ends with the person's own word.
        if rotation.phase != Phase::Minting {
            prop_assert!(has_a_way_out(&rotation, now, &PERSON), "by a person alone: {rotation:?}");
        }
    }
}

/// The page offers what the machine allows: where the account is managed with the new key, nothing is to be undone.
#[test]
fn f37_undo_is_not_offered_once_the_managing_key_was_replaced() {
    let manages = Event::Works { manages: true };
    for events in [
        vec![minted(true), manages.clone()],
        vec![minted(true), manages.clone(), Event::Acknowledged],
        vec![minted(true), manages, Event::Acknowledged, Event::NewDied],
    ] {
        let rotation = run(Way::Api, DAY, &events).unwrap();
        assert!(!rotation.can_be_undone(), "{rotation:?}");
        assert_eq!(step(&rotation, Event::Undo, at(9)), Err(IllegalStep));
    }
}
