//! What the list holds, counted for the Audit screen in one pass: findings, last uses, ages, expiries, accounts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::compact::Row;
use super::{Inventory, LastUseKind, StatusKind};
use crate::account::AccountId;
use crate::finding::FindingKind;

const DAY: i64 = 24 * 3_600_000;

/// The ages that are told apart: up to so many days.
const AGES: [(&str, i64); 5] = [
    ("Under 30 days", 30),
    ("30 to 90 days", 90),
    ("90 days to a year", 365),
    ("1 to 2 years", 730),
    ("Over 2 years", i64::MAX / DAY),
];

/// The ends that are told apart: within so many days from now.
const ENDS: [(&str, i64); 5] = [
    ("Within 7 days", 7),
    ("Within 30 days", 30),
    ("Within 90 days", 90),
    ("Within a year", 365),
    ("Later", i64::MAX / DAY),
];

/// How many keys have a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub kind: FindingKind,
    pub count: usize,
    /// Those beside them in which it is accepted.
    pub accepted: usize,
}

/// One bar of a chart.
pub type Bar = (&'static str, usize);

/// How many keys of an account are in which state.
pub type AccountBar = (AccountId, Vec<(StatusKind, usize)>);

/// The whole list in figures. Last use, age and expiry are those of the keys that may still work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    pub findings: Vec<Found>,
    /// Every kind, in the order of [`LastUseKind`].
    pub last_use: Vec<(LastUseKind, usize)>,
    pub age: Vec<Bar>,
    pub expiry: Vec<Bar>,
    pub accounts: Vec<AccountBar>,
    /// Keys that may still work.
    pub live: usize,
}

impl Inventory {
    /// Counts every row once, at `now`.
    #[must_use]
    pub fn audit(&self, now: DateTime<Utc>) -> Audit {
        let now = now.timestamp_millis();
        let mut count = Count::new(self.rows.accounts.len());
        for row in self.rows.iter() {
            count.add(row, now);
        }
        let named = |names: &[(&'static str, i64); 5], last, counts: [usize; 6]| {
            names.iter().map(|(name, _)| *name).chain([last]).zip(counts).collect()
        };
        let accounts = self.rows.accounts.iter().cloned();
        let mut expiry: Vec<Bar> = named(&ENDS, "No end", count.expiry);
        if count.unreadable > 0 {
            expiry.push(("Not readable", count.unreadable));
        }
        Audit {
            findings: FindingKind::ALL
                .into_iter()
                .zip(count.found)
                .map(|(kind, (count, accepted))| Found { kind, count, accepted })
                .collect(),
            last_use: LastUseKind::ALL
                .into_iter()
                .map(|kind| (kind, count.last_use.get(&kind).copied().unwrap_or(0)))
                .collect(),
            age: named(&AGES, "Not known", count.age),
            expiry,
            accounts: accounts.zip(count.accounts).map(|(id, by)| (id, by.into_iter().collect())).collect(),
            live: count.live,
        }
    }
}

struct Count {
    found: [(usize, usize); 13],
    last_use: BTreeMap<LastUseKind, usize>,
    age: [usize; 6],
    expiry: [usize; 6],
    /// Keys whose end the vendor tells in a form that cannot be read.
    unreadable: usize,
    accounts: Vec<BTreeMap<StatusKind, usize>>,
    live: usize,
}

impl Count {
    fn new(accounts: usize) -> Self {
        Self {
            found: [(0, 0); 13],
            last_use: BTreeMap::new(),
            age: [0; 6],
            expiry: [0; 6],
            unreadable: 0,
            accounts: vec![BTreeMap::new(); accounts],
            live: 0,
        }
    }

    fn add(&mut self, row: &Row, now: i64) {
        for kind in row.findings.iter() {
            self.found[kind as usize].0 += 1;
        }
        for kind in row.accepted.iter() {
            self.found[kind as usize].1 += 1;
        }
        let status = row.status_kind(now);
        *self.accounts[usize::from(row.account)].entry(status).or_insert(0) += 1;
        if matches!(status, StatusKind::Revoked | StatusKind::Expired) {
            return;
        }
        self.live += 1;
        *self.last_use.entry(row.last_use_kind(now)).or_insert(0) += 1;
        self.age[place(&AGES, row.created().map(|created| now - created))] += 1;
        if row.has_unreadable_end() {
            self.unreadable += 1;
        } else {
            self.expiry[place(&ENDS, row.expires().map(|expires| expires - now))] += 1;
        }
    }
}

/// The band in which a time lies; none is the last.
fn place(bands: &[(&str, i64); 5], time: Option<i64>) -> usize {
    let Some(time) = time else { return bands.len() };
    bands.iter().position(|(_, days)| time / DAY < *days).unwrap_or(bands.len() - 1)
}
