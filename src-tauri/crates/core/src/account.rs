//! One connection to a vendor. The managing key's value is in the vault, never here.

use chrono::{DateTime, Utc};

use crate::key::{Environment, Hint, Scope, VendorKeyId};

/// Keyturn's own id of an account. Letters, digits and dashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub String);

/// The short, stable name of a vendor, such as `naturalead`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VendorId(pub String);

/// One connection: vendor + base URL + environment + managing key.
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
    pub managing: ManagingKey,
    pub connected_at: DateTime<Utc>,
    pub freshness: Freshness,
    /// Scopes that the vendor refused to grant to this account's role, with the day it said so.
    pub refused_scopes: Vec<RefusedScope>,
}

/// What is known of the managing key without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagingKey {
    pub hint: Hint,
    /// Its row in the vendor's list, once it was recognised there beyond doubt.
    pub key: Option<VendorKeyId>,
}

/// How old the account's rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
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
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedScope {
    pub scope: Scope,
    pub at: DateTime<Utc>,
}
