//! Which rows pass a query, and how many each choice of a filter would leave.

use std::collections::BTreeMap;

use super::compact::{Row, Rows};
use super::{Facets, LastUseKind, Query, StatusKind};
use crate::finding::FindingSet;

/// One flag a row: whether it holds every term of the search. `None`: no search, every row does.
pub(super) fn search(rows: &Rows, text: &str) -> Option<Vec<bool>> {
    let lower = text.to_lowercase();
    let mut found: Option<Vec<bool>> = None;
    for term in lower.split_whitespace() {
        let mut holds = in_texts(rows, term);
        in_scopes(rows, term, &mut holds);
        found = Some(match found {
            None => holds,
            Some(before) => before.into_iter().zip(holds).map(|(a, b)| a && b).collect(),
        });
    }
    found
}

fn in_texts(rows: &Rows, term: &str) -> Vec<bool> {
    let mut holds = vec![false; rows.len()];
    let finder = memchr::memmem::Finder::new(term);
    let mut at = 0;
    while let Some(found) = finder.find(&rows.haystack.as_bytes()[at..]) {
        let position = u32::try_from(at + found).unwrap_or(u32::MAX);
        let row = rows.starts.partition_point(|start| *start <= position) - 1;
        holds[row] = true;
        at = rows.starts[row + 1] as usize;
    }
    holds
}

/// Scope sets are few: each is looked at once, not once a row.
fn in_scopes(rows: &Rows, term: &str, holds: &mut [bool]) {
    let sets: Vec<bool> = rows
        .scope_sets
        .iter()
        .map(|set| set.iter().any(|scope| scope.0.to_lowercase().contains(term)))
        .collect();
    if sets.contains(&true) {
        for (row, holds) in rows.iter().zip(holds) {
            *holds |= sets[row.scopes as usize];
        }
    }
}

/// The filters of a query, by the index of each value instead of the value.
pub(super) struct Filter<'a> {
    accounts: Option<Vec<bool>>,
    environments: Option<Vec<bool>>,
    statuses: &'a [StatusKind],
    last_uses: &'a [LastUseKind],
    findings: FindingSet,
    now: i64,
}

/// Which of the four groups let a row pass.
#[derive(Clone, Copy)]
struct Passed {
    account: bool,
    environment: bool,
    status: bool,
    last_use: bool,
}

impl<'a> Filter<'a> {
    pub(super) fn new(rows: &Rows, query: &'a Query, now: i64) -> Self {
        let chosen = |wanted: bool, of: Vec<bool>| wanted.then_some(of);
        Self {
            accounts: chosen(
                !query.accounts.is_empty(),
                rows.accounts.iter().map(|account| query.accounts.contains(account)).collect(),
            ),
            environments: chosen(
                !query.environments.is_empty(),
                rows.environments
                    .iter()
                    .map(|environment| query.environments.contains(environment))
                    .collect(),
            ),
            statuses: &query.statuses,
            last_uses: &query.last_uses,
            findings: query.findings,
            now,
        }
    }

    fn passed(&self, row: &Row, status: StatusKind, last_use: LastUseKind) -> Passed {
        Passed {
            account: self.accounts.as_ref().is_none_or(|chosen| chosen[usize::from(row.account)]),
            environment: self.environments.as_ref().is_none_or(|chosen| chosen[usize::from(row.environment)]),
            status: self.statuses.is_empty() || self.statuses.contains(&status),
            last_use: self.last_uses.is_empty() || self.last_uses.contains(&last_use),
        }
    }
}

/// One flag a row, and the facets, in one pass.
pub(super) fn select(rows: &Rows, filter: &Filter<'_>, found: Option<&[bool]>) -> (Vec<bool>, Facets) {
    let mut chosen = vec![false; rows.len()];
    let mut accounts = vec![0_usize; rows.accounts.len()];
    let mut environments = vec![0_usize; rows.environments.len()];
    let mut statuses = BTreeMap::new();
    let mut last_uses = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        let without = !filter.findings.is_empty() && !row.findings.meets(filter.findings);
        if without || found.is_some_and(|found| !found[index]) {
            continue;
        }
        let (status, last_use) = (row.status_kind(filter.now), row.last_use_kind(filter.now));
        let passed = filter.passed(row, status, last_use);
        chosen[index] = passed.account && passed.environment && passed.status && passed.last_use;
        if passed.environment && passed.status && passed.last_use {
            accounts[usize::from(row.account)] += 1;
        }
        if passed.account && passed.status && passed.last_use {
            environments[usize::from(row.environment)] += 1;
        }
        if passed.account && passed.environment && passed.last_use {
            *statuses.entry(status).or_insert(0) += 1;
        }
        if passed.account && passed.environment && passed.status {
            *last_uses.entry(last_use).or_insert(0) += 1;
        }
    }
    let facets = Facets {
        accounts: rows.accounts.iter().cloned().zip(accounts).collect(),
        environments: rows.environments.iter().cloned().zip(environments).collect(),
        statuses: statuses.into_iter().collect(),
        last_uses: last_uses.into_iter().collect(),
    };
    (chosen, facets)
}
