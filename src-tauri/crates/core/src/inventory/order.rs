//! The orders in which the list can stand. Each is made once, when it is first asked for, and only filtered after.

use std::cmp::Ordering;
use std::sync::OnceLock;

use super::SortBy;
use super::compact::Rows;
use crate::account::AccountId;
use crate::key::Environment;
use crate::name::{compare_searched, in_order};

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
    /// By name, as people put names; of equal ones by what is left of them, then by the vendor's id. Every other order
    /// breaks its ties so.
    pub(super) fn by_name(&self, rows: &Rows) -> &[u32] {
        self.name.get_or_init(|| {
            let mut order: Vec<u32> = (0..u32::try_from(rows.len()).unwrap_or(u32::MAX)).collect();
            order.sort_unstable_by(|&a, &b| {
                let by_name = compare_searched(rows.searched_name(a), rows.searched_name(b));
                let by_name = by_name.then_with(|| rows.name(a).cmp(rows.name(b)));
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
            SortBy::Account => self.account.get_or_init(|| {
                let places = places(&rows.labelled_accounts(), accounts);
                sorted(by_name, |at| places[usize::from(rows.row(at).account)])
            }),
            SortBy::Environment => self.environment.get_or_init(|| {
                let places = places(&rows.environments, environments);
                sorted(by_name, |at| places[usize::from(rows.row(at).environment)])
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

/// In which place each of `values` stands.
fn places<T>(values: &[T], compare: impl Fn(&T, &T) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| compare(&values[*a], &values[*b]));
    let mut places = vec![0; values.len()];
    for (place, at) in order.into_iter().enumerate() {
        places[at] = place;
    }
    places
}

/// The vendor's own words as names, between those that are known and none.
pub(super) fn environments(one: &Environment, other: &Environment) -> Ordering {
    match (one, other) {
        (Environment::Other(a), Environment::Other(b)) => in_order(a, b).then_with(|| a.cmp(b)),
        _ => one.cmp(other),
    }
}

/// By label; the id decides between accounts of one label, and where there is none.
fn accounts(one: &(AccountId, String), other: &(AccountId, String)) -> Ordering {
    in_order(&one.1, &other.1).then_with(|| one.1.cmp(&other.1)).then_with(|| one.0.cmp(&other.0))
}
