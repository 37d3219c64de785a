//! A batch while it is carried out: its work in memory, and each end on disk before it counts.
//!
//! Whoever carries it calls [`Carried::next`] for an act, [`Act::carry_out`] to do it, and [`Carried::turned`] with what
//! came of it. Where to run the acts and how to wait is the caller's; there is no rule left in that.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::advance::{advance, no_room, read};
use super::snapshot::{Owner, Snapshot};
use crate::account::{AccountId, Freshness};
use crate::batch::{Batch, BatchId, BatchState, Item, ItemState, Job, Lane, Task, Turn, Work};
use crate::error::FlowError;
use crate::flows::Context;
use crate::operation::{OperationId, Stage};

/// A batch under way.
#[derive(Debug)]
pub struct Carried {
    batch: Batch,
    work: Work,
    items: HashMap<u32, Item>,
}

/// One act, to be carried out wherever the caller likes.
#[derive(Debug)]
pub struct Act {
    batch: Batch,
    job: Job,
    item: Option<Item>,
}

/// An act that was carried out.
#[derive(Debug)]
pub struct Turned {
    job: Job,
    item: Option<Item>,
    turn: Turn,
}

/// The batches that have not ended, oldest first.
///
/// # Errors
/// Ledger faults.
pub async fn open_batches(ctx: &Context) -> Result<Vec<BatchId>, FlowError> {
    let all = ctx.ledger.batches(DateTime::<Utc>::MAX_UTC).await?;
    let open = all.into_iter().map(|standing| standing.batch).filter(|batch| batch.ended_at.is_none());
    let mut ids: Vec<BatchId> = open.map(|batch| batch.id).collect();
    ids.reverse();
    Ok(ids)
}

impl Turned {
    /// The operation whose item is over.
    #[must_use]
    pub fn over(&self, batch: &BatchId) -> Option<OperationId> {
        let ended = matches!(self.turn, Turn::Ended { .. });
        self.item.as_ref().filter(|_| ended).map(|item| item.operation(batch))
    }
}

impl Carried {
    /// Takes up a batch where it stands; `None` where it has ended.
    ///
    /// # Errors
    /// Ledger faults.
    pub async fn load(ctx: &Context, id: &BatchId) -> Result<Option<Self>, FlowError> {
        let Some(standing) = ctx.ledger.batch(id).await? else { return Ok(None) };
        if standing.batch.ended_at.is_some() {
            return Ok(None);
        }
        let open = ctx.ledger.open_items(id).await?;
        let accounts: HashSet<AccountId> = open.iter().map(|found| found.item.key.account.clone()).collect();
        let snapshot = Snapshot::of(ctx, &accounts).await?;
        let mut lanes = Vec::new();
        for owner in snapshot.owners() {
            let read_at = match owner.account.freshness {
                Freshness::Fresh { read_at } => Some(read_at),
                Freshness::ByHand | Freshness::Unread | Freshness::Stale { .. } => None,
            };
            let mut room = snapshot.room(owner);
            for found in open.iter().filter(|found| found.begun) {
                let held = held(ctx, &standing.batch, owner, &found.item).await?;
                room = room.map(|room| room.saturating_sub(held));
            }
            lanes.push((owner.account.id.clone(), Lane::new(room, read_at)));
        }
        let items = open.iter().map(|found| (found.item.number, found.item.clone())).collect();
        let manages = |found: &crate::batch::FoundItem| {
            let owner = snapshot.owner(&found.item.key.account);
            owner.is_some_and(|owner| owner.account.manages_with(&found.item.key.key))
        };
        let open = open.into_iter().map(|found| (manages(&found), found)).map(|(it, found)| (found, it));
        let open: Vec<_> = open.collect();
        let work = Work::new(standing.batch.deed, lanes, open, ctx.clock.now());
        Ok(Some(Self { batch: standing.batch, work, items }))
    }

