//! What readings leave behind: days of use, addresses, changes outside, acceptances, and how little room they take.
#![allow(clippy::print_stderr)]

use chrono::{DateTime, TimeDelta, Utc};
use keyturn_core::finding::{Acceptance, FindingKind, Sighting};
use keyturn_core::journal::{Action, Entry};
use keyturn_core::key::{KeyRecord, KeyStatus, LastUse, Scope, Usage};
use keyturn_core::observed::{Day, UseDay, use_days};
use keyturn_core::ports::{Ledger, Observations};

use crate::damage::{root_page, wipe_page};
use crate::samples::{Desk, desk, entry, id, key, merge, noon, record};

fn days(count: i64) -> TimeDelta {
    TimeDelta::days(count)
}

fn used(at: DateTime<Utc>) -> KeyRecord {
    KeyRecord { last_use: LastUse::At(at), ..record("key_1") }
}

async fn read(desk: &Desk, listed: &[KeyRecord], at: DateTime<Utc>) {
    merge(&desk.ledger, &id(), listed, at).await.unwrap();
}

/// One letter a day from noon's day on: used, not used, or a dot.
async fn drawn(desk: &Desk, last: i64) -> String {
    let log = desk.ledger.use_log(&key("key_1")).await.unwrap();
    let record = desk.ledger.key(&key("key_1")).await.unwrap().unwrap();
    let letter = |day: &UseDay| day.used.map_or('.', |used| if used { 'u' } else { 'n' });
    use_days(&log, &record, Day::of(noon()), Day::of(noon() + days(last))).iter().map(letter).collect()
}

async fn outside(desk: &Desk) -> Vec<(String, String, bool)> {
    let (changes, total) = desk.ledger.outside_changes(0, 100).await.unwrap();
    assert_eq!(changes.len(), total);
    changes.into_iter().map(|change| (change.name, change.changed.words(), change.there)).collect()
}

#[tokio::test]
async fn each_reading_adds_the_days_that_it_says_something_of() {
    let desk = desk().await;
    read(&desk, &[used(noon())], noon()).await;
    assert_eq!(drawn(&desk, 3).await, "u...");
    // Two days later it was last used yesterday; four days after that today.
    read(&desk, &[used(noon() + days(1))], noon() + days(2)).await;
    assert_eq!(drawn(&desk, 3).await, "uu..");
    read(&desk, &[used(noon() + days(1))], noon() + days(4)).await;
    assert_eq!(drawn(&desk, 5).await, "uunn..", "the readings themselves say what time has shown");
    read(&desk, &[used(noon() + days(8))], noon() + days(8)).await;
    assert_eq!(drawn(&desk, 8).await, "uunn....u", "nobody looked from the fourth day to the eighth");
    let log = desk.ledger.use_log(&key("key_1")).await.unwrap();
    assert_eq!(log.observed_since, Some(noon()));
    assert_eq!(log.read_at, Some(noon() + days(8)));
}

#[tokio::test]
async fn a_key_that_is_used_after_ninety_days_of_silence_woke_up() {
    for (silence, woke) in [(days(90), true), (days(89), false)] {
        let desk = desk().await;
        read(&desk, &[used(noon())], noon()).await;
        let at = noon() + silence;
        read(&desk, &[used(at)], at).await;
        let sightings = desk.ledger.sightings(at - days(30)).await.unwrap();
        let seen = sightings.get(&key("key_1")).cloned().unwrap_or_default();
        assert_eq!(seen, if woke { vec![Sighting::WokeUp { at }] } else { vec![] });
        assert!(desk.ledger.sightings(at + days(1)).await.unwrap().is_empty());
    }
    let desk = desk().await;
    let made = KeyRecord { created_at: Some(noon()), last_use: LastUse::Never, ..record("key_1") };
    read(&desk, std::slice::from_ref(&made), noon()).await;
    let at = noon() + days(120);
    read(&desk, &[KeyRecord { last_use: LastUse::At(at), ..made }], at).await;
    assert_eq!(desk.ledger.sightings(noon()).await.unwrap()[&key("key_1")], [Sighting::WokeUp { at }]);
}

