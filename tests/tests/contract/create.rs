//! A new key may do exactly what was asked for, is shown until it is stored, and then only works.

use anyhow::Result;
use chrono::TimeDelta;
use keyturn_core::error::FlowError;
use keyturn_core::flows;
use keyturn_core::grant::GrantError;
use keyturn_core::key::{KeyStatus, Scope};
use keyturn_core::provider::{Fault, Support};
use keyturn_tests::flat::Flat;

use crate::house::{each, flat, id, managed, refresh};

/// The named scopes of the catalogue, at most `most`.
fn scopes(flat: &Flat, most: usize) -> Vec<Scope> {
    let named = flat.provider.manifest().scopes.iter().filter(|entry| !entry.scope.contains('*'));
    let mut scopes: Vec<_> = named.take(most).map(|entry| Scope(entry.scope.into())).collect();
    scopes.sort();
    scopes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_has_exactly_the_scopes_that_were_asked_for() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        for most in [1, 3, usize::MAX] {
            let operation = format!("with {most}");
            let mut wanted = flat.wanted(&operation, "Exact");
            wanted.scopes = scopes(&flat, most);
            let asked = wanted.scopes.clone();
            let key = flows::create_key(&flat.ctx, wanted).await?;
            let waiting = flows::escrows(&flat.ctx).await?;
            let escrow = waiting.iter().find(|escrow| escrow.key == key).expect("it waits");
            assert!(escrow.differences.is_empty(), "{:?}", escrow.differences);
            let sorted = |mut scopes: Vec<Scope>| {
                scopes.sort();
                scopes
            };
            assert_eq!(sorted(escrow.record.scopes.clone()), asked);
            let listed = flat.listed().await?.into_iter().find(|listed| listed.id == key.key);
            assert_eq!(listed.map(|listed| sorted(listed.scopes)), Some(asked), "the vendor says so too");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_waits_through_a_restart_and_is_gone_once_it_is_stored() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let key = flows::create_key(&flat.ctx, flat.wanted("make", "Fresh")).await?;
        let value = flat.value("make").await?;
        let flat = flat.restarted().await?;
        assert_eq!(flows::recover(&flat.ctx).await?, []);
        assert_eq!(flat.value("make").await?, value);
        assert!(flat.works(&value).await?);
        flows::acknowledge(&flat.ctx, &id("make")).await?;
        let gone = flat.value("make").await;
        assert!(matches!(gone, Err(FlowError::NotFound(_))), "{gone:?}");
        refresh(&flat).await?;
        let row = flat.row(&key).await?.expect("it is listed");
        assert_eq!((row.name.as_str(), row.status), ("Fresh", KeyStatus::Active));
        assert!(flat.works(&value).await?);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_would_not_make_is_never_sent() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let before = flat.listed().await?.len();
        let manifest = flat.provider.manifest();
        let mut unheard = flat.wanted("unheard", "Unheard");
        unheard.scopes = vec![Scope("nobody:knows".into())];
        let refused = flows::create_key(&flat.ctx, unheard).await;
        assert!(matches!(refused, Err(FlowError::Grant(GrantError::UnknownScope { .. }))), "{refused:?}");
        if !manifest.scopes.is_empty() {
            let mut bare = flat.wanted("bare", "Bare");
            bare.scopes.clear();
            let refused = flows::create_key(&flat.ctx, bare).await;
            assert!(matches!(refused, Err(FlowError::Grant(GrantError::NoScope))), "{refused:?}");
        }
        let long = "n".repeat(manifest.name_limit + 1);
        let refused = flows::create_key(&flat.ctx, flat.wanted("long", &long)).await;
        assert!(matches!(refused, Err(FlowError::Grant(GrantError::NameTooLong { .. }))), "{refused:?}");
        if let Support::No(reason) = manifest.capabilities.expiry {
            let mut ending = flat.wanted("ending", "Ending");
            ending.expires_at = Some(flat.ctx.clock.now() + TimeDelta::days(30));
            let refused = flows::create_key(&flat.ctx, ending).await;
            let Err(FlowError::Provider(error)) = &refused else { panic!("{refused:?}") };
            assert!(matches!(error.fault, Fault::Unsupported(why) if why == reason), "{error:?}");
        }
        assert_eq!(flat.listed().await?.len(), before);
        assert!(flat.ctx.ledger.open_operations().await?.is_empty());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_ends_ends_when_it_was_asked_to() -> Result<()> {
    each(
        |capabilities| managed(capabilities) && capabilities.expiry == Support::Yes,
        async |provider| {
            let flat = flat(&provider).await?;
            let mut wanted = flat.wanted("make", "Ending");
            wanted.expires_at = Some(flat.ctx.clock.now() + TimeDelta::hours(1));
            let key = flows::create_key(&flat.ctx, wanted).await?;
            assert!(flows::escrows(&flat.ctx).await?[0].differences.is_empty());
            let value = flat.value("make").await?;
            flat.pass(TimeDelta::minutes(58));
            assert!(flat.works(&value).await?);
            flat.pass(TimeDelta::minutes(3));
            assert!(!flat.works(&value).await?);
            refresh(&flat).await?;
            let row = flat.row(&key).await?.expect("it is listed");
            assert!(matches!(row.status, KeyStatus::Expired { .. }), "{:?}", row.status);
            Ok(())
        },
    )
    .await
}
