//! Lists that were read to see the end of keys, shared by all who watch one: a thousand keys that die together are
//! seen in a few readings. In memory only.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::account::AccountId;
use crate::key::{KeyRecord, VendorKeyId};

/// Between two readings of one account, at least this long, and five times as long as a reading takes.
const REST: TimeDelta = TimeDelta::seconds(1);

/// A reading that was begun so long ago has ended without a word.
const FORGOTTEN: TimeDelta = TimeDelta::minutes(2);

/// What there is to be seen of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// A list that is young enough was read already.
    Seen { lives: bool },
    /// Somebody reads it at this moment, or it was read a short while ago.
    Later(DateTime<Utc>),
    /// Whoever hears this reads it, and [keeps](Looks::keep) it.
    Read,
}

/// The last such reading of each account.
#[derive(Debug, Default)]
pub(crate) struct Looks(Mutex<HashMap<AccountId, Kept>>);

#[derive(Debug)]
struct Kept {
    read_at: DateTime<Utc>,
    live: HashSet<VendorKeyId>,
    /// Not to be read again before.
    next_at: DateTime<Utc>,
}

impl Looks {
    /// What a list that was read at `from` or later says of a key.
    pub(crate) fn look(
        &self,
        account: &AccountId,
        key: &VendorKeyId,
        from: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Look {
        let mut kept = self.lock();
        let one = kept.entry(account.clone()).or_insert_with(|| Kept {
            read_at: DateTime::<Utc>::MIN_UTC,
            live: HashSet::new(),
            next_at: DateTime::<Utc>::MIN_UTC,
        });
        if one.read_at >= from {
            return Look::Seen { lives: one.live.contains(key) };
        }
        if now < one.next_at {
            return Look::Later(one.next_at.min(now + REST));
        }
        one.next_at = now + FORGOTTEN;
        Look::Read
    }

    /// Keeps what was read at `read_at` for the others; `None`: it could not be read.
    pub(crate) fn keep(
        &self,
        account: &AccountId,
        listed: Option<&[KeyRecord]>,
        read_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) {
        let mut kept = self.lock();
        let Some(one) = kept.get_mut(account) else { return };
        one.next_at = now + REST.max((now - read_at) * 5);
        if let Some(listed) = listed {
            let live = listed.iter().filter(|record| record.status.is_live());
            one.live = live.map(|record| record.id.clone()).collect();
            one.read_at = read_at;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reads_and_the_others_see_what_it_read_if_that_is_young_enough() {
        let (looks, account) = (Looks::default(), AccountId("a".into()));
        let key = VendorKeyId("old".into());
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert_eq!(looks.look(&account, &key, at(100), at(100)), Look::Read);
        assert!(matches!(looks.look(&account, &key, at(100), at(100)), Look::Later(_)));
        looks.keep(&account, Some(&[]), at(100), at(102));
        assert_eq!(looks.look(&account, &key, at(100), at(102)), Look::Seen { lives: false });
        assert_eq!(looks.look(&account, &key, at(101), at(103)), Look::Later(at(104)), "it took 2 s");
        assert_eq!(looks.look(&account, &key, at(101), at(112)), Look::Read);
    }
}
