//! What one reading of a vendor's list is worth. Pure.
//!
//! One reading is a rumour, two are a fact: lists lag behind, pages shift while they are read, roles change. That a
//! key is not listed counts once two readings some minutes apart agree. A reading that lacks more than keys that were
//! deleted one by one is not taken over at all before a person has said so.

use chrono::{DateTime, TimeDelta, Utc};

/// Two readings that lack a key agree where they lie so far apart: longer than a list is known to lag behind.
pub const AGREE: TimeDelta = TimeDelta::minutes(3);

/// What it means that a reading does not list a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Nothing yet: it is looked for again.
    Rumour,
    /// The vendor does not list it any more.
    Fact,
}

/// `since`: the first of the readings that did not list the key, where this one is not the first.
#[must_use]
pub fn absence(since: Option<DateTime<Utc>>, read_at: DateTime<Utc>) -> Absence {
    match since {
        Some(since) if read_at - since >= AGREE => Absence::Fact,
        Some(_) | None => Absence::Rumour,
    }
}

/// How a reading compares with the rows from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shortfall {
    /// Keys that worked, as far as was known.
    pub live: usize,
    /// Those of them that the reading does not list.
    pub missing: usize,
    /// The key that the list was read with was known, and is not in it.
    pub managing: bool,
    /// How many keys the reading lists.
    pub listed: usize,
}

/// Why a reading is not taken over by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    #[error("its list came back empty, though {live} keys worked before")]
    Empty { live: usize },
    #[error("its list lacks the key that it was read with")]
    Managing,
    #[error("its list lacks {missing} of {live} keys that worked before")]
    Many { missing: usize, live: usize },
}

impl Shortfall {
    /// `None` where the reading may be taken over. One key at a time is deleted by people every day.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        let Self { live, missing, managing, listed } = *self;
        match (listed, managing) {
            (0, _) if live > 0 => Some(Doubt::Empty { live }),
            (_, true) => Some(Doubt::Managing),
            _ if missing > 1 && missing * 10 > live => Some(Doubt::Many { missing, live }),
            _ => None,
        }
    }
}

/// Our clock and a vendor's differ by more than networks and sloppy clocks explain.
const SLOPPY: TimeDelta = TimeDelta::minutes(5);

/// By how much our clock goes before the vendor's, in words, where that is worth saying.
#[must_use]
pub fn clock_words(skew: TimeDelta) -> Option<String> {
    let (much, way) = if skew < TimeDelta::zero() { (-skew, "ahead of") } else { (skew, "behind") };
    if much < SLOPPY {
        return None;
    }
    let number = match (much.num_days(), much.num_hours()) {
        (2.., _) => format!("{} days", much.num_days()),
        (_, 2..) => format!("{} hours", much.num_hours()),
        _ => format!("{} minutes", much.num_minutes()),
    };
    Some(format!("{number} {way}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn f43_one_reading_is_a_rumour_and_two_some_minutes_apart_are_a_fact() {
        assert_eq!(absence(None, at(0)), Absence::Rumour);
        assert_eq!(absence(Some(at(0)), at(2)), Absence::Rumour);
        assert_eq!(absence(Some(at(0)), at(3)), Absence::Fact);
        assert_eq!(absence(Some(at(9)), at(3)), Absence::Rumour, "the clock was set back");
    }

    #[test]
    fn f45_a_reading_that_lacks_too_much_is_doubted() {
        let doubt = |live, missing, managing, listed| Shortfall { live, missing, managing, listed }.doubt();
        assert_eq!(doubt(0, 0, false, 0), None, "an account without keys");
        assert_eq!(doubt(1, 1, false, 0), Some(Doubt::Empty { live: 1 }));
        assert_eq!(doubt(5, 1, true, 4), Some(Doubt::Managing));
        assert_eq!(doubt(5, 1, false, 4), None, "somebody deleted one key");
        assert_eq!(doubt(5, 2, false, 3), Some(Doubt::Many { missing: 2, live: 5 }));
        assert_eq!(doubt(100, 10, false, 90), None);
        assert_eq!(doubt(100, 11, false, 89), Some(Doubt::Many { missing: 11, live: 100 }));
    }

    #[test]
    fn f54_clocks_that_differ_by_minutes_are_told_apart_in_words() {
        assert_eq!(clock_words(TimeDelta::seconds(-40)), None);
        assert_eq!(clock_words(TimeDelta::minutes(-12)).as_deref(), Some("12 minutes ahead of"));
        assert_eq!(clock_words(TimeDelta::hours(30)).as_deref(), Some("30 hours behind"));
        assert_eq!(clock_words(TimeDelta::days(-30)).as_deref(), Some("30 days ahead of"));
    }
}
