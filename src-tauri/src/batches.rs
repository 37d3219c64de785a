//! Carries batches on in the background, a few acts at a time, and takes them up again after a restart. Holds no
//! rules.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use keyturn_core::batch::BatchId;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Carried, Turned};
use keyturn_core::ports::VaultStatus;
use tokio::task::JoinSet;

use crate::house::{House, Signal, held};

/// Somebody else has leave to call, or a computer slept: it is looked again at least this often.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);

/// How long it rests where nothing is to be done.
const IDLE: Duration = Duration::from_secs(60);

/// How long it rests at most between two looks at a batch.
const LOOK: Duration = Duration::from_secs(5);

/// After a fault of the ledger.
const REST: Duration = Duration::from_secs(10);

/// The batches in memory, and what of them runs.
#[derive(Default)]
struct Hands {
    carried: HashMap<BatchId, Carried>,
    running: JoinSet<Ended>,
}

/// Runs for the life of the application.
pub(crate) async fn run(house: Arc<House>) {
    let mut hands = Hands::default();
    loop {
        if let Err(error) = hands.take_up(&house).await {
            tracing::error!(%error, "could not go on with a batch");
            // What is on disk decides: whatever still runs ends, and all are taken up anew.
            while let Some(ended) = hands.running.join_next().await {
                drop(ended);
            }
            hands.carried.clear();
            tokio::time::sleep(REST).await;
            continue;
        }
        hands.until_something_happens(&house).await;
    }
}

/// One act that a batch carried out, and how it went.
type Ended = (BatchId, Result<Turned, FlowError>);

impl Hands {
    /// Hears what was said, and goes on until it rests.
    async fn take_up(&mut self, house: &Arc<House>) -> Result<(), FlowError> {
        for id in flows::open_batches(&house.ctx).await? {
            if let Some(carried) = self.carried.get_mut(&id) {
                carried.listen(&house.ctx).await?;
            } else if let Some(mut carried) = Carried::load(&house.ctx, &id).await? {
                carried.listen(&house.ctx).await?;
                self.carried.insert(id, carried);
            }
        }
        loop {
            self.begin_acts(house);
            self.end_those_that_are_over(house).await?;
            if self.running.is_empty() {
                return Ok(());
            }
            tokio::select! {
                ended = self.running.join_next() => self.note(house, ended)?,
                () = tokio::time::sleep(LONGEST_SLEEP) => {}
                // A person spoke.
                () = house.batches.notified() => {
                    house.batches.notify_one();
                    return Ok(());
                }
            }
        }
    }

    fn begin_acts(&mut self, house: &Arc<House>) {
        if house.ctx.vault.status() != VaultStatus::Open {
            return;
        }
        for (id, carried) in &mut self.carried {
            while let Ok(leave) = Arc::clone(&house.calls).try_acquire_owned() {
                let Some(act) = carried.next(Utc::now()) else { break };
                held(&house.batched).extend(act.operation());
                let (ctx, id) = (house.ctx.clone(), id.clone());
                self.running.spawn(async move {
                    let turned = act.carry_out(&ctx).await;
                    drop(leave);
                    (id, turned)
                });
            }
        }
    }

    fn note(
        &mut self,
        house: &House,
        ended: Option<Result<Ended, tokio::task::JoinError>>,
    ) -> Result<(), FlowError> {
        let Some(ended) = ended else { return Ok(()) };
        let broken = |error: tokio::task::JoinError| FlowError::Doubt(error.to_string());
        let (id, turned) = ended.map_err(broken)?;
        let turned = turned?;
        if let Some(operation) = turned.over(&id) {
            held(&house.batched).remove(&operation);
        }
        if let Some(carried) = self.carried.get_mut(&id) {
            carried.turned(turned, Utc::now());
        }
        house.changed.notify_one();
        Ok(())
    }

    async fn end_those_that_are_over(&mut self, house: &House) -> Result<(), FlowError> {
        let mut ended = Vec::new();
        for (id, carried) in &mut self.carried {
            if carried.end_if_over(&house.ctx).await? {
                ended.push(id.clone());
            }
        }
        for id in ended {
            self.carried.remove(&id);
            house.changed.notify_one();
            // What waits for a person or for an overlap's end is a rotation like any other from now on.
            house.rotate.notify_one();
        }
        Ok(())
    }

    /// Until the next act is due, an act ends, or somebody says something.
    async fn until_something_happens(&self, house: &House) {
        let now = Utc::now();
        let next: Option<DateTime<Utc>> = self.carried.values().filter_map(|carried| carried.wake(now)).min();
        let open = house.ctx.vault.status() == VaultStatus::Open;
        let sleep = match next.and_then(|at| (at - now).to_std().ok()).filter(|_| open) {
            Some(sleep) => sleep.min(LOOK),
            // Nothing is due although something is left: leave to call is what is missing.
            None if open && !self.carried.is_empty() => LONGEST_SLEEP,
            None => IDLE,
        };
        tokio::select! {
            () = tokio::time::sleep(sleep) => {}
            () = house.batches.notified() => {}
        }
    }
}

/// Tells the window, and wakes the work: a person has begun a batch or said a word about one.
pub(crate) fn said(house: &House) {
    house.batches.notify_one();
    house.signal(Signal::Batches);
}
