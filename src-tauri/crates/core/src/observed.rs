//! What was observed of keys over time: the days on which they were used, and what changed outside Keyturn. Pure.
//!
//! A vendor tells one last use only. Two readings say of the days between them what the later one's last use
//! allows: a day is "not used" only where a reading after its end still named an earlier use.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use crate::key::{KeyRecord, KeyRef, KeyStatus, LastUse, Scope};
use crate::timestamp::Timestamp;

/// A day by UTC, counted from 1 January 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    #[must_use]
    pub fn of(at: DateTime<Utc>) -> Self {
        Self(at.timestamp().div_euclid(24 * 3600))
    }

    #[must_use]
    pub fn date(self) -> NaiveDate {
        NaiveDate::default() + TimeDelta::days(self.0)
    }

    /// The month it lies in, counted from January 1970, and its place there, from 0.
    #[must_use]
    pub fn in_month(self) -> (i64, u32) {
        let date = self.date();
        (i64::from(date.year() - 1970) * 12 + i64::from(date.month0()), date.day0())
    }

    /// The days from this one to `last`, both included.
    pub fn until(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }
}

/// What two readings of a key say: days on which it was used, and days on which it was not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    pub used: Vec<Day>,
    /// From, to; both included.
    pub unused: Option<(Day, Day)>,
}

/// Compares the last use of a reading at `read_before` with that of the next one, which is another.
#[must_use]
pub fn seen_between(before: &LastUse, read_before: DateTime<Utc>, after: &LastUse) -> Seen {
    let used = [before.moment(), after.moment()].into_iter().flatten().map(Day::of);
    let mut used: Vec<Day> = used.collect();
    used.dedup();
    Seen { used, unused: quiet(before, read_before) }
}

/// The whole days between a last use and the reading that told it: no use can lie there.
fn quiet(last_use: &LastUse, read_at: DateTime<Utc>) -> Option<(Day, Day)> {
    let since = match last_use {
        LastUse::UntrackedBefore(since) => *since,
        other => other.moment()?,
    };
    let (first, last) = (Day(Day::of(since).0 + 1), Day(Day::of(read_at).0 - 1));
    (first <= last).then_some((first, last))
}

/// One month of a key, a bit a day: on which it was used, and of which anything is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UseMonth {
    /// Counted from January 1970.
    pub month: i64,
    pub used: u32,
    pub known: u32,
}

/// What the ledger keeps of a key's uses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UseLog {
    pub months: Vec<UseMonth>,
    /// The first reading of its account since uses are recorded.
    pub observed_since: Option<DateTime<Utc>>,
    /// The last good reading of its account.
    pub read_at: Option<DateTime<Utc>>,
}

/// One day of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UseDay {
    pub day: Day,
    /// `None`: nothing was observed of this day.
    pub used: Option<bool>,
}

/// Each day from `first` to `last`, but none before the key was made.
#[must_use]
pub fn use_days(log: &UseLog, record: &KeyRecord, first: Day, last: Day) -> Vec<UseDay> {
    let first = record.created_at.map_or(first, |created| first.max(Day::of(created)));
    let last_use = record.last_use.moment().map(Day::of);
    let quiet = log.read_at.and_then(|read_at| match record.last_use {
        LastUse::Never | LastUse::Stale { last: None, .. } => {
            record.created_at.map(|created| (Day::of(created), Day(Day::of(read_at).0 - 1)))
        }
        _ => quiet(&record.last_use, read_at),
    });
    let day = |day: Day| {
        let (month, place) = day.in_month();
        let kept = log.months.iter().find(|kept| kept.month == month);
        let bit = 1_u32 << place;
        let known_used = kept.is_some_and(|kept| kept.used & bit != 0) || last_use == Some(day);
        let known_unused = kept.is_some_and(|kept| kept.known & bit != 0)
            || quiet.is_some_and(|(from, to)| (from..=to).contains(&day));
        UseDay { day, used: if known_used { Some(true) } else { known_unused.then_some(false) } }
    };
    first.until(last).map(day).collect()
}

