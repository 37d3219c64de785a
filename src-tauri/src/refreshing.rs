//! Reading accounts in the background: one reading an account at a time, with progress, and it can be stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keyturn_core::account::AccountId;
use keyturn_core::error::FlowError;
use keyturn_core::flows;
use keyturn_core::provider::Paging;

use crate::house::{House, Signal, held};

/// An account's reading while it runs.
#[derive(Debug, Default, Clone)]
pub(crate) struct Reading {
    pub(crate) so_far: Option<u32>,
    stop: Arc<AtomicBool>,
}

/// Reads every account, all at once; each ends for itself.
pub(crate) fn refresh_all(house: &Arc<House>) {
    let house = Arc::clone(house);
    tauri::async_runtime::spawn(async move {
        match house.ctx.ledger.accounts().await {
            Ok(accounts) => {
                for account in accounts {
                    refresh(&house, account.id);
                }
            }
            Err(error) => tracing::error!(%error, "could not read the accounts"),
        }
    });
}

/// Starts reading one account, unless it is being read.
pub(crate) fn refresh(house: &Arc<House>, account: AccountId) {
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
        let result = read(&house, &account, &reading).await;
        held(&house.readings).remove(&account);
        match &result {
            Ok(report) => tracing::info!(account = account.0, ?report, "refreshed"),
            Err(error) => tracing::warn!(account = account.0, %error, "could not refresh"),
        }
        let shown = async {
            house.reread_accounts().await?;
            house.reindex().await
        };
        if let Err(error) = shown.await {
            tracing::error!(%error, "could not show the refreshed list");
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
) -> Result<keyturn_core::ports::MergeReport, FlowError> {
    let on_page = |so_far: usize| {
        if let Some(shown) = held(&house.readings).get_mut(account) {
            shown.so_far = u32::try_from(so_far).ok();
        }
        house.signal(Signal::Accounts);
        if reading.stop.load(Ordering::Relaxed) { Paging::Stop } else { Paging::Continue }
    };
    flows::refresh(&house.ctx, account, &on_page).await
}
