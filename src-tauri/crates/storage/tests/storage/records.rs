//! The journal in windows, the vendors' records beside it, and fingerprints that outlive what they are of.

use std::time::{Duration, Instant};

use keyturn_core::account::AccountId;
use keyturn_core::journal::{Action, Entry, Outcome};
use keyturn_core::key::VendorKeyId;
use keyturn_core::ports::{
    Fingerprint, JournalFilter, Ledger, LedgerError, OutcomeKind, Purpose, Records, Sealed, Source,
};
use keyturn_core::provider::VendorRecord;

use crate::samples::{Desk, account, desk, empty, entry, id, key, minutes, noon, put, record, sealed};

/// How many entries the large journal has. A million take the same shape and ten times as long to write.
const MANY: i64 = 100_000;

fn told(action: Action, minute: i64, words: &str) -> Entry {
    let outcome = Outcome::Done(words.into());
    Entry { at: noon() + minutes(minute), outcome, fingerprint: None, ..entry(action, Some("key_1")) }
}

fn vendor(id: &str, minute: i64) -> VendorRecord {
    VendorRecord {
        id: id.into(),
        at: noon() + minutes(minute),
        action: "api_key.revoked".into(),
        key: Some(VendorKeyId("key_9".into())),
        key_name: Some("Billing 50%".into()),
        actor: Some("ada@example.com".into()),
        words: String::new(),
    }
}

/// Five entries of ours at the minutes 0 to 4, and two of the vendor's between them.
async fn told_of() -> Desk {
    let desk = desk().await;
    let (two, ledger) = (account("second"), &desk.ledger);
    ledger.put_key(&id(), &record("key_1"), &told(Action::Create, 0, "made")).await.unwrap();
    ledger.append(&Entry { outcome: Outcome::Intended, ..told(Action::Revoke, 1, "") }).await.unwrap();
    let reason = Some("Left the company".into());
    ledger.append(&Entry { reason, ..told(Action::Revoke, 2, "accepted") }).await.unwrap();
    ledger
        .append(&Entry { outcome: Outcome::Failed("refused".into()), ..told(Action::Delete, 3, "") })
        .await
        .unwrap();
    let elsewhere = Entry { account: two.id.clone(), key: None, ..told(Action::Connect, 4, "connected") };
    ledger.add_account(&two, None, Some(&elsewhere)).await.unwrap();
    ledger.put_records(&id(), &[vendor("a-1", 2), vendor("a-2", 5)]).await.unwrap();
    desk
}

async fn found(desk: &Desk, filter: JournalFilter) -> Vec<(String, i64)> {
    let window = desk.ledger.journal_window(&filter, 0, 50).await.unwrap();
    assert_eq!(window.total, window.rows.len());
    window.rows.into_iter().map(|row| (row.action, row.number)).collect()
}

fn searching(search: &str) -> JournalFilter {
    JournalFilter { search: search.into(), ..JournalFilter::default() }
}

#[tokio::test]
async fn entries_of_both_kinds_stand_newest_first() {
    let desk = told_of().await;
    let all = found(&desk, JournalFilter::default()).await;
    let order = ["api_key.revoked", "connect", "delete", "revoke", "api_key.revoked", "revoke", "create"];
    assert_eq!(all.iter().map(|(action, _)| action.as_str()).collect::<Vec<_>>(), order);
    let window = desk.ledger.journal_window(&JournalFilter::default(), 2, 2).await.unwrap();
    assert_eq!((window.rows.len(), window.total, window.everything), (2, 7, 7));
    assert_eq!(window.rows[0].action, "delete");
}

#[tokio::test]
async fn an_entry_bears_the_reason_and_what_the_key_looked_like() {
    let desk = told_of().await;
    let revoked = JournalFilter { outcomes: vec![OutcomeKind::Done], ..searching("revoke accepted") };
    let window = desk.ledger.journal_window(&revoked, 0, 10).await.unwrap();
    let row = &window.rows[0];
    assert_eq!(row.reason.as_deref(), Some("Left the company"));
    assert_eq!(row.fingerprint.as_deref(), Some("nl_live_…e5f6"));
    assert_eq!(row.key_name.as_deref(), Some("Key key_1"));
    assert!(row.listed);
}

