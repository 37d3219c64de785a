//! A fault says nothing about a key: no living one is taken for dead.

use anyhow::{Context, Result, ensure};
use keyturn_authority::{Calls, Fault};
use keyturn_core::account::VendorId;
use keyturn_core::flows::{self, AdoptRequest};
use keyturn_core::provider::{Connection, Probe};
use keyturn_core::secret::Secret;

use super::checks::{is_sound, says_no_secret};
use super::{Sink, arm, bounded, clear, every_fault, impatient, side_by_side};
use crate::house::{by_hand, managed, status};

async fn with_the_adapter(provider: VendorId) -> Result<()> {
    let sink = Sink::open().await?;
    let flat = impatient(&provider).await?;
    let (_, value) = flat.make("make", "Asked with").await?;
    let key = Secret::new(value.clone());
    let base_url = &flat.rehearsed.authority.base_url();
    let connection = Connection { base_url, managing_key: &key, settings: &flat.account.settings };
    for fault in every_fault(&sink) {
        arm(&flat, Calls::All, &fault);
        match bounded(&fault, flat.provider.probe(connection)).await? {
            // The vendor does refuse it. What that proves is not the adapter's to say.
            Ok(Probe::Refused) => ensure!(fault == Fault::EverybodyRefused, "{fault:?} killed a key"),
            Ok(Probe::Alive) => {}
            Err(error) => says_no_secret(&error, &[&value]).with_context(|| format!("{fault:?}"))?,
        }
        clear(&flat);
    }
    ensure!(sink.reached() == 0, "a key went elsewhere");
    ensure!(flat.provider.probe(connection).await? == Probe::Alive);
    is_sound(&flat, &[&value]).await
}

async fn of_an_adopted_key(provider: VendorId) -> Result<()> {
    let sink = Sink::open().await?;
    let flat = impatient(&provider).await?;
    let made = flat.rehearsed.authority.dashboard_issue("Asked with", None)?;
    let secret = Secret::new(made.value.clone());
    let request = AdoptRequest { account: flat.account.id.clone(), label: "Asked with".into(), secret };
    let key = flows::adopt_key(&flat.ctx, request).await?;
    for fault in every_fault(&sink) {
        arm(&flat, Calls::All, &fault);
        match bounded(&fault, flows::probe_key(&flat.ctx, &key)).await? {
            Ok(seen) => ensure!(seen.alive || fault == Fault::EverybodyRefused, "{fault:?} killed a key"),
            Err(error) => says_no_secret(&error, &[&made.value]).with_context(|| format!("{fault:?}"))?,
        }
        clear(&flat);
        ensure!(status(&flat, &key).await?.is_live(), "{fault:?} killed a key");
    }
    ensure!(sink.reached() == 0, "a key went elsewhere");
    ensure!(flows::probe_key(&flat.ctx, &key).await?.alive);
    is_sound(&flat, &[&made.value]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn n2_n3_n4_s2_s3_no_fault_makes_a_living_key_dead() -> Result<()> {
    side_by_side(managed, with_the_adapter).await
}

#[tokio::test(flavor = "multi_thread")]
async fn n2_n3_n4_s2_s3_no_fault_makes_an_adopted_key_dead() -> Result<()> {
    side_by_side(by_hand, of_an_adopted_key).await
}
