//! What a time from outside is: one place for every form in which vendors and files write it, and for the three things
//! that are not one another: there is none, it is there and cannot be read, it was left out.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// A moment as somebody outside wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timestamp {
    /// There is none: left out, or written as one that no key can have.
    #[default]
    None,
    At(DateTime<Utc>),
    /// A day without a zone: it stays that day, wherever it is looked at.
    On(NaiveDate),
    /// Something stands there, and nobody here can say which moment it means.
    Unreadable,
}

/// What programs write into a field of times where they have none.
const NO_TIME: [&str; 9] = ["", "-", "never", "none", "null", "nil", "n/a", "undefined", "infinity"];

/// Forms with a date, a time and perhaps a zone that are not RFC 3339: as databases, logs and languages print them.
const ZONED: [&str; 6] = [
    "%Y-%m-%d %H:%M:%S%.f %z",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%z",
    "%Y%m%dT%H%M%S%#z",
];
/// The same without a zone: taken as UTC.
const NAIVE: [&str; 6] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y%m%dT%H%M%S",
];
/// A day. Where day and month might be the other way round, it is no form that can be read.
const DAYS: [&str; 4] = ["%Y-%m-%d", "%Y/%m/%d", "%d %B %Y", "%B %d, %Y"];

impl Timestamp {
    /// Reads what a vendor or a file wrote, as generously as can be without guessing.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        if NO_TIME.iter().any(|none| text.eq_ignore_ascii_case(none)) {
            return Self::None;
        }
        if let Some(day) = DAYS.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok()) {
            return if exists(day.year()) { Self::On(day) } else { Self::None };
        }
        match zoned(text).or_else(|| naive(text)).or_else(|| epoch(text)) {
            Some(at) if exists(at.year()) => Self::At(at),
            Some(_) => Self::None,
            None => Self::Unreadable,
        }
    }

    /// The moment itself; of a day, its noon by UTC, which is that day nearly everywhere.
    #[must_use]
    pub fn shown(self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(at) => Some(at),
            Self::On(day) => Some(noon(day)),
            Self::None | Self::Unreadable => None,
        }
    }

    /// The moment at which it is over; of a day, when it has ended everywhere on Earth.
    #[must_use]
    pub fn ends(self) -> Option<DateTime<Utc>> {
        match self {
            Self::On(day) => Some(noon(day) + TimeDelta::days(1)),
            other => other.shown(),
        }
    }

    #[must_use]
    pub fn is_over(self, now: DateTime<Utc>) -> bool {
        self.ends().is_some_and(|end| end <= now)
    }

    /// Whether it may be what was asked for; the vendor may keep whole seconds, or the day, only.
    #[must_use]
    pub fn may_be(self, asked: Option<DateTime<Utc>>) -> bool {
        match (self, asked) {
            (Self::None, None) | (Self::Unreadable, Some(_)) => true,
            (Self::At(at), Some(asked)) => (at - asked).abs() < TimeDelta::seconds(1),
            (Self::On(day), Some(asked)) => (noon(day) - asked).abs() <= TimeDelta::hours(36),
            (Self::None, Some(_)) | (Self::At(_) | Self::On(_) | Self::Unreadable, None) => false,
        }
    }
}

impl From<Option<DateTime<Utc>>> for Timestamp {
    fn from(at: Option<DateTime<Utc>>) -> Self {
        at.map_or(Self::None, Self::At)
    }
}

/// Noon by UTC.
#[must_use]
pub fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(12)
}

/// How a time that a program wrote is read: RFC 3339 with any offset. `None` for what is no time, and for one that no
/// key can have ([`plausible`]).
#[must_use]
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()).and_then(plausible)
}

/// A time from outside, if it lies in the years 1970 to 9999. Nearer to the end of what can be represented, adding a
/// day to it would panic.
#[must_use]
pub fn plausible(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (1970..=9999).contains(&time.year()).then_some(time)
}