#[tokio::test]
async fn each_filter_and_each_word_narrows() {
    let desk = told_of().await;
    let base = JournalFilter::default;
    let cases = [
        (JournalFilter { source: Source::Keyturn, ..base() }, 5),
        (JournalFilter { source: Source::Vendor, ..base() }, 2),
        (JournalFilter { accounts: vec![AccountId("second".into())], ..base() }, 1),
        (JournalFilter { actions: vec!["revoke".into(), "delete".into()], ..base() }, 3),
        (JournalFilter { outcomes: vec![OutcomeKind::Intended], ..base() }, 1),
        (JournalFilter { outcomes: vec![OutcomeKind::Failed, OutcomeKind::Done], ..base() }, 6),
        (JournalFilter { since: Some(noon() + minutes(2)), until: Some(noon() + minutes(4)), ..base() }, 3),
        (searching("company"), 1),
        (searching("KEY_1"), 4),
        (searching("key_x"), 0),
        (searching("ada@"), 2),
        (searching("50%"), 2),
        (searching("5%0"), 0),
        (searching("e5f6 accepted"), 1),
        (searching("' OR 1=1 --"), 0),
    ];
    for (filter, count) in cases {
        assert_eq!(found(&desk, filter.clone()).await.len(), count, "{filter:?}");
    }
}

#[tokio::test]
async fn f22_the_journal_is_searched_whatever_the_capitals_and_accents() {
    let desk = told_of().await;
    let reason = Some("Cl\u{e9} de \u{c9}TIENNE, 5 Stra\u{df}e".into());
    desk.ledger.append(&Entry { reason, ..told(Action::Revoke, 6, "") }).await.unwrap();
    let mut named = account("third");
    named.label = "Bo\u{302}tiga".into();
    let connected = Entry { account: named.id.clone(), key: None, ..told(Action::Connect, 7, "connected") };
    desk.ledger.add_account(&named, None, Some(&connected)).await.unwrap();
    let mut cafe = record("key_7");
    cafe.name = "CAF\u{c9} \u{414}\u{415}\u{41d}\u{42c}".into();
    let made = Entry { key: Some(VendorKeyId("key_7".into())), ..told(Action::Create, 8, "made") };
    desk.ledger.put_key(&id(), &cafe, &made).await.unwrap();
    for (search, count) in [
        ("cle\u{301} \u{e9}tienne", 1),
        ("CLE etienne strasse", 1),
        ("b\u{f4}tiga", 1),
        ("BOTIGA", 1),
        ("cafe\u{301}", 1),
        ("\u{434}\u{435}\u{43d}\u{44c} cafe", 1),
        ("cafes", 0),
        ("50%", 2),
        ("_", 8),
    ] {
        assert_eq!(found(&desk, searching(search)).await.len(), count, "{search:?}");
    }
}

#[tokio::test]
async fn the_counts_say_what_each_choice_would_leave() {
    let desk = told_of().await;
    let chosen = JournalFilter { actions: vec!["delete".into()], ..JournalFilter::default() };
    let window = desk.ledger.journal_window(&chosen, 0, 10).await.unwrap();
    let actions: Vec<_> = window.actions.iter().map(|(word, count)| (word.as_str(), *count)).collect();
    assert_eq!(
        actions,
        [("api_key.revoked", 2), ("connect", 1), ("create", 1), ("delete", 1), ("revoke", 2)]
    );
    assert_eq!(window.accounts, [(id(), 1)]);
}

#[tokio::test]
async fn a_reader_of_the_whole_meets_every_entry_once() {
    let desk = told_of().await;
    for limit in 1..9 {
        let mut met = Vec::new();
        let mut last = None;
        loop {
            let part =
                desk.ledger.journal_after(&JournalFilter::default(), last.as_ref(), limit).await.unwrap();
            met.extend(part.iter().map(|row| (row.at, row.link.is_none(), row.number)));
            let Some(row) = part.into_iter().last() else { break };
            last = Some(row);
        }
        assert_eq!(met.len(), 7, "{limit} at a time");
        assert!(met.is_sorted(), "{limit} at a time");
    }
}

#[tokio::test]
async fn a_vendors_record_is_kept_once_and_is_no_part_of_the_chain() {
    let desk = told_of().await;
    desk.ledger.put_records(&id(), &[vendor("a-1", 2), vendor("a-3", 7)]).await.unwrap();
    let vendors = JournalFilter { source: Source::Vendor, ..JournalFilter::default() };
    assert_eq!(found(&desk, vendors).await.len(), 3);
    assert_eq!(desk.ledger.newest_record(&id()).await.unwrap(), Some(noon() + minutes(7)));
    assert_eq!(desk.ledger.newest_record(&AccountId("second".into())).await.unwrap(), None);
    let check = desk.ledger.verify_journal().await.unwrap();
    assert_eq!(check, crate::samples::whole(5));
}