/// What a reading found changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    Appeared,
    /// With the last use that was known.
    Vanished {
        last_use: LastUse,
    },
    /// It had not been listed for a while.
    Returned,
    Name {
        before: String,
        after: String,
    },
    Status {
        before: KeyStatus,
        after: KeyStatus,
    },
    Scopes {
        before: Vec<Scope>,
        after: Vec<Scope>,
    },
    Expiry {
        before: Timestamp,
        after: Timestamp,
    },
}

/// Something that changed at the vendor, and not through Keyturn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When it was read.
    pub at: DateTime<Utc>,
    pub key: KeyRef,
    /// As it was called then.
    pub name: String,
    /// The key is still listed.
    pub there: bool,
    pub changed: Changed,
}

impl Changed {
    /// One or two sentences.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Appeared => "Appeared. It was not made with Keyturn.".to_owned(),
            Self::Vanished { last_use } => match last_use.moment() {
                Some(at) => format!("Is not listed any more. It was last used on {}.", date(at)),
                None => "Is not listed any more.".to_owned(),
            },
            Self::Returned => "Is listed again.".to_owned(),
            Self::Name { before, after } => {
                format!("Renamed from \u{201c}{before}\u{201d} to \u{201c}{after}\u{201d}.")
            }
            Self::Status { before, after } => {
                format!("Was {}, now {}.", before.word(), after.word())
            }
            Self::Scopes { before, after } => scopes(before, after),
            Self::Expiry { before, after } => {
                let end = |at: &Timestamp| match at {
                    Timestamp::None => "never".to_owned(),
                    Timestamp::Unreadable => "something that could not be read".to_owned(),
                    Timestamp::At(_) | Timestamp::On(_) => at.shown().map(date).unwrap_or_default(),
                };
                format!("Its expiry changed from {} to {}.", end(before), end(after))
            }
        }
    }
}

fn scopes(before: &[Scope], after: &[Scope]) -> String {
    let beyond = |these: &[Scope], those: &[Scope]| {
        let beyond = these.iter().filter(|scope| !those.contains(scope)).map(|scope| scope.0.as_str());
        beyond.collect::<Vec<_>>().join(", ")
    };
    let (gained, lost) = (beyond(after, before), beyond(before, after));
    match (gained.is_empty(), lost.is_empty()) {
        (false, true) => format!("Gained the scopes {gained}."),
        (true, false) => format!("Lost the scopes {lost}."),
        (false, false) => format!("Gained the scopes {gained}; lost {lost}."),
        (true, true) => "Its scopes are listed in another order.".to_owned(),
    }
}

