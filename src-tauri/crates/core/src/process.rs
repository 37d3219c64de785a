//! What this process has under way, in memory only: requests whose replies it waits for, and readings that many share.
//!
//! Recovery acts only on what this process knows to be interrupted: what it carried itself and carries no more, and what
//! the process before it left behind, which it found as it began. Of anything else it knows nothing.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::account::{AccountId, Place};
use crate::operation::OperationId;

/// Between two readings for those who share them lies five times as long as one takes; whoever waits looks again after
/// this at most.
const LOOK: TimeDelta = TimeDelta::seconds(1);

/// A reading that was begun so long ago has ended without a word.
const FORGOTTEN: TimeDelta = TimeDelta::minutes(2);

/// Shared by every flow of one process.
#[derive(Debug, Default)]
pub struct Process {
    carried: Mutex<Carried>,
    readings: Mutex<HashMap<AccountId, Reading>>,
    moved: Mutex<HashMap<AccountId, Place>>,
}

/// Operations of this process, and the order in which their requests ended.
#[derive(Debug, Default)]
struct Carried {
    /// How many requests have ended so far.
    turn: u64,
    in_flight: HashSet<OperationId>,
    /// The turn with which each ended. What was found at the beginning ended before the first.
    ended: HashMap<OperationId, u64>,
    /// What was left behind has been looked for.
    has_begun: bool,
}

/// The mark of an operation whose request may be out; taken off when dropped.
#[derive(Debug)]
pub struct InFlight {
    process: Arc<Process>,
    operation: OperationId,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut carried = lock(&self.process.carried);
        carried.turn += 1;
        let turn = carried.turn;
        carried.in_flight.remove(&self.operation);
        carried.ended.insert(self.operation.clone(), turn);
    }
}

/// The last reading of an account.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// When the last good one was begun.
    read_at: Option<DateTime<Utc>>,
    /// Not to be read again before, by those who share readings.
    next_at: DateTime<Utc>,
    /// One of those reads at this moment.
    pending: bool,
    /// The vendor's clock less ours, as its last reply told it.
    skew: Option<TimeDelta>,
}

/// Whether somebody who needs a young reading must make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// One that is young enough was made already: the ledger has it.
    Made,
    /// Somebody makes one at this moment, or made one a short while ago.
    Later(DateTime<Utc>),
    /// Whoever hears this reads the list, and [tells](Process::made) of it.
    Yours,
}

impl Process {
    /// Marks an operation as being carried by this process.
    #[must_use]
    pub fn carries(self: &Arc<Self>, operation: &OperationId) -> InFlight {
        lock(&self.carried).in_flight.insert(operation.clone());
        InFlight { process: Arc::clone(self), operation: operation.clone() }
    }

    /// The present turn: what ends from now on ends after it.
    #[must_use]
    pub(crate) fn turn(&self) -> u64 {
        lock(&self.carried).turn
    }

