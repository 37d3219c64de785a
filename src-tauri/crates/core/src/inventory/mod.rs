//! The list in memory: every key of every account, filtered, searched, sorted and cut to a window. Pure.

mod audit;
mod compact;
mod cover;
mod noteworthy;
mod order;
mod select;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use crate::account::AccountId;
use crate::finding::FindingSet;
use crate::key::{Environment, KeyRecord, KeyRef};
use crate::label::Label;
use crate::operation::OperationId;
use crate::policy::{Due, Policy};

pub use audit::{AccountBar, Audit, Bar, Found};
use compact::Rows;
pub use cover::Coverage;
use order::Orders;
use select::{Filter, looked_for, select};

/// Most rows in one window.
const WINDOW_LIMIT: usize = 200;

/// One key as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryRow {
    pub account: AccountId,
    pub record: KeyRecord,
    /// This is the key with which Keyturn itself manages the account.
    pub managing: bool,
    /// Its secret waits in escrow: "not yet saved".
    pub unsaved: Option<OperationId>,
    /// It is being replaced, or is the one that replaces.
    pub operation: Option<OperationId>,
    /// When a refresh last saw it changed, appeared or revoked outside Keyturn.
    pub changed_outside: Option<DateTime<Utc>>,
    /// In order.
    pub labels: Vec<Label>,
    /// The earliest that is known of it: its creation, or the first that Keyturn wrote of it.
    pub since: Option<DateTime<Utc>>,
    /// When a policy wants it replaced.
    pub due: Option<Due>,
    /// What was found in it when the list was made, without what is accepted.
    pub findings: FindingSet,
    /// What was found in it and is accepted.
    pub accepted: FindingSet,
}

impl InventoryRow {
    #[must_use]
    pub fn key_ref(&self) -> KeyRef {
        KeyRef { account: self.account.clone(), key: self.record.id.clone() }
    }
}

/// The keys of one account: all, and those that may still work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub all: usize,
    pub live: usize,
}

/// The status as a filter names it. `Unsaved` stands before all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusKind {
    Unsaved,
    Orphan,
    Unlisted,
    Unknown,
    Revoking,
    Retiring,
    Expiring,
    Active,
    Expired,
    Revoked,
}

/// The last use as a filter names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LastUseKind {
    Within24Hours,
    Within7Days,
    Within30Days,
    Within90Days,
    Older,
    Never,
    NotReported,
    /// The vendor tells of it in a form that cannot be read.
    Unreadable,
    UntrackedBefore,
    Stale,
}

impl LastUseKind {
    pub const ALL: [Self; 10] = [
        Self::Within24Hours,
        Self::Within7Days,
        Self::Within30Days,
        Self::Within90Days,
        Self::Older,
        Self::Never,
        Self::NotReported,
        Self::Unreadable,
        Self::UntrackedBefore,
        Self::Stale,
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    Name,
    Account,
    Environment,
    Scopes,
    LastUse,
    Created,
    Expires,
    Status,
}

/// Which rows, in which order, which part of them. An empty list of a filter means: all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Searched in name, hint, scopes, labels and id, in the form of search ([`crate::name::searched`]).
    pub search: String,
    pub accounts: Vec<AccountId>,
    pub environments: Vec<Environment>,
    pub statuses: Vec<StatusKind>,
    pub last_uses: Vec<LastUseKind>,
    /// Rows that bear any of them.
    pub labels: Vec<Label>,
    /// Only rows that are due, or soon will be.
    pub due: bool,
    /// A row passes that has any of them, not accepted. Empty: all.
    pub findings: FindingSet,
    /// Only these keys, as far as they pass the rest. `None`: any.
    pub keys: Option<Vec<KeyRef>>,
    pub sort: SortBy,
    pub descending: bool,
    pub offset: usize,
    pub limit: usize,
}

/// A part of the list, and what the rest of it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub rows: Vec<InventoryRow>,
    /// Rows that pass the filter.
    pub total: usize,
    /// Rows without any filter.
    pub everything: usize,
    pub facets: Facets,
}

