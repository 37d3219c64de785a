//! Labels, policies and reminders on disk.

use chrono::TimeDelta;
use keyturn_core::account::AccountId;
use keyturn_core::flows::Choice;
use keyturn_core::journal::Action;
use keyturn_core::label::Label;
use keyturn_core::policy::{Policy, PolicyId, Reach};
use keyturn_core::ports::{Ledger, Policies, Relabelled, Reminders};
use keyturn_core::reminder::{Reminder, ReminderId, ReminderKind};
use keyturn_storage::SqliteLedger;

use crate::samples::{Desk, account, desk, entry, id, key, merge, noon, put, record};

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

async fn put_labels(desk: &Desk, of: &str, texts: &[&str]) {
    let labels = texts.iter().map(|text| label(text)).collect();
    let change = Relabelled { key: key(of), labels, entry: entry(Action::Label, Some(of)) };
    desk.ledger.relabel(&[change]).await.unwrap();
}

async fn labels_in_list(ledger: &SqliteLedger, of: &str) -> Vec<Label> {
    let rows = ledger.inventory_rows().await.unwrap();
    rows.into_iter().find(|row| row.record.id.0 == of).unwrap().labels
}

#[tokio::test]
async fn labels_outlive_a_reading_without_the_key_and_go_with_the_account() {
    let desk = desk().await;
    merge(&desk.ledger, &id(), &[record("key_1"), record("key_2")], noon()).await.unwrap();
    put_labels(&desk, "key_1", &["ci", "Payments"]).await;
    assert_eq!(labels_in_list(&desk.ledger, "key_1").await, [label("ci"), label("payments")]);
    assert_eq!(labels_in_list(&desk.ledger, "key_2").await, []);
    merge(&desk.ledger, &id(), &[record("key_2")], noon()).await.unwrap();
    assert_eq!(desk.ledger.labels().await.unwrap(), [], "no listed key bears them");
    assert_eq!(desk.ledger.labelled(&[key("key_1")]).await.unwrap(), [None]);
    merge(&desk.ledger, &id(), &[record("key_1"), record("key_2")], noon()).await.unwrap();
    assert_eq!(labels_in_list(&desk.ledger, "key_1").await.len(), 2);
    desk.ledger.remove_account(&id(), &entry(Action::Disconnect, None)).await.unwrap();
    let left: u32 = desk.raw().query_row("SELECT count(*) FROM labels", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_key_of_unknown_creation_counts_from_the_first_that_was_written_of_it() {
    let desk = desk().await;
    let mut unknown = record("key_1");
    unknown.created_at = None;
    merge(&desk.ledger, &id(), &[unknown, record("key_2")], noon()).await.unwrap();
    let since = async |of: &str| {
        let rows = desk.ledger.inventory_rows().await.unwrap();
        rows.into_iter().find(|row| row.record.id.0 == of).unwrap().since
    };
    assert_eq!(since("key_1").await, None);
    assert_eq!(since("key_2").await, record("key_2").created_at);
    desk.ledger.append(&entry(Action::Adopt, Some("key_1"))).await.unwrap();
    assert_eq!(since("key_1").await, Some(noon()));
}

fn policy(of: &str, reach: Reach, alone: Option<Choice>) -> Policy {
    Policy { id: PolicyId(of.into()), reach, max_age_days: 90, remind_days: 14, alone }
}

#[tokio::test]
async fn policies_come_back_as_they_were_set_and_one_goes_with_its_account() {
    let desk = desk().await;
    let note = entry(Action::Policy, None);
    let mut set = [
        policy("every", Reach::Every, None),
        policy("account", Reach::Account(id()), None),
        policy("label", Reach::Label(label("Payments")), Some(Choice::Quiet)),
    ];
    for policy in &set {
        desk.ledger.put_policy(policy, &note).await.unwrap();
    }
    set[0].max_age_days = 30;
    desk.ledger.put_policy(&set[0], &note).await.unwrap();
    let desk = reopened(desk);
    assert_eq!(desk.ledger.policies().await.unwrap(), set);
    assert_eq!(desk.ledger.labels().await.unwrap(), [label("payments")]);
    desk.ledger.remove_policy(&set[2].id, &note).await.unwrap();
    desk.ledger.remove_account(&id(), &entry(Action::Disconnect, None)).await.unwrap();
    assert_eq!(desk.ledger.policies().await.unwrap(), set[..1]);
    let elsewhere = policy("other", Reach::Account(AccountId("gone".into())), None);
    assert!(desk.ledger.put_policy(&elsewhere, &note).await.is_err());
}

fn reopened(desk: Desk) -> Desk {
    let dir = desk.close();
    let ledger = crate::samples::open(&dir.path().join("ledger.db")).unwrap().ledger;
    Desk { ledger, dir }
}

fn reminder(of: &str, mark: &str) -> Reminder {
    Reminder {
        key: key(of),
        name: format!("Key {of}"),
        kind: ReminderKind::Expiry,
        mark: mark.into(),
        words: "Expires in 3 days.".into(),
        at: noon(),
    }
}

#[tokio::test]
async fn a_reminder_is_new_once_for_each_key_and_mark_and_stays_dismissed() {
    let desk = desk().await;
    merge(&desk.ledger, &id(), &[record("key_1")], noon()).await.unwrap();
    let both = [reminder("key_1", "14"), reminder("key_2", "14")];
    assert_eq!(desk.ledger.remind(&both).await.unwrap(), both);
    let desk = reopened(desk);
    let later = [both[0].clone(), both[1].clone(), reminder("key_1", "3")];
    assert_eq!(desk.ledger.remind(&later).await.unwrap(), later[2..]);
    let kept = desk.ledger.reminders(10).await.unwrap();
    assert_eq!(kept.iter().map(|kept| kept.listed).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(kept[0].reminder, later[2], "newest first");
    assert!(kept.iter().all(|kept| !kept.seen));
    assert_eq!(desk.ledger.announce_reminders().await.unwrap(), later, "all that was kept, oldest first");
    assert_eq!(desk.ledger.announce_reminders().await.unwrap(), [], "once");
    desk.ledger.see_reminders().await.unwrap();
    assert!(desk.ledger.reminders(10).await.unwrap().iter().all(|kept| kept.seen));
    desk.ledger.dismiss_reminders(Some(&kept[0].id)).await.unwrap();
    desk.ledger.dismiss_reminders(Some(&ReminderId("no number".into()))).await.unwrap();
    assert_eq!(desk.ledger.reminders(10).await.unwrap().len(), 2);
    desk.ledger.dismiss_reminders(None).await.unwrap();
    assert_eq!(desk.ledger.reminders(10).await.unwrap(), []);
    assert_eq!(desk.ledger.remind(&later).await.unwrap(), [], "dismissed is told");
}

#[tokio::test]
async fn old_reminders_keep_their_mark_only_and_go_with_their_key() {
    let desk = desk().await;
    merge(&desk.ledger, &id(), &[record("key_1")], noon()).await.unwrap();
    let both = [reminder("key_1", "14"), reminder("key_2", "14")];
    desk.ledger.remind(&both).await.unwrap();
    desk.ledger.compact_reminders(noon()).await.unwrap();
    assert_eq!(desk.ledger.reminders(10).await.unwrap().len(), 2, "not older than that");
    desk.ledger.compact_reminders(noon() + TimeDelta::seconds(1)).await.unwrap();
    assert_eq!(desk.ledger.reminders(10).await.unwrap(), []);
    assert_eq!(desk.ledger.remind(&both[..1]).await.unwrap(), [], "its key is still there");
    let left: (u32, Option<String>) = desk
        .raw()
        .query_row("SELECT count(*), max(words) FROM reminders", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(left, (1, None));
}

#[tokio::test]
async fn reminders_of_an_account_go_with_it() {
    let desk = desk().await;
    put(&desk.ledger, &account("other"), None).await;
    desk.ledger.remind(&[reminder("key_1", "14")]).await.unwrap();
    desk.ledger.remove_account(&id(), &entry(Action::Disconnect, None)).await.unwrap();
    assert_eq!(desk.ledger.reminders(10).await.unwrap(), []);
}
