//! Each finding at its threshold, and what is said of it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::account::{Account, AccountId, Freshness, VendorId};
use crate::inventory::InventoryRow;
use crate::key::{Environment, Hint, KeyRecord, KeyRef, KeyStatus, LastUse, Scope, VendorKeyId};
use crate::operation::OperationId;
use crate::policy::Due;
use crate::provider::{Capabilities, DeleteSupport, KeyForm, Manifest, RotateSupport, ScopeEntry, Support};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn manifest(full_privilege: Option<&'static str>) -> Manifest {
    Manifest {
        vendor: VendorId("vendor".into()),
        name: "Vendor",
        default_base_url: "https://example.test",
        environments: vec![Environment::Live, Environment::Test],
        name_limit: 100,
        scopes: Vec::new(),
        templates: Vec::new(),
        key_form: KeyForm::default(),
        capabilities: Capabilities {
            list: Support::Yes,
            mint: Support::Yes,
            rotate: RotateSupport::Overlap,
            revoke: Support::Yes,
            delete: DeleteSupport::OnceRevoked,
            expiry: Support::Yes,
            last_use: Support::Yes,
            last_use_precision: "",
            reporting_delay: std::time::Duration::ZERO,
            revocation_delay: std::time::Duration::ZERO,
            key_limit: None,
        },
        dashboard: None,
        fields: &[],
        variable: "VENDOR_API_KEY",
        full_privilege,
    }
}

fn account(label: &str) -> Account {
    Account {
        id: AccountId("account".into()),
        vendor: VendorId("vendor".into()),
        label: label.into(),
        base_url: "https://example.test".into(),
        environment: Environment::Live,
        rehearsal: false,
        managing: None,
        settings: BTreeMap::new(),
        connected_at: now(),
        freshness: Freshness::Unread,
        refused_scopes: Vec::new(),
    }
}

fn key(name: &str, environment: Environment, scopes: &[&str]) -> KeyRecord {
    KeyRecord {
        id: VendorKeyId("key".into()),
        name: name.into(),
        hint: Hint { prefix: String::new(), suffix: String::new() },
        environment,
        scopes: scopes.iter().map(|scope| Scope((*scope).into())).collect(),
        status: KeyStatus::Active,
        created_at: Some(now()),
        expires: None.into(),
        last_use: LastUse::NotReported,
        creator: None,
        checked: None,
    }
}

fn row(record: KeyRecord) -> InventoryRow {
    InventoryRow {
        account: AccountId("account".into()),
        record,
        managing: false,
        unsaved: None,
        operation: None,
        changed_outside: None,
        labels: Vec::new(),
        since: None,
        due: None,
        findings: FindingSet::EMPTY,
        accepted: FindingSet::EMPTY,
    }
}

/// A key in which nothing is found.
fn sound() -> KeyRecord {
    KeyRecord {
        expires: Some(now() + days(60)).into(),
        last_use: LastUse::At(now() - days(1)),
        created_at: Some(now() - days(10)),
        ..key("server", Environment::Live, &["content:read"])
    }
}

fn days(count: i64) -> TimeDelta {
    TimeDelta::days(count)
}

fn second() -> TimeDelta {
    TimeDelta::seconds(1)
}

fn found_in(manifest: &Manifest, row: &InventoryRow, sightings: &[Sighting]) -> Vec<FindingKind> {
    let account = account("Shop");
    let facts = AccountFacts::of(manifest, &account, std::iter::once(row));
    judge(&facts, row, sightings, false, now()).iter().collect()
}

fn found(record: KeyRecord) -> Vec<FindingKind> {
    found_in(&manifest(None), &row(record), &[])
}

/// What the key's page says.
fn said(account: &Account, record: &KeyRecord, age: TimeDelta) -> String {
    said_at(&manifest(None), account, record, Some(now() - age))
}

