//! Connecting an account, and reading it to its last page.

use std::collections::BTreeSet;

use anyhow::Result;
use keyturn_core::account::{AccountId, Freshness};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, ConnectDetails};
use keyturn_core::grant::Grant;
use keyturn_core::provider::{Connection, Fault};
use keyturn_core::secret::Secret;
use keyturn_tests::flat::Flat;

use crate::house::{by_hand, each, flat, managed, refresh};

fn again(flat: &Flat, managing_key: Option<String>) -> ConnectDetails {
    ConnectDetails {
        id: AccountId("again".into()),
        vendor: flat.account.vendor.clone(),
        label: "Again".into(),
        base_url: Some(flat.account.base_url.clone()),
        managing_key: managing_key.map(Secret::new),
        settings: flat.account.settings.clone(),
        rehearsal: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connected_account_shows_what_its_vendor_lists() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        assert!(matches!(flat.account.freshness, Freshness::Fresh { .. }));
        let kept = flat.ctx.ledger.keys(&flat.account.id).await?;
        let ids = |keys: Vec<keyturn_core::key::KeyRecord>| -> BTreeSet<_> {
            keys.into_iter().map(|key| key.id).collect()
        };
        assert_eq!(ids(kept), ids(flat.listed().await?));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managing_key_that_the_vendor_refuses_connects_nothing() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let mut wrong = flat.rehearsed.managing_key.clone();
        let last = wrong.pop();
        wrong.push(if last == Some('a') { 'b' } else { 'a' });
        let refused = flows::connect(&flat.ctx, again(&flat, Some(wrong))).await;
        let Err(FlowError::Provider(error)) = &refused else { panic!("{refused:?}") };
        assert!(matches!(error.fault, Fault::Unauthenticated), "{error:?}");
        assert_eq!(flat.ctx.ledger.accounts().await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_an_api_is_connected_without_a_key() -> Result<()> {
    each(by_hand, async |provider| {
        let flat = flat(&provider).await?;
        assert_eq!((&flat.account.managing, &flat.account.freshness), (&None, &Freshness::ByHand));
        let with_key = again(&flat, Some(flat.rehearsed.managing_key.clone()));
        let refused = flows::connect(&flat.ctx, with_key).await;
        assert!(matches!(&refused, Err(FlowError::NotAllowed(_))), "{refused:?}");
        refresh(&flat).await?;
        assert_eq!(flat.ctx.ledger.accounts().await?[0].freshness, Freshness::ByHand, "nothing was read");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_to_its_last_page() -> Result<()> {
    each(managed, async |provider| {
        let flat = flat(&provider).await?;
        let before = flat.listed().await?.len();
        // More than a page of any vendor, or as many as there may be.
        let limit = flat.provider.manifest().capabilities.key_limit;
        let more = limit.map_or(205, |limit| limit as usize - before);
        let wanted = flat.wanted("never sent", "One of many");
        let manifest = flat.provider.manifest();
        let now = flat.ctx.clock.now();
        let grant = Grant::check(manifest, &wanted.name, wanted.environment, wanted.scopes, None, now)?;
        let managing_key = &Secret::new(flat.rehearsed.managing_key.clone());
        let base_url = &flat.rehearsed.authority.base_url();
        let connection = Connection { base_url, managing_key, settings: &flat.account.settings };
        let mut made = BTreeSet::new();
        for _ in 0..more {
            made.insert(flat.provider.mint(connection, &grant).await?.record.id);
        }
        refresh(&flat).await?;
        let kept: BTreeSet<_> =
            flat.ctx.ledger.keys(&flat.account.id).await?.into_iter().map(|key| key.id).collect();
        assert_eq!((made.len(), kept.len()), (more, more + before));
        assert!(kept.is_superset(&made));
        Ok(())
    })
    .await
}