    /// Hears what the person said meanwhile.
    ///
    /// # Errors
    /// Ledger faults.
    pub async fn listen(&mut self, ctx: &Context) -> Result<(), FlowError> {
        let Some(standing) = ctx.ledger.batch(&self.batch.id).await? else { return Ok(()) };
        self.batch.state = standing.batch.state;
        if self.batch.state != BatchState::Stopped {
            return Ok(());
        }
        let mut left = Vec::new();
        for number in self.work.drop_waiting() {
            if let Some(mut item) = self.items.remove(&number) {
                item.state = ItemState::Skipped("The batch was stopped before its turn.".into());
                left.push(item);
            }
        }
        Ok(ctx.ledger.put_items(&self.batch.id, &left).await?)
    }

    /// The next act that may begin now.
    pub fn next(&mut self, now: DateTime<Utc>) -> Option<Act> {
        let job = self.work.next(now, self.batch.state == BatchState::Running)?;
        let item = match job.task {
            Task::Read => None,
            Task::Begin(number) | Task::GoOn(number) | Task::NoRoom(number) => {
                self.items.get(&number).cloned()
            }
        };
        Some(Act { batch: self.batch.clone(), job, item })
    }

    /// Takes note of an act's end.
    pub fn turned(&mut self, turned: Turned, now: DateTime<Utc>) {
        self.work.turned(&turned.job, turned.turn, now);
        let Some(item) = turned.item else { return };
        match turned.turn {
            Turn::Ended { .. } => {
                self.items.remove(&item.number);
            }
            Turn::Read
            | Turn::Again
            | Turn::At(_)
            | Turn::Held { .. }
            | Turn::Doubt { .. }
            | Turn::Unsettled { .. }
            | Turn::Full => {
                self.items.insert(item.number, item);
            }
        }
    }

    /// When there is something to do again, as far as only the time is missing.
    #[must_use]
    pub fn wake(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.work.wake(now, self.batch.state == BatchState::Running)
    }

    /// Writes down that the batch has ended, once nothing is left; `false` before.
    ///
    /// # Errors
    /// Ledger faults.
    pub async fn end_if_over(&mut self, ctx: &Context) -> Result<bool, FlowError> {
        if !self.work.is_over() {
            return Ok(false);
        }
        let to = match self.batch.state {
            BatchState::Stopped => BatchState::Stopped,
            BatchState::Running | BatchState::Paused | BatchState::Done => BatchState::Done,
        };
        let ended = Some(ctx.clock.now());
        // A word of the person that came in between is heard first.
        Ok(ctx.ledger.move_batch(&self.batch.id, self.batch.state, to, ended).await?)
    }
}

/// How many places a begun item holds beside those that the rows show: until it ends it counts for two, its old key
/// and its new one, and gives one back then.
async fn held(ctx: &Context, batch: &Batch, owner: &Owner, item: &Item) -> Result<usize, FlowError> {
    if item.key.account != owner.account.id || !batch.deed.mints() {
        return Ok(0);
    }
    let new = match ctx.ledger.operation(&item.operation(&batch.id)).await?.map(|found| found.stage) {
        Some(stage) if stage.is_minting() => true,
        Some(Stage::Rotating(rotation)) => {
            rotation.successor().is_some_and(|new| owner.takes_a_place(&new.key.key))
        }
        Some(Stage::Orphaned { keys }) => keys.iter().any(|key| owner.takes_a_place(&key.key)),
        Some(_) | None => false,
    };
    Ok(2 - usize::from(new) - usize::from(owner.takes_a_place(&item.key.key)))
}

impl Act {
    /// The operation that it goes on with or begins: nobody else carries that on.
    #[must_use]
    pub fn operation(&self) -> Option<OperationId> {
        self.item.as_ref().map(|item| item.operation(&self.batch.id))
    }

    /// Carries it out. Ends with what came of it, on disk.
    ///
    /// # Errors
    /// Ledger faults: then it is not known what is on disk, and the batch is taken up anew.
    pub async fn carry_out(mut self, ctx: &Context) -> Result<Turned, FlowError> {
        let turn = match (self.job.task, &mut self.item) {
            (Task::Read, _) | (_, None) => read(ctx, &self.job.account).await?,
            (Task::NoRoom(_), Some(item)) => no_room(ctx, &self.batch, item).await?,
            (Task::Begin(_) | Task::GoOn(_), Some(item)) => advance(ctx, &self.batch, item).await?,
        };
        Ok(Turned { job: self.job, item: self.item, turn })
    }
}