#[tokio::test]
async fn an_address_is_news_only_beside_one_that_was_long_known() {
    let desk = desk().await;
    read(&desk, &[used(noon())], noon()).await;
    let from = |ip: &str| Usage { ip: ip.into(), last_used_at: Some(noon()), count: Some(1) };
    let told = |ips: &[&str]| ips.iter().map(|ip| from(ip)).collect::<Vec<_>>();
    let locate = async |ips: &[&str], at| desk.ledger.locate(&key("key_1"), &told(ips), at).await.unwrap();
    locate(&["192.0.2.1", "192.0.2.2"], noon()).await;
    locate(&["192.0.2.1", "192.0.2.3"], noon() + days(29)).await;
    assert!(desk.ledger.sightings(noon()).await.unwrap().is_empty());
    let at = noon() + days(30);
    locate(&["192.0.2.1", "192.0.2.4"], at).await;
    let sightings = desk.ledger.sightings(noon()).await.unwrap();
    assert_eq!(sightings[&key("key_1")], [Sighting::NewAddress { at }]);
    locate(&["192.0.2.4"], at + days(1)).await;
    assert_eq!(desk.ledger.sightings(noon()).await.unwrap()[&key("key_1")], [Sighting::NewAddress { at }]);
}

#[tokio::test]
async fn a_key_is_asked_for_its_addresses_once_a_use() {
    let desk = desk().await;
    let never = KeyRecord { last_use: LastUse::Never, ..record("key_2") };
    read(&desk, &[used(noon()), never.clone()], noon()).await;
    let unlocated = async || {
        let keys = desk.ledger.unlocated(&id(), 10).await.unwrap();
        keys.into_iter().map(|key| key.0).collect::<Vec<_>>()
    };
    assert_eq!(unlocated().await, ["key_1"]);
    desk.ledger.locate(&key("key_1"), &[], noon()).await.unwrap();
    assert!(unlocated().await.is_empty());
    read(&desk, &[used(noon() + days(1)), never], noon() + days(1)).await;
    assert_eq!(unlocated().await, ["key_1"]);
}

#[tokio::test]
async fn what_was_not_done_here_is_told_newest_first() {
    let desk = desk().await;
    read(&desk, &[record("key_1"), record("key_2")], noon()).await;
    assert!(outside(&desk).await.is_empty(), "the first reading tells nothing");
    let changed = KeyRecord {
        name: "Renamed".into(),
        scopes: vec![Scope("leads:read".into())],
        expires: None.into(),
        status: KeyStatus::Revoked { at: None },
        ..record("key_1")
    };
    read(&desk, &[changed.clone(), record("key_2"), record("key_3")], noon() + days(1)).await;
    read(&desk, &[changed, record("key_2")], noon() + days(2)).await;
    let told = outside(&desk).await;
    let words: Vec<_> = told.iter().map(|(name, words, there)| (&**name, &**words, *there)).collect();
    assert_eq!(
        words,
        [
            ("Key key_3", "Is not listed any more. It was last used on 1 March 2026.", false),
            ("Key key_3", "Appeared. It was not made with Keyturn.", false),
            ("Renamed", "Was active, now revoked.", true),
            ("Renamed", "Its expiry changed from 20 April 2026 to never.", true),
            ("Renamed", "Lost the scopes leads:write.", true),
            ("Renamed", "Renamed from \u{201c}Key key_1\u{201d} to \u{201c}Renamed\u{201d}.", true),
        ]
    );
    let (one, total) = desk.ledger.outside_changes(2, 1).await.unwrap();
    assert_eq!((one.len(), total), (1, 6));
    assert_eq!(one[0].changed.words(), "Was active, now revoked.");
}

#[tokio::test]
async fn what_keyturn_or_time_did_is_not_told_as_outside() {
    let desk = desk().await;
    let soon = Some(noon() + days(1));
    let ends = KeyRecord { expires: soon.into(), ..record("key_1") };
    read(&desk, &[ends.clone(), record("key_2")], noon()).await;
    let revoking = KeyRecord { status: KeyStatus::Revoking, ..record("key_2") };
    desk.ledger.put_key(&id(), &revoking, &entry(Action::Revoke, Some("key_2"))).await.unwrap();
    let revoked = KeyRecord { status: KeyStatus::Revoked { at: None }, ..record("key_2") };
    let expired = KeyRecord { status: KeyStatus::Expired { at: soon }, ..ends };
    read(&desk, &[expired.clone(), revoked], noon() + days(2)).await;
    read(&desk, &[expired], noon() + days(3)).await;
    assert!(outside(&desk).await.is_empty());
    let kept: i64 = desk.raw().query_row("SELECT count(*) FROM changes", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 3, "it is remembered all the same");
}

fn acceptance(finding: FindingKind) -> Acceptance {
    Acceptance { finding, reason: "by design".into(), until: Some(noon() + days(30)) }
}

