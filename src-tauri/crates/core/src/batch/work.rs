//! Which item may go next: so many at a time in all and for each account, as far as the vendor's limits, its wishes
//! to be left alone, and equal names allow.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Deed, FoundItem};
use crate::account::AccountId;

/// Most acts at a time.
pub const AT_ONCE: usize = 8;

/// Most acts at a time for one account: the rest of the application and other programs use it too.
pub const PER_ACCOUNT: usize = 4;

/// A list read longer ago is read again before a key is made: what is new in it after a lost reply may be ours.
const FRESH: TimeDelta = TimeDelta::minutes(2);

/// How many waiting items are looked at for one whose name nobody else is making.
const LOOK_AHEAD: usize = 64;

/// One act to be carried out; [`Work::turned`] is told how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub account: AccountId,
    pub task: Task,
}

/// With the item's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Read the account's list, before the first key is made there.
    Read,
    Begin(u32),
    GoOn(u32),
    /// No place is free at the vendor, and none will be: the item ends without having begun.
    NoRoom(u32),
}

impl Task {
    fn item(self) -> Option<u32> {
        match self {
            Self::Read => None,
            Self::Begin(number) | Self::GoOn(number) | Self::NoRoom(number) => Some(number),
        }
    }
}

/// How an act ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The list was read.
    Read,
    /// It goes on at once.
    Again,
    /// It goes on then.
    At(DateTime<Utc>),
    /// The vendor is left alone until then. `begun`: its operation goes on; otherwise it begins anew.
    Held { until: DateTime<Utc>, begun: bool },
    /// Whether a key was made is not known; that is looked up then.
    Doubt { until: DateTime<Utc> },
    /// The same, and the vendor may be called meanwhile.
    Unsettled { until: DateTime<Utc> },
    /// No place was free after all: it has not begun.
    Full,
    /// `freed`: no more keys live at the vendor than before.
    Ended { freed: bool },
}

/// The items of one batch that are not over, by account.
#[derive(Debug)]
pub struct Work {
    deed: Deed,
    lanes: BTreeMap<AccountId, Lane>,
    names: HashMap<u32, String>,
    in_hand: usize,
    /// The account that was served last: the next one comes first, so that none starves.
    served: Option<AccountId>,
}

/// One account's part of a batch.
#[derive(Debug, Default)]
pub struct Lane {
    waiting: VecDeque<u32>,
    /// The managing key: it goes when nobody else needs it any more.
    last: VecDeque<u32>,
    /// Begun, and to be gone on with then.
    due: BTreeSet<(DateTime<Utc>, u32)>,
    in_hand: usize,
    /// Begun and not over.
    open: usize,
    /// How many at a time: one after the vendor asked to be left alone, and one more for each that goes through.
    width: usize,
    until: Option<DateTime<Utc>>,
    /// How many keys may still be made; `None`: as many as one likes.
    room: Option<usize>,
    read_at: Option<DateTime<Utc>>,
    reading: bool,
    /// Names of keys that are being made: of two alike nobody could tell afterwards whose reply was lost.
    making: BTreeMap<String, u32>,
}

impl Lane {
    /// `room`: how many keys the vendor lets be made beside those that live, where it has a limit; an item that has
    /// begun counts for two until it ends. `read_at`: when the account's list was last read.
    #[must_use]
    pub fn new(room: Option<usize>, read_at: Option<DateTime<Utc>>) -> Self {
        Self { width: PER_ACCOUNT, room, read_at, ..Self::default() }
    }
}

impl Work {
    /// Takes the open items, each with whether it is its account's managing key. A begun one goes on at once.
    #[must_use]
    pub fn new(
        deed: Deed,
        lanes: impl IntoIterator<Item = (AccountId, Lane)>,
        items: impl IntoIterator<Item = (FoundItem, bool)>,
        now: DateTime<Utc>,
    ) -> Self {
        let lanes = lanes.into_iter().collect();
        let mut work = Self { deed, lanes, names: HashMap::new(), in_hand: 0, served: None };
        for (FoundItem { item, begun }, managing) in items {
            let lane = work.lanes.entry(item.key.account).or_insert_with(|| Lane::new(None, None));
            lane.until = lane.until.max(item.not_before);
            if begun {
                lane.due.insert((now, item.number));
                lane.open += 1;
                lane.making.insert(item.name.clone(), item.number);
            } else if managing {
                lane.last.push_back(item.number);
            } else {
                lane.waiting.push_back(item.number);
            }
            work.names.insert(item.number, item.name);
        }
        work
    }

    /// The next act, if one may begin now. `starting`: further items may begin, too.
    pub fn next(&mut self, now: DateTime<Utc>, starting: bool) -> Option<Job> {
        if self.in_hand >= AT_ONCE {
            return None;
        }
        let after = |served: &AccountId, account: &AccountId| account > served;
        let mut accounts: Vec<AccountId> = self.lanes.keys().cloned().collect();
        if let Some(served) = &self.served {
            let split = accounts.partition_point(|account| !after(served, account));
            accounts.rotate_left(split);
        }
        for account in accounts {
            let Some(lane) = self.lanes.get_mut(&account) else { continue };
            if let Some(task) = lane.next(self.deed, &self.names, now, starting) {
                lane.in_hand += 1;
                self.in_hand += 1;
                self.served = Some(account.clone());
                return Some(Job { account, task });
            }
        }
        None
    }

