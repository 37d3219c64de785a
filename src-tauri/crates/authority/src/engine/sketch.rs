//! What a dialect says of its believable keys: names, scopes and times, as data.

pub(crate) const MINUTES: u64 = 60;
pub(crate) const HOURS: u64 = 60 * MINUTES;
pub(crate) const DAYS: u64 = 24 * HOURS;

/// One key of the rehearsal. Times in seconds before (or, for the expiry, after) now.
pub(crate) struct Sketch {
    pub(crate) name: &'static str,
    pub(crate) test: bool,
    pub(crate) scopes: &'static [&'static str],
    pub(crate) client: Option<&'static str>,
    pub(crate) age: u64,
    pub(crate) used: Option<u64>,
    /// Negative: it expired that long ago.
    pub(crate) expires: Option<i64>,
    pub(crate) revoked: Option<u64>,
}

/// An active key of the first environment, `age` old and `used` so long ago.
pub(crate) const fn sketch(
    name: &'static str,
    scopes: &'static [&'static str],
    age: u64,
    used: Option<u64>,
) -> Sketch {
    Sketch { name, test: false, scopes, client: None, age, used, expires: None, revoked: None }
}

impl Sketch {
    pub(super) fn is_active(&self) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|seconds| seconds > 0)
    }

    /// In the second environment.
    pub(crate) const fn test(mut self) -> Self {
        self.test = true;
        self
    }
    /// In the second environment, for this client.
    pub(crate) const fn client(mut self, client: &'static str) -> Self {
        self.client = Some(client);
        self.test()
    }
    /// Expires in so many seconds; negative: it did so that long ago.
    pub(crate) const fn expires(mut self, seconds: i64) -> Self {
        self.expires = Some(seconds);
        self
    }
    /// Was revoked that long ago.
    pub(crate) const fn revoked(mut self, ago: u64) -> Self {
        self.revoked = Some(ago);
        self
    }
}