fn said_at(
    manifest: &Manifest,
    account: &Account,
    record: &KeyRecord,
    since: Option<DateTime<Utc>>,
) -> String {
    let record = KeyRecord { created_at: since, expires: Some(now() + days(60)).into(), ..record.clone() };
    let row = row(record);
    let facts = AccountFacts::of(manifest, account, std::iter::once(&row));
    let found = judge(&facts, &row, &[], false, now());
    let mut sentences: Vec<String> =
        found.iter().map(|kind| why(kind, manifest, &row.record, now())).collect();
    sentences.extend(concern(&row.record, found, since, now()));
    sentences.join(" ")
}

#[test]
fn nothing_is_found_in_a_sound_key_nor_in_a_dead_one() {
    assert_eq!(found(sound()), []);
    let everything = KeyRecord { scopes: vec![Scope("*".into())], expires: None.into(), ..sound() };
    for status in [KeyStatus::Revoked { at: None }, KeyStatus::Expired { at: None }] {
        assert_eq!(found(KeyRecord { status, ..everything.clone() }), []);
    }
    let ran_out = KeyRecord { expires: Some(now()).into(), ..sound() };
    assert_eq!(found(KeyRecord { scopes: everything.scopes, ..ran_out }), []);
}

#[test]
fn the_expiry_has_its_thresholds() {
    let with = |expires: Option<_>| found(KeyRecord { expires: expires.into(), ..sound() });
    assert_eq!(with(None), [FindingKind::NeverExpires]);
    assert_eq!(with(Some(now() + days(7))), [FindingKind::ExpiringSoon]);
    assert_eq!(with(Some(now() + days(7) + second())), []);
    assert_eq!(with(Some(now() + second())), [FindingKind::ExpiringSoon]);
    let mut endless = manifest(None);
    endless.capabilities.expiry = Support::No("no ends");
    let never = KeyRecord { expires: None.into(), ..sound() };
    assert_eq!(found_in(&endless, &row(never.clone()), &[]), [], "nobody can give it an end there");
    let ending = KeyRecord { status: KeyStatus::Revoking, ..never };
    assert_eq!(found(ending), [], "its end is under way");
}

#[test]
fn idle_begins_after_ninety_days_and_claims_no_more_than_was_read() {
    let with = |last_use| found(KeyRecord { last_use, ..sound() });
    let idle = [FindingKind::Idle];
    assert_eq!(with(LastUse::At(now() - days(90))), idle);
    assert_eq!(with(LastUse::At(now() - days(90) + second())), []);
    assert_eq!(with(LastUse::UntrackedBefore(now() - days(90))), idle);
    assert_eq!(with(LastUse::NotReported), []);
    let stale = |last, read| LastUse::Stale { last: Some(now() - days(last)), read_at: now() - days(read) };
    assert_eq!(with(stale(95, 5)), idle);
    assert_eq!(with(stale(95, 6)), [], "it may have been used since the reading");
}

#[test]
fn never_used_counts_after_thirty_days() {
    let with =
        |last_use, age: TimeDelta| found(KeyRecord { last_use, created_at: Some(now() - age), ..sound() });
    let never = [FindingKind::NeverUsed];
    assert_eq!(with(LastUse::Never, days(30) + second()), never);
    assert_eq!(with(LastUse::Never, days(30)), []);
    let stale = LastUse::Stale { last: None, read_at: now() - days(2) };
    assert_eq!(with(stale.clone(), days(32) + second()), never);
    assert_eq!(with(stale, days(31)), []);
    assert_eq!(found(KeyRecord { last_use: LastUse::Never, created_at: None, ..sound() }), []);
}

#[test]
fn full_access_is_everything_in_one_word_or_in_all_of_them() {
    const SCOPES: [&str; 5] = ["*", "content:*", "content:read", "content:write", "billing:read"];
    let mut manifest = manifest(None);
    manifest.scopes = SCOPES
        .iter()
        .map(|scope| ScopeEntry {
            scope,
            domain: scope.split(':').next().unwrap_or_default(),
            description: "",
            dangerous: false,
        })
        .collect();
    let table: [(&[&str], bool); 5] = [
        (&["*"], true),
        (&["content:read", "content:write", "billing:read"], true),
        (&["content:*", "billing:read", "other"], true),
        (&["content:*", "content:read", "content:write"], false),
        (&["content:read"], false),
    ];
    for (scopes, full) in table {
        let scopes = scopes.iter().map(|scope| Scope((*scope).into())).collect();
        let found = found_in(&manifest, &row(KeyRecord { scopes, ..sound() }), &[]);
        assert_eq!(found == [FindingKind::FullAccess], full, "{found:?}");
    }
}

