//! The index against a plain model: the same rows, filtered and sorted the slow way.

mod words;

use chrono::{TimeDelta, TimeZone};
use proptest::prelude::*;

use super::*;
use crate::key::{Checked, Hint, KeyStatus, LastUse, Scope, VendorKeyId};
use crate::policy::{PolicyId, Reach};
use crate::timestamp::Timestamp;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
}

fn row(id: u32, name: &str) -> InventoryRow {
    InventoryRow {
        account: AccountId("a".into()),
        record: KeyRecord {
            id: VendorKeyId(format!("key_{id}")),
            name: name.into(),
            hint: Hint { prefix: "nl_live_".into(), suffix: format!("{id:04x}") },
            environment: Environment::Live,
            scopes: vec![Scope("leads:view".into())],
            status: KeyStatus::Active,
            created_at: Some(now() - TimeDelta::days(i64::from(id))),
            expires: None.into(),
            last_use: LastUse::Never,
            creator: None,
            checked: None,
        },
        managing: false,
        unsaved: None,
        operation: None,
        changed_outside: None,
        labels: vec![],
        since: None,
        due: None,
        findings: FindingSet::EMPTY,
        accepted: FindingSet::EMPTY,
    }
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn all() -> Query {
    Query {
        search: String::new(),
        accounts: vec![],
        environments: vec![],
        statuses: vec![],
        last_uses: vec![],
        labels: vec![],
        due: false,
        findings: FindingSet::EMPTY,
        keys: None,
        sort: SortBy::Name,
        descending: false,
        offset: 0,
        limit: 60,
    }
}

fn names(window: &Window) -> Vec<&str> {
    window.rows.iter().map(|row| row.record.name.as_str()).collect()
}

#[test]
fn f34_named_keys_pass_as_far_as_they_pass_the_rest() {
    let inventory = Inventory::build(vec![row(1, "Alpha"), row(2, "Beta"), row(3, "Gamma")]);
    let named = |account: &str, id: u32| KeyRef {
        account: AccountId(account.into()),
        key: VendorKeyId(format!("key_{id}")),
    };
    let of = |keys: Vec<KeyRef>, search: &str| {
        let query = Query { keys: Some(keys), search: search.into(), ..all() };
        inventory.window(&query, now())
    };
    let both = vec![named("a", 1), named("a", 3), named("b", 2)];
    assert_eq!(names(&of(both.clone(), "")), ["Alpha", "Gamma"]);
    assert_eq!(names(&of(both, "gam")), ["Gamma"]);
    assert_eq!(of(vec![], "").total, 0, "a list that names nobody is not everybody");
}

#[test]
fn f22_a_hint_is_found_as_it_is_shown_and_as_other_places_mask_it() {
    let mut named = row(3, "Wait... 0001");
    named.record.hint.suffix = "ffff".into();
    let inventory = Inventory::build(vec![row(1, "First"), row(2, "Second 0001"), named]);
    for search in
        ["nl_live_…0001", "NL_LIVE_...0001", "…0001", "nl_live_****0001", "••••0001", "nl_live_…00 first"]
    {
        let found = inventory.window(&Query { search: search.into(), ..all() }, now());
        assert_eq!(names(&found), ["First"], "{search}");
    }
    let dotted = inventory.window(&Query { search: "wait...".into(), ..all() }, now());
    assert_eq!(names(&dotted), ["Wait... 0001"]);
    let other = inventory.window(&Query { search: "nl_test_…0001".into(), ..all() }, now());
    assert_eq!(other.total, 0);
}

#[test]
fn rows_come_back_as_they_were() {
    let mut odd = row(7, "Ünïcode\nname 日本");
    odd.record.status = KeyStatus::Unknown("paused".into());
    odd.record.last_use = LastUse::Stale { last: None, read_at: now() };
    odd.unsaved = Some(OperationId("create-1".into()));
    odd.changed_outside = Some(now());
    odd.labels = vec![label("ci"), label("Payments")];
    odd.since = Some(now());
    odd.due = Some(Due { at: now(), remind_days: 14 });
    odd.record.checked = Some(Checked { at: now(), alive: false });
    let inventory = Inventory::build(vec![odd.clone()]);
    assert_eq!(inventory.window(&all(), now()).rows, vec![odd]);
}

#[test]
fn every_term_must_stand_in_name_hint_id_or_scopes() {
    let mut other = row(2, "Zapier");
    other.record.scopes = vec![Scope("campaigns:launch".into())];
    let inventory = Inventory::build(vec![row(1, "CRM Sync"), other]);
    let found = |text: &str| {
        names(&inventory.window(&Query { search: text.into(), ..all() }, now()))
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(found("crm"), ["CRM Sync"]);
    assert_eq!(found("SYNC crm"), ["CRM Sync"]);
    assert_eq!(found("launch"), ["Zapier"]);
    assert_eq!(found("key_2"), ["Zapier"]);
    assert_eq!(found("0001"), ["CRM Sync"]);
    assert_eq!(found("crm launch"), Vec::<String>::new());
}

#[test]
fn never_not_reported_and_stale_have_places_of_their_own_after_every_time() {
    let mut rows: Vec<_> = (0..5).map(|id| row(id, &format!("k{id}"))).collect();
    rows[0].record.last_use = LastUse::NotReported;
    rows[1].record.last_use = LastUse::Never;
    rows[2].record.last_use = LastUse::Stale { last: Some(now()), read_at: now() };
    rows[3].record.last_use = LastUse::At(now() - TimeDelta::days(400));
    rows[4].record.last_use = LastUse::At(now());
    let window = Inventory::build(rows).window(&Query { sort: SortBy::LastUse, ..all() }, now());
    assert_eq!(names(&window), ["k4", "k3", "k2", "k1", "k0"]);
}

#[test]
fn an_expiry_that_passed_since_the_reading_counts() {
    let mut rows = vec![row(1, "past"), row(2, "soon"), row(3, "far")];
    for (row, days) in rows.iter_mut().zip([-1, 6, 60]) {
        row.record.expires = (Some(now() + TimeDelta::days(days))).into();
    }
    let inventory = Inventory::build(rows);
    let facets = inventory.window(&all(), now()).facets.statuses;
    assert_eq!(facets, [(StatusKind::Expiring, 1), (StatusKind::Active, 1), (StatusKind::Expired, 1)]);
    assert_eq!(inventory.tally(&AccountId("a".into()), now()).live, 2);
}

#[test]
fn labels_are_searched_filtered_and_counted_each_for_itself() {
    let mut rows = vec![row(1, "a"), row(2, "b"), row(3, "c")];
    rows[0].labels = vec![label("ci"), label("Payments")];
    rows[1].labels = vec![label("payments")];
    let inventory = Inventory::build(rows);
    let window = |query: Query| inventory.window(&query, now());
    assert_eq!(names(&window(Query { search: "paym".into(), ..all() })), ["a", "b"]);
    let chosen = window(Query { labels: vec![label("CI")], ..all() });
    assert_eq!(names(&chosen), ["a"]);
    let counted: Vec<_> =
        chosen.facets.labels.iter().map(|(label, count)| (label.as_str(), *count)).collect();
    assert_eq!(counted, [("ci", 1), ("Payments", 2)], "what choosing another label would leave");
}

#[test]
fn due_keys_are_found_from_the_reminder_on_and_not_once_expired() {
    let mut rows: Vec<_> = (1..=4).map(|id| row(id, &format!("k{id}"))).collect();
    for (row, days) in rows.iter_mut().zip([-1, 13, 15, -1]) {
        row.due = Some(Due { at: now() + TimeDelta::days(days), remind_days: 14 });
    }
    rows[3].record.expires = (Some(now())).into();
    let window = Inventory::build(rows).window(&Query { due: true, ..all() }, now());
    assert_eq!(names(&window), ["k1", "k2"]);
    assert_eq!(window.facets.due, 2);
}

#[test]
fn a_policys_coverage_counts_live_keys_and_those_due_under_it() {
    let mut rows: Vec<_> = (1..=4).map(|id| row(id, &format!("k{id}"))).collect();
    for (row, age) in rows.iter_mut().zip([100, 80, 10, 100]) {
        row.labels = vec![label("payments")];
        row.since = Some(now() - TimeDelta::days(age));
    }
    rows[1].labels.clear();
    rows[3].record.status = KeyStatus::Revoked { at: None };
    let policy = |reach, max_age_days| Policy {
        id: PolicyId("p".into()),
        reach,
        max_age_days,
        remind_days: 14,
        alone: None,
    };
    let policies = [policy(Reach::Every, 365), policy(Reach::Label(label("Payments")), 90)];
    for row in &mut rows {
        row.due = crate::policy::due(row, &policies);
    }
    let coverage = Inventory::build(rows).coverage(&policies, now());
    assert_eq!(coverage, [Coverage { keys: 3, due: 0 }, Coverage { keys: 2, due: 1 }]);
}

fn any_row() -> impl Strategy<Value = InventoryRow> {
    let last_use = prop_oneof![
        Just(LastUse::Never),
        Just(LastUse::NotReported),
        (0..300_i64).prop_map(|days| LastUse::At(now() - TimeDelta::days(days))),
    ];
    let status = prop_oneof![
        Just(KeyStatus::Active),
        Just(KeyStatus::Revoking),
        Just(KeyStatus::Revoked { at: None }),
        Just(KeyStatus::Unknown("odd".into())),
    ];
    (0..40_u32, "[a-cA-C ]{0,4}", 0..3_u8, any::<bool>(), proptest::option::of(-10..30_i64), last_use, status)
        .prop_map(|(id, name, account, live, expires, last_use, status)| {
            let mut row = row(id, &name);
            row.account = AccountId(account.to_string());
            row.record.environment = if live { Environment::Live } else { Environment::Test };
            row.record.expires = (expires.map(|days| now() + TimeDelta::days(days))).into();
            row.record.last_use = last_use;
            row.record.status = status;
            row
        })
}

proptest! {
    /// Total, facets and rows agree with counting and filtering row by row.
    #[test]
    fn the_index_agrees_with_looking_at_every_row(
        rows in proptest::collection::vec(any_row(), 0..40),
        search in "[a-c]{0,1}",
        account in proptest::option::of(0..3_u8),
        live in proptest::option::of(any::<bool>()),
        descending: bool,
        offset in 0..10_usize,
    ) {
        let environment = |live| if live { Environment::Live } else { Environment::Test };
        let query = Query {
            search: search.clone(),
            accounts: account.map(|a| AccountId(a.to_string())).into_iter().collect(),
            environments: live.map(environment).into_iter().collect(),
            descending,
            offset,
            limit: 5,
            ..all()
        };
        let text = |row: &InventoryRow| {
            let record = &row.record;
            format!("{}\u{1f}{}\u{1f}{}\u{1f}{}", record.name, record.hint.prefix, record.hint.suffix, record.id.0).to_lowercase()
        };
        let mut model: Vec<&InventoryRow> = rows
            .iter()
            .filter(|row| query.accounts.is_empty() || query.accounts.contains(&row.account))
            .filter(|row| query.environments.is_empty() || query.environments.contains(&row.record.environment))
            .filter(|row| text(row).contains(&search) || row.record.scopes.iter().any(|s| s.0.contains(&search)))
            .collect();
        model.sort_by(|a, b| {
            let by_name = crate::name::in_order(&a.record.name, &b.record.name);
            by_name.then_with(|| a.record.name.cmp(&b.record.name)).then_with(|| a.record.id.0.cmp(&b.record.id.0))
        });
        let window = Inventory::build(rows.clone()).window(&query, now());
        prop_assert_eq!(window.total, model.len());
        prop_assert_eq!(window.everything, rows.len());
        if descending { model.reverse(); }
        let expected: Vec<_> = model.iter().skip(offset).take(5).map(|r| (r.record.name.clone(), r.record.id.0.clone())).collect();
        let got: Vec<_> = window.rows.iter().map(|r| (r.record.name.clone(), r.record.id.0.clone())).collect();
        prop_assert_eq!(got, expected);
    }
}

#[test]
fn f07_f09_an_end_that_is_a_day_and_one_that_cannot_be_read_stay_what_they_are() {
    let mut rows = vec![row(1, "never"), row(2, "day"), row(3, "odd")];
    rows[1].record.expires = Timestamp::read("2027-03-01");
    rows[1].record.last_use = Timestamp::read("2026-11-20").into();
    rows[2].record.expires = Timestamp::Unreadable;
    rows[2].record.last_use = LastUse::Unreadable;
    let inventory = Inventory::build(rows.clone());
    let kept = inventory.window(&all(), now()).rows;
    for row in &rows {
        assert!(kept.contains(row), "{row:?} is not among {kept:?}");
    }
    let asked = Query { last_uses: vec![LastUseKind::NotReported], ..all() };
    assert!(inventory.window(&asked, now()).rows.iter().all(|row| row.record.name != "odd"));
    let asked = Query { last_uses: vec![LastUseKind::Unreadable], ..all() };
    assert_eq!(inventory.window(&asked, now()).rows.len(), 1, "it has a filter of its own");
    let ends = inventory.audit(now()).expiry;
    let count = |name: &str| ends.iter().find(|(bar, _)| *bar == name).map(|(_, count)| *count);
    assert_eq!((count("No end"), count("Not readable")), (Some(1), Some(1)), "{ends:?}");
}
