//! What the tests of batches share: many keys, and a batch over them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use keyturn_core::account::VendorId;
use keyturn_core::batch::{BatchId, Deed, FoundItem, ItemState, Standing};
use keyturn_core::flows::{self, Choice, Wanted};
use keyturn_core::key::KeyRef;
use keyturn_core::operation::Stage;
use keyturn_core::rotation::{Phase, Rotation};
use keyturn_tests::batch::{Left, Pace, carry};
use keyturn_tests::flat::{Flat, Plot};

pub(crate) const NOW: Deed = Deed::Rotate(Choice::Now);
pub(crate) const A_DAY: Deed = Deed::Rotate(Choice::OneDay);

pub(crate) fn id() -> BatchId {
    BatchId("batch".into())
}

pub(crate) async fn flat(provider: &str) -> Result<Flat> {
    Plot::of(&VendorId(provider.into())).build().await
}

/// So many stored keys, the first two of one name.
pub(crate) async fn keys(flat: &Flat, count: usize) -> Result<Vec<KeyRef>> {
    let mut keys = Vec::new();
    for number in 0..count {
        let name = format!("Key {}", number.max(1));
        keys.push(flat.make(&format!("make {number}"), &name).await?.0);
    }
    Ok(keys)
}

/// Begins a batch with the phrase that its plan asks for.
pub(crate) async fn begin(flat: &Flat, deed: Deed, keys: &[KeyRef]) -> Result<Wanted> {
    let wanted = Wanted { deed, keys: keys.to_vec() };
    let phrase = flows::plan_batch(&flat.ctx, &wanted).await?.phrase().unwrap_or_default();
    flows::begin_batch(&flat.ctx, &wanted, &phrase, id()).await?;
    Ok(wanted)
}

/// Carries the batch on; what it waits for comes at once.
pub(crate) async fn work(flat: &Flat, acts: usize) -> Result<Left> {
    let pass = |time: TimeDelta| flat.pass(time);
    carry(&flat.ctx, &id(), &Pace::Moved(&pass), acts).await
}

pub(crate) async fn standing(flat: &Flat) -> Result<Standing> {
    flat.ctx.ledger.batch(&id()).await?.context("the batch is there")
}

pub(crate) async fn items(flat: &Flat) -> Result<Vec<FoundItem>> {
    Ok(flat.ctx.ledger.items(&id(), None, 0, 1_000).await?.0)
}

/// How many items there are in each state, with the words of those that have any.
pub(crate) async fn ends(flat: &Flat) -> Result<BTreeMap<String, usize>> {
    let mut ends = BTreeMap::new();
    for found in items(flat).await? {
        let words = match found.item.state {
            ItemState::Open => "open".to_owned(),
            ItemState::Done => "done".to_owned(),
            ItemState::Failed(words) => format!("failed: {words}"),
            ItemState::Skipped(words) => format!("skipped: {words}"),
        };
        *ends.entry(words).or_default() += 1;
    }
    Ok(ends)
}

/// The rotation of an item.
pub(crate) async fn rotation(flat: &Flat, found: &FoundItem) -> Result<Rotation> {
    let operation = flat.ctx.ledger.operation(&found.item.operation(&id())).await?;
    match operation.map(|found| found.stage) {
        Some(Stage::Rotating(rotation)) => Ok(rotation),
        other => anyhow::bail!("no rotation: {other:?}"),
    }
}

/// Every key is replaced by exactly one that is sealed here, and is dead at the vendor; nobody else was touched.
pub(crate) async fn assert_each_was_replaced_once(flat: &Flat, old: &[KeyRef], before: usize) -> Result<()> {
    let listed = flat.listed().await?;
    let live = |id: &keyturn_core::key::VendorKeyId| {
        listed.iter().any(|record| record.id == *id && record.status.is_live())
    };
    assert!(old.iter().all(|key| !live(&key.key)), "an old key lives");
    let all = listed.iter().filter(|record| record.status.is_live()).count();
    let escrows = flows::escrows(&flat.ctx).await?;
    if all != before {
        let mut told = Vec::new();
        for record in listed.iter().filter(|record| record.status.is_live()) {
            let key = KeyRef { account: flat.account.id.clone(), key: record.id.clone() };
            let entries = flat.ctx.ledger.history(&key, 9).await?;
            let is_new = !escrows.iter().any(|escrow| escrow.key == key) && !entries.is_empty();
            if is_new {
                told.push((record.name.clone(), flat.row(&key).await?.map(|row| row.status), entries));
            }
        }
        anyhow::bail!("{all} keys live instead of {before}: {told:?}");
    }
    assert_eq!(escrows.len(), old.len(), "each new key waits to be saved");
    for escrow in escrows {
        assert!(live(&escrow.key.key), "a sealed key is dead");
        assert!(flat.works(&flat.value(&escrow.operation.0).await?).await?, "its value works");
    }
    for found in items(flat).await? {
        if found.item.state == ItemState::Done {
            assert!(matches!(rotation(flat, &found).await?.phase, Phase::Done { .. }));
        }
    }
    Ok(())
}
