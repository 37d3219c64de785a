//! Goes on with rotations in the background: each as far as it goes, then sleeps until the next is due. Holds no
//! rules.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use keyturn_core::account::AccountId;
use keyturn_core::batch::PER_ACCOUNT;
use keyturn_core::flows::{self, Wake};
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::ports::{LedgerError, VaultStatus};
use keyturn_core::rotation::Effect;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};

use crate::house::{House, Signal, held};

/// Between two times at which the window is told of what happens behind it: a thousand rotations are no thousand
/// readings of the list.
const BREATH: Duration = Duration::from_millis(500);

/// A computer that slept is late: the clock is looked at again at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// What runs at this moment, and when what has ended is due again.
#[derive(Default)]
struct Running {
    tasks: JoinSet<(OperationId, Option<DateTime<Utc>>)>,
    operations: HashSet<OperationId>,
}

/// Runs for the life of the application. A vendor that hangs holds up its own rotations only: what is due is begun
/// while others still run.
pub(crate) async fn run(house: Arc<House>) {
    let mut running = Running::default();
    loop {
        let next = if house.ctx.vault.status() == VaultStatus::Open {
            begin_due(&house, &mut running).await.unwrap_or_else(|error| {
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
            Some(ended) = running.tasks.join_next() => running.note(ended),
        }
    }
}

impl Running {
    fn note(&mut self, ended: Result<(OperationId, Option<DateTime<Utc>>), JoinError>) {
        match ended {
            Ok((id, _)) => {
                self.operations.remove(&id);
            }
            Err(error) => {
                tracing::error!(%error, "a rotation's step ended badly");
                // Which one it was is not told: those that still run are begun twice at worst, which does no harm.
                self.operations.clear();
            }
        }
    }
}

/// Begins every rotation that is due and does not run; answers with the earliest time at which another is due.
async fn begin_due(house: &Arc<House>, running: &mut Running) -> Result<Option<DateTime<Utc>>, LedgerError> {
    let (now, mut next) = (Utc::now(), None::<DateTime<Utc>>);
    while let Some(ended) = running.tasks.try_join_next() {
        running.note(ended);
    }
    for operation in house.ctx.ledger.open_operations().await? {
        let Stage::Rotating(rotation) = &operation.stage else { continue };
        match rotation.due(now) {
            Effect::Nothing => {}
            Effect::WaitUntil(at) => next = earlier(next, at),
            _ if held(&house.batched).contains(&operation.id) => {}
            _ if running.operations.contains(&operation.id) => {}
            _ => match rested(house, &operation.id, now) {
                Some(at) => next = earlier(next, at),
                None => {
                    running.operations.insert(operation.id.clone());
                    let house = Arc::clone(house);
                    running.tasks.spawn(async move {
                        let leave = leave_to_call(&house, &operation.account);
                        // Never closed: the wait ends with leave.
                        let _leave = leave.acquire().await;
                        let again = advance(&house, &operation.id).await;
                        if let Some(at) = again {
                            held(&house.resting).insert(operation.id.clone(), at);
                        }
                        (operation.id, again)
                    });
                }
            },
        }
    }
    Ok(next)
}

/// Until when an operation rests that has nothing to write down; `None` where it does not.
fn rested(house: &House, id: &OperationId, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut resting = held(&house.resting);
    match resting.get(id) {
        Some(at) if *at > now => Some(*at),
        Some(_) => {
            resting.remove(id);
            None
        }
        None => None,
    }
}

/// Leave to call one account's vendor in the background: a few at a time, so that one that hangs holds up nobody else.
fn leave_to_call(house: &House, account: &AccountId) -> Arc<Semaphore> {
    let mut all = held(&house.leaves);
    Arc::clone(all.entry(account.clone()).or_insert_with(|| Arc::new(Semaphore::new(PER_ACCOUNT))))
}

fn earlier(next: Option<DateTime<Utc>>, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    Some(next.map_or(at, |next| next.min(at)))
}

/// One rotation as far as it goes now; the window hears of it soon where something changed.
pub(crate) async fn advance(house: &House, id: &OperationId) -> Option<DateTime<Utc>> {
    held(&house.resting).remove(id);
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
