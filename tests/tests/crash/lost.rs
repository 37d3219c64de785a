//! R2: the reply to a create is lost before it begins, after its head, in its body. One key is left, and it is known.

use anyhow::{Context as _, Result, ensure};
use keyturn_core::flows::Confirmation;
use keyturn_core::key::{KeyRecord, KeyRef, KeyStatus};
use keyturn_core::reading::AGREE;
use keyturn_tests::cutter::{CUTS, Cut};
use keyturn_tests::dice::Dice;
use keyturn_tests::flat::{Flat, Plot};
use keyturn_tests::lane::{rounds, seed};
use keyturn_tests::lies::Lie;

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
            let mut dice = Dice::new(seed() ^ round as u64);
            let lie = (round % 3 == 2).then(|| Lie::any(&mut dice));
            let lost = lose(&flats[round % flats.len()], &format!("Lost {round} {cut:?}"), cut, lie).await;
            lost.with_context(|| format!("round {round}, {cut:?}, {lie:?}"))?;
        }
        Ok(())
    })
    .await
}

/// What could not be told apart is for the person to decide: they give it up.
async fn give_up_orphans(flat: &Flat, name: &str) -> Result<()> {
    for row in flat.ctx.ledger.keys(&flat.account.id).await? {
        if row.name == name && row.status == KeyStatus::Orphan {
            let key = KeyRef { account: flat.account.id.clone(), key: row.id };
            flat.revoke(&key, &Confirmation { typed_name: Some(row.name), managing: false }).await?;
            flat.pass(chrono::TimeDelta::minutes(2));
        }
    }
    Ok(())
}

/// What a lost reply had made is revoked, and its end is watched.
async fn settle(flat: &Flat) -> Result<()> {
    for open in flat.ctx.ledger.open_operations().await? {
        flat.outlast(&open.id.0).await?;
    }
    Ok(())
}

/// With a lie it may not be known at first what became of the request; the person makes the key anew once it is.
async fn lose(flat: &Flat, name: &str, cut: Cut, lie: Option<Lie>) -> Result<()> {
    flat.cutter.cut_next("POST ", cut);
    if let Some(lie) = lie {
        lie.tell(flat.rehearsed.authority.faults());
    }
    let made = flat.make(name, name).await;
    flat.rehearsed.authority.faults().clear();
    flat.pass(AGREE * 2);
    flat.read_twice().await?;
    if lie.is_some() {
        give_up_orphans(flat, name).await?;
    }
    settle(flat).await?;
    let (key, value) = match made {
        Ok(made) => made,
        Err(_) if lie.is_some() => flat.make(&format!("{name} again"), name).await?,
        Err(error) => return Err(error),
    };
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
    settle(flat).await
}
