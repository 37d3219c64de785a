//! What an authority is started with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::clock::Clock;
use crate::error::AuthorityError;

/// Whose dialect the authority speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Vendor {
    /// <https://docs.naturalead.ai>
    Naturalead,
    /// <https://api.natural.co>
    Natural,
    /// <https://docs.neuraldraft.io>
    NeuralDraft,
    /// <https://api.smartlead.ai>
    SmartLead,
    /// <https://app.leadterra.co>
    Leadterra,
}

impl Vendor {
    /// Neural Draft promises 60 s at most [seed]; a third of it leaves room for who waits no longer than that
    /// \[assumed\]. With the others a revocation is said to hold at once.
    fn revocation_delay(self) -> Duration {
        match self {
            Self::NeuralDraft => Duration::from_secs(20),
            Self::Naturalead | Self::Natural | Self::SmartLead | Self::Leadterra => Duration::ZERO,
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Naturalead => "naturalead",
            Self::Natural => "natural",
            Self::NeuralDraft => "neural-draft",
            Self::SmartLead => "smartlead",
            Self::Leadterra => "leadterra",
        })
    }
}

impl FromStr for Vendor {
    type Err = AuthorityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "naturalead" => Ok(Self::Naturalead),
            "natural" => Ok(Self::Natural),
            "neural-draft" => Ok(Self::NeuralDraft),
            "smartlead" => Ok(Self::SmartLead),
            "leadterra" => Ok(Self::Leadterra),
            _ => Err(AuthorityError::UnknownVendor(text.to_owned())),
        }
    }
}

/// How to start an [`Authority`](crate::Authority).
#[derive(Clone, Debug)]
pub struct Config {
    /// Whose dialect it speaks. A store remembers it and serves no other.
    pub vendor: Vendor,
    /// Where it listens; loopback only, port 0 for any free one.
    pub listen: SocketAddr,
    /// The SQLite file; made, with its directory, when it is missing.
    pub store: PathBuf,
    /// How many requests are answered.
    pub limits: Limits,
    /// How long a revoked key is still accepted, 120 s at most: what the vendor calls "takes effect within".
    pub revocation_delay: Duration,
    /// Its time.
    pub clock: Clock,
}

impl Config {
    /// Any free port of 127.0.0.1, the vendor's own revocation delay, the system's clock.
    pub fn new(vendor: Vendor, store: impl Into<PathBuf>) -> Self {
        Self {
            vendor,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            store: store.into(),
            limits: Limits::of(vendor),
            revocation_delay: vendor.revocation_delay(),
            clock: Clock::system(),
        }
    }
}

/// Requests answered in one window; the next one is refused until the window ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a window lasts.
    pub window: Duration,
    /// Requests from one address, with or without a key.
    pub per_ip: u32,
    /// Requests with one key.
    pub per_key: u32,
    /// Requests with one key in one second, if those are limited as well.
    pub per_key_second: Option<u32>,
    /// Requests with one key in one hour, if those are limited as well.
    pub per_key_hour: Option<u32>,
    /// Requests with all keys of one account.
    pub per_account: u32,
}

impl Limits {
    /// The vendor's own.
    #[must_use]
    pub fn of(vendor: Vendor) -> Self {
        match vendor {
            // The pages of the other two name none. [assumed]
            Vendor::Naturalead | Vendor::Natural | Vendor::NeuralDraft => Self::default(),
            // The workspace's; the page names no numbers. [assumed]
            Vendor::Leadterra => Self { per_key: u32::MAX, per_account: 300, ..Self::default() },
            // A key's only; an address and an account have none. [docs]
            Vendor::SmartLead => Self {
                per_ip: u32::MAX,
                per_key: 60,
                per_key_second: Some(10),
                per_key_hour: Some(1000),
                per_account: u32::MAX,
                ..Self::default()
            },
        }
    }

    /// No limit that a test or a benchmark could reach.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { per_ip: u32::MAX, per_key: u32::MAX, per_account: u32::MAX, ..Self::default() }
    }
}

impl Default for Limits {
    /// Naturalead's, in 60 s: 1,000 an address, 500 a key, 2,000 an account. \[docs\]
    fn default() -> Self {
        Self {
            window: Duration::from_secs(60),
            per_ip: 1000,
            per_key: 500,
            per_key_second: None,
            per_key_hour: None,
            per_account: 2000,
        }
    }
}