/// How many rows each choice of a filter would leave, given the other filters and the search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    pub accounts: Vec<(AccountId, usize)>,
    pub environments: Vec<(Environment, usize)>,
    pub statuses: Vec<(StatusKind, usize)>,
    pub last_uses: Vec<(LastUseKind, usize)>,
    pub labels: Vec<(Label, usize)>,
    pub due: usize,
}

/// Every row of one moment, packed for memory. It does not change: a change makes a new one.
#[derive(Debug, Default)]
pub struct Inventory {
    rows: Rows,
    orders: Orders,
}

impl Inventory {
    /// Packs `rows` and sorts them by name.
    #[must_use]
    pub fn build(rows: Vec<InventoryRow>) -> Self {
        let inventory = Self { rows: Rows::pack(rows), orders: Orders::default() };
        inventory.orders.by_name(&inventory.rows);
        inventory
    }

    /// With the labels of the accounts, by which their rows are sorted.
    #[must_use]
    pub fn labelled(mut self, label: impl Fn(&AccountId) -> Option<String>) -> Self {
        self.rows.account_labels =
            self.rows.accounts.iter().map(|id| label(id).unwrap_or_default()).collect();
        self
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One row.
    #[must_use]
    pub fn find(&self, key: &KeyRef) -> Option<InventoryRow> {
        let account = self.rows.accounts.iter().position(|known| *known == key.account)?;
        let here =
            |at: &u32| usize::from(self.rows.row(*at).account) == account && self.rows.id(*at) == key.key.0;
        let at = (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).find(here)?;
        Some(self.rows.unpack(at))
    }

    /// How many keys an account has.
    #[must_use]
    pub fn tally(&self, account: &AccountId, now: DateTime<Utc>) -> Tally {
        let known = self.rows.accounts.iter().position(|known| known == account);
        let Some(index) = known else { return Tally::default() };
        let now = now.timestamp_millis();
        let mut tally = Tally::default();
        for row in self.rows.iter().filter(|row| usize::from(row.account) == index) {
            tally.all += 1;
            let dead = matches!(row.status_kind(now), StatusKind::Revoked | StatusKind::Expired);
            tally.live += usize::from(!dead);
        }
        tally
    }

    /// How many keys each policy covers, and how many of those are due under it.
    #[must_use]
    pub fn coverage(&self, policies: &[Policy], now: DateTime<Utc>) -> Vec<Coverage> {
        policies.iter().map(|policy| cover::coverage(&self.rows, policy, now.timestamp_millis())).collect()
    }

    /// The rows that `query` asks for, at `now`: an expiry that passed since the last reading counts.
    #[must_use]
    pub fn window(&self, query: &Query, now: DateTime<Utc>) -> Window {
        let now = now.timestamp_millis();
        let found = looked_for(&self.rows, query);
        let (chosen, facets) = select(&self.rows, &Filter::new(&self.rows, query, now), found.as_deref());
        let order = self.orders.of(&self.rows, query.sort, now);
        let limit = query.limit.min(WINDOW_LIMIT);
        let mut passing = Passing { order: order.as_slice(), chosen: &chosen, descending: query.descending };
        let rows = passing.by_ref().skip(query.offset).take(limit).map(|at| self.rows.unpack(at)).collect();
        let total = chosen.iter().filter(|chosen| **chosen).count();
        Window { rows, total, everything: self.len(), facets }
    }

    /// Every row that `query` asks for, in its order, whatever its offset and limit.
    #[must_use]
    pub fn every(&self, query: &Query, now: DateTime<Utc>) -> Vec<InventoryRow> {
        let now = now.timestamp_millis();
        let found = looked_for(&self.rows, query);
        let (chosen, _) = select(&self.rows, &Filter::new(&self.rows, query, now), found.as_deref());
        let order = self.orders.of(&self.rows, query.sort, now);
        let passing = Passing { order: order.as_slice(), chosen: &chosen, descending: query.descending };
        passing.map(|at| self.rows.unpack(at)).collect()
    }
}

/// The rows that pass, in order, from either end.
struct Passing<'a> {
    order: &'a [u32],
    chosen: &'a [bool],
    descending: bool,
}

impl Iterator for Passing<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            let (at, rest) =
                if self.descending { self.order.split_last()? } else { self.order.split_first()? };
            self.order = rest;
            if self.chosen[*at as usize] {
                return Some(*at);
            }
        }
    }
}
