//! Policies and reminders through the real ledger, vault, adapter and authority: what is due, what is told once, and
//! what is rotated without a person.

use anyhow::Result;
use chrono::TimeDelta;
use keyturn_core::finding::FindingSet;
use keyturn_core::flows;
use keyturn_core::inventory::{Inventory, InventoryRow, Query, SortBy, Window};
use keyturn_core::journal::{Action, Outcome};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::label::Label;
use keyturn_core::operation::OperationId;
use keyturn_core::policy::{PolicyDraft, PolicyId};
use keyturn_core::ports::{Vault, VaultError};
use keyturn_core::provider::Paging;
use keyturn_core::reminder::ReminderKind;
use keyturn_tests::flat::Flat;

async fn inventory(flat: &Flat) -> Result<Inventory> {
    Ok(Inventory::build(flows::inventory_rows(&flat.ctx).await?))
}

async fn row(flat: &Flat, key: &KeyRef) -> Result<InventoryRow> {
    let rows = flows::inventory_rows(&flat.ctx).await?;
    Ok(rows.into_iter().find(|row| row.key_ref() == *key).expect("listed"))
}

async fn label(flat: &Flat, key: &KeyRef, word: &str) -> Result<()> {
    Ok(flows::set_labels(&flat.ctx, std::slice::from_ref(key), &[word.into()], &[]).await?)
}

/// Ninety days for a label, with a word two weeks before.
async fn policy(flat: &Flat, word: &str, rotate_alone: bool) -> Result<()> {
    let draft = PolicyDraft {
        account: None,
        label: Some(word.into()),
        max_age_days: 90,
        remind_days: 14,
        rotate_alone,
        choice: "24h".into(),
    };
    flows::save_policy(&flat.ctx, PolicyId("policy-1".into()), draft).await?;
    Ok(())
}

/// What `key` is reminded of now, for the first time.
async fn told(flat: &Flat, key: &KeyRef) -> Result<Vec<(ReminderKind, String)>> {
    let fresh = flows::announce_reminders(&flat.ctx, &inventory(flat).await?).await?;
    let of_key = fresh.into_iter().filter(|reminder| reminder.key == *key);
    Ok(of_key.map(|reminder| (reminder.kind, reminder.words)).collect())
}