#[test]
fn what_keyturn_itself_knows_of_a_key_is_found() {
    let unsaved = InventoryRow { unsaved: Some(OperationId("create-1".into())), ..row(sound()) };
    assert_eq!(found_in(&manifest(None), &unsaved, &[]), [FindingKind::Unsaved]);
    let orphan = KeyRecord { status: KeyStatus::Orphan, ..sound() };
    assert_eq!(found(orphan), [FindingKind::Orphan]);
    let account = account("Shop");
    let (row, manifest) = (row(sound()), manifest(None));
    let facts = AccountFacts::of(&manifest, &account, std::iter::once(&row));
    let overdue: Vec<_> = judge(&facts, &row, &[], true, now()).iter().collect();
    assert_eq!(overdue, [FindingKind::OlderThanPolicy]);
    for (at, holds) in [(now(), true), (now() + second(), false)] {
        let due = Some(Due { at, remind_days: 30 });
        let mut rows = [InventoryRow { due, ..row.clone() }];
        let known = [(&account, &manifest)];
        judge_all(&mut rows, &known, &Sightings::new(), &Acceptances::default(), now());
        assert_eq!(rows[0].findings.holds(FindingKind::OlderThanPolicy), holds);
    }
}

#[test]
fn what_was_seen_is_news_for_thirty_days() {
    let with = |sighting| found_in(&manifest(None), &row(sound()), &[sighting]);
    assert_eq!(with(Sighting::WokeUp { at: now() - days(30) }), [FindingKind::WokeUp]);
    assert_eq!(with(Sighting::WokeUp { at: now() - days(30) - second() }), []);
    assert_eq!(with(Sighting::NewAddress { at: now() - days(30) }), [FindingKind::NewAddress]);
    assert_eq!(with(Sighting::NewAddress { at: now() - days(30) - second() }), []);
    assert!(wakes(now() - days(90), now()));
    assert!(!wakes(now() - days(90) + second(), now()));
}

#[test]
fn two_live_keys_of_one_name_are_found_and_a_rotation_is_none_such() {
    let account = account("Shop");
    let manifest = manifest(None);
    let twice = |one: InventoryRow, other: InventoryRow| -> Vec<FindingKind> {
        let rows = [one, other];
        let facts = AccountFacts::of(&manifest, &account, rows.iter());
        judge(&facts, &rows[0], &[], false, now()).iter().collect()
    };
    let named = |name: &str| KeyRecord { name: name.into(), ..sound() };
    assert_eq!(twice(row(named("CI")), row(named(" CI"))), [FindingKind::SameName]);
    assert_eq!(twice(row(named("CI")), row(named("ci"))), []);
    assert_eq!(twice(row(named("")), row(named(""))), []);
    let dead = KeyRecord { status: KeyStatus::Revoked { at: None }, ..named("CI") };
    assert_eq!(twice(row(named("CI")), row(dead)), []);
    let rotating = |record| InventoryRow { operation: Some(OperationId("rotate-1".into())), ..row(record) };
    assert_eq!(twice(rotating(named("CI")), rotating(named("CI"))), []);
}

#[test]
fn an_account_is_nearly_full_at_nine_tenths_of_its_places() {
    let account = account("Shop");
    let mut manifest = manifest(None);
    manifest.capabilities.key_limit = Some(20);
    let with = |live: usize| {
        let rows: Vec<_> = (0..20)
            .map(|n| {
                let status = if n < live { KeyStatus::Active } else { KeyStatus::Revoked { at: None } };
                row(KeyRecord { status, name: n.to_string(), ..sound() })
            })
            .collect();
        let facts = AccountFacts::of(&manifest, &account, rows.iter());
        judge(&facts, &rows[0], &[], false, now()).iter().collect::<Vec<_>>()
    };
    assert_eq!(with(17), []);
    assert_eq!(with(18), [FindingKind::NearLimit]);
}

