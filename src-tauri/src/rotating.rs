//! Goes on with rotations in the background: each as far as it goes, then sleeps until the next is due. Holds no
//! rules.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use keyturn_core::flows::{self, Wake};
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::ports::{LedgerError, VaultStatus};
use keyturn_core::rotation::Effect;
use tokio::task::JoinSet;

use crate::house::{House, Signal, held};

/// Between two times at which the window is told of what happens behind it: a thousand rotations are no thousand
/// readings of the list.
const BREATH: Duration = Duration::from_millis(500);

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

/// Every rotation that is due, once; answers with the earliest time at which one is due again.
async fn round(house: &Arc<House>) -> Result<Option<DateTime<Utc>>, LedgerError> {
    let (now, mut next) = (Utc::now(), None::<DateTime<Utc>>);
    let mut running = JoinSet::new();
    for operation in house.ctx.ledger.open_operations().await? {
        let Stage::Rotating(rotation) = &operation.stage else { continue };
        match rotation.due(now) {
            Effect::Nothing => {}
            Effect::WaitUntil(at) => next = earlier(next, at),
            _ if held(&house.batched).contains(&operation.id) => {}
            _ => {
                let house = Arc::clone(house);
                running.spawn(async move {
                    // Never closed: the wait ends with leave.
                    let _leave = house.calls.acquire().await;
                    advance(&house, &operation.id).await
                });
            }
        }
    }
    while let Some(ended) = running.join_next().await {
        match ended {
            Ok(Some(at)) => next = earlier(next, at),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "a rotation's step ended badly"),
        }
    }
    Ok(next)
}

fn earlier(next: Option<DateTime<Utc>>, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    Some(next.map_or(at, |next| next.min(at)))
}

/// One rotation as far as it goes now; the window hears of it soon where something changed.
pub(crate) async fn advance(house: &House, id: &OperationId) -> Option<DateTime<Utc>> {
    let before = stage(house, id).await;
    let woken = flows::drive(&house.ctx, id).await;
    if before != stage(house, id).await {
        house.changed.notify_one();
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

/// Tells the window now and then of what happens behind it. Runs for the life of the application.
pub(crate) async fn tell(house: Arc<House>) {
    loop {
        house.changed.notified().await;
        let began = tokio::time::Instant::now();
        show(&house).await;
        house.signal(Signal::Batches);
        // Where reading the list takes long, it is read more seldom.
        tokio::time::sleep(BREATH.max(began.elapsed() * 4)).await;
    }
}
