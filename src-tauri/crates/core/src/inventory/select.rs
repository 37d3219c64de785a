//! Which rows pass a query, and how many each choice of a filter would leave.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::compact::{BETWEEN, Row, Rows};
use super::{Facets, LastUseKind, Query, StatusKind, order};
use crate::finding::FindingSet;
use crate::key::KeyRef;
use crate::label::Label;
use crate::name;

/// One flag a row: whether it is one that the query looks for. `None`: every row is.
pub(super) fn looked_for(rows: &Rows, query: &Query) -> Option<Vec<bool>> {
    let found = search(rows, &query.search);
    let Some(keys) = &query.keys else { return found };
    let named = named(rows, keys);
    Some(match found {
        None => named,
        Some(found) => found.into_iter().zip(named).map(|(a, b)| a && b).collect(),
    })
}

fn named(rows: &Rows, keys: &[KeyRef]) -> Vec<bool> {
    let wanted: HashSet<(&str, &str)> =
        keys.iter().map(|key| (key.account.0.as_str(), key.key.0.as_str())).collect();
    let account = |row: &Row| rows.accounts[usize::from(row.account)].0.as_str();
    (0_u32..).zip(rows.iter()).map(|(at, row)| wanted.contains(&(account(row), rows.id(at)))).collect()
}

/// One flag a row: whether it holds every term of the search. `None`: no search, every row does.
fn search(rows: &Rows, text: &str) -> Option<Vec<bool>> {
    let text = name::searched(text);
    let mut found: Option<Vec<bool>> = None;
    for term in text.split_whitespace() {
        let mut holds = in_texts(rows, term);
        in_sets(rows, term, &mut holds);
        if let Some(hint) = as_hint(term) {
            for (holds, bears) in holds.iter_mut().zip(in_texts(rows, &hint)) {
                *holds |= bears;
            }
        }
        found = Some(match found {
            None => holds,
            Some(before) => before.into_iter().zip(holds).map(|(a, b)| a && b).collect(),
        });
    }
    found
}

/// A term such as `nl_live_…6c86`, as a key's hint is shown and copied: as it stands among the texts of a row. The form
/// of search has made three dots of an ellipsis.
fn as_hint(term: &str) -> Option<String> {
    const MASKS: [&str; 3] = ["...", "*", "\u{2022}"];
    let from = MASKS.iter().filter_map(|mask| term.find(mask)).min()?;
    let to = MASKS.iter().filter_map(|mask| Some(term.rfind(mask)? + mask.len())).max()?;
    Some(format!("{}{BETWEEN}{}", &term[..from], &term[to..]))
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

/// Sets of scopes and of labels are few: each is looked at once, not once a row.
fn in_sets(rows: &Rows, term: &str, holds: &mut [bool]) {
    let hit = |text: &str| name::holds(text, term);
    let scopes: Vec<bool> = rows.scope_sets.iter().map(|set| set.iter().any(|scope| hit(&scope.0))).collect();
    let labels: Vec<bool> =
        rows.label_sets.iter().map(|set| set.iter().any(|label| hit(label.as_str()))).collect();
    if scopes.contains(&true) || labels.contains(&true) {
        for (row, holds) in rows.iter().zip(holds) {
            *holds |= scopes[row.scopes as usize] || labels[row.labels as usize];
        }
    }
}

/// The filters of a query, by the index of each value instead of the value.
pub(super) struct Filter<'a> {
    accounts: Option<Vec<bool>>,
    environments: Option<Vec<bool>>,
    labels: Option<Vec<bool>>,
    statuses: &'a [StatusKind],
    last_uses: &'a [LastUseKind],
    due: bool,
    findings: FindingSet,
    now: i64,
}

/// One bit for each group of a filter.
const ACCOUNT: u8 = 1;
const ENVIRONMENT: u8 = 1 << 1;
const STATUS: u8 = 1 << 2;
const LAST_USE: u8 = 1 << 3;
const LABEL: u8 = 1 << 4;
const DUE: u8 = 1 << 5;