/// No vendor of keys is older, and none means a time at the end of all times: programs write both for "none".
fn exists(year: i32) -> bool {
    (2000..9999).contains(&year)
}

fn zoned(text: &str) -> Option<DateTime<Utc>> {
    // Go prints the zone's name behind its offset, others the name alone.
    let text = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).unwrap_or(text);
    let forms = || ZONED.iter().find_map(|form| DateTime::parse_from_str(text, form).ok());
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .ok()
        .or_else(forms)
        .map(|time| time.to_utc())
}

fn naive(text: &str) -> Option<DateTime<Utc>> {
    let of_http = ["%A, %d-%b-%y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let text = text.strip_suffix(" UTC").or_else(|| text.strip_suffix('Z')).unwrap_or(text);
    let forms = NAIVE.iter().chain(&of_http);
    forms
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|time| time.and_utc())
}

/// Seconds since 1970, with or without a fraction; or, past the year 5000 as those, thousandths, millionths or
/// billionths.
fn epoch(text: &str) -> Option<DateTime<Utc>> {
    let text = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")).unwrap_or(text);
    let Ok(number) = text.parse::<i64>() else {
        let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite())?;
        let millis = if seconds.abs() <= 1e11 { seconds * 1e3 } else { seconds };
        // A double holds the thousandths of any time that a key can have.
        #[allow(clippy::cast_possible_truncation, reason = "bounded, and rounded before")]
        return (millis.abs() < 1e15).then(|| epoch_of(millis.round() as i64, 1_000)).flatten();
    };
    match number.unsigned_abs() {
        // The ends of the numbers: programs write them for "for ever".
        _ if matches!(number, i64::MIN | i64::MAX) => Some(DateTime::<Utc>::MAX_UTC),
        0..=100_000_000_000 => epoch_of(number, 1),
        100_000_000_001..=100_000_000_000_000 => epoch_of(number, 1_000),
        100_000_000_000_001..=100_000_000_000_000_000 => epoch_of(number, 1_000_000),
        _ => epoch_of(number, 1_000_000_000),
    }
}

