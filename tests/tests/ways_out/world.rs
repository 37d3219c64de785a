//! What goes wrong at the vendor, on the way, and by other hands.

use anyhow::{Context as _, Result, ensure};
use keyturn_authority::{Fault, Requests, RetryAfter, Role, Times};
use keyturn_core::account::AccountId;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, ConnectDetails};
use keyturn_core::grant::Grant;
use keyturn_core::key::KeyRef;
use keyturn_core::provider::Connection;
use keyturn_core::secret::Secret;
use keyturn_tests::flat::Flat;
use keyturn_tests::lies::LINE;

pub(crate) fn truth(flat: &Flat) {
    flat.rehearsed.authority.faults().clear();
}

/// Asks for a key of which the vendor says that it is out of service: it `made` it, or not. Nor can its list be read.
async fn doubt(flat: &Flat, operation: &str, name: &str, made: bool) -> Result<()> {
    let out = |committed| Fault::Unavailable { committed, retry_after: RetryAfter::Absent };
    let faults = flat.rehearsed.authority.faults();
    faults.set_on(Requests::writes().with(LINE), out(made), Times::UntilCleared);
    faults.set_on(Requests::reads().with(LINE), out(false), Times::UntilCleared);
    let asked = flows::create_key(&flat.ctx, flat.wanted(operation, name)).await;
    truth(flat);
    let is_expected = matches!(asked, Err(FlowError::Doubt(_) | FlowError::NotAllowed(_)));
    ensure!(is_expected, "{asked:?}");
    Ok(())
}

/// The vendor makes the key, and nobody hears of it.
pub(crate) async fn lost(flat: &Flat, operation: &str, name: &str) -> Result<()> {
    doubt(flat, operation, name, true).await
}

/// The vendor never hears of it.
pub(crate) async fn unheard(flat: &Flat, operation: &str, name: &str) -> Result<()> {
    doubt(flat, operation, name, false).await
}

/// Somebody else makes a key that looks like ours.
pub(crate) async fn elsewhere(flat: &Flat, name: &str) -> Result<(KeyRef, String)> {
    let (manifest, now) = (flat.provider.manifest(), flat.ctx.clock.now());
    let wanted = flat.wanted("elsewhere", name);
    let grant = Grant::check(manifest, name, wanted.environment, wanted.scopes, None, now)?;
    let own_key = Secret::new(flat.rehearsed.managing_key.clone());
    let base_url = flat.rehearsed.authority.base_url();
    let minted = flat.provider.mint(connection(flat, &base_url, &own_key), &grant).await?;
    let key = KeyRef { account: flat.account.id.clone(), key: minted.record.id };
    // EXPOSE: the test uses the key at the authority.
    Ok((key, minted.secret.expose().to_owned()))
}

/// Somebody else revokes it.
pub(crate) async fn revoked_elsewhere(flat: &Flat, key: &KeyRef) -> Result<()> {
    let own_key = Secret::new(flat.rehearsed.managing_key.clone());
    let base_url = flat.rehearsed.authority.base_url();
    flat.provider.revoke(connection(flat, &base_url, &own_key), &key.key).await.context("revoked elsewhere")
}

/// Somebody else revokes it, and deletes it where the vendor has that.
pub(crate) async fn gone_elsewhere(flat: &Flat, key: &KeyRef) -> Result<()> {
    revoked_elsewhere(flat, key).await?;
    let own_key = Secret::new(flat.rehearsed.managing_key.clone());
    let base_url = flat.rehearsed.authority.base_url();
    drop(flat.provider.delete(connection(flat, &base_url, &own_key), &key.key).await);
    Ok(())
}

/// Another account at the same project, as a colleague might have it.
pub(crate) async fn connect_neighbour(flat: &Flat) -> Result<AccountId> {
    let managing_key = flat.rehearsed.authority.issue_bootstrap_key(Role::Owner)?;
    let details = ConnectDetails {
        id: AccountId("neighbour".into()),
        vendor: flat.account.vendor.clone(),
        label: "Neighbour".into(),
        base_url: Some(flat.account.base_url.clone()),
        managing_key: Some(Secret::new(managing_key)),
        settings: flat.account.settings.clone(),
        rehearsal: false,
    };
    Ok(flows::connect(&flat.ctx, details).await?.id)
}

fn connection<'a>(flat: &'a Flat, base_url: &'a str, managing_key: &'a Secret) -> Connection<'a> {
    Connection { base_url, managing_key, settings: &flat.account.settings }
}