    /// These stand as "sent" on disk. Those that are there at the beginning were left by the process before.
    pub(crate) fn found<'a>(&self, operations: impl Iterator<Item = &'a OperationId>) {
        let mut carried = lock(&self.carried);
        if std::mem::replace(&mut carried.has_begun, true) {
            return;
        }
        for operation in operations {
            if !carried.in_flight.contains(operation) {
                carried.ended.entry(operation.clone()).or_insert(0);
            }
        }
    }

    /// Whether the operation is known to be interrupted, and was so at `turn` already.
    pub(crate) fn was_over(&self, operation: &OperationId, turn: u64) -> bool {
        let carried = lock(&self.carried);
        let ended = carried.ended.get(operation).is_some_and(|ended| *ended <= turn);
        ended && !carried.in_flight.contains(operation)
    }

    /// Who makes a reading that was begun at `from` or later.
    pub(crate) fn share(&self, account: &AccountId, from: DateTime<Utc>, now: DateTime<Utc>) -> Share {
        let mut readings = lock(&self.readings);
        let one = readings.entry(account.clone()).or_insert(Reading {
            read_at: None,
            next_at: DateTime::<Utc>::MIN_UTC,
            pending: false,
            skew: None,
        });
        // A reading from the future: the clock was set back since.
        if one.read_at.is_some_and(|at| at >= from && at <= now) {
            return Share::Made;
        }
        if now < one.next_at && one.next_at - now <= FORGOTTEN {
            return Share::Later(one.next_at.min(now + LOOK));
        }
        one.next_at = now + FORGOTTEN;
        one.pending = true;
        Share::Yours
    }

    /// A reading that was begun at `from` has ended at `now`; `dated`: the vendor's clock then. `good`: it was taken over.
    pub(crate) fn made(
        &self,
        account: &AccountId,
        from: DateTime<Utc>,
        now: DateTime<Utc>,
        dated: Option<DateTime<Utc>>,
        good: bool,
    ) {
        let mut readings = lock(&self.readings);
        let before = readings.get(account).copied();
        let rests = match before {
            Some(before) if before.pending => now + (now - from) * 5,
            Some(before) => before.next_at,
            None => now,
        };
        readings.insert(
            account.clone(),
            Reading {
                read_at: if good { Some(from) } else { before.and_then(|before| before.read_at) },
                next_at: rests,
                pending: false,
                skew: dated.map(|dated| dated - now).or(before.and_then(|before| before.skew)),
            },
        );
    }

    /// A person gave the account another address, from here.
    pub(crate) fn moves(&self, account: &AccountId, place: Place) {
        lock(&self.moved).insert(account.clone(), place);
    }

    /// Where the account was moved to from here: whoever looked at it before that seals for the new place. The file is not
    /// asked, since somebody else may have written into it.
    pub(crate) fn moved(&self, account: &AccountId) -> Option<Place> {
        lock(&self.moved).get(account).cloned()
    }

    /// Whether this process has read the account's list. Until then the file alone says what its keys are like.
    #[must_use]
    pub fn has_read(&self, account: &AccountId) -> bool {
        lock(&self.readings).get(account).is_some_and(|reading| reading.read_at.is_some())
    }

    /// The vendor's clock less ours, where its replies told it.
    #[must_use]
    pub fn skew(&self, account: &AccountId) -> Option<TimeDelta> {
        lock(&self.readings).get(account).and_then(|reading| reading.skew)
    }
}

/// A lock whose holder panicked still guards whole data: every change under it is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f53_one_reads_and_the_others_see_what_it_read_if_that_is_young_enough() {
        let (process, account) = (Process::default(), AccountId("a".into()));
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert_eq!(process.share(&account, at(100), at(100)), Share::Yours);
        assert!(matches!(process.share(&account, at(100), at(100)), Share::Later(_)));
        process.made(&account, at(100), at(102), None, true);
        assert_eq!(process.share(&account, at(100), at(102)), Share::Made);
        assert_eq!(process.share(&account, at(101), at(103)), Share::Later(at(104)), "it took 2 s");
        assert_eq!(process.share(&account, at(101), at(112)), Share::Yours);
        process.made(&account, at(112), at(113), None, false);
        assert_eq!(process.share(&account, at(101), at(200)), Share::Yours, "that one failed");
    }

    #[test]
    fn f41_an_operation_is_in_flight_as_long_as_somebody_carries_it() {
        let (process, operation) = (Arc::new(Process::default()), OperationId("o".into()));
        let carried = process.carries(&operation);
        let turn = process.turn();
        assert!(!process.was_over(&operation, turn));
        drop(carried);
        assert!(
            !process.was_over(&operation, turn),
            "a list that was asked for before may lack what it made"
        );
        assert!(process.was_over(&operation, process.turn()));
    }

    #[test]
    fn f41_what_another_process_may_carry_is_not_known_to_be_interrupted() {
        let process = Process::default();
        let (left, other) = (OperationId("left".into()), OperationId("other".into()));
        process.found([&left].into_iter());
        process.found([&left, &other].into_iter());
        assert!(process.was_over(&left, 0), "it was there at the beginning");
        assert!(!process.was_over(&other, 9), "it came later, and not from here");
    }
}
