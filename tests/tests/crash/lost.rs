//! R2: the reply to a create is lost before it begins, after its head, in its body. One key is left, and it is known.

use anyhow::{Result, ensure};
use keyturn_core::flows::Confirmation;
use keyturn_core::key::{KeyRecord, KeyStatus};
use keyturn_tests::cutter::CUTS;
use keyturn_tests::flat::{Flat, Plot};
use keyturn_tests::lane::rounds;

use crate::matrix::managed;

/// `KEYTURN_CUTS`: so many rounds of all three cuts, over the vendors in turn.
#[tokio::test(flavor = "multi_thread")]
async fn r2_a_lost_reply_leaves_one_key_at_every_vendor_and_no_orphan() -> Result<()> {
    let mut flats = Vec::new();
    for provider in managed() {
        flats.push(Plot::of(&provider).build().await?);
    }
    rounds("R2", "KEYTURN_CUTS", 20, async |round| {
        for cut in CUTS {
            lose(&flats[round % flats.len()], &format!("Lost {round} {cut:?}"), cut).await?;
        }
        Ok(())
    })
    .await
}

async fn lose(flat: &Flat, name: &str, cut: keyturn_tests::cutter::Cut) -> Result<()> {
    flat.cutter.cut_next("POST ", cut);
    let (key, value) = flat.make(name, name).await?;
    let at_vendor = flat.live_at_vendor(name).await?;
    ensure!(at_vendor == 1, "{name}: {at_vendor} live at the vendor");
    ensure!(flat.works(&value).await?, "{name}: its value does not work");
    flat.read_twice().await?;
    let rows = flat.ctx.ledger.keys(&flat.account.id).await?;
    let is_live =
        |row: &&KeyRecord| row.name == name && row.status.is_live() && row.status != KeyStatus::Revoking;
    let live: Vec<_> = rows.iter().filter(is_live).collect();
    ensure!(live.len() == 1 && live[0].id == key.key, "{name}: the ledger has {live:?}");
    ensure!(
        flat.ctx.ledger.open_operations().await?.iter().all(|open| open.intent.name() != name),
        "{name}: left open"
    );
    // Room for the next.
    let typed = Confirmation { typed_name: Some(name.into()), managing: false };
    flat.revoke(&key, &typed).await?;
    flat.pass(chrono::TimeDelta::minutes(2));
    for open in flat.ctx.ledger.open_operations().await? {
        flat.outlast(&open.id.0).await?;
    }
    Ok(())
}