fn date(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Environment, Hint, VendorKeyId};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Day {
        Day::of(at(&format!("{text}T12:00:00Z")))
    }

    fn record(created: &str, last_use: LastUse) -> KeyRecord {
        KeyRecord {
            id: VendorKeyId("key".into()),
            name: "Key".into(),
            hint: Hint { prefix: String::new(), suffix: String::new() },
            environment: Environment::Live,
            scopes: Vec::new(),
            status: KeyStatus::Active,
            created_at: Some(at(created)),
            expires: Timestamp::None,
            last_use,
            creator: None,
            checked: None,
        }
    }

    /// One letter a day: used, not used, or a dot.
    fn drawn(days: &[UseDay]) -> String {
        days.iter().map(|day| day.used.map_or('.', |used| if used { 'u' } else { 'n' })).collect()
    }

    #[test]
    fn a_day_knows_its_month_and_its_place_there() {
        for (text, number, in_month) in [
            ("1970-01-01", 0, (0, 0)),
            ("1969-12-31", -1, (-1, 30)),
            ("2024-02-29", 19_782, (649, 28)),
            ("2026-11-21", 20_778, (682, 20)),
        ] {
            assert_eq!(day(text), Day(number), "{text}");
            assert_eq!(day(text).in_month(), in_month, "{text}");
            assert_eq!(day(text).date().to_string(), text);
        }
    }

    #[test]
    fn between_two_readings_only_whole_days_before_the_first_one_were_quiet() {
        let seen = seen_between(
            &LastUse::At(at("2026-03-01T23:59:59Z")),
            at("2026-03-05T00:00:01Z"),
            &LastUse::At(at("2026-03-09T08:00:00Z")),
        );
        assert_eq!(seen.used, [day("2026-03-01"), day("2026-03-09")]);
        assert_eq!(seen.unused, Some((day("2026-03-02"), day("2026-03-04"))));
        let same_day = seen_between(
            &LastUse::At(at("2026-03-01T08:00:00Z")),
            at("2026-03-01T09:00:00Z"),
            &LastUse::At(at("2026-03-01T10:00:00Z")),
        );
        assert_eq!(same_day, Seen { used: vec![day("2026-03-01")], unused: None });
        let unknown = seen_between(&LastUse::NotReported, at("2026-03-05T00:00:00Z"), &LastUse::Never);
        assert_eq!(unknown, Seen::default());
    }

    #[test]
    fn a_day_is_unused_only_where_a_reading_after_it_said_so() {
        let log = UseLog {
            months: vec![UseMonth { month: 674, used: 0b1, known: 0b111 }],
            observed_since: None,
            read_at: Some(at("2026-03-09T10:00:00Z")),
        };
        let key = record("2026-02-27T10:00:00Z", LastUse::At(at("2026-03-06T10:00:00Z")));
        let days = use_days(&log, &key, day("2026-02-01"), day("2026-03-10"));
        assert_eq!(days[0].day, day("2026-02-27"), "none before it was made");
        assert_eq!(
            drawn(&days),
            "..unn..unn..",
            "27 and 28 February, 4 and 5 March, the day of the reading and the next are not known"
        );
    }

    #[test]
    fn what_the_vendor_says_of_never_and_of_nothing() {
        let log = UseLog { read_at: Some(at("2026-03-05T10:00:00Z")), ..UseLog::default() };
        let days = |last_use| {
            let key = record("2026-03-01T10:00:00Z", last_use);
            drawn(&use_days(&log, &key, day("2026-02-01"), day("2026-03-06")))
        };
        assert_eq!(days(LastUse::Never), "nnnn..");
        assert_eq!(days(LastUse::NotReported), "......");
        assert_eq!(days(LastUse::UntrackedBefore(at("2026-03-02T10:00:00Z"))), "..nn..");
        let stale =
            LastUse::Stale { last: Some(at("2026-03-02T10:00:00Z")), read_at: at("2026-03-05T10:00:00Z") };
        assert_eq!(days(stale), ".unn..");
    }

    #[test]
    fn each_change_has_its_words() {
        let scope = |text: &str| Scope(text.into());
        let table = [
            (Changed::Appeared, "Appeared. It was not made with Keyturn."),
            (Changed::Vanished { last_use: LastUse::Never }, "Is not listed any more."),
            (
                Changed::Vanished { last_use: LastUse::At(at("2026-03-01T10:00:00Z")) },
                "Is not listed any more. It was last used on 1 March 2026.",
            ),
            (
                Changed::Name { before: "a".into(), after: "b".into() },
                "Renamed from \u{201c}a\u{201d} to \u{201c}b\u{201d}.",
            ),
            (
                Changed::Status { before: KeyStatus::Active, after: KeyStatus::Revoked { at: None } },
                "Was active, now revoked.",
            ),
            (
                Changed::Scopes {
                    before: vec![scope("a"), scope("b")],
                    after: vec![scope("b"), scope("c"), scope("d")],
                },
                "Gained the scopes c, d; lost a.",
            ),
            (Changed::Scopes { before: vec![], after: vec![scope("c")] }, "Gained the scopes c."),
            (
                Changed::Expiry { before: Timestamp::None, after: Timestamp::At(at("2026-03-01T10:00:00Z")) },
                "Its expiry changed from never to 1 March 2026.",
            ),
        ];
        for (changed, words) in table {
            assert_eq!(changed.words(), words);
        }
    }
}