#[test]
fn an_acceptance_sets_a_finding_aside_until_its_end() {
    let (account, manifest) = (account("Shop"), manifest(None));
    let never = KeyRecord { expires: None.into(), ..sound() };
    let key = KeyRef { account: account.id.clone(), key: never.id.clone() };
    let judged = |until| {
        let one = Acceptance { finding: FindingKind::NeverExpires, reason: "by design".into(), until };
        let acceptances: Acceptances = [(key.clone(), one)].into_iter().collect();
        let mut rows = [row(never.clone())];
        judge_all(&mut rows, &[(&account, &manifest)], &Sightings::new(), &acceptances, now());
        let [row] = rows;
        (row.findings.iter().collect::<Vec<_>>(), row.accepted.iter().collect::<Vec<_>>())
    };
    let aside = (vec![], vec![FindingKind::NeverExpires]);
    assert_eq!(judged(None), aside);
    assert_eq!(judged(Some(now() + second())), aside);
    assert_eq!(judged(Some(now())), (vec![FindingKind::NeverExpires], vec![]));
}

#[test]
fn a_reason_is_given_and_fits() {
    assert_eq!(check_reason("  by\n design "), Ok("by design".to_owned()));
    assert!(check_reason(" \n").is_err());
    assert!(check_reason(&"x".repeat(400)).is_ok());
    assert!(check_reason(&"x".repeat(401)).is_err());
}

#[test]
fn each_kind_has_a_word_and_a_bit_of_its_own() {
    for kind in FindingKind::ALL {
        assert_eq!(FindingKind::parse(kind.word()), Some(kind));
        assert_eq!(FindingSet::EMPTY.with(kind).iter().collect::<Vec<_>>(), [kind]);
        assert!(!kind.title().is_empty() && kind.why().ends_with('.') && kind.next_words().ends_with('.'));
    }
}
#[test]
fn nd05_a_test_key_in_production_is_flagged() {
    let fresh = TimeDelta::days(1);
    let test = |name| key(name, Environment::Test, &["content:read"]);
    assert!(said(&account("Shop"), &test("prod-server"), fresh).contains("test key"));
    assert!(said(&account("Shop (production)"), &test("server"), fresh).contains("test key"));
    assert_eq!(said(&account("Shop"), &test("staging-server"), fresh), "", "nd27: a test key is no concern");
    assert_eq!(said(&account("Product team"), &test("server"), fresh), "");
    let live = key("prod-server", Environment::Live, &["content:read"]);
    assert_eq!(said(&account("Shop"), &live, fresh), "");
}

#[test]
fn nd10_everything_is_warned_of() {
    let all = key("server", Environment::Live, &["*"]);
    assert!(said(&account("Shop"), &all, TimeDelta::days(1)).contains("everything"));
    let some = key("server", Environment::Live, &["content:*"]);
    assert_eq!(said(&account("Shop"), &some, TimeDelta::days(1)), "");
}

#[test]
fn sl07_a_vendor_without_scopes_says_what_every_key_may_do() {
    let record = key("server", Environment::None, &[]);
    let manifest = manifest(Some("Every key may do everything."));
    let said = said_at(&manifest, &account("Shop"), &record, None);
    assert_eq!(said, "Every key may do everything.");
}

#[test]
fn sl08_an_old_key_reminds_of_its_rotation() {
    let record = key("server", Environment::Live, &["content:read"]);
    assert!(said(&account("Shop"), &record, TimeDelta::days(91)).contains("Rotate it"));
    assert_eq!(said(&account("Shop"), &record, TimeDelta::days(89)), "");
}

#[test]
fn lt11_an_old_key_that_nobody_used_is_pointed_out() {
    let mut record = key("server", Environment::Live, &["content:read"]);
    record.last_use = LastUse::Never;
    assert!(said(&account("Shop"), &record, TimeDelta::days(120)).contains("Never used in 120 days"));
    record.status = KeyStatus::Revoked { at: None };
    assert_eq!(said(&account("Shop"), &record, TimeDelta::days(120)), "", "a dead key is no concern");
}
