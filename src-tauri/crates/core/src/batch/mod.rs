//! One act on many keys: which keys, what becomes of each, and which may go next. Pure; no ports, no words for a
//! screen.

#[cfg(test)]
mod tests;
mod work;

use chrono::{DateTime, TimeDelta, Utc};

pub use work::{AT_ONCE, Job, Lane, PER_ACCOUNT, Task, Turn, Work};

use crate::flows::Choice;
use crate::key::{Hint, KeyRef};
use crate::operation::OperationId;
use crate::rotation::{Phase, Rotation};

/// Keyturn's own id of one batch.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchId(pub String);

/// What is done to every key of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Rotate(Choice),
    Revoke,
}

impl Deed {
    /// Whether a key is made for each one.
    #[must_use]
    pub fn mints(self) -> bool {
        matches!(self, Self::Rotate(_))
    }

    /// Whether the old key is gone once an item is done, so that its place at the vendor is free again.
    #[must_use]
    pub fn frees(self) -> bool {
        matches!(self, Self::Rotate(Choice::Now) | Self::Revoke)
    }
}

/// Whether further items may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    Running,
    /// By the person. What has begun goes on to where nothing is half done.
    Paused,
    /// By the person, for good; the same holds for what has begun.
    Stopped,
    Done,
}

/// One decision of a person about many keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub id: BatchId,
    pub deed: Deed,
    pub state: BatchState,
    pub started_at: DateTime<Utc>,
    /// When its last item ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Batch {
    #[must_use]
    pub fn can_be_paused(&self) -> bool {
        self.ended_at.is_none() && self.state == BatchState::Running
    }

    #[must_use]
    pub fn can_be_resumed(&self) -> bool {
        self.ended_at.is_none() && self.state == BatchState::Paused
    }

    #[must_use]
    pub fn can_be_stopped(&self) -> bool {
        self.can_be_paused() || self.can_be_resumed()
    }
}

/// One key of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its place in the batch, from 1.
    pub number: u32,
    pub key: KeyRef,
    /// Name and hint as they were when the batch began: a key may be gone since.
    pub name: String,
    pub hint: Hint,
    pub state: ItemState,
    /// How often it began and nothing came of it.
    pub tries: u32,
    /// The vendor asked not to be called before.
    pub not_before: Option<DateTime<Utc>>,
}

impl Item {
    /// The operation of its present try. It follows from batch and item, so that whoever finds the item after a
    /// crash finds the operation too: if there is one, the item has begun and is never begun again.
    #[must_use]
    pub fn operation(&self, batch: &BatchId) -> OperationId {
        match self.tries {
            0 => OperationId(format!("{}.{}", batch.0, self.number)),
            tries => OperationId(format!("{}.{}.{tries}", batch.0, self.number)),
        }
    }
}

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemState {
    /// It waits, or it is under way: that is so where its operation exists.
    Open,
    /// Nothing is left to do that needs no person.
    Done,
    /// Why, in words.
    Failed(String),
    /// It was never begun; why, in words.
    Skipped(String),
}

/// An item with whether its operation exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundItem {
    pub item: Item,
    pub begun: bool,
}

/// How many items of a batch stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub waiting: usize,
    pub running: usize,
    pub done: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Counts {
    #[must_use]
    pub fn total(&self) -> usize {
        self.waiting + self.running + self.done + self.failed + self.skipped
    }
}

/// A batch with how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub batch: Batch,
    pub counts: Counts,
    /// The latest time before which a vendor asked not to be called.
    pub not_before: Option<DateTime<Utc>>,
}

/// Items by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    Waiting,
    Running,
    Done,
    Failed,
    Skipped,
}

/// After so many tries of one act a batch goes on without the item; its operation stays, and is tried on.
const PATIENCE: u32 = 10;

/// Where an item's rotation stands, for its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// There is something to do or to wait for that needs no person.
    UnderWay,
    /// It is done, or a person has the next word. `freed`: no more keys live than before.
    Over { freed: bool },
    /// It was tried often enough, for this reason.
    GivenUp(String),
}

/// What a batch makes of a rotation's state.
#[must_use]
pub fn progress(rotation: &Rotation) -> Progress {
    match (&rotation.phase, &rotation.retry) {
        (Phase::Done { .. } | Phase::Undone { .. }, _) => Progress::Over { freed: true },
        (Phase::Left { .. }, _) => Progress::Over { freed: false },
        (Phase::Verified(_) | Phase::Overlap { .. } | Phase::Bereft { .. } | Phase::Bringing, _) => {
            Progress::Over { freed: false }
        }
        (_, Some(retry)) if retry.tries >= PATIENCE => match &retry.why {
            Some(why) => Progress::GivenUp(why.clone()),
            // It only takes its time.
            None => Progress::UnderWay,
        },
        (
            Phase::Minting
            | Phase::Minted(_)
            | Phase::Revoking { .. }
            | Phase::Dying { .. }
            | Phase::Undoing(_)
            | Phase::Fading { .. },
            _,
        ) => Progress::UnderWay,
    }
}

/// The longest wait before something that did not go through is begun anew.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(5);

/// Until when an item waits whose try came to nothing; `None` where it was tried often enough.
#[must_use]
pub fn again_at(tries: u32, asked: Option<TimeDelta>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if tries > PATIENCE {
        return None;
    }
    let growing = TimeDelta::seconds(1 << tries.saturating_sub(1).min(9)).min(LONGEST_WAIT);
    Some(now + asked.unwrap_or(growing).max(TimeDelta::seconds(1)))
}