fn due(inventory: &Inventory, flat: &Flat) -> Window {
    let query = Query {
        search: String::new(),
        accounts: vec![],
        environments: vec![],
        statuses: vec![],
        last_uses: vec![],
        findings: FindingSet::EMPTY,
        keys: None,
        labels: vec![],
        due: true,
        sort: SortBy::Name,
        descending: false,
        offset: 0,
        limit: 50,
    };
    inventory.window(&query, flat.ctx.clock.now())
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_stay_through_readings_and_the_journal_tells_of_them() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("make", "Shop").await?;
    label(&flat, &key, " Payments ").await?;
    let (other, _) = flat.make("make 2", "Web").await?;
    label(&flat, &other, "payments").await?;
    flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
    let known: Vec<String> =
        flat.ctx.ledger.labels().await?.iter().map(|label| label.as_str().to_owned()).collect();
    assert_eq!(known, ["Payments"], "two spellings are one label, in the first one");
    assert_eq!(row(&flat, &key).await?.labels, [Label::parse("payments")?]);
    let written = flat.ctx.ledger.history(&key, 1).await?;
    assert_eq!(written[0].action, Action::Label);
    assert_eq!(written[0].outcome, Outcome::Done("added Payments".into()));
    let gone = KeyRef::parse(&format!("{}/gone", flat.account.id.0)).expect("an address");
    let many = flows::set_labels(&flat.ctx, &[key.clone(), gone], &["ci".into()], &[]).await;
    assert!(many.is_err(), "all keys or none");
    assert_eq!(row(&flat, &key).await?.labels.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_past_its_age_is_due_and_each_threshold_is_told_once_also_after_a_restart() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("make", "Shop").await?;
    label(&flat, &key, "payments").await?;
    policy(&flat, "Payments", false).await?;
    assert_eq!(told(&flat, &key).await?, []);
    assert_eq!(due(&inventory(&flat).await?, &flat).total, 0);
    flat.pass(TimeDelta::days(80));
    assert_eq!(due(&inventory(&flat).await?, &flat).total, 1);
    let soon = told(&flat, &key).await?;
    assert_eq!(soon.len(), 1, "{soon:?}");
    assert!(soon[0].1.contains("the label payments allows 90 days"), "{soon:?}");
    assert_eq!(told(&flat, &key).await?, [], "once");
    let flat = flat.restarted().await?;
    assert_eq!(told(&flat, &key).await?, [], "and not again after a restart");
    flat.ctx.ledger.dismiss_reminders(None).await?;
    flat.pass(TimeDelta::days(11));
    assert_eq!(told(&flat, &key).await?.len(), 1, "when it is due it is told once more");
    let mut bell = flat.ctx.ledger.reminders(10).await?;
    bell.retain(|kept| kept.reminder.key == key);
    assert_eq!(bell.len(), 1, "what was dismissed does not come back: {bell:?}");
    let alone = flows::due_rotations(&flat.ctx, &inventory(&flat).await?).await?;
    assert!(alone.is_empty(), "nobody switched it on");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_was_switched_on_is_rotated_alone_and_the_old_key_stays_until_it_is_saved() -> Result<()>
{
    let flat = Flat::new().await?;
    let (old, old_value) = flat.make("make", "Shop").await?;
    let (other, _) = flat.make("make 2", "Web").await?;
    label(&flat, &old, "payments").await?;
    policy(&flat, "payments", true).await?;
    flat.pass(TimeDelta::days(89));
    assert!(flows::due_rotations(&flat.ctx, &inventory(&flat).await?).await?.is_empty(), "not yet");
    flat.pass(TimeDelta::days(2));
    flat.refusing.lock();
    assert!(
        flows::due_rotations(&flat.ctx, &inventory(&flat).await?).await?.is_empty(),
        "the vault is locked"
    );
    flat.refusing.unlock(true).await?;
    let mut due = flows::due_rotations(&flat.ctx, &inventory(&flat).await?).await?;
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].key_ref(), old);
    flows::rotate_due(&flat.ctx, due.remove(0), OperationId("rotate".into())).await?;
    let heard = flows::announce_reminders(&flat.ctx, &inventory(&flat).await?).await?;
    let told = heard.into_iter().find(|told| told.words.contains("Rotated by a policy"));
    let new = told.expect("the person hears of it").key;
    assert!(flows::due_rotations(&flat.ctx, &inventory(&flat).await?).await?.is_empty());

    let written = flat.ctx.ledger.history(&old, 10).await?;
    let asked = written.iter().find(|entry| entry.action == Action::Policy).expect("in the journal");
    let words =
        "the policy for the label payments (90 days) asked for a rotation, with an overlap of 24 hours";
    assert_eq!(asked.outcome, Outcome::Done(words.into()));
    assert_eq!(row(&flat, &new).await?.labels, [Label::parse("payments")?], "for the same purpose");
    assert_eq!(row(&flat, &other).await?.operation, None);

    let rotate = OperationId("rotate".into());
    flat.drive(&rotate.0).await?;
    flat.pass(TimeDelta::days(10));
    flat.drive(&rotate.0).await?;
    assert!(flat.works(&old_value).await?, "nobody has stored the new one");
    flows::acknowledge(&flat.ctx, &rotate).await?;
    flat.drive(&rotate.0).await?;
    flat.pass(TimeDelta::hours(25));
    flat.drive(&rotate.0).await?;
    assert!(!flat.works(&old_value).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_managing_key_is_never_rotated_alone() -> Result<()> {
    let flat = Flat::new().await?;
    let own = flat.account.managing.clone().and_then(|managing| managing.key).expect("recognised");
    let own = KeyRef { account: flat.account.id.clone(), key: own };
    label(&flat, &own, "payments").await?;
    policy(&flat, "payments", true).await?;
    flat.pass(TimeDelta::days(4000));
    assert!(row(&flat, &own).await?.due.is_some_and(|due| due.is_overdue(flat.ctx.clock.now())));
    assert!(flows::due_rotations(&flat.ctx, &inventory(&flat).await?).await?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_could_not_begin_is_tried_again_after_a_day_and_not_before() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, value) = flat.make("make", "Shop").await?;
    label(&flat, &key, "payments").await?;
    policy(&flat, "payments", true).await?;
    flat.pass(TimeDelta::days(91));
    flat.refusing.refuse_to_seal(Some(VaultError::NoKeyring));
    let mut due = flows::due_rotations(&flat.ctx, &inventory(&flat).await?).await?;
    flows::rotate_due(&flat.ctx, due.remove(0), OperationId("first".into())).await?;
    let heard = told(&flat, &key).await?;
    assert!(heard.iter().any(|(_, words)| words.contains("did not begin")), "{heard:?}");
    assert!(flat.works(&value).await?);
    assert_eq!(flat.live_at_vendor("Shop").await?, 1, "the new one was revoked again");
    flat.refusing.refuse_to_seal(None);
    flat.pass(TimeDelta::hours(23));
    assert!(flows::due_rotations(&flat.ctx, &inventory(&flat).await?).await?.is_empty());
    flat.pass(TimeDelta::hours(2));
    assert_eq!(flows::due_rotations(&flat.ctx, &inventory(&flat).await?).await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_revoked_elsewhere_is_told_of_as_dead() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("make", "Shop").await?;
    told(&flat, &key).await?;
    let managing_key = &keyturn_core::secret::Secret::new(flat.rehearsed.managing_key.clone());
    let base_url = &flat.rehearsed.authority.base_url();
    let settings = &flat.account.settings;
    let connection = keyturn_core::provider::Connection { base_url, managing_key, settings };
    flat.provider.revoke(connection, &key.key).await?;
    flat.pass(TimeDelta::minutes(10));
    flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
    assert!(matches!(row(&flat, &key).await?.record.status, KeyStatus::Revoked { .. }));
    let said = told(&flat, &key).await?;
    assert_eq!(said, [(ReminderKind::Died, "Was revoked outside Keyturn.".to_owned())]);
    assert_eq!(told(&flat, &key).await?, []);
    Ok(())
}
