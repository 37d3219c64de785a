//! What the behaviours share: the choice of providers, and rotations watched as the scheduler watches them.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use chrono::TimeDelta;
use keyturn_core::account::VendorId;
use keyturn_core::flows::{self, Begun, Choice, Wake};
use keyturn_core::journal::{Entry, Outcome};
use keyturn_core::key::{KeyRef, KeyStatus};
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::provider::{Capabilities, Paging, RotateSupport, Support};
use keyturn_core::rotation::Rotation;
use keyturn_core::secret::Secret;
use keyturn_tests::flat::{Flat, Plot, every_provider};

/// Tries a behaviour with every provider that can do it.
#[allow(clippy::print_stdout, reason = "so that a failed assertion is seen beside the provider's name")]
pub(crate) async fn each(
    can: fn(&Capabilities) -> bool,
    behaviour: impl AsyncFn(VendorId) -> Result<()>,
) -> Result<()> {
    for provider in those_that(can)? {
        let told = format!("with {}", provider.0);
        println!("{told}");
        behaviour(provider).await.context(told)?;
    }
    Ok(())
}

/// The providers that can do it; a behaviour that none can do would be no test.
pub(crate) fn those_that(can: fn(&Capabilities) -> bool) -> Result<Vec<VendorId>> {
    let mut able = Vec::new();
    for provider in every_provider() {
        if can(&capabilities(&provider)?) {
            able.push(provider);
        }
    }
    ensure!(!able.is_empty(), "no provider can do this");
    Ok(able)
}

fn capabilities(provider: &VendorId) -> Result<Capabilities> {
    let registry = keyturn_providers::providers(keyturn_providers::HttpSettings::default());
    Ok(registry.get(provider).context("every provider is registered")?.manifest().capabilities.clone())
}

/// It lists, creates and revokes keys through its API.
pub(crate) fn managed(capabilities: &Capabilities) -> bool {
    capabilities.list == Support::Yes
        && capabilities.mint == Support::Yes
        && capabilities.revoke == Support::Yes
}

/// Its keys are made by hand.
pub(crate) fn by_hand(capabilities: &Capabilities) -> bool {
    matches!(capabilities.rotate, RotateSupport::Dashboard { .. })
}

/// An account with nothing but its managing key, where it has one.
pub(crate) async fn flat(provider: &VendorId) -> Result<Flat> {
    Plot::of(provider).build().await
}

pub(crate) fn id(operation: &str) -> OperationId {
    OperationId(operation.into())
}

pub(crate) async fn refresh(flat: &Flat) -> Result<()> {
    flows::refresh(&flat.ctx, &flat.account.id, &|_| Paging::Continue).await?;
    Ok(())
}

pub(crate) async fn status(flat: &Flat, key: &KeyRef) -> Result<KeyStatus> {
    Ok(flat.row(key).await?.context("the key has a row")?.status)
}

/// Rotates up to the beginning of the overlap; answers with the new key and its value.
pub(crate) async fn overlap_of(
    flat: &Flat,
    old: &KeyRef,
    choice: Choice,
    given: Option<&str>,
) -> Result<(KeyRef, String)> {
    let given = given.map(|value| Secret::new(value.to_owned()));
    let begun = flows::begin_rotation(&flat.ctx, old, choice, given, id("rotate")).await?;
    let Begun::Made(new) = begun else { bail!("it is not made by hand") };
    let value = flat.value("rotate").await?;
    ensure!(flat.drive("rotate").await? == Wake::OnCall, "it waits for the person");
    flows::acknowledge(&flat.ctx, &id("rotate")).await?;
    ensure!(matches!(flat.drive("rotate").await?, Wake::At(_)), "both work");
    Ok((new, value))
}

/// The state of a rotation on disk.
pub(crate) async fn rotation(flat: &Flat, operation: &OperationId) -> Result<Rotation> {
    match flat.ctx.ledger.operation(operation).await?.map(|found| found.stage) {
        Some(Stage::Rotating(rotation)) => Ok(rotation),
        other => bail!("no rotation: {other:?}"),
    }
}

/// Watches a revoked key as the scheduler does, and answers how long the vendor accepted it. At each look: the row
/// says "revoked" only if the vendor refuses the key, and nobody calls it a failure that this takes its time.
pub(crate) async fn watch_death(
    flat: &Flat,
    operation: &OperationId,
    old: &KeyRef,
    value: &str,
) -> Result<TimeDelta> {
    let mut passed = TimeDelta::zero();
    loop {
        let wake = flat.drive(&operation.0).await?;
        let (lives, status) = (flat.works(value).await?, status(flat, old).await?);
        let says_dead = matches!(status, KeyStatus::Revoked { .. });
        ensure!(says_dead != lives, "{passed}: the row says {status:?}, and that the key works is {lives}");
        let failed = failures(flat, old).await?;
        ensure!(failed.is_empty(), "{passed}: called a failure: {failed:?}");
        match wake {
            _ if says_dead => return Ok(passed),
            Wake::At(at) => {
                // The hand of the clock moves by whole milliseconds.
                let step = at - flat.ctx.clock.now() + TimeDelta::milliseconds(1);
                flat.pass(step);
                passed += step;
            }
            Wake::OnCall => bail!("{passed}: nobody watches any more"),
        }
        ensure!(passed < TimeDelta::minutes(5), "it never ends");
    }
}

/// What the journal tells of a key as having failed.
pub(crate) async fn failures(flat: &Flat, key: &KeyRef) -> Result<Vec<Entry>> {
    let history = flat.ctx.ledger.history(key, 100).await?;
    Ok(history.into_iter().filter(|entry| matches!(entry.outcome, Outcome::Failed(_))).collect())
}

/// With the longest wait between two looks at a dying key.
pub(crate) const LONGEST_WATCH: TimeDelta = TimeDelta::milliseconds(10_100);

/// Whether a key that was seen to die `lived` as long as a vendor with this delay lets it. A vendor that forgets the
/// whole key at once has none.
pub(crate) fn is_as_delayed(flat: &Flat, lived: TimeDelta, delay: Duration) -> bool {
    let is_promised = delay <= flat.provider.manifest().capabilities.revocation_delay;
    let delay = TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX);
    lived <= delay + LONGEST_WATCH && (lived >= delay || (lived.is_zero() && !is_promised))
}
