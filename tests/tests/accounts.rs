//! What people met with accounts: one project connected twice, a managing key that was replaced elsewhere, a vendor that
//! asks to be left alone. Through the real ledger, sealing, adapters and authority.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use keyturn_authority::{Fault, Requests, RetryAfter, Role, Times, Vendor};
use keyturn_core::account::{Account, AccountId, Freshness};
use keyturn_core::batch::Deed;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, AccountEdit, Choice, ConnectDetails, Wanted};
use keyturn_core::journal::{Action, Entry, Outcome};
use keyturn_core::key::{KeyRef, LastUse};
use keyturn_core::operation::OperationId;
use keyturn_core::ports::LedgerError;
use keyturn_core::provider::{Connection, Paging};
use keyturn_core::reading::clock_words;
use keyturn_core::secret::Secret;
use keyturn_tests::flat::Flat;

fn on(_: usize) -> Paging {
    Paging::Continue
}

fn says(error: &FlowError, words: &str) -> Result<()> {
    let said = error.to_string();
    ensure!(said.contains(words), "{said}");
    Ok(())
}

fn details(flat: &Flat, base_url: &str, managing_key: &str) -> ConnectDetails {
    ConnectDetails {
        id: AccountId("second".into()),
        vendor: flat.account.vendor.clone(),
        label: "Second".into(),
        base_url: Some(base_url.to_owned()),
        managing_key: Some(Secret::new(managing_key.to_owned())),
        settings: BTreeMap::new(),
        rehearsal: false,
    }
}

/// The same project under another managing key.
async fn beside(flat: &Flat) -> Result<Account> {
    let other = flat.rehearsed.authority.issue_bootstrap_key(Role::Owner)?;
    // By another name of the address, as vendors have several.
    let base_url = flat.account.base_url.replace("127.0.0.1", "localhost");
    let account = flows::connect(&flat.ctx, details(flat, &base_url, &other)).await?;
    flows::refresh(&flat.ctx, &flat.account.id, &on).await?;
    Ok(account)
}

