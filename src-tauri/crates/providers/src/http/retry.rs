//! When a read is sent again: what a vendor asked for in `Retry-After`, and how long to wait otherwise.

use std::time::Duration;

use chrono::{DateTime, Utc};
use keyturn_core::provider::Fault;
use keyturn_core::timestamp::plausible;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::{HttpSettings, Reply};

/// What a 429 without a usable `Retry-After` is taken to ask for. [assumed]
pub(super) const UNTOLD: Duration = Duration::from_secs(2);
/// The shortest and the longest wait that a vendor is believed to mean. [assumed]
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(3600);

/// How long to wait before the next attempt; `None` where another would give the same or be impolite.
pub(super) fn wait(
    outcome: &Result<Reply, Fault>,
    attempt: u32,
    settings: &HttpSettings,
) -> Option<Duration> {
    let backoff = settings.backoff.saturating_mul(1 << attempt.saturating_sub(1).min(8));
    let wait = match outcome {
        Ok(reply) if reply.status == 429 => reply.retry_after.unwrap_or(UNTOLD),
        Ok(reply) if reply.status >= 500 => reply.retry_after.map_or(backoff, |asked| asked.max(backoff)),
        Err(Fault::Unreachable(_) | Fault::ReplyLost(_)) => backoff,
        Ok(_) | Err(_) => return None,
    };
    (wait <= settings.patience).then_some(wait)
}

/// Reads `Retry-After`: seconds or an HTTP date, between one second and one hour. `None`: absent or garbage.
///
/// A date is compared with the vendor's own clock where the reply tells it, since ours may be wrong by hours.
pub(super) fn asked(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let asked = match seconds(text) {
        Some(seconds) => seconds,
        None => {
            let theirs = dated(headers);
            let until = http_date(text)?.signed_duration_since(theirs.unwrap_or(now));
            until.to_std().unwrap_or(Duration::ZERO)
        }
    };
    Some(asked.clamp(SHORTEST, LONGEST))
}

/// Rounded up, so that nothing is sent earlier than told.
fn seconds(text: &str) -> Option<Duration> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let seconds: f64 = text.parse().ok()?;
    Some(Duration::try_from_secs_f64(seconds.ceil()).unwrap_or(LONGEST))
}

/// What `Date` says.
pub(super) fn dated(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    headers.get(DATE).and_then(|value| value.to_str().ok()).and_then(http_date)
}

/// The three forms of HTTP, and that of mail with any zone, which vendors write as well.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let of_http = httpdate::parse_http_date(text).ok().map(DateTime::<Utc>::from);
    let of_mail = || DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc());
    of_http.or_else(of_mail).and_then(plausible)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        let now = DateTime::parse_from_rfc3339("2026-01-04T15:30:00Z").unwrap().to_utc();
        asked(&headers, now).map(|d| d.as_secs())
    }

    #[test]
    fn r6_retry_after_is_read_in_every_form() {
        let hour = Some(3600);
        let table = [
            ("30", Some(30)),
            (" 30 ", Some(30)),
            ("1.2", Some(2)),
            ("0", Some(1)),
            ("000", Some(1)),
            ("1000000000", hour),
            ("1e9", hour),
            ("99999999999999999999999999", hour),
            ("1e999", hour),
            ("Sun, 04 Jan 2026 15:30:20 GMT", Some(20)),
            ("Sun, 04 Jan 2026 15:29:00 GMT", Some(1)),
            ("Mon, 04 Jan 2027 15:30:20 GMT", hour),
            ("Sun, 04 Jan 2026 17:30:20 +0200", Some(20)),
            ("Sunday, 04-Jan-26 15:30:20 GMT", Some(20)),
            ("Sun Jan  4 15:30:20 2026", Some(20)),
            ("Sun, 04 Jan 99999 15:30:20 GMT", None),
            ("-5", None),
            ("", None),
            ("soon", None),
            ("NaN", None),
            ("inf", None),
            ("30 seconds", None),
            ("2026-01-04T15:30:20Z", None),
        ];
        for (value, expected) in table {
            assert_eq!(read(value, None), expected, "{value:?}");
        }
    }

    #[test]
    fn r6_a_date_is_compared_with_the_vendors_clock() {
        let theirs = Some("Mon, 05 Jan 2026 15:30:00 GMT");
        assert_eq!(read("Mon, 05 Jan 2026 15:30:07 GMT", theirs), Some(7));
        assert_eq!(read("Mon, 05 Jan 2026 15:30:07 GMT", Some("yesterday")), Some(3600));
    }

    #[test]
    fn r6_an_absent_retry_after_is_none() {
        assert_eq!(asked(&HeaderMap::new(), Utc::now()), None);
    }
}
