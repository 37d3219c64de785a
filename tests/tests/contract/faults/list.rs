//! A list that cannot be read leaves every row where it is.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use keyturn_authority::Calls;
use keyturn_core::account::{Freshness, VendorId};
use keyturn_core::flows;
use keyturn_core::key::VendorKeyId;
use keyturn_core::provider::Paging;
use keyturn_tests::flat::Flat;

use super::checks::{is_sound, says_no_secret};
use super::{Sink, arm, bounded, clear, every_fault, impatient, side_by_side};
use crate::house::{managed, refresh};

/// A list without an end is stopped by the person.
const ENOUGH: usize = 2000;

async fn rows(flat: &Flat) -> Result<BTreeSet<VendorKeyId>> {
    Ok(flat.ctx.ledger.keys(&flat.account.id).await?.into_iter().map(|key| key.id).collect())
}

async fn fresh(flat: &Flat) -> Result<bool> {
    Ok(matches!(flat.ctx.ledger.accounts().await?[0].freshness, Freshness::Fresh { .. }))
}

async fn behaviour(provider: VendorId) -> Result<()> {
    let sink = Sink::open().await?;
    let flat = impatient(&provider).await?;
    let managing = flat.rehearsed.managing_key.clone();
    for number in 0..3 {
        flat.make(&format!("make {number}"), &format!("Number {number}")).await?;
    }
    refresh(&flat).await?;
    let before = rows(&flat).await?;
    for fault in every_fault(&sink) {
        arm(&flat, Calls::Reads, &fault);
        let stop = |keys: usize| if keys > ENOUGH { Paging::Stop } else { Paging::Continue };
        let read = bounded(&fault, flows::refresh(&flat.ctx, &flat.account.id, &stop)).await?;
        ensure!(rows(&flat).await? == before, "{fault:?} changed the list");
        if let Err(error) = &read {
            says_no_secret(error, &[&managing]).with_context(|| format!("{fault:?}"))?;
        }
        clear(&flat);
        refresh(&flat).await.with_context(|| format!("after {fault:?}"))?;
        ensure!(rows(&flat).await? == before && fresh(&flat).await?, "{fault:?} stays");
    }
    ensure!(sink.reached() == 0, "a key went elsewhere");
    is_sound(&flat, &[&managing]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn n2_n3_n4_s2_s3_no_fault_empties_a_list_or_tells_a_secret() -> Result<()> {
    side_by_side(managed, behaviour).await
}
