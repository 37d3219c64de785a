//! What a vendor lists: keys, and the words for their state. Knows nothing of secrets or of any vendor.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use crate::account::AccountId;
use crate::timestamp::{Timestamp, noon};

/// The vendor's own id of a key, unique within its account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VendorKeyId(pub String);

/// A key of one account: the address that the ledger, the vault and the UI use.
///
/// Written `account/vendor-id`; an account id holds no slash, so that the first one divides.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyRef {
    pub account: AccountId,
    pub key: VendorKeyId,
}

impl fmt::Display for KeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account.0, self.key.0)
    }
}

impl KeyRef {
    /// Reads what [`fmt::Display`] wrote; `None` where there is no slash or an empty half.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (account, key) = text.split_once('/')?;
        (!account.is_empty() && !key.is_empty())
            .then(|| Self { account: AccountId(account.to_owned()), key: VendorKeyId(key.to_owned()) })
    }
}

/// What a vendor shows of a key after its creation, never more than it returned itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hint {
    /// The readable beginning, such as `nl_live_`; empty where the vendor shows none.
    pub prefix: String,
    /// The readable end, such as the last four characters; empty where the vendor shows none.
    pub suffix: String,
}

impl Hint {
    /// `nl_live_…e5f6`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}…{}", self.prefix, self.suffix)
    }

    /// It shows no character of the key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.prefix.is_empty() && self.suffix.is_empty()
    }
}

/// Where a key works.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Environment {
    Live,
    Test,
    /// The vendor's own word, kept as it came.
    Other(String),
    /// The vendor has no environments.
    None,
}

/// One permission, by the vendor's exact string.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(pub String);

/// When a key was last used, as far as the vendor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastUse {
    At(DateTime<Utc>),
    /// On this day; the vendor names no time.
    On(NaiveDate),
    Never,
    /// The vendor has no such field, or left it out.
    NotReported,
    /// The vendor tells something that cannot be read as a time.
    Unreadable,
    UntrackedBefore(DateTime<Utc>),
    /// The reading is old: it was true at `read_at` and the account could not be read since.
    Stale {
        last: Option<DateTime<Utc>>,
        read_at: DateTime<Utc>,
    },
}

impl LastUse {
    /// The last use as a moment, where one is told; of a day, its noon.
    #[must_use]
    pub fn moment(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(at) => Some(*at),
            Self::On(day) => Some(noon(*day)),
            Self::Stale { last, .. } => *last,
            Self::Never | Self::NotReported | Self::Unreadable | Self::UntrackedBefore(_) => None,
        }
    }
}

impl From<Timestamp> for LastUse {
    fn from(moment: Timestamp) -> Self {
        match moment {
            Timestamp::None => Self::Never,
            Timestamp::At(at) => Self::At(at),
            Timestamp::On(day) => Self::On(day),
            Timestamp::Unreadable => Self::Unreadable,
        }
    }
}

/// The state of a key as last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStatus {
    Active,
    /// Active, with an expiry less than seven days away. Derived when shown; never stored.
    Expiring,
    Retiring {
        until: DateTime<Utc>,
    },
    /// Revocation was accepted; the application has not yet seen the vendor refuse the key.
    Revoking,
    Revoked {
        at: Option<DateTime<Utc>>,
    },
    Expired {
        at: Option<DateTime<Utc>>,
    },
    /// It worked when the vendor listed it last; readings since then do not list it. Derived when read; never stored.
    Unlisted {
        since: DateTime<Utc>,
    },
    /// Listed by the vendor, made by this application, and its secret was never received.
    Orphan,
    /// The vendor's own word, which this version does not know.
    Unknown(String),
}

impl KeyStatus {
    /// In a sentence: "Was active, now revoked."
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Active | Self::Expiring => "active",
            Self::Retiring { .. } => "retiring",
            Self::Revoking => "being revoked",
            Self::Revoked { .. } => "revoked",
            Self::Expired { .. } => "expired",
            Self::Unlisted { .. } => "not listed",
            Self::Orphan => "an orphan",
            Self::Unknown(word) => word,
        }
    }

    /// Whether the key may still authenticate.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self {
            Self::Active
            | Self::Expiring
            | Self::Retiring { .. }
            | Self::Revoking
            | Self::Unlisted { .. }
            | Self::Orphan
            | Self::Unknown(_) => true,
            Self::Revoked { .. } | Self::Expired { .. } => false,
        }
    }
}

/// A key as a vendor lists it, or as it was adopted by hand. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    pub id: VendorKeyId,
    pub name: String,
    pub hint: Hint,
    pub environment: Environment,
    pub scopes: Vec<Scope>,
    pub status: KeyStatus,
    pub created_at: Option<DateTime<Utc>>,
    /// [`Timestamp::None`]: never.
    pub expires: Timestamp,
    pub last_use: LastUse,
    /// Who made it, in the vendor's words.
    pub creator: Option<String>,
    /// What the last probe with the key itself saw; no vendor lists it.
    pub checked: Option<Checked>,
}

/// From where a key was used, as far as the vendor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub ip: String,
    pub last_used_at: Option<DateTime<Utc>>,
    /// How many calls.
    pub count: Option<u64>,
}

/// One probe: a call with the key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    pub at: DateTime<Utc>,
    /// The vendor accepted the key; otherwise it was refused.
    pub alive: bool,
}
