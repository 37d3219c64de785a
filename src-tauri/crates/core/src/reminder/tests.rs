//! What is told of a key, and when.

use super::*;
use crate::account::AccountId;
use crate::finding::FindingSet;
use crate::key::{Checked, Environment, Hint, KeyRecord, LastUse, VendorKeyId};
use crate::label::Label;
use crate::operation::OperationId;
use crate::policy::{Due, PolicyId};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn row() -> InventoryRow {
    InventoryRow {
        account: AccountId("shop".into()),
        record: KeyRecord {
            id: VendorKeyId("key".into()),
            name: "server".into(),
            hint: Hint { prefix: "nl_live_".into(), suffix: "e5f6".into() },
            environment: Environment::Live,
            scopes: Vec::new(),
            status: KeyStatus::Active,
            created_at: None,
            expires: None.into(),
            last_use: LastUse::NotReported,
            creator: None,
            checked: None,
        },
        managing: false,
        unsaved: None,
        findings: FindingSet::EMPTY,
        accepted: FindingSet::EMPTY,
        operation: None,
        changed_outside: None,
        labels: Vec::new(),
        since: None,
        due: None,
    }
}

fn said(row: &InventoryRow, policies: &[Policy]) -> Vec<(ReminderKind, String)> {
    reminders(row, policies, now()).into_iter().map(|told| (told.kind, told.words)).collect()
}

#[test]
fn an_expiry_is_told_fourteen_three_and_no_days_before() {
    let told = |left: TimeDelta| {
        let mut row = row();
        row.record.expires = (Some(now() + left)).into();
        expiry(&row, now()).map(|(mark, words)| (mark.rsplit(':').next().unwrap().to_owned(), words))
    };
    let table = [
        (TimeDelta::days(15), None),
        (TimeDelta::days(14), Some(("14", "Expires in 14 days."))),
        (TimeDelta::days(4), Some(("14", "Expires in 4 days."))),
        (TimeDelta::days(3), Some(("3", "Expires in 3 days."))),
        (TimeDelta::hours(25), Some(("3", "Expires in 1 day."))),
        (TimeDelta::hours(2), Some(("3", "Expires within a day."))),
        (TimeDelta::zero(), Some(("0", "Has expired."))),
        (TimeDelta::days(-7), Some(("0", "Has expired."))),
        (TimeDelta::days(-8), None),
    ];
    for (left, expected) in table {
        let expected = expected.map(|(mark, words)| (mark.to_owned(), words.to_owned()));
        assert_eq!(told(left), expected, "{left}");
    }
}

#[test]
fn a_new_end_is_another_mark() {
    let mark = |left| {
        let mut row = row();
        row.record.expires = (Some(now() + TimeDelta::days(left))).into();
        reminders(&row, &[], now())[0].mark.clone()
    };
    assert_ne!(mark(13), mark(12));
}

#[test]
fn a_key_that_goes_anyway_is_not_spoken_of() {
    for status in [
        KeyStatus::Retiring { until: now() },
        KeyStatus::Revoking,
        KeyStatus::Revoked { at: None },
        KeyStatus::Orphan,
    ] {
        let mut row = row();
        row.record.expires = (Some(now() + TimeDelta::days(2))).into();
        row.record.status = status;
        assert_eq!(said(&row, &[]), []);
    }
}

#[test]
fn a_policy_is_told_before_and_when_the_key_is_due() {
    let policy = Policy {
        id: PolicyId("p".into()),
        reach: Reach::Label(Label::parse("payments").unwrap()),
        max_age_days: 90,
        remind_days: 14,
        alone: None,
    };
    let told = |left: i64| {
        let due = Some(Due { at: now() + TimeDelta::days(left), remind_days: 14 });
        let row = InventoryRow { labels: vec![Label::parse("payments").unwrap()], due, ..row() };
        said(&row, std::slice::from_ref(&policy))
    };
    assert_eq!(told(15), []);
    let soon = "Is due for rotation in 12 days: the policy for the label payments allows 90 days.";
    assert_eq!(told(12), [(ReminderKind::Due, soon.to_owned())]);
    let now = "Is due for rotation: the policy for the label payments allows 90 days.";
    assert_eq!(told(0), [(ReminderKind::Due, now.to_owned())]);
}

#[test]
fn what_others_did_is_told_while_it_is_news() {
    let changed = |days| InventoryRow { changed_outside: Some(now() - TimeDelta::days(days)), ..row() };
    assert_eq!(said(&changed(7), &[])[0].0, ReminderKind::ChangedOutside);
    assert_eq!(said(&changed(8), &[]), []);
    let mut revoked = changed(1);
    revoked.record.status = KeyStatus::Revoked { at: None };
    assert_eq!(said(&revoked, &[]), [(ReminderKind::Died, "Was revoked outside Keyturn.".to_owned())]);
    let mut refused = row();
    refused.record.checked = Some(Checked { at: now(), alive: false });
    assert_eq!(said(&refused, &[])[0].0, ReminderKind::Died);
    refused.operation = Some(OperationId("rotate-1".into()));
    assert_eq!(said(&refused, &[]), [], "its own rotation tells of it");
}

#[test]
fn several_reminders_are_one_announcement_of_names() {
    let reminder = |name: &str| Reminder {
        key: row().key_ref(),
        name: name.into(),
        kind: ReminderKind::Expiry,
        mark: "1:3".into(),
        words: "Expires in 3 days.".into(),
        at: now(),
    };
    assert_eq!(announcement(&[], &[]), None);
    let one = announcement(&[reminder("server")], &[]);
    assert_eq!(one, Some(("server".into(), "Expires in 3 days.".into())));
    let many: Vec<Reminder> = ["a", "b", "c", "d", "e"].map(reminder).into();
    let (title, text) = announcement(&many, &[]).unwrap();
    assert_eq!(title, "5 reminders about your keys");
    assert_eq!(text.lines().last(), Some("And 2 more."));
    assert_eq!(text.lines().count(), 4);
}

#[test]
fn an_orphan_and_what_was_seen_are_told_unless_they_are_accepted() {
    let orphan = InventoryRow { findings: FindingSet::EMPTY.with(FindingKind::Orphan), ..row() };
    assert_eq!(reminders(&orphan, &[], now())[0].mark, "orphan");
    let at = now() - TimeDelta::days(1);
    let seen = [Sighting::WokeUp { at }, Sighting::NewAddress { at }];
    let told = |findings: &[FindingKind]| -> Vec<String> {
        let row = InventoryRow { findings: findings.iter().copied().collect(), ..row() };
        sighted(&row, &seen, now()).into_iter().map(|told| told.mark).collect()
    };
    assert_eq!(told(&[]), Vec::<String>::new());
    assert_eq!(told(&[FindingKind::WokeUp]), [format!("woke_up:{}", at.timestamp())]);
    assert_eq!(told(&[FindingKind::WokeUp, FindingKind::NewAddress]).len(), 2);
}