#[tokio::test]
async fn an_acceptance_is_kept_with_its_entry_and_can_be_withdrawn() {
    let desk = desk().await;
    read(&desk, &[record("key_1")], noon()).await;
    let keys = [key("key_1"), key("gone")];
    let entries: Vec<Entry> = keys.iter().map(|key| entry(Action::Accept, Some(&key.key.0))).collect();
    let idle = acceptance(FindingKind::Idle);
    assert_eq!(desk.ledger.accept(&keys, &idle, &entries).await.unwrap(), 1);
    assert_eq!(desk.ledger.acceptances().await.unwrap().of(&keys[0]), std::slice::from_ref(&idle));
    assert!(desk.ledger.acceptances().await.unwrap().of(&keys[1]).is_empty());
    assert_eq!(desk.ledger.history(&keys[0], 10).await.unwrap().len(), 1);
    assert_eq!(desk.ledger.history(&keys[1], 10).await.unwrap().len(), 0, "no entry for a key that is gone");
    let forever = Acceptance { until: None, ..idle };
    desk.ledger.accept(&keys[..1], &forever, &entries[..1]).await.unwrap();
    assert_eq!(desk.ledger.acceptances().await.unwrap().of(&keys[0]), [forever]);
    let withdraw = entry(Action::Withdraw, Some("key_1"));
    assert!(desk.ledger.withdraw(&keys[0], FindingKind::Idle, &withdraw).await.unwrap());
    assert!(!desk.ledger.withdraw(&keys[0], FindingKind::Idle, &withdraw).await.unwrap());
    assert!(desk.ledger.acceptances().await.unwrap().is_empty());
    assert_eq!(desk.ledger.history(&keys[0], 10).await.unwrap().len(), 3);
}

#[tokio::test]
async fn d3_observations_and_acceptances_are_carried_over_from_a_damaged_ledger() {
    let desk = desk().await;
    read(&desk, &[used(noon()), record("key_2")], noon()).await;
    read(&desk, &[used(noon() + days(100))], noon() + days(100)).await;
    let from = Usage { ip: "192.0.2.1".into(), last_used_at: None, count: None };
    desk.ledger.locate(&key("key_1"), &[from], noon()).await.unwrap();
    let idle = acceptance(FindingKind::Idle);
    let entries = [entry(Action::Accept, Some("key_1"))];
    desk.ledger.accept(&[key("key_1")], &idle, &entries).await.unwrap();
    let before = (drawn(&desk, 100).await, outside(&desk).await);
    let path = desk.path();
    let dir = desk.close();
    let mut bytes = std::fs::read(&path).unwrap();
    wipe_page(&mut bytes, root_page(&path, "journal_key"));
    std::fs::write(&path, bytes).unwrap();
    let suspicious = crate::samples::open(&path).unwrap().ledger;
    assert!(suspicious.verify().await.is_err());
    drop(suspicious);
    let opened = crate::samples::open(&path).unwrap();
    assert!(opened.set_aside.is_some());
    let desk = Desk { ledger: opened.ledger, dir };
    assert_eq!((drawn(&desk, 100).await, outside(&desk).await), before);
    assert_eq!(desk.ledger.acceptances().await.unwrap().of(&key("key_1")), [idle]);
    assert_eq!(desk.ledger.sightings(noon()).await.unwrap().len(), 1);
    let addresses: i64 =
        desk.raw().query_row("SELECT count(*) FROM addresses", [], |row| row.get(0)).unwrap();
    assert_eq!(addresses, 1);
    desk.ledger.verify().await.unwrap();
}

/// A year in which each of 1,000 keys is used on most days, read daily.
#[tokio::test]
async fn a_year_of_a_thousand_keys_stays_small() {
    let desk = desk().await;
    let listed = |day: i64| -> Vec<KeyRecord> {
        let used = |n: i64| noon() + days(if (n + day) % 3 == 0 { day - 1 } else { day });
        (0..1000)
            .map(|n| KeyRecord { last_use: LastUse::At(used(n)), ..record(&format!("key_{n}")) })
            .collect()
    };
    read(&desk, &listed(0), noon()).await;
    let size = || {
        desk.raw().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        std::fs::metadata(desk.path()).unwrap().len()
    };
    let before = size();
    for day in 1..=365 {
        read(&desk, &listed(day), noon() + days(day)).await;
    }
    let grown = size() - before;
    eprintln!("a year of 1,000 keys: {} KiB; of 10,000: {} MiB", grown / 1024, grown * 10 / (1 << 20));
    assert!(grown < 10_000_000, "{grown} bytes");
    assert_eq!(
        drawn(&desk, 365).await.matches('u').count(),
        244,
        "every use that a reading could see is there"
    );
}
