//! The seams where promises fell: what is taken back, what one reading says, who works on whose keys, whose word a death
//! is. Through the real ledger, vault, adapter and authority.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use keyturn_authority::{Fault, Requests, RetryAfter, Role, Times};
use keyturn_core::account::{Account, AccountId, Freshness};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{
    self, Choice, Confirmation, ConnectDetails, Disconnection, Recovered, accept_reading, refresh,
};
use keyturn_core::grant::Grant;
use keyturn_core::journal::{Action, Entry, Outcome};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::operation::{Intent, Operation, OperationId, Stage};
use keyturn_core::provider::Paging;
use keyturn_core::reading::AGREE;
use keyturn_core::rotation::Phase;
use keyturn_core::secret::Secret;
use keyturn_tests::counted::Calls;
use keyturn_tests::flat::Flat;

const UNAVAILABLE: Fault = Fault::Unavailable { committed: false, retry_after: RetryAfter::Absent };

fn on(_: usize) -> Paging {
    Paging::Continue
}

fn arm(flat: &Flat, requests: Requests, fault: Fault) {
    flat.rehearsed.authority.faults().set_on(requests, fault, Times::UntilCleared);
}

fn clear(flat: &Flat) {
    flat.rehearsed.authority.faults().clear();
}

fn says(error: &FlowError, words: &str) -> Result<()> {
    let said = error.to_string();
    ensure!(said.contains(words), "{said}");
    Ok(())
}

/// The vendor makes the key, and nobody hears of it; its list cannot be read either.
async fn create_in_doubt(flat: &Flat, operation: &str, name: &str) -> Result<()> {
    arm(flat, Requests::writes(), Fault::Unavailable { committed: true, retry_after: RetryAfter::Absent });
    arm(flat, Requests::reads(), UNAVAILABLE);
    let asked = flows::create_key(&flat.ctx, flat.wanted(operation, name)).await;
    clear(flat);
    ensure!(matches!(asked, Err(FlowError::Doubt(_))), "{asked:?}");
    Ok(())
}

/// Another account at the same project, as a colleague's role would see it.
async fn neighbour(flat: &Flat) -> Result<Account> {
    let details = ConnectDetails {
        id: AccountId("neighbour".into()),
        vendor: flat.account.vendor.clone(),
        label: "Neighbour".into(),
        base_url: Some(format!("{}/", flat.account.base_url.to_uppercase().replace("HTTP", "http"))),
        managing_key: Some(Secret::new(flat.rehearsed.authority.issue_bootstrap_key(Role::Owner)?)),
        settings: BTreeMap::new(),
        rehearsal: false,
    };
    Ok(flows::connect(&flat.ctx, details).await?)
}

fn confirmed(name: &str) -> Confirmation {
    Confirmation { typed_name: Some(name.into()), managing: true }
}

