//! A vendor's whole answer: status, waiting time, and a body of bounded size that is wiped when dropped.

use chrono::{DateTime, Utc};
use keyturn_core::provider::Fault;
use reqwest::Response;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use super::{HttpSettings, fault, retry};
use crate::words::Censor;

/// An answer with any status but a 3xx. Prints nothing: its body may hold a fresh key.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// What `Retry-After` asked for, bounded; `None` where it is absent or makes no sense.
    pub(crate) retry_after: Option<std::time::Duration>,
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
}

impl Reply {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The vendor's clock, as the reply's `Date` tells it.
    pub(crate) fn date(&self) -> Option<DateTime<Utc>> {
        retry::dated(&self.headers)
    }

    /// The body is a page of markup: that of a proxy or a portal, and not the vendor's.
    pub(crate) fn is_markup(&self) -> bool {
        self.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
    }

    /// How many bytes the body has.
    pub(crate) fn size(&self) -> usize {
        self.body.len()
    }

    /// There is no body at all, as after a 204.
    pub(crate) fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// That whoever answered did not do so in the vendor's own words. A gateway, a proxy or a portal knows nothing of
    /// a key, so that nothing follows from its status.
    pub(crate) fn foreign(&self) -> Fault {
        Fault::Malformed(format!(
            "status {} without the vendor's own words, which proves nothing",
            self.status
        ))
    }

    /// That the body is an object or an array, whatever stands in it.
    ///
    /// # Errors
    /// [`Fault::Malformed`] for anything else.
    pub(crate) fn is_structured(&self) -> Result<(), Fault> {
        self.json::<IgnoredAny>()?;
        match self.body.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{' | b'[') => Ok(()),
            Some(_) | None => Err(self.foreign()),
        }
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`Fault::Malformed`] with the place of the mistake. The parser's own words are dropped: they quote.
    pub(crate) fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Fault> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let what = match error.classify() {
                Category::Data => "the JSON has an unexpected shape",
                Category::Eof => "the JSON ends too early",
                Category::Syntax | Category::Io => "it is not JSON",
            };
            Fault::Malformed(format!("{what}, line {} column {}", error.line(), error.column()))
        })
    }

    /// What the status means at any vendor; `message` is the vendor's reason where it gave one.
    pub(crate) fn fault(&self, message: Option<&str>, censor: &Censor) -> Option<Fault> {
        self.fault_as(self.status, message, censor)
    }

    /// The same where the vendor's own code says more than the status: `status` is the one that fits the code. A page of
    /// markup is nobody's refusal, unless it asks to come back later.
    pub(crate) fn fault_as(&self, status: u16, message: Option<&str>, censor: &Censor) -> Option<Fault> {
        if (400..500).contains(&status) && !matches!(status, 407 | 429) && self.is_markup() {
            return Some(self.foreign());
        }
        fault::of_status(status, self.retry_after, message, censor)
    }
}

/// Takes in the rest of `response`. Where the status alone says that nothing was done, a body that is lost or
/// too large does not hide it.
pub(super) async fn receive(
    mut response: Response,
    settings: &HttpSettings,
    deadline: Instant,
) -> Result<Reply, Fault> {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let retry_after = retry::asked(&headers, Utc::now());
    let body = match body(&mut response, settings, deadline).await {
        Ok(body) => body,
        Err(_) if status >= 400 => Zeroizing::default(),
        Err(fault) => return Err(fault),
    };
    Ok(Reply { status, retry_after, headers, body })
}

async fn body(
    response: &mut Response,
    settings: &HttpSettings,
    deadline: Instant,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let limit = settings.body_limit;
    let too_large = || Fault::Malformed(format!("larger than {}", size(limit)));
    let announced = response.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if announced > limit {
        return Err(too_large());
    }
    let mut body = Zeroizing::new(Vec::with_capacity(announced.max(16 * 1024)));
    loop {
        let chunk = match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return Ok(body),
            Ok(Err(error)) => return Err(fault::of_receiving(error)),
            Err(_) => return Err(fault::out_of_time(settings.deadline)),
        };
        if chunk.len() > limit - body.len() {
            return Err(too_large());
        }
        append(&mut body, &chunk);
    }
}

/// Appends, and where the buffer must grow moves it by hand: a vector that grows by itself leaves its old
/// bytes behind unwiped.
fn append(body: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    if body.capacity() - body.len() < chunk.len() {
        let mut larger = Zeroizing::new(Vec::with_capacity((body.len() + chunk.len()) * 2));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(chunk);
}

/// A number of bytes as a person reads it.
pub(crate) fn size(bytes: usize) -> String {
    const MIB: usize = 1024 * 1024;
    if bytes >= MIB { format!("{} MiB", bytes / MIB) } else { format!("{bytes} bytes") }
}