    /// Takes note of how an act ended.
    pub fn turned(&mut self, job: &Job, turn: Turn, now: DateTime<Utc>) {
        let Some(lane) = self.lanes.get_mut(&job.account) else { return };
        self.in_hand -= 1;
        lane.in_hand -= 1;
        lane.turned(self.deed, job.task, turn, now);
        if let (Some(number), Turn::Ended { .. }) = (job.task.item(), turn) {
            self.names.remove(&number);
        }
    }

    /// When something that waits becomes due, as far as only the time is missing.
    #[must_use]
    pub fn wake(&self, now: DateTime<Utc>, starting: bool) -> Option<DateTime<Utc>> {
        self.lanes.values().filter_map(|lane| lane.wake(now, starting)).min()
    }

    /// Takes what has not begun out of the batch.
    pub fn drop_waiting(&mut self) -> Vec<u32> {
        let mut dropped = Vec::new();
        for lane in self.lanes.values_mut() {
            dropped.extend(lane.waiting.drain(..).chain(lane.last.drain(..)));
        }
        for number in &dropped {
            self.names.remove(number);
        }
        dropped
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.in_hand == 0
            && self
                .lanes
                .values()
                .all(|lane| lane.waiting.is_empty() && lane.last.is_empty() && lane.due.is_empty())
    }
}

impl Lane {
    fn next(
        &mut self,
        deed: Deed,
        names: &HashMap<u32, String>,
        now: DateTime<Utc>,
        starting: bool,
    ) -> Option<Task> {
        if self.until.is_some_and(|until| until > now) || self.in_hand >= self.width {
            return None;
        }
        if let Some(due) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.remove(&due);
            return Some(Task::GoOn(due.1));
        }
        let managing = self.waiting.is_empty();
        if !starting || self.reading || (managing && (self.last.is_empty() || self.open > 0)) {
            return None;
        }
        if !deed.mints() {
            let number = if managing { self.last.pop_front() } else { self.waiting.pop_front() }?;
            self.open += 1;
            return Some(Task::Begin(number));
        }
        self.mint_next(deed, names, now, managing)
    }

    fn mint_next(
        &mut self,
        deed: Deed,
        names: &HashMap<u32, String>,
        now: DateTime<Utc>,
        managing: bool,
    ) -> Option<Task> {
        let full = self.room == Some(0);
        if full && deed.frees() && self.open > 0 {
            return None;
        }
        if !full && self.read_at.is_none_or(|at| at + FRESH < now) {
            // One at a time, and before anything is made.
            self.reading = true;
            return Some(Task::Read);
        }
        let queue = if managing { &mut self.last } else { &mut self.waiting };
        let name = |number: &u32| names.get(number).map(String::as_str).unwrap_or_default();
        let found = queue.iter().take(LOOK_AHEAD).position(|number| !self.making.contains_key(name(number)));
        let number = queue.remove(found?)?;
        if full {
            return Some(Task::NoRoom(number));
        }
        self.open += 1;
        self.room = self.room.map(|room| room - 1);
        self.making.insert(name(&number).to_owned(), number);
        Some(Task::Begin(number))
    }

    fn turned(&mut self, deed: Deed, task: Task, turn: Turn, now: DateTime<Utc>) {
        if task == Task::Read {
            self.reading = false;
        }
        if let Turn::Held { until, .. } | Turn::Doubt { until } = turn {
            self.until = self.until.max(Some(until));
            self.width = 1;
        } else if self.until.is_none_or(|until| until <= now) {
            self.width = PER_ACCOUNT.min(self.width + 1);
        }
        let Some(number) = task.item() else {
            if turn == Turn::Read {
                self.read_at = Some(now);
            }
            return;
        };
        match turn {
            // Its name stays taken: of two alike nobody could tell which the request made.
            Turn::Doubt { until } | Turn::Unsettled { until } => {
                self.due.insert((until, number));
                return;
            }
            Turn::Read | Turn::Again => {
                self.due.insert((now, number));
            }
            Turn::At(at) | Turn::Held { until: at, begun: true } => {
                self.due.insert((at, number));
            }
            Turn::Held { begun: false, .. } => {
                self.open -= 1;
                self.waiting.push_front(number);
                self.give_back(deed);
            }
            Turn::Full => {
                self.open -= 1;
                self.waiting.push_front(number);
                self.room = Some(0);
            }
            Turn::Ended { .. } if matches!(task, Task::NoRoom(_)) => {}
            Turn::Ended { freed } => {
                self.open -= 1;
                if freed {
                    self.give_back(deed);
                }
            }
        }
        self.making.retain(|_, maker| *maker != number);
    }

    fn give_back(&mut self, deed: Deed) {
        if deed.mints() {
            self.room = self.room.map(|room| room + 1);
        }
    }

    fn wake(&self, now: DateTime<Utc>, starting: bool) -> Option<DateTime<Utc>> {
        let due = self.due.first().map(|(at, _)| self.until.map_or(*at, |until| until.max(*at)));
        let waits = starting && !(self.waiting.is_empty() && self.last.is_empty());
        let begins = self.until.filter(|_| waits);
        [due, begins].into_iter().flatten().filter(|at| *at > now).min()
    }
}