fn printed(purpose: Purpose, print: u8) -> Sealed {
    Sealed { fingerprint: Some(Fingerprint([print; 32])), ..sealed(purpose) }
}

#[tokio::test]
async fn a_fingerprint_outlives_the_value_the_key_and_the_account() {
    let desk = desk().await;
    let (ledger, print) = (&desk.ledger, Fingerprint([5; 32]));
    let adopted = printed(Purpose::Adopted(key("key_1")), 5);
    ledger.adopt(&id(), &record("key_1"), &adopted, &told(Action::Adopt, 0, "kept")).await.unwrap();
    let told_with_it = ledger.history(&key("key_1"), 1).await.unwrap().remove(0);
    assert_eq!(told_with_it.fingerprint.as_deref(), Some("nl_live_…e5f6 05050505"));
    ledger.remove_key(&key("key_1"), &told(Action::Forget, 1, "forgotten")).await.unwrap();
    ledger.remove_account(&id(), &told(Action::Disconnect, 2, "gone")).await.unwrap();
    let wanted = [Fingerprint([1; 32]), print];
    assert_eq!(ledger.held_as(&wanted).await.unwrap(), [(print, key("key_1"))]);
    assert_eq!(ledger.held_as(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn the_managing_key_is_known_too_while_its_row_is_not() {
    let desk = empty();
    let mut unknown = account("naturalead-1");
    unknown.managing.as_mut().unwrap().key = None;
    let managing = printed(Purpose::Managing(id()), 9);
    put(&desk.ledger, &unknown, Some(&managing)).await;
    let held = desk.ledger.held_as(&[Fingerprint([9; 32])]).await.unwrap();
    assert_eq!(held, [(Fingerprint([9; 32]), key(""))]);
}

#[tokio::test]
async fn an_import_is_whole_or_nothing() {
    let desk = desk().await;
    let good = (record("key_1"), told(Action::Import, 0, "taken over"));
    let lost = Entry { account: AccountId("nobody".into()), ..good.1.clone() };
    let stop = "CREATE TRIGGER stop BEFORE INSERT ON keys WHEN new.id = 'key_2' BEGIN SELECT raise(ABORT, 'no'); END";
    desk.raw().execute_batch(stop).unwrap();
    let refused = desk.ledger.import(&id(), &[good.clone(), (record("key_2"), lost)]).await;
    assert!(matches!(refused, Err(LedgerError::Failed(_))), "{refused:?}");
    assert_eq!(desk.ledger.keys(&id()).await.unwrap(), []);
    desk.ledger.import(&id(), &[good]).await.unwrap();
    assert_eq!(desk.ledger.keys(&id()).await.unwrap(), [record("key_1")]);
}

#[tokio::test]
async fn a_long_journal_is_not_read_once_for_each_row() {
    let desk = told_of().await;
    desk.raw()
        .execute_batch(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 6 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
             INSERT INTO journal (seq, at, account, key, action, outcome, detail, form, reason, fingerprint, hash)
             SELECT i, 1772366400000 + i * 1000, 'naturalead-1', 'key_' || (i % 5000), CASE i % 3 WHEN 0 THEN 'revoke' ELSE 'copy' END,
                    'done', 'seen by the vendor, number ' || i, 2, NULL, 'nl_live_…' || (i % 9973), zeroblob(32) FROM n"
        ))
        .unwrap();
    // No measurement: what reads the journal once for each of its rows would take hours.
    let allowed = Duration::from_secs(5) * u32::try_from(MANY / 100_000).unwrap();
    for filter in [
        JournalFilter::default(),
        JournalFilter { actions: vec!["revoke".into()], ..JournalFilter::default() },
        JournalFilter { accounts: vec![id()], ..JournalFilter::default() },
        searching("number 99"),
    ] {
        for offset in [0, 50_000] {
            // The best of a few: other tests run beside this one.
            let mut best = Duration::MAX;
            for _ in 0..5 {
                let begun = Instant::now();
                desk.ledger.journal_window(&filter, offset, 100).await.unwrap();
                best = best.min(begun.elapsed());
            }
            assert!(best < allowed, "{best:?} for {filter:?} from {offset}");
        }
    }
}
