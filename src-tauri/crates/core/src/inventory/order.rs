//! The orders in which the list can stand. Each is made once, when it is first asked for, and only filtered after.

use std::sync::OnceLock;

use super::SortBy;
use super::compact::Rows;

/// Orders that do not depend on the time.
#[derive(Debug, Default)]
pub(super) struct Orders {
    name: OnceLock<Vec<u32>>,
    account: OnceLock<Vec<u32>>,
    environment: OnceLock<Vec<u32>>,
    scopes: OnceLock<Vec<u32>>,
    last_use: OnceLock<Vec<u32>>,
    created: OnceLock<Vec<u32>>,
    expires: OnceLock<Vec<u32>>,
}

impl Orders {
    /// Names first, ignoring case; equal names by the vendor's id. Every other order breaks its ties so.
    pub(super) fn by_name(&self, rows: &Rows) -> &[u32] {
        self.name.get_or_init(|| {
            let mut order: Vec<u32> = (0..u32::try_from(rows.len()).unwrap_or(u32::MAX)).collect();
            order.sort_unstable_by(|&a, &b| {
                let by_name = rows.lower_name(a).cmp(rows.lower_name(b));
                by_name.then_with(|| rows.id(a).cmp(rows.id(b))).then(a.cmp(&b))
            });
            order
        })
    }

    /// The order of `sort`. [`SortBy::Status`] depends on the time and is not kept.
    pub(super) fn of<'a>(&'a self, rows: &'a Rows, sort: SortBy, now: i64) -> Order<'a> {
        let by_name = self.by_name(rows);
        Order::Kept(match sort {
            SortBy::Name => by_name,
            SortBy::Account => self
                .account
                .get_or_init(|| sorted(by_name, |at| &rows.accounts[usize::from(rows.row(at).account)])),
            SortBy::Environment => self.environment.get_or_init(|| {
                sorted(by_name, |at| &rows.environments[usize::from(rows.row(at).environment)])
            }),
            SortBy::Scopes => self
                .scopes
                .get_or_init(|| sorted(by_name, |at| rows.scope_sets[rows.row(at).scopes as usize].len())),
            SortBy::LastUse => {
                self.last_use.get_or_init(|| sorted(by_name, |at| rows.row(at).last_use_place()))
            }
            SortBy::Created => self.created.get_or_init(|| sorted(by_name, |at| rows.row(at).created)),
            // "Never" after every date.
            SortBy::Expires => self.expires.get_or_init(|| {
                sorted(by_name, |at| {
                    Some(rows.row(at).expires).filter(|at| *at != i64::MIN).unwrap_or(i64::MAX)
                })
            }),
            SortBy::Status => return Order::Made(sorted(by_name, |at| rows.row(at).status_kind(now))),
        })
    }
}

/// An order that is kept, or one made for this moment.
pub(super) enum Order<'a> {
    Kept(&'a [u32]),
    Made(Vec<u32>),
}

impl Order<'_> {
    pub(super) fn as_slice(&self) -> &[u32] {
        match self {
            Self::Kept(order) => order,
            Self::Made(order) => order,
        }
    }
}

fn sorted<K: Ord>(by_name: &[u32], key: impl Fn(u32) -> K) -> Vec<u32> {
    let mut order = by_name.to_vec();
    order.sort_by_key(|&at| key(at));
    order
}
