//! Reading accounts in the background: one reading an account at a time, with progress, and it can be stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::Utc;
use keyturn_core::account::{AccountId, Freshness};
use keyturn_core::error::FlowError;
use keyturn_core::flows;
use keyturn_core::flows::Refreshed;
use keyturn_core::ports::{LedgerError, MergeReport, Trust};
use keyturn_core::provider::Paging;
use keyturn_core::reading::AGREE;

use crate::house::{House, Signal, held};
use crate::{memory, opening};

/// An account's reading while it runs.
#[derive(Debug, Default, Clone)]
pub(crate) struct Reading {
    pub(crate) so_far: Option<u32>,
    stop: Arc<AtomicBool>,
}

/// Who wants a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// May ask a vendor at once that wants to be left alone.
    Person,
    Time,
}

/// Reads every account, all at once; each ends for itself.
pub(crate) fn refresh_all(house: &Arc<House>, asker: Asker) {
    let house = Arc::clone(house);
    tauri::async_runtime::spawn(async move {
        match house.ctx.ledger.accounts().await {
            Ok(accounts) => {
                for account in accounts {
                    refresh(&house, account.id, asker);
                }
            }
            Err(error) => tracing::error!(%error, "could not read the accounts"),
        }
    });
}

/// Starts reading one account, unless it is being read.
pub(crate) fn refresh(house: &Arc<House>, account: AccountId, asker: Asker) {
    refresh_as(house, account, Trust::Usual, asker);
}

/// The same for a person who has said that the list, which was doubted, is right.
pub(crate) fn accept(house: &Arc<House>, account: AccountId) {
    refresh_as(house, account, Trust::Accepted, Asker::Person);
}

/// Reads an account once more as soon as a second reading can agree with the one before.
pub(crate) fn read_again(house: &Arc<House>, account: AccountId) {
    let house = Arc::clone(house);
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(AGREE.to_std().unwrap_or_default() + Duration::from_secs(1)).await;
        refresh(&house, account, Asker::Time);
    });
}

fn refresh_as(house: &Arc<House>, account: AccountId, trust: Trust, asker: Asker) {
    let reading = Reading::default();
    {
        let mut readings = held(&house.readings);
        if readings.contains_key(&account) {
            return;
        }
        readings.insert(account.clone(), reading.clone());
    }
    house.signal(Signal::Accounts);
    let house = Arc::clone(house);
    tauri::async_runtime::spawn(async move {
        let result = read(&house, &account, &reading, trust, asker).await.transpose();
        held(&house.readings).remove(&account);
        let Some(result) = result else { return house.signal(Signal::Accounts) };
        match &result {
            Ok(refreshed) => {
                tracing::info!(account = account.0, report = ?refreshed.report, "refreshed");
                opening::tell_recovered(&house, &refreshed.recovered);
                if refreshed.is_unsettled() {
                    read_again(&house, account.clone());
                }
            }
            Err(error) => tracing::warn!(account = account.0, %error, "could not refresh"),
        }
        if result.is_ok()
            && let Err(error) = flows::read_feed(&house.ctx, &account).await
        {
            tracing::info!(account = account.0, %error, "no audit log of the vendor was read");
        }
        let changed =
            result.as_ref().is_ok_and(|it| it.report != MergeReport::default() || !it.recovered.is_empty());
        let shown = async {
            let before = is_stale(&house, &account).await?;
            house.reread_accounts().await?;
            // Every row of a stale account says so: its beginning and its end change them all.
            let turned = before != is_stale(&house, &account).await?;
            let old = house.listed().await?.is_old();
            if changed || turned || old { house.reindex().await } else { Ok(()) }
        };
        if let Err(error) = shown.await {
            tracing::error!(%error, "could not show the refreshed list");
        }
        memory::give_back().await;
    });
}

async fn is_stale(house: &House, account: &AccountId) -> Result<bool, LedgerError> {
    let listed = house.listed().await?;
    let account = listed.accounts.iter().find(|known| known.id == *account);
    Ok(account.is_some_and(|account| matches!(account.freshness, Freshness::Stale { .. })))
}

/// Asks the vendors with the adopted keys whose last check is a day old.
pub(crate) fn check_adopted(house: &Arc<House>) {
    let house = Arc::clone(house);
    tauri::async_runtime::spawn(async move {
        let due = match flows::due_probes(&house.ctx, Utc::now()).await {
            Ok(due) => due,
            Err(error) => return tracing::error!(%error, "could not look for keys to check"),
        };
        for key in &due {
            if let Err(error) = flows::probe_key(&house.ctx, key).await {
                tracing::warn!(%error, "could not check an adopted key");
            }
        }
        if !due.is_empty()
            && let Err(error) = house.reindex().await
        {
            tracing::error!(%error, "could not show the checked keys");
        }
    });
}

/// Asks a running reading to stop after its present page.
pub(crate) fn cancel(house: &House, account: &AccountId) {
    if let Some(reading) = held(&house.readings).get(account) {
        reading.stop.store(true, Ordering::Relaxed);
    }
}

async fn read(
    house: &House,
    account: &AccountId,
    reading: &Reading,
    trust: Trust,
    asker: Asker,
) -> Result<Option<Refreshed>, FlowError> {
    let on_page = |so_far: usize| {
        if let Some(shown) = held(&house.readings).get_mut(account) {
            shown.so_far = u32::try_from(so_far).ok();
        }
        house.signal(Signal::Accounts);
        if reading.stop.load(Ordering::Relaxed) { Paging::Stop } else { Paging::Continue }
    };
    match (trust, asker) {
        (Trust::Usual, Asker::Time) => flows::refresh_by_time(&house.ctx, account, &on_page).await,
        (Trust::Usual, Asker::Person) => flows::refresh(&house.ctx, account, &on_page).await.map(Some),
        (Trust::Accepted, _) => flows::accept_reading(&house.ctx, account, &on_page).await.map(Some),
    }
}