#[tokio::test(flavor = "multi_thread")]
async fn f40_a_second_create_waits_while_one_is_in_doubt_and_the_next_reading_settles_it() -> Result<()> {
    let flat = Flat::new().await?;
    create_in_doubt(&flat, "first", "Deploy").await?;
    let again = flows::create_key(&flat.ctx, flat.wanted("second", "Deploy")).await.err();
    says(&again.context("it waits")?, "not known yet")?;
    let read = refresh(&flat.ctx, &flat.account.id, &on).await?;
    assert_eq!(read.recovered, [Recovered::OrphanRevoked { name: "Deploy".into() }]);
    assert_eq!(flat.live_at_vendor("Deploy").await?, 0);
    let (_, value) = flat.make("third", "Deploy").await?;
    flat.pass(AGREE * 2);
    refresh(&flat.ctx, &flat.account.id, &on).await?;
    let flat = flat.restarted().await?;
    assert_eq!(flows::recover(&flat.ctx).await?, []);
    assert!(flat.works(&value).await?, "the stored key lives");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_whatever_a_list_shows_too_late_is_left_to_the_person() -> Result<()> {
    let flat = Flat::new().await?;
    flat.pass(TimeDelta::hours(2));
    let names = ["First", "Second", "Third"];
    for name in names {
        create_in_doubt(&flat, name, name).await?;
    }
    arm(&flat, Requests::reads(), Fault::LaggingList { seconds: 3600 });
    for _ in 0..2 {
        flat.pass(AGREE + TimeDelta::seconds(1));
        refresh(&flat.ctx, &flat.account.id, &on).await?;
    }
    ensure!(flat.ctx.ledger.open_operations().await?.is_empty(), "two readings show nothing");
    clear(&flat);
    refresh(&flat.ctx, &flat.account.id, &on).await?;
    for name in names {
        let operation = flat.ctx.ledger.operation(&OperationId(name.into())).await?.context("begun")?;
        let Stage::Orphaned { keys } = &operation.stage else {
            anyhow::bail!("{name}: {:?}", operation.stage)
        };
        let key = keys.first().context("a key")?;
        assert_eq!(
            flat.row(key).await?.map(|row| (row.name, row.status)),
            Some((name.into(), KeyStatus::Orphan))
        );
        assert_eq!(flat.ctx.ledger.operations_of(key).await?, [operation], "its own, and no other");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f40_recovery_takes_no_key_back_whose_value_was_ever_sealed_here() -> Result<()> {
    let flat = Flat::new().await?;
    let (_, value) = flat.make("stored", "Deploy").await?;
    // A request for a key of the same name was lost, and knew of none.
    let wanted = flat.wanted("lost", "Deploy");
    let now = flat.ctx.clock.now();
    let grant =
        Grant::check(flat.provider.manifest(), &wanted.name, wanted.environment, wanted.scopes, None, now)?;
    let operation = Operation {
        id: wanted.operation,
        account: flat.account.id.clone(),
        intent: Intent::Create { grant, known: Vec::new() },
        stage: Stage::Sent,
        started_at: now,
    };
    let asked = Entry {
        at: now,
        account: flat.account.id.clone(),
        key: None,
        action: Action::Create,
        outcome: Outcome::Intended,
        reason: None,
        fingerprint: None,
    };
    flat.ctx.ledger.begin(&operation, None, &asked).await?;
    let flat = flat.restarted().await?;
    flat.pass(AGREE * 2);
    assert_eq!(flows::recover(&flat.ctx).await?, [Recovered::NothingHappened { name: "Deploy".into() }]);
    assert!(flat.works(&value).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f41_a_lock_beside_a_request_takes_nothing_back() -> Result<()> {
    let flat = Flat::new().await?;
    arm(&flat, Requests::writes(), Fault::Delay { millis: 1_500 });
    let ctx = flat.ctx.clone();
    let wanted = flat.wanted("slow", "Deploy");
    let made = tokio::spawn(async move { flows::create_key(&ctx, wanted).await });
    // The vendor has made it by now; its reply is on its way.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    flat.ctx.vault.lock();
    flat.ctx.vault.unlock(true).await?;
    assert_eq!(flows::recover(&flat.ctx).await?, []);
    refresh(&flat.ctx, &flat.account.id, &on).await?;
    made.await??;
    let value = flat.value("slow").await?;
    assert!(flat.works(&value).await?, "the key that is handed out lives");
    assert_eq!(flat.live_at_vendor("Deploy").await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_f45_one_list_that_lacks_keys_ends_none_and_an_empty_one_is_doubted() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("one", "Kept").await?;
    refresh(&flat.ctx, &flat.account.id, &on).await?;
    let before = flat.ctx.ledger.keys(&flat.account.id).await?.len();
    for lie in [Fault::EmptyList, Fault::OwnRowOnly] {
        arm(&flat, Requests::reads(), lie);
        for _ in 0..2 {
            let read = refresh(&flat.ctx, &flat.account.id, &on).await;
            ensure!(matches!(read, Err(FlowError::Doubtful { .. })), "{read:?}");
            flat.pass(AGREE * 2);
        }
        clear(&flat);
        let account = flat.ctx.ledger.accounts().await?.remove(0);
        ensure!(matches!(account.freshness, Freshness::Stale { doubted: true, .. }), "{account:?}");
        assert_eq!(flat.ctx.ledger.keys(&flat.account.id).await?.len(), before, "nothing went");
        assert_eq!(flat.row(&key).await?.context("listed")?.status, KeyStatus::Active);
    }
    // A person may say that it is so.
    arm(&flat, Requests::reads(), Fault::OwnRowOnly);
    accept_reading(&flat.ctx, &flat.account.id, &on).await?;
    let status = flat.row(&key).await?.map(|row| row.status);
    ensure!(status != Some(KeyStatus::Active), "{status:?}");
    clear(&flat);
    refresh(&flat.ctx, &flat.account.id, &on).await?;
    assert_eq!(flat.row(&key).await?.context("it came back")?.status, KeyStatus::Active);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f46_a_changed_hint_leaves_the_managing_key_known() -> Result<()> {
    let flat = Flat::new().await?;
    let own = flat.account.managing.clone().and_then(|managing| managing.key).context("recognised")?;
    arm(&flat, Requests::reads(), Fault::WrongOwnHint);
    refresh(&flat.ctx, &flat.account.id, &on).await?;
    clear(&flat);
    let account = flat.ctx.ledger.accounts().await?.remove(0);
    assert!(account.manages_with(&own));
    let key = KeyRef { account: account.id, key: own };
    let name = flat.row(&key).await?.context("listed")?.name;
    let once = Confirmation { typed_name: Some(name), managing: false };
    let refused = flat.revoke(&key, &once).await.err().context("it asks twice")?;
    says(&refused, "manages the account")
}

#[tokio::test(flavor = "multi_thread")]
async fn f47_two_accounts_at_one_project_see_one_set_of_keys() -> Result<()> {
    let flat = Flat::new().await?;
    let other = neighbour(&flat).await?;
    // What waits to be saved here is not touched from there.
    let key = flows::create_key(&flat.ctx, flat.wanted("unsaved", "Deploy")).await?;
    refresh(&flat.ctx, &other.id, &on).await?;
    let twin = KeyRef { account: other.id.clone(), key: key.key.clone() };
    let refused = flat.revoke(&twin, &confirmed("Deploy")).await.err().context("it is busy")?;
    says(&refused, "“Flat”")?;
    let rotated = flat.rotate(&twin, Choice::Now, "rotate").await.err().context("it is busy")?;
    says(&rotated, "“Flat”")?;
    // Nor is it taken back by a request of the other account that was lost.
    let mut wanted = flat.wanted("lost", "Deploy");
    wanted.account = other.id.clone();
    arm(&flat, Requests::writes(), UNAVAILABLE);
    let lost = flows::create_key(&flat.ctx, wanted).await;
    ensure!(lost.is_err(), "{lost:?}");
    clear(&flat);
    flat.pass(AGREE * 2);
    refresh(&flat.ctx, &other.id, &on).await?;
    refresh(&flat.ctx, &flat.account.id, &on).await?;
    let value = flat.value("unsaved").await?;
    assert!(flat.works(&value).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f50_a_revocation_that_the_vendor_did_not_carry_out_is_seen_and_asked_again() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, value) = flat.make("old", "Deploy").await?;
    arm(&flat, Requests::writes(), Fault::IgnoredRevocation);
    let rotated = flat.rotate(&old, Choice::Now, "rotate").await?;
    flat.drive("rotate").await?;
    for _ in 0..4 {
        flat.pass(TimeDelta::minutes(2));
        flat.drive("rotate").await?;
    }
    assert!(flat.works(&value).await?, "the vendor did nothing");
    let phase = phase(&flat, "rotate").await?;
    ensure!(!matches!(phase, Phase::Done { .. }), "never called done: {phase:?}");
    clear(&flat);
    flows::ask_again(&flat.ctx, &OperationId("rotate".into())).await?;
    flat.outlast("rotate").await?;
    assert!(!flat.works(&value).await?);
    assert!(flat.works(&flat.value("rotate").await?).await?, "{rotated} lives");
    Ok(())
}

async fn phase(flat: &Flat, operation: &str) -> Result<Phase> {
    let operation =
        flat.ctx.ledger.operation(&OperationId(operation.into())).await?.context("it is there")?;
    let Stage::Rotating(rotation) = operation.stage else { anyhow::bail!("{:?}", operation.stage) };
    Ok(rotation.phase)
}

#[tokio::test(flavor = "multi_thread")]
async fn f51_a_vendor_that_refuses_everybody_proves_no_death() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, value) = flat.make("old", "Deploy").await?;
    // Accepted, and not carried out: the old key lives, and only the refusal of everybody could hide it.
    arm(&flat, Requests::writes(), Fault::IgnoredRevocation);
    let (given, operation) = (Secret::new(value.clone()), OperationId("rotate".into()));
    flows::begin_rotation(&flat.ctx, &old, Choice::Now, Some(given), operation).await?;
    flat.drive("rotate").await?;
    clear(&flat);
    ensure!(matches!(phase(&flat, "rotate").await?, Phase::Dying { .. }));
    arm(&flat, Requests::default(), Fault::EverybodyRefused);
    for _ in 0..4 {
        flat.pass(TimeDelta::hours(3));
        // The account cannot be read either: it says so.
        let driven = flat.drive("rotate").await;
        ensure!(!matches!(driven, Err(FlowError::Ledger(_))), "{driven:?}");
    }
    let phase = phase(&flat, "rotate").await?;
    ensure!(!matches!(phase, Phase::Done { .. }), "{phase:?}");
    clear(&flat);
    assert!(flat.works(&value).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f54_a_clock_that_jumps_ends_no_overlap() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, value) = flat.make("old", "Deploy").await?;
    flat.rotate(&old, Choice::SevenDays, "rotate").await?;
    flat.drive("rotate").await?;
    flows::acknowledge(&flat.ctx, &OperationId("rotate".into())).await?;
    flat.drive("rotate").await?;
    // Only ours: the vendor's stays.
    flat.clock.forward(TimeDelta::days(30));
    flat.drive("rotate").await?;
    let seen = phase(&flat, "rotate").await?;
    ensure!(matches!(seen, Phase::Overlap { .. }), "{seen:?}");
    assert!(flat.works(&value).await?, "the old key lives");
    let operation = flat.ctx.ledger.operation(&OperationId("rotate".into())).await?.context("there")?;
    let Stage::Rotating(rotation) = operation.stage else { anyhow::bail!("no rotation") };
    let held = rotation.retry.and_then(|retry| retry.why).unwrap_or_default();
    ensure!(held.contains("clock"), "{held}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f57_a_key_that_lost_scopes_meanwhile_is_not_replaced_by_one_that_has_them() -> Result<()> {
    let flat = Flat::new().await?;
    let (old, _) = flat.make("old", "Deploy").await?;
    refresh(&flat.ctx, &flat.account.id, &on).await?;
    arm(&flat, Requests::reads(), Fault::ScopeTooFew);
    let refused = flat.rotate(&old, Choice::Now, "rotate").await.err().context("the plan is another")?;
    clear(&flat);
    says(&refused, "was changed at the vendor since you looked")?;
    assert_eq!(flat.live_at_vendor("Deploy").await?, 1, "nothing was made");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f58_no_unsaved_key_goes_with_its_account_unseen() -> Result<()> {
    let flat = Flat::new().await?;
    flows::create_key(&flat.ctx, flat.wanted("unsaved", "Deploy")).await?;
    let (old, _) = flat.make("old", "Turning").await?;
    flat.rotate(&old, Choice::SevenDays, "rotate").await?;
    flows::acknowledge(&flat.ctx, &OperationId("rotate".into())).await?;
    let plan = flows::plan_disconnect(&flat.ctx, &flat.account.id).await?;
    assert_eq!(plan, Disconnection { unsaved: vec!["Deploy".into()], under_way: vec!["Turning".into()] });
    let unseen = flows::disconnect(&flat.ctx, &flat.account.id, &Disconnection::default()).await;
    says(&unseen.err().context("it names them")?, "1 new key is not saved")?;
    assert!(flat.works(&flat.value("unsaved").await?).await?);
    flows::disconnect(&flat.ctx, &flat.account.id, &plan).await?;
    assert_eq!(flat.ctx.ledger.accounts().await?, []);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f53_many_overlaps_at_one_account_share_a_reading() -> Result<()> {
    let mut flat = Flat::new().await?;
    let operations: Vec<String> = (0..12).map(|number| format!("rotate {number}")).collect();
    for operation in &operations {
        let (old, _) = flat.make(&format!("make {operation}"), operation).await?;
        flat.rotate(&old, Choice::Quiet, operation).await?;
        flat.drive(operation).await?;
        flows::acknowledge(&flat.ctx, &OperationId(operation.clone())).await?;
        flat.drive(operation).await?;
    }
    let calls = Calls::default();
    flat.ctx = calls.count(&flat.ctx);
    for _ in 0..3 {
        flat.pass(TimeDelta::hours(1));
        for operation in &operations {
            flat.drive(operation).await?;
        }
    }
    let lists = calls.of(keyturn_core::provider::Operation::List);
    ensure!(
        (1..=6).contains(&lists),
        "{lists} readings for {} overlaps, looked at three times",
        operations.len()
    );
    Ok(())
}
