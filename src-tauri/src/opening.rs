//! Opening the vault, and what follows it: the rehearsal, recovery, the first refresh. Locking, and what ends with it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use keyturn_core::flows::{self, Recovered};
use keyturn_core::ports::{VaultError, VaultStatus};
use keyturn_wire::failure::vault_hint;
use keyturn_wire::vault::VaultView;
use tokio::sync::watch;

use crate::house::{House, Signal, held};
use crate::refreshing::Asker;
use crate::{authenticity, primary, refreshing, rehearsal, reveal};

/// Fetches the vault's key from the keyring. With it the accounts come alive.
pub(crate) async fn unlock(house: &Arc<House>, rehearsal_wanted: bool) -> Result<(), VaultError> {
    let sealed_exist =
        house.ctx.ledger.has_sealed().await.map_err(|error| VaultError::Failed(error.to_string()));
    let opened = match sealed_exist {
        Ok(sealed_exist) => house.ctx.vault.unlock(sealed_exist).await,
        Err(error) => Err(error),
    };
    house.opening.store(false, Ordering::Relaxed);
    house.locked_by_idling.store(false, Ordering::Relaxed);
    house.emit("vault-changed", view(house));
    if let Err(error) = &opened {
        tracing::warn!(%error, "the vault stays closed");
        return opened;
    }
    come_alive(house, rehearsal_wanted).await;
    Ok(())
}

/// Goes on where the keyring answers after its deadline: it may have waited for a person's password.
pub(crate) async fn await_late(house: Arc<House>, mut answers: watch::Receiver<u64>, rehearsal_wanted: bool) {
    while answers.changed().await.is_ok() {
        house.emit("vault-changed", view(&house));
        if house.ctx.vault.status() == VaultStatus::Open {
            come_alive(&house, rehearsal_wanted).await;
        }
    }
}

/// What follows the opening. One at a time: a late answer may come beside another.
async fn come_alive(house: &Arc<House>, rehearsal_wanted: bool) {
    let _alone = house.coming_alive.lock().await;
    // Before anything acts on what the ledger says.
    authenticity::check(house).await;
    house.wake.notify_one();
    if let Err(error) = rehearsal::start(house, rehearsal_wanted).await {
        tracing::error!(%error, "the rehearsal did not start");
        house.notice("rehearsal", "The rehearsal account did not start", format!("{error}."));
    }
    settle(house).await;
    if let Err(error) = flows::note_held(&house.ctx).await {
        tracing::error!(%error, "some values will not be recognised in a leak");
    }
    house.rotate.notify_one();
    house.batches.notify_one();
    show(house).await;
    refreshing::refresh_all(house, Asker::Time);
    refreshing::check_adopted(house);
}

/// Settles what was interrupted and says what became of it.
async fn settle(house: &House) {
    match flows::recover(&house.ctx).await {
        Ok(results) => {
            tell_recovered(house, &results);
        }
        Err(error) => tracing::error!(%error, "could not recover"),
    }
}

/// Says what became of requests whose replies were lost.
pub(crate) fn tell_recovered(house: &House, results: &[Recovered]) {
    for result in results {
        let (name, text) = words(result);
        let title = format!("“{name}” was interrupted");
        house.notice(&format!("recovered-{name}"), &title, text.to_owned());
    }
}

fn words(result: &Recovered) -> (&str, &str) {
    match result {
        Recovered::NothingHappened { name } => {
            (name, "The vendor had not done anything yet. Nothing is left behind.")
        }
        Recovered::OrphanRevoked { name } => (
            name,
            "The vendor had made the key, but its secret never arrived, so the key was revoked. Create it again.",
        ),
        Recovered::Gone { name } => {
            (name, "The old key is dead, and the vendor lists no new one in its place. Create one.")
        }
        Recovered::Orphaned { name } => (
            name,
            "The vendor made a key that may be the one, and its secret never arrived. It is marked as an orphan in the list: if nobody uses it, revoke it there, or rotate it to get a new secret.",
        ),
        Recovered::Postponed { name, .. } => (
            name,
            "What became of it is not known yet. Keyturn looks again with the next good reading of the account.",
        ),
    }
}

async fn show(house: &House) {
    let shown = async {
        house.reread_accounts().await?;
        house.reindex().await
    };
    if let Err(error) = shown.await {
        tracing::error!(%error, "could not show the list");
    }
    house.signal(Signal::Unsaved);
}

/// Drops every secret from memory: the vault's key, the reveal window, the clipboard.
pub(crate) fn lock(house: &House, by_idling: bool) {
    house.ctx.vault.lock();
    house.locked_by_idling.store(by_idling, Ordering::Relaxed);
    held(&house.found).forget();
    reveal::close(&house.app);
    primary::empty(&house.app);
    if house.clipboard.clear() {
        house.signal(Signal::ClipboardCleared);
    }
    house.emit("vault-changed", view(house));
    tracing::info!(by_idling, "locked");
}

/// The vault as the window shows it.
pub(crate) fn view(house: &House) -> VaultView {
    if house.opening.load(Ordering::Relaxed) {
        return VaultView::Opening;
    }
    match house.ctx.vault.status() {
        VaultStatus::Open => VaultView::Open,
        VaultStatus::Locked => VaultView::Locked { idle: house.locked_by_idling.load(Ordering::Relaxed) },
        VaultStatus::Unavailable(error) => {
            VaultView::Unavailable { message: sentence(&error), hint: vault_hint(&error).to_owned() }
        }
    }
}

fn sentence(error: &VaultError) -> String {
    keyturn_wire::failure::FailureView::from(error).message
}