/// What a filter looks at in one row, at one time.
struct Seen {
    status: StatusKind,
    last_use: LastUseKind,
    due: bool,
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
            labels: chosen(
                !query.labels.is_empty(),
                rows.label_sets
                    .iter()
                    .map(|set| set.iter().any(|label| query.labels.contains(label)))
                    .collect(),
            ),
            statuses: &query.statuses,
            last_uses: &query.last_uses,
            due: query.due,
            findings: query.findings,
            now,
        }
    }

    /// The groups that keep a row out; none: it is chosen.
    fn missed(&self, row: &Row, seen: &Seen) -> u8 {
        let among = |chosen: &Option<Vec<bool>>, index: usize| chosen.as_ref().is_none_or(|it| it[index]);
        let passed = [
            (ACCOUNT, among(&self.accounts, usize::from(row.account))),
            (ENVIRONMENT, among(&self.environments, usize::from(row.environment))),
            (LABEL, among(&self.labels, row.labels as usize)),
            (STATUS, self.statuses.is_empty() || self.statuses.contains(&seen.status)),
            (LAST_USE, self.last_uses.is_empty() || self.last_uses.contains(&seen.last_use)),
            (DUE, !self.due || seen.due),
        ];
        passed.into_iter().filter(|(_, passed)| !passed).map(|(group, _)| group).sum()
    }
}

/// One flag a row, and the facets, in one pass.
pub(super) fn select(rows: &Rows, filter: &Filter<'_>, found: Option<&[bool]>) -> (Vec<bool>, Facets) {
    let mut chosen = vec![false; rows.len()];
    let mut accounts = vec![0_usize; rows.accounts.len()];
    let mut environments = vec![0_usize; rows.environments.len()];
    let mut label_sets = vec![0_usize; rows.label_sets.len()];
    let mut statuses = BTreeMap::new();
    let mut last_uses = BTreeMap::new();
    let mut due = 0;
    for (index, row) in rows.iter().enumerate() {
        let without = !filter.findings.is_empty() && !row.findings.meets(filter.findings);
        if without || found.is_some_and(|found| !found[index]) {
            continue;
        }
        let seen = Seen {
            status: row.status_kind(filter.now),
            last_use: row.last_use_kind(filter.now),
            due: row.is_due(filter.now),
        };
        let missed = filter.missed(row, &seen);
        chosen[index] = missed == 0;
        // A group's choices count what the other groups let pass.
        let counts = |group: u8| usize::from(missed & !group == 0);
        accounts[usize::from(row.account)] += counts(ACCOUNT);
        environments[usize::from(row.environment)] += counts(ENVIRONMENT);
        label_sets[row.labels as usize] += counts(LABEL);
        if missed & !STATUS == 0 {
            *statuses.entry(seen.status).or_insert(0) += 1;
        }
        if missed & !LAST_USE == 0 {
            *last_uses.entry(seen.last_use).or_insert(0) += 1;
        }
        due += if seen.due { counts(DUE) } else { 0 };
    }
    let mut environments: Vec<_> = rows.environments.iter().cloned().zip(environments).collect();
    environments.sort_by(|(a, _), (b, _)| order::environments(a, b));
    let facets = Facets {
        accounts: rows.accounts.iter().cloned().zip(accounts).collect(),
        environments,
        statuses: statuses.into_iter().collect(),
        last_uses: last_uses.into_iter().collect(),
        labels: labels(rows, &label_sets),
        due,
    };
    (chosen, facets)
}

/// A row of several labels counts for each.
fn labels(rows: &Rows, label_sets: &[usize]) -> Vec<(Label, usize)> {
    let mut counts: HashMap<&Label, usize> = HashMap::new();
    for (set, count) in rows.label_sets.iter().zip(label_sets) {
        for label in set {
            *counts.entry(label).or_insert(0) += count;
        }
    }
    rows.labels.iter().map(|label| (label.clone(), counts.get(label).copied().unwrap_or(0))).collect()
}
