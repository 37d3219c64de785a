//! What a person reads, types and says: the dry run, its phrase, pause, resume and stop.

use anyhow::{Context as _, Result, ensure};
use keyturn_authority::{Config, Limits, Role, Vendor};
use keyturn_core::account::{AccountId, VendorId};
use keyturn_core::batch::{BatchState, Deed, ItemState};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice, ConnectDetails, Wanted};
use keyturn_core::key::{KeyStatus, Scope};
use keyturn_core::operation::OperationId;
use keyturn_core::ports::VaultError;
use keyturn_core::rotation::Phase;
use keyturn_core::secret::Secret;
use keyturn_tests::authority::rehearse;
use keyturn_tests::batch::Left;
use tempfile::TempDir;

use crate::house::{
    A_DAY, NOW, assert_each_was_replaced_once, begin, ends, flat, id, items, keys, rotation, standing, work,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_dry_run_says_is_what_happens() -> Result<()> {
    let flat = flat("naturalead").await?;
    let keys = keys(&flat, 6).await?;
    let typed = |name: &str| flows::Confirmation { typed_name: Some(name.into()), managing: false };
    flat.revoke(&keys[2], &typed("Key 2")).await?;
    flat.rotate(&keys[3], Choice::OneDay, "busy").await?;
    let wanted = Wanted { deed: A_DAY, keys: [keys.clone(), keys[..2].to_vec()].concat() };
    let plan = flows::plan_batch(&flat.ctx, &wanted).await?;
    assert_eq!((plan.items.len(), plan.will_do()), (6, 4), "each key once");
    assert!(plan.phrase().is_none(), "nothing dies at once");
    let planned: Vec<Option<String>> = plan.items.iter().map(|item| item.skip.clone()).collect();
    assert!(planned[2].as_ref().is_some_and(|why| why.contains("revoked")), "{planned:?}");
    assert!(planned[3].as_ref().is_some_and(|why| why.contains("not finished")), "{planned:?}");
    let calls = flat.listed().await?.len();

    begin(&flat, A_DAY, &wanted.keys).await?;
    assert_eq!(flat.listed().await?.len(), calls, "nothing is done before it is carried on");
    assert_eq!(work(&flat, usize::MAX).await?, Left::Ended);
    for (found, planned) in items(&flat).await?.iter().zip(planned) {
        match planned {
            Some(why) => assert_eq!(found.item.state, ItemState::Skipped(why)),
            None => {
                assert_eq!(found.item.state, ItemState::Done);
                assert!(matches!(rotation(&flat, found).await?.phase, Phase::Verified(_)));
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn live_keys_are_revoked_together_only_with_the_phrase() -> Result<()> {
    let flat = flat("naturalead").await?;
    let keys = keys(&flat, 3).await?;
    let managing = flat.account.managing.clone().and_then(|managing| managing.key).context("recognised")?;
    let managing = keyturn_core::key::KeyRef { account: flat.account.id.clone(), key: managing };
    let wanted = Wanted { deed: Deed::Revoke, keys: [keys.clone(), vec![managing.clone()]].concat() };
    let plan = flows::plan_batch(&flat.ctx, &wanted).await?;
    assert_eq!(plan.phrase().as_deref(), Some("revoke 3 live keys"));
    assert!(plan.items[3].skip.is_some(), "the managing key needs a word of its own");
    for typed in ["", "revoke 2 live keys", "Key 1"] {
        let refused = flows::begin_batch(&flat.ctx, &wanted, typed, id()).await;
        assert!(matches!(refused, Err(FlowError::NotAllowed(_))), "{typed:?}");
    }
    begin(&flat, Deed::Revoke, &wanted.keys).await?;
    assert_eq!(work(&flat, usize::MAX).await?, Left::Ended);
    for key in &keys {
        assert!(matches!(flat.row(key).await?.context("listed")?.status, KeyStatus::Revoked { .. }));
    }
    assert_eq!(flat.row(&managing).await?.context("listed")?.status, KeyStatus::Active);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_batch_stays_so_over_a_restart_and_a_resumed_one_goes_on() -> Result<()> {
    let mut flat = flat("naturalead").await?;
    let keys = keys(&flat, 12).await?;
    begin(&flat, NOW, &keys).await?;
    assert_eq!(work(&flat, 6).await?, Left::Killed);
    flows::pause_batch(&flat.ctx, &id()).await?;
    flat = flat.restarted().await?;
    flows::recover(&flat.ctx).await?;
    assert_eq!(work(&flat, usize::MAX).await?, Left::Resting);
    let paused = standing(&flat).await?;
    assert_eq!((paused.batch.state, paused.counts.running), (BatchState::Paused, 0), "nothing is half done");
    assert!(paused.counts.waiting > 0 && paused.counts.done > 0);
    flows::resume_batch(&flat.ctx, &id()).await?;
    assert_eq!(work(&flat, usize::MAX).await?, Left::Ended);
    assert_eq!(ends(&flat).await?.into_iter().collect::<Vec<_>>(), [("done".to_owned(), 12)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_batch_finishes_what_has_begun_and_leaves_the_rest_alone() -> Result<()> {
    let flat = flat("naturalead").await?;
    let keys = keys(&flat, 12).await?;
    begin(&flat, NOW, &keys).await?;
    assert_eq!(work(&flat, 6).await?, Left::Killed);
    flows::recover(&flat.ctx).await?;
    flows::stop_batch(&flat.ctx, &id()).await?;
    assert_eq!(work(&flat, usize::MAX).await?, Left::Ended);
    let stopped = standing(&flat).await?;
    assert_eq!(stopped.batch.state, BatchState::Stopped);
    assert_eq!((stopped.counts.waiting, stopped.counts.running), (0, 0));
    for (found, key) in items(&flat).await?.iter().zip(&keys) {
        let live = flat.row(key).await?.context("listed")?.status == KeyStatus::Active;
        assert_eq!(live, matches!(found.item.state, ItemState::Skipped(_)), "{found:?}");
    }
    assert!(flows::resume_batch(&flat.ctx, &id()).await.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_several_vendors_go_together_and_the_managing_key_goes_last() -> Result<()> {
    let flat = flat("naturalead").await?;
    let mut chosen = keys(&flat, 3).await?;
    let managing = flat.account.managing.clone().and_then(|managing| managing.key).context("recognised")?;
    chosen.insert(0, keyturn_core::key::KeyRef { account: flat.account.id.clone(), key: managing });
    let dir = TempDir::new()?;
    let mut config = Config::new(Vendor::Natural, dir.path().join("second.db"));
    config.limits = Limits::unlimited();
    let second = rehearse(config, Role::Owner, false).await?;
    let details = ConnectDetails {
        id: AccountId("second".into()),
        vendor: VendorId("natural".into()),
        label: "Second".into(),
        base_url: Some(second.authority.base_url()),
        managing_key: Some(Secret::new(second.managing_key.clone())),
        settings: std::collections::BTreeMap::new(),
        rehearsal: false,
    };
    let account = flows::connect(&flat.ctx, details).await?;
    for number in 0..3 {
        let operation = OperationId(format!("second {number}"));
        let wanted = flows::CreateRequest {
            operation: operation.clone(),
            account: account.id.clone(),
            ..flat.wanted("", &format!("Second {number}"))
        };
        let natural = flat.ctx.providers.provider(&account.vendor).context("its adapter")?;
        let scopes =
            natural.manifest().scopes.iter().take(1).map(|entry| Scope(entry.scope.into())).collect();
        let environment = natural.manifest().environments[0].clone();
        let wanted = flows::CreateRequest { scopes, environment, ..wanted };
        chosen.push(flows::create_key(&flat.ctx, wanted).await?);
        flows::acknowledge(&flat.ctx, &operation).await?;
    }
    begin(&flat, NOW, &chosen).await?;
    assert_eq!(work(&flat, usize::MAX).await?, Left::Ended);
    assert_eq!(ends(&flat).await?.into_iter().collect::<Vec<_>>(), [("done".to_owned(), 7)]);
    let began = |number: usize| {
        let (flat, chosen) = (&flat, &chosen);
        async move {
            let items = items(flat).await?;
            let operation = items[number].item.operation(&id());
            let found = flat.ctx.ledger.operation(&operation).await?.context("it began")?;
            anyhow::ensure!(found.predecessor().as_ref() == Some(&chosen[number]));
            Ok::<_, anyhow::Error>(found.started_at)
        }
    };
    for number in 1..4 {
        assert!(began(number).await? < began(0).await?, "the managing key goes last");
    }
    flows::refresh(&flat.ctx, &flat.account.id, &|_| keyturn_core::provider::Paging::Continue).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f41_a_key_that_came_while_the_vault_was_locked_is_made_anew() -> Result<()> {
    let flat = flat("naturalead").await?;
    let keys = keys(&flat, 6).await?;
    let before = flat.listed().await?.iter().filter(|key| key.status.is_live()).count();
    begin(&flat, NOW, &keys).await?;
    flat.refusing.refuse_to_seal(Some(VaultError::Locked));
    work(&flat, 5).await?;
    ensure!(items(&flat).await?.iter().any(|found| found.item.tries > 0), "one came meanwhile");
    flat.refusing.refuse_to_seal(None);
    work(&flat, usize::MAX).await?;
    assert_eq!(ends(&flat).await?, [("done".to_owned(), keys.len())].into());
    assert_each_was_replaced_once(&flat, &keys, before).await
}
