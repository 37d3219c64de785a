//! Tables over the rules of policies.

use super::*;
use crate::finding::FindingSet;
use crate::key::{Environment, Hint, KeyRecord, LastUse, VendorKeyId};
use crate::operation::OperationId;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn days(count: i64) -> TimeDelta {
    TimeDelta::days(count)
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn policy(id: &str, reach: Reach, max_age_days: u32) -> Policy {
    Policy { id: PolicyId(id.into()), reach, max_age_days, remind_days: 7, alone: None }
}

fn account() -> AccountId {
    AccountId("shop".into())
}

fn row(age: i64) -> InventoryRow {
    InventoryRow {
        account: account(),
        record: KeyRecord {
            id: VendorKeyId("key".into()),
            name: "server".into(),
            hint: Hint { prefix: String::new(), suffix: String::new() },
            environment: Environment::Live,
            scopes: Vec::new(),
            status: KeyStatus::Active,
            created_at: Some(now() - days(age)),
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
        labels: vec![label("payments")],
        since: Some(now() - days(age)),
        due: None,
    }
}

#[test]
fn the_least_age_of_label_account_and_every_key_decides() {
    let (every, of_account, of_label) = (
        policy("every", Reach::Every, 365),
        policy("account", Reach::Account(account()), 90),
        policy("label", Reach::Label(label("Payments")), 30),
    );
    let decides = |policies: &[Policy], labels: &[Label]| {
        governing(policies, &account(), labels).map(|policy| policy.id.0.clone())
    };
    let all = [every.clone(), of_account.clone(), of_label.clone()];
    assert_eq!(decides(&all, &[label("payments")]).as_deref(), Some("label"));
    assert_eq!(decides(&all, &[label("other")]).as_deref(), Some("account"));
    assert_eq!(decides(&[every, of_label.clone()], &[]).as_deref(), Some("every"));
    assert_eq!(decides(&[of_label], &[]), None);
    let lax = policy("label", Reach::Label(label("payments")), 400);
    assert_eq!(decides(&[of_account, lax], &[label("payments")]).as_deref(), Some("account"));
}

#[test]
fn a_key_is_near_from_the_reminder_on_and_overdue_from_its_day_on() {
    let policies = [policy("every", Reach::Every, 90)];
    for (age, near, overdue) in [(82, false, false), (83, true, false), (89, true, false), (90, true, true)] {
        let due = due(&row(age), &policies).unwrap();
        assert_eq!((due.is_near(now()), due.is_overdue(now())), (near, overdue), "{age} days old");
    }
}

#[test]
fn a_key_of_unknown_age_or_on_its_way_out_is_not_due() {
    let policies = [policy("every", Reach::Every, 90)];
    let unknown = InventoryRow { since: None, ..row(100) };
    let replaced = InventoryRow { operation: Some(OperationId("rotate-1".into())), ..row(100) };
    let mut revoked = row(100);
    revoked.record.status = KeyStatus::Revoked { at: None };
    for row in [unknown, replaced, revoked] {
        assert_eq!(due(&row, &policies), None);
    }
    assert_eq!(due(&row(100), &[]), None);
}

#[test]
fn only_a_label_that_was_switched_on_rotates_alone() {
    let alone = |reach| Policy { alone: Some(Choice::OneDay), ..policy("p", reach, 30) };
    let on = alone(Reach::Label(label("payments")));
    let asks = |row: &InventoryRow, policy: &Policy| {
        asks_alone(row, std::slice::from_ref(policy), now()).map(|(_, choice)| choice)
    };
    assert_eq!(asks(&row(30), &on), Some(Choice::OneDay));
    assert_eq!(asks(&row(29), &on), None, "the reminder's days are not yet its own");
    assert_eq!(asks(&row(99), &alone(Reach::Every)), None);
    assert_eq!(asks(&row(99), &alone(Reach::Account(account()))), None);
    assert_eq!(asks(&row(99), &Policy { alone: None, ..on.clone() }), None);
    assert_eq!(asks(&InventoryRow { labels: Vec::new(), ..row(99) }, &on), None);
    assert_eq!(asks(&InventoryRow { managing: true, ..row(99) }, &on), None);
    let waiting = Some(OperationId("create-1".into()));
    assert_eq!(asks(&InventoryRow { unsaved: waiting.clone(), ..row(99) }, &on), None);
    assert_eq!(asks(&InventoryRow { operation: waiting, ..row(99) }, &on), None);
}

#[test]
fn another_policys_age_starts_no_rotation() {
    let strict = policy("every", Reach::Every, 30);
    let on = Policy { alone: Some(Choice::Quiet), ..policy("label", Reach::Label(label("payments")), 90) };
    assert!(due(&row(40), &[strict.clone(), on.clone()]).unwrap().is_overdue(now()));
    assert_eq!(asks_alone(&row(40), &[strict, on], now()), None);
}

fn draft() -> PolicyDraft {
    PolicyDraft {
        account: None,
        label: Some("payments".into()),
        max_age_days: 90,
        remind_days: 14,
        rotate_alone: true,
        choice: "24h".into(),
    }
}

#[test]
fn each_mistake_of_a_draft_stands_at_its_field() {
    let table = [
        (PolicyDraft { account: Some(account()), ..draft() }, "label"),
        (PolicyDraft { label: Some(" ".into()), ..draft() }, "label"),
        (PolicyDraft { max_age_days: 0, ..draft() }, "maxAgeDays"),
        (PolicyDraft { max_age_days: 3651, ..draft() }, "maxAgeDays"),
        (PolicyDraft { remind_days: 90, ..draft() }, "remindDays"),
        (PolicyDraft { label: None, ..draft() }, "rotateAlone"),
        (PolicyDraft { label: None, account: Some(account()), ..draft() }, "rotateAlone"),
        (PolicyDraft { choice: "now".into(), ..draft() }, "choice"),
        (PolicyDraft { choice: "atomic".into(), ..draft() }, "choice"),
        (PolicyDraft { choice: "1h".into(), ..draft() }, "choice"),
    ];
    for (draft, field) in table {
        let fault = draft.clone().check(PolicyId("p".into()), &[]).unwrap_err();
        assert_eq!(fault.field(), field, "{draft:?}: {fault}");
    }
    assert!(draft().check(PolicyId("p".into()), &[]).is_ok());
}

#[test]
fn one_reach_has_one_policy() {
    let first = draft().check(PolicyId("first".into()), &[]).unwrap();
    let again = PolicyDraft { label: Some("Payments".into()), ..draft() };
    let others = [first];
    assert_eq!(
        again.clone().check(PolicyId("second".into()), &others),
        Err(PolicyFault::Taken { label: true })
    );
    assert!(again.check(PolicyId("first".into()), &others).is_ok(), "a policy is no rival of itself");
}