fn epoch_of(number: i64, a_second: i64) -> Option<DateTime<Utc>> {
    let nanos = number.rem_euclid(a_second) * (1_000_000_000 / a_second);
    DateTime::from_timestamp(number.div_euclid(a_second), u32::try_from(nanos).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::At(parse_time(text).unwrap())
    }

    #[test]
    fn f07_every_usual_form_of_a_time_is_read() {
        let noon = at("2027-03-01T12:00:00Z");
        for text in [
            "2027-03-01T12:00:00Z",
            "2027-03-01t12:00:00z",
            "2027-03-01T12:00:00.000Z",
            "2027-03-01T12:00:00.000000000Z",
            "2027-03-01T14:00:00+02:00",
            "2027-03-01T14:00:00+0200",
            "2027-03-01T14:00:00+02",
            "2027-03-01T12:00:00+0000",
            "2027-03-01 12:00:00",
            "2027-03-01 12:00:00Z",
            "2027-03-01 12:00:00 UTC",
            "2027-03-01 12:00:00+00",
            "2027-03-01 12:00:00.000+00:00",
            "2027-03-01 12:00:00 +0000",
            "2027-03-01 12:00:00 +0000 UTC",
            "2027-03-01T12:00:00",
            "2027-03-01T12:00",
            "2027-03-01T12:00Z",
            "2027-03-01T12:00+0000",
            "2027-03-01 12:00",
            "2027/03/01 12:00:00",
            "20270301T120000Z",
            "20270301T120000",
            "Mon, 01 Mar 2027 12:00:00 GMT",
            "Mon, 01 Mar 2027 14:00:00 +0200",
            "Mon, 1 Mar 2027 12:00:00 +0000",
            "Monday, 01-Mar-27 12:00:00 GMT",
            "Mon Mar  1 12:00:00 2027",
            "1803902400",
            "1803902400.0",
            "1.8039024e9",
            "1803902400000.0",
            "1803902400000",
            "1803902400000000",
            "1803902400000000000",
            "/Date(1803902400000)/",
            "  2027-03-01T12:00:00Z ",
        ] {
            assert_eq!(Timestamp::read(text), noon, "{text}");
        }
        assert_eq!(Timestamp::read("1803902400.25"), at("2027-03-01T12:00:00.250Z"));
    }

    #[test]
    fn f07_what_cannot_be_read_is_not_none() {
        for text in [
            "yesterday",
            "2026-13-40T99:00:00Z",
            "03/04/2027",
            "01.03.2027",
            "in 30 days",
            "NaN",
            "1e400",
            "soon",
        ] {
            assert_eq!(Timestamp::read(text), Timestamp::Unreadable, "{text}");
        }
    }

    #[test]
    fn f08_a_time_before_any_vendor_existed_or_at_the_end_of_all_is_none() {
        for text in [
            "0001-01-01T00:00:00Z",
            "0001-01-01",
            "0",
            "-1",
            "1970-01-01T00:00:00Z",
            "1970-01-01",
            "1900-01-01 00:00:00",
            "1969-12-31T23:59:59Z",
            "9999-12-31T23:59:59.999Z",
            "9999-12-31",
            "253402300799999",
            "9223372036854775807",
            "",
            " ",
            "never",
            "Never",
            "null",
        ] {
            assert_eq!(Timestamp::read(text), Timestamp::None, "{text:?}");
        }
    }

    #[test]
    fn f09_a_day_stays_that_day_and_is_over_when_it_has_ended_everywhere() {
        let day = NaiveDate::from_ymd_opt(2027, 3, 1).unwrap();
        for text in ["2027-03-01", "2027/03/01", "1 March 2027", "March 1, 2027"] {
            assert_eq!(Timestamp::read(text), Timestamp::On(day), "{text}");
        }
        let is_over = |text: &str| Timestamp::On(day).is_over(parse_time(text).unwrap());
        // A quarter to midnight in Honolulu, and a quarter past it on Baker Island.
        assert!(!is_over("2027-03-02T09:45:00Z"));
        assert!(is_over("2027-03-02T12:15:00Z"));
        assert_eq!(Timestamp::On(day).shown(), parse_time("2027-03-01T12:00:00Z"));
    }

    #[test]
    fn what_the_vendor_keeps_may_be_less_exact_than_what_was_asked() {
        let asked = parse_time("2027-03-01T23:30:00.750Z");
        assert!(at("2027-03-01T23:30:00Z").may_be(asked));
        assert!(Timestamp::read("2027-03-01").may_be(asked) && Timestamp::read("2027-03-02").may_be(asked));
        assert!(Timestamp::Unreadable.may_be(asked) && Timestamp::None.may_be(None));
        assert!(!Timestamp::None.may_be(asked) && !Timestamp::Unreadable.may_be(None));
        assert!(!Timestamp::read("2027-03-05").may_be(asked) && !at("2027-03-01T23:31:00Z").may_be(asked));
    }

    #[test]
    fn f56_a_time_from_outside_lies_in_years_that_can_be_reckoned_with() {
        for text in ["1970-01-01T00:00:00Z", "2026-01-04T15:30:00+02:00", "9999-12-31T23:59:59.999Z"] {
            let time = parse_time(text).unwrap();
            assert!(time.checked_add_signed(TimeDelta::days(200 * 365)).is_some(), "{text}");
        }
        let times = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC];
        assert!(times.into_iter().all(|time| plausible(time).is_none()));
        // The last one lies in the year 10000 once its zone is reckoned in.
        for text in [
            "1969-12-31T23:59:59Z",
            "+262142-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
        for text in [
            "+262142-12-31T23:59:59.999Z",
            "-262143-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "+10000-01-01T00:00:00",
            "+262142-12-31",
            "-8334601228800000",
            "-9223372036854775808",
            "18446744073709551615",
            "253402300800000",
        ] {
            assert_eq!(Timestamp::read(text).shown(), None, "{text}");
        }
    }
}
