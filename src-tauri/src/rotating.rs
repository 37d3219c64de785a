//! Goes on with rotations in the background: each as far as it goes, then sleeps until the next is due. Holds no
//! rules.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use keyturn_core::flows::{self, Wake};
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::ports::{LedgerError, VaultStatus};
use tokio::task::JoinSet;

use crate::house::{House, Signal};

/// How many rotations are carried on at a time.
const AT_ONCE: usize = 8;

/// A computer that slept is late: the clock is looked at again at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Runs for the life of the application.
pub(crate) async fn run(house: Arc<House>) {
    loop {
        let next = if house.ctx.vault.status() == VaultStatus::Open {
            round(&house).await.unwrap_or_else(|error| {
                tracing::error!(%error, "could not go on with the rotations");
                None
            })
        } else {
            None
        };
        let sleep = next
            .and_then(|at| (at - Utc::now()).to_std().ok().or(Some(Duration::ZERO)))
            .map_or(LONGEST_SLEEP, |sleep| sleep.min(LONGEST_SLEEP));
        tokio::select! {
            () = tokio::time::sleep(sleep.max(Duration::from_millis(100))) => {}
            () = house.rotate.notified() => {}
        }
    }
}

/// Every open rotation once; answers with the earliest time at which one is due again.
async fn round(house: &Arc<House>) -> Result<Option<DateTime<Utc>>, LedgerError> {
    let mut waiting: Vec<OperationId> = house
        .ctx
        .ledger
        .open_operations()
        .await?
        .into_iter()
        .filter(|operation| matches!(operation.stage, Stage::Rotating(_)))
        .map(|operation| operation.id)
        .collect();
    let (mut running, mut next) = (JoinSet::new(), None::<DateTime<Utc>>);
    loop {
        while running.len() < AT_ONCE {
            let Some(id) = waiting.pop() else { break };
            let house = Arc::clone(house);
            running.spawn(async move { advance(&house, &id).await });
        }
        match running.join_next().await {
            Some(Ok(Some(at))) => next = Some(next.map_or(at, |next| next.min(at))),
            Some(Ok(None)) => {}
            Some(Err(error)) => tracing::error!(%error, "a rotation's step ended badly"),
            None => return Ok(next),
        }
    }
}

/// One rotation as far as it goes now; the window hears of it where something changed.
pub(crate) async fn advance(house: &House, id: &OperationId) -> Option<DateTime<Utc>> {
    let before = stage(house, id).await;
    let woken = flows::drive(&house.ctx, id).await;
    if before != stage(house, id).await {
        show(house).await;
    }
    match woken {
        Ok(Wake::At(at)) => Some(at),
        Ok(Wake::OnCall) => None,
        Err(error) => {
            tracing::error!(operation = id.0, %error, "could not go on with a rotation");
            Some(Utc::now() + LONGEST_SLEEP)
        }
    }
}

async fn stage(house: &House, id: &OperationId) -> Option<Stage> {
    house.ctx.ledger.operation(id).await.ok().flatten().map(|operation| operation.stage)
}

/// Tells the window that operations and keys changed.
pub(crate) async fn show(house: &House) {
    if let Err(error) = house.reindex().await {
        tracing::error!(%error, "could not read the list again");
    }
    house.signal(Signal::Unsaved);
    house.signal(Signal::Operations);
}
