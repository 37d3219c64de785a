//! One connection to a vendor. The managing key's value is in the vault, never here.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::address::{is_loopback, normal, origin};
use crate::key::{Environment, Hint, KeyRecord, Scope, VendorKeyId};

/// Keyturn's own id of an account. Letters, digits and dashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub String);

/// The short, stable name of a vendor, such as `naturalead`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VendorId(pub String);

/// One connection: vendor + base URL + environment + managing key where the vendor has an API for keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub vendor: VendorId,
    pub label: String,
    /// Without a trailing slash, query or credentials.
    pub base_url: String,
    pub environment: Environment,
    /// The local authority that Keyturn runs itself.
    pub rehearsal: bool,
    /// `None`: assisted. The vendor has no API for keys, so that there is nothing to manage them with.
    pub managing: Option<ManagingKey>,
    /// What the vendor's [fields](crate::provider::Manifest::fields) were filled with, by name.
    pub settings: BTreeMap<String, String>,
    pub connected_at: DateTime<Utc>,
    pub freshness: Freshness,
    /// Scopes that the vendor refused to grant to this account's role, with the day it said so.
    pub refused_scopes: Vec<RefusedScope>,
}

impl Account {
    /// Whether `key` is the row of the account's own managing key.
    #[must_use]
    pub fn manages_with(&self, key: &VendorKeyId) -> bool {
        self.managing.as_ref().and_then(|managing| managing.key.as_ref()) == Some(key)
    }

    /// Whether a key may be the managing key, of which it is not known yet which row it is.
    #[must_use]
    pub fn may_manage_with(&self, key: &KeyRecord) -> bool {
        let unknown = self.managing.as_ref().filter(|managing| managing.key.is_none());
        unknown.is_some_and(|managing| !managing.hint.is_empty() && managing.hint == key.hint)
            && key.status.is_live()
    }

    /// Where the account's secrets may go. The rehearsal's authority listens at another port each time.
    #[must_use]
    pub fn place(&self) -> Place {
        let at_home = self.rehearsal && is_loopback(&self.base_url);
        let origin = if at_home { "rehearsal".to_owned() } else { origin(&self.base_url) };
        Place { vendor: self.vendor.clone(), origin }
    }

    /// Whether both may list the same keys, perhaps by two names of one address.
    #[must_use]
    pub fn may_share(&self, other: &Self) -> bool {
        self.id != other.id && self.vendor == other.vendor
    }

    /// Whether both look at one set of keys: the same vendor at the same address.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        self.vendor == other.vendor && normal(&self.base_url) == normal(&other.base_url)
    }
}

/// Where a secret may go: to this vendor's adapter, and from there to this origin only. Part of what a secret is sealed
/// with, so that under a changed address it does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub vendor: VendorId,
    pub origin: String,
}

/// What is known of the managing key without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagingKey {
    pub hint: Hint,
    /// Its row in the vendor's list, once it was recognised there beyond doubt. From then on it is known by this alone:
    /// hints change, and several keys may bear one.
    pub key: Option<VendorKeyId>,
}

/// How old the account's rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// An assisted account: its rows are what was entered here, and no reading stands behind them.
    ByHand,
    /// Connected, never listed yet.
    Unread,
    Fresh {
        read_at: DateTime<Utc>,
    },
    /// The last reading failed; the rows are those of `read_at`.
    Stale {
        since: DateTime<Utc>,
        read_at: Option<DateTime<Utc>>,
        reason: String,
        /// The last reading itself went well and was doubted: a person may accept it.
        doubted: bool,
        /// Until then the vendor asked to be left alone.
        rests_until: Option<DateTime<Utc>>,
    },
}

/// Longer than this no vendor is left alone: the clock was set back since.
const LONGEST_REST: TimeDelta = TimeDelta::hours(2);

impl Freshness {
    /// When the rows were read that are there.
    #[must_use]
    pub fn read_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Fresh { read_at } => Some(*read_at),
            Self::Stale { read_at, .. } => *read_at,
            Self::ByHand | Self::Unread => None,
        }
    }

    /// The time that the vendor asked for, where it is still to come. A person may ask before; nothing else does.
    #[must_use]
    pub fn rests_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Stale { rests_until, .. } => {
                rests_until.filter(|until| now < *until && *until - now <= LONGEST_REST)
            }
            Self::ByHand | Self::Unread | Self::Fresh { .. } => None,
        }
    }

    /// The same rows, after a reading at `now` that came to nothing for this reason.
    #[must_use]
    pub fn stale(
        &self,
        now: DateTime<Utc>,
        reason: String,
        doubted: bool,
        rests_until: Option<DateTime<Utc>>,
    ) -> Self {
        let (since, read_at) = match self {
            Self::Unread | Self::ByHand => (now, None),
            Self::Fresh { read_at } => (now, Some(*read_at)),
            Self::Stale { since, read_at, .. } => (*since, *read_at),
        };
        Self::Stale { since, read_at, reason, doubted, rests_until }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedScope {
    pub scope: Scope,
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f23_a_vendor_rests_as_long_as_it_asked_and_not_longer_where_the_clock_was_set_back() {
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let busy = Freshness::Unread.stale(at(0), "too many".into(), false, Some(at(60)));
        assert_eq!(busy.rests_until(at(59)), Some(at(60)));
        assert_eq!(busy.rests_until(at(60)), None);
        assert_eq!(busy.rests_until(at(-24 * 60)), None, "the clock was set back");
        assert_eq!(busy.stale(at(1), "no answer".into(), false, None).rests_until(at(2)), None);
    }
}