async fn account(flat: &Flat) -> Result<Account> {
    flat.ctx.ledger.accounts().await?.into_iter().find(|it| it.id == flat.account.id).context("connected")
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_the_same_address_and_managing_key_are_one_account() -> Result<()> {
    let flat = Flat::new().await?;
    let own = flat.account.base_url.clone();
    let by_name = own.replace("127.0.0.1", "localhost");
    for typed in [own.clone(), format!("{own}/"), format!(" {} ", own.replace("http", "HTTP")), by_name] {
        let again = flows::connect(&flat.ctx, details(&flat, &typed, &flat.rehearsed.managing_key)).await;
        let Err(FlowError::Connected(before)) = again else { anyhow::bail!("{typed}: {again:?}") };
        assert_eq!(before.id, flat.account.id);
    }
    assert_eq!(flat.ctx.ledger.accounts().await?.len(), 1);
    assert_eq!(flat.ctx.ledger.shared_keys(&flat.account.id).await?, []);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_one_key_in_two_accounts_is_acted_upon_once() -> Result<()> {
    let flat = Flat::new().await?;
    let (key, _) = flat.make("make", "Deploy").await?;
    let second = beside(&flat).await?;
    let listed = flat.ctx.ledger.keys(&flat.account.id).await?.len();
    assert_eq!(
        flat.ctx.ledger.shared_keys(&flat.account.id).await?,
        [(second.id.clone(), listed)],
        "it is said"
    );
    let twin = KeyRef { account: second.id.clone(), key: key.key.clone() };
    let wanted = Wanted { deed: Deed::Rotate(Choice::Now), keys: vec![key.clone(), twin] };
    let plan = flows::plan_batch(&flat.ctx, &wanted).await?;
    assert_eq!(plan.will_do(), 1);
    let skip = plan.items[1].skip.as_deref().context("the second row of it is left alone")?;
    ensure!(skip.contains("“Flat”"), "{skip}");
    // Two who look at the same moment are told apart by the ledger itself.
    flat.rotate(&key, Choice::OneDay, "first").await?;
    let begun = flat.ctx.ledger.operation(&OperationId("first".into())).await?.context("begun")?;
    let mut late = begun.clone();
    late.id = OperationId("late".into());
    late.account = second.id;
    let entry = Entry {
        at: late.started_at,
        account: late.account.clone(),
        key: None,
        action: Action::Rotate,
        outcome: Outcome::Intended,
        reason: None,
        fingerprint: None,
    };
    assert_eq!(flat.ctx.ledger.begin(&late, None, &entry).await, Err(LedgerError::UnderWay));
    assert_eq!(flat.live_at_vendor("Deploy").await?, 2, "the old one and its successor");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_another_managing_key_takes_over_and_everything_else_is_kept() -> Result<()> {
    for vendor in [Vendor::Naturalead, Vendor::Natural, Vendor::NeuralDraft] {
        let flat = Flat::of(vendor, Role::Owner).await?;
        let (key, value) = flat.make("make", "Deploy").await?;
        flows::set_labels(&flat.ctx, std::slice::from_ref(&key), &["prod".into()], &[]).await?;
        let keys = flat.ctx.ledger.keys(&flat.account.id).await?.len();
        let old = flat.account.managing.clone().and_then(|managing| managing.key).context("recognised")?;
        let new = flat.rehearsed.authority.issue_bootstrap_key(Role::Owner)?;
        let own_key = Secret::new(flat.rehearsed.managing_key.clone());
        let base_url = flat.rehearsed.authority.base_url();
        let connection = Connection {
            base_url: &base_url,
            managing_key: &Secret::new(new.clone()),
            settings: &flat.account.settings,
        };
        flat.provider.revoke(connection, &old).await?;
        ensure!(flows::refresh(&flat.ctx, &flat.account.id, &on).await.is_err(), "{vendor}: it is refused");
        let foreign = flat.rehearsed.authority.issue_foreign_key("somebody-else", Role::Owner)?;
        for (given, words) in [(foreign, "account"), (format!("{new}x"), "")] {
            let refused = flows::use_managing_key(&flat.ctx, &flat.account.id, Secret::new(given)).await;
            says(&refused.err().context("not the same keys")?, words)?;
            assert_eq!(account(&flat).await?.managing, flat.account.managing, "nothing was changed");
        }
        let used = flows::use_managing_key(&flat.ctx, &flat.account.id, Secret::new(new)).await?;
        ensure!(used.managing != flat.account.managing && !own_key.is_same(&Secret::new(value)));
        let read = flows::refresh(&flat.ctx, &flat.account.id, &on).await?;
        // Where the vendor lists no revoked keys, the old one is missing.
        let missing = usize::from(vendor == Vendor::NeuralDraft);
        assert_eq!((read.report.unlisted, read.report.vanished), (missing, 0), "{vendor}");
        let now = account(&flat).await?;
        ensure!(matches!(now.freshness, Freshness::Fresh { .. }), "{vendor}: {now:?}");
        ensure!(
            now.managing.as_ref().and_then(|managing| managing.key.as_ref()).is_some_and(|key| *key != old)
        );
        assert_eq!(flat.ctx.ledger.keys(&flat.account.id).await?.len(), keys + 1, "{vendor}");
        let row = flat.ctx.ledger.inventory_row(&key).await?.context("it is there")?;
        assert_eq!(row.labels.len(), 1, "{vendor}: its label is kept");
        let restarted = flat.restarted().await?;
        flows::refresh(&restarted.ctx, &restarted.account.id, &on).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_a_key_that_is_about_to_be_revoked_does_not_manage() -> Result<()> {
    let flat = Flat::new().await?;
    let other = flat.rehearsed.authority.issue_bootstrap_key(Role::Restricted)?;
    flows::refresh(&flat.ctx, &flat.account.id, &on).await?;
    let hint = flat.provider.hint(&Secret::new(other.clone()));
    let keys = flat.ctx.ledger.keys(&flat.account.id).await?;
    let row = keys.into_iter().find(|key| key.hint == hint).context("listed")?;
    let key = KeyRef { account: flat.account.id.clone(), key: row.id };
    flat.rotate(&key, Choice::OneDay, "rotate").await?;
    let refused = flows::use_managing_key(&flat.ctx, &flat.account.id, Secret::new(other)).await;
    says(&refused.err().context("it goes in a day")?, "not finished")
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_label_address_and_fields_are_changed_and_the_keys_stay() -> Result<()> {
    let flat = Flat::new().await?;
    let unsaved = flows::create_key(&flat.ctx, flat.wanted("unsaved", "Deploy")).await?;
    let edit = |label: &str, base_url: &str| AccountEdit {
        label: label.into(),
        base_url: Some(base_url.into()),
        settings: flat.account.settings.clone(),
    };
    let own = flat.account.base_url.clone();
    let id = &flat.account.id;
    flows::edit_account(&flat.ctx, id, edit(" EU shop ", &own)).await?;
    assert_eq!(account(&flat).await?.label, "EU shop");
    let nameless = flows::edit_account(&flat.ctx, id, edit("\u{200b} ", &own)).await;
    says(&nameless.err().context("nobody could see it")?, "label")?;
    // Nobody there, and another project.
    ensure!(flows::edit_account(&flat.ctx, id, edit("EU shop", "http://127.0.0.1:9")).await.is_err());
    let stranger = Flat::new().await?;
    let there = stranger.rehearsed.authority.base_url();
    ensure!(flows::edit_account(&flat.ctx, id, edit("EU shop", &there)).await.is_err());
    assert_eq!(account(&flat).await?.base_url, own, "nothing was changed");
    // The same authority under another name of this computer.
    let moved = flat.rehearsed.authority.base_url().replace("127.0.0.1", "localhost");
    flows::edit_account(&flat.ctx, id, edit("EU shop", &moved)).await?;
    assert_eq!(account(&flat).await?.base_url, moved);
    let value = flat.value("unsaved").await?;
    ensure!(flat.works(&value).await?, "what was sealed before the move opens after it");
    flows::refresh(&flat.ctx, id, &on).await?;
    ensure!(flat.row(&unsaved).await?.is_some());
    let after = flows::create_key(&flat.ctx, flat.wanted("after", "Second")).await?;
    ensure!(flat.works(&flat.value("after").await?).await?, "{after}");
    let flat = flat.restarted().await?;
    flows::refresh(&flat.ctx, &flat.account.id, &on).await?;
    ensure!(flat.works(&flat.value("unsaved").await?).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_a_vendor_that_asks_for_an_hour_is_left_alone_for_it_also_after_a_restart() -> Result<()> {
    let flat = Flat::new().await?;
    let faults = |flat: &Flat| {
        let busy = Fault::TooManyRequests { retry_after: RetryAfter::Seconds(3600) };
        flat.rehearsed.authority.faults().set_on(Requests::reads(), busy, Times::UntilCleared);
    };
    faults(&flat);
    let id = flat.account.id.clone();
    ensure!(flows::refresh(&flat.ctx, &id, &on).await.is_err());
    let rests = account(&flat).await?.freshness.rests_until(flat.ctx.clock.now()).context("it is kept")?;
    ensure!(rests - flat.ctx.clock.now() > TimeDelta::minutes(59));
    flat.rehearsed.authority.faults().clear();
    assert_eq!(flows::refresh_by_time(&flat.ctx, &id, &on).await?, None, "nothing was asked");
    let flat = flat.restarted().await?;
    assert_eq!(flows::refresh_by_time(&flat.ctx, &id, &on).await?, None, "nor after a restart");
    flat.pass(TimeDelta::minutes(61));
    ensure!(flows::refresh_by_time(&flat.ctx, &id, &on).await?.is_some());
    faults(&flat);
    ensure!(flows::refresh(&flat.ctx, &id, &on).await.is_err());
    flat.rehearsed.authority.faults().clear();
    ensure!(flows::refresh(&flat.ctx, &id, &on).await.is_ok(), "a person may ask at once");
    assert_eq!(account(&flat).await?.freshness.rests_until(flat.ctx.clock.now()), None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_a_vendor_whose_clock_goes_minutes_ahead_is_told_of_and_its_past_stays_past() -> Result<()> {
    for vendor in [Vendor::Naturalead, Vendor::Natural, Vendor::NeuralDraft] {
        let flat = Flat::of(vendor, Role::Owner).await?;
        let fast = Fault::FastClock { minutes: 12 };
        flat.rehearsed.authority.faults().set_on(Requests::default(), fast, Times::UntilCleared);
        let (key, value) = flat.make("make", "Deploy").await?;
        ensure!(flat.works(&value).await?, "it is used");
        flows::refresh(&flat.ctx, &flat.account.id, &on).await?;
        let skew = flat.ctx.process.skew(&flat.account.id).context("its replies are dated")?;
        // The date of a reply has no parts of a second.
        let words = clock_words(skew + TimeDelta::seconds(2));
        assert_eq!(words.as_deref(), Some("12 minutes behind"), "{vendor}");
        let row = flat.row(&key).await?.context("listed")?;
        ensure!(
            matches!(row.last_use, LastUse::At(_)),
            "{vendor}: as the vendor says it: {:?}",
            row.last_use
        );
    }
    Ok(())
}
