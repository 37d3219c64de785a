//! The faults that wait for a request, and for which.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};

use super::kinds::Fault;

/// How often a fault happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Times {
    /// To this many matching requests.
    Next(u32),
    /// To every matching request, until the faults are cleared.
    UntilCleared,
}

/// Reading and writing, by method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Calls {
    /// Both.
    #[default]
    All,
    /// GET and HEAD.
    Reads,
    /// Every other method.
    Writes,
}

/// Which requests a fault happens to; all of them by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Requests {
    /// Reading or writing ones.
    pub calls: Calls,
    /// Those with this method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Those whose path begins like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Those that carry this header, whatever it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
}

impl Requests {
    /// Those that change something.
    #[must_use]
    pub fn writes() -> Self {
        Self { calls: Calls::Writes, ..Self::default() }
    }

    /// Those that change nothing.
    #[must_use]
    pub fn reads() -> Self {
        Self { calls: Calls::Reads, ..Self::default() }
    }

    /// Those with this method whose path begins like this.
    #[must_use]
    pub fn to(method: &str, path: &str) -> Self {
        Self { method: Some(method.to_owned()), path: Some(path.to_owned()), ..Self::default() }
    }

    /// The same, but only those that carry this header: so that somebody who looks on sees how things are.
    #[must_use]
    pub fn with(self, header: &str) -> Self {
        Self { header: Some(header.to_owned()), ..self }
    }

    fn include(&self, method: &Method, path: &str, headers: &HeaderMap) -> bool {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let call = match self.calls {
            Calls::All => true,
            Calls::Reads => reads,
            Calls::Writes => !reads,
        };
        call && self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && self.path.as_ref().is_none_or(|begin| path.starts_with(begin))
            && self.header.as_ref().is_none_or(|name| headers.contains_key(name.as_str()))
    }
}

/// A fault that waits for its requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Armed {
    /// What will go wrong.
    pub fault: Fault,
    /// How often.
    pub times: Times,
    /// For which requests.
    #[serde(default)]
    pub on: Requests,
}

/// The faults of one authority. To one request happens the first that is armed for it; delays happen beside it
/// and add up.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Armed>>);

/// What happens to one request.
#[derive(Debug, Default)]
pub(super) struct Fate {
    pub(super) fault: Option<Fault>,
    pub(super) delay: Duration,
}

impl Faults {
    /// Arms a fault for any request, behind those that are armed already.
    pub fn set(&self, fault: Fault, times: Times) {
        self.set_on(Requests::default(), fault, times);
    }

    /// Arms a fault for some requests, behind those that are armed already.
    pub fn set_on(&self, on: Requests, fault: Fault, times: Times) {
        self.lock().push(Armed { fault, times, on });
    }

    /// Arms these and no others.
    pub fn replace(&self, faults: Vec<Armed>) {
        *self.lock() = faults;
    }

    /// Disarms all.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// What is armed, in order, with what is left of each.
    #[must_use]
    pub fn armed(&self) -> Vec<Armed> {
        self.lock().clone()
    }

    /// What happens to this request; it is counted.
    pub(super) fn meet(&self, method: &Method, path: &str, headers: &HeaderMap) -> Fate {
        let mut fate = Fate::default();
        let mut armed = self.lock();
        armed.retain_mut(|armed| {
            if !armed.on.include(method, path, headers) || armed.times == Times::Next(0) {
                return armed.times != Times::Next(0);
            }
            match &armed.fault {
                Fault::Delay { millis } => fate.delay += Duration::from_millis(*millis),
                _ if fate.fault.is_some() => return true,
                fault => fate.fault = Some(fault.clone()),
            }
            match &mut armed.times {
                Times::UntilCleared => true,
                Times::Next(left) => {
                    *left -= 1;
                    *left > 0
                }
            }
        });
        fate
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    use crate::faults::kinds::RetryAfter;

    const LOST: Fault = Fault::MalformedJson;
    const BUSY: Fault = Fault::Unavailable { committed: false, retry_after: RetryAfter::Absent };

    fn met(faults: &Faults, method: &Method, path: &str) -> (Option<Fault>, u128) {
        let fate = faults.meet(method, path, &HeaderMap::new());
        (fate.fault, fate.delay.as_millis())
    }

    #[test]
    fn faults_happen_in_their_order_and_as_often_as_said() {
        let faults = Faults::default();
        faults.set(LOST, Times::Next(2));
        faults.set(BUSY, Times::Next(1));
        let happened: Vec<_> = (0..4).map(|_| met(&faults, &Method::GET, "/").0).collect();
        assert_eq!(happened, [Some(LOST), Some(LOST), Some(BUSY), None]);
        assert_eq!(faults.armed(), []);
    }

    #[test]
    fn a_fault_waits_for_its_requests() {
        let faults = Faults::default();
        faults.set_on(Requests::writes(), LOST, Times::Next(1));
        faults.set_on(Requests::reads(), BUSY, Times::Next(1));
        faults.set_on(Requests::to("patch", "/api/a"), LOST, Times::UntilCleared);
        assert_eq!(met(&faults, &Method::GET, "/"), (Some(BUSY), 0));
        assert_eq!(met(&faults, &Method::GET, "/api/a"), (None, 0));
        assert_eq!(met(&faults, &Method::DELETE, "/"), (Some(LOST), 0));
        assert_eq!(met(&faults, &Method::PATCH, "/api/b"), (None, 0));
        assert_eq!(met(&faults, &Method::PATCH, "/api/a/1"), (Some(LOST), 0));
        faults.clear();
        assert_eq!(met(&faults, &Method::PATCH, "/api/a/1"), (None, 0));
    }

    #[test]
    fn a_fault_waits_for_a_header() {
        let faults = Faults::default();
        faults.set_on(Requests::reads().with("x-line"), BUSY, Times::UntilCleared);
        assert_eq!(met(&faults, &Method::GET, "/"), (None, 0));
        let headers =
            HeaderMap::from_iter([(HeaderName::from_static("x-line"), HeaderValue::from_static("1"))]);
        assert_eq!(faults.meet(&Method::GET, "/", &headers).fault, Some(BUSY));
    }

    #[test]
    fn delays_go_along_with_another_fault() {
        let faults = Faults::default();
        faults.set(Fault::Delay { millis: 2 }, Times::UntilCleared);
        faults.set(LOST, Times::Next(1));
        faults.set(Fault::Delay { millis: 3 }, Times::Next(1));
        assert_eq!(met(&faults, &Method::GET, "/"), (Some(LOST), 5));
        assert_eq!(met(&faults, &Method::GET, "/"), (None, 2));
    }

    #[test]
    fn a_fault_for_no_request_never_happens() {
        let faults = Faults::default();
        faults.set(LOST, Times::Next(0));
        assert_eq!(met(&faults, &Method::GET, "/"), (None, 0));
    }
}
