//! From which addresses a key was used, when last and how often. Kept for those used last, seen at once in
//! memory and written behind with the key's last use.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::moment::Moment;

/// Most addresses that are remembered of one key.
const ADDRESSES: usize = 32;

/// What is known of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) address: IpAddr,
    pub(crate) last_used_at: Moment,
    pub(crate) count: u32,
}

/// A key's addresses.
#[derive(Default)]
pub(crate) struct Usage(Mutex<Vec<Seen>>);

impl Usage {
    /// As it was written.
    pub(super) fn of(seen: Vec<Seen>) -> Self {
        Self(Mutex::new(seen))
    }

    /// Every remembered address, the last used first.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        seen.sort_by(|one, other| {
            other.last_used_at.cmp(&one.last_used_at).then(one.address.cmp(&other.address))
        });
        seen
    }

    /// Counts a use. The address that was not used for longest makes room where there is none.
    pub(super) fn note(&self, address: IpAddr, now: Moment) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = seen.iter_mut().find(|known| known.address == address) {
            known.last_used_at = known.last_used_at.max(now);
            known.count = known.count.saturating_add(1);
            return;
        }
        if seen.len() >= ADDRESSES
            && let Some(oldest) = (0..seen.len()).min_by_key(|place| seen[*place].last_used_at)
        {
            seen.swap_remove(oldest);
        }
        seen.push(Seen { address, last_used_at: now, count: 1 });
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn uses_are_counted_by_address_and_the_last_used_is_first() {
        let usage = Usage::default();
        for (number, at) in [(1, 10), (2, 20), (1, 30)] {
            usage.note(address(number), Moment(at));
        }
        let expected = [(1, 30, 2), (2, 20, 1)];
        let expected = expected.map(|(number, at, count)| Seen {
            address: address(number),
            last_used_at: Moment(at),
            count,
        });
        assert_eq!(usage.seen(), expected);
    }

    #[test]
    fn the_address_that_was_not_used_for_longest_is_forgotten() {
        let usage = Usage::default();
        for number in 0..=ADDRESSES as u32 {
            usage.note(address(number), Moment(i64::from(number)));
        }
        let seen = usage.seen();
        assert_eq!(seen.len(), ADDRESSES);
        assert!(seen.iter().all(|known| known.address != address(0)));
    }
}
