//! A filter as conditions in SQL, for our own entries and for the vendors'. What a person typed is always a value,
//! never a part of the statement.

use keyturn_core::name::searched;
use keyturn_core::ports::{JournalFilter, OutcomeKind};
use rusqlite::types::Value;

use crate::ledger::codec;

/// The conditions that both tables share, and those that differ.
#[derive(Default)]
pub(super) struct Clause {
    ours: Vec<(String, Vec<Value>)>,
    theirs: Vec<(String, Vec<Value>)>,
}

impl Clause {
    pub(super) fn of(filter: &JournalFilter) -> Self {
        let mut clause = Self::default();
        // The sign keeps SQLite from the index by account and key, in which nothing stands in order of time.
        clause.among("+account", filter.accounts.iter().map(|account| account.0.clone()));
        clause.among("action", filter.actions.iter().cloned());
        if let Some(since) = filter.since {
            clause.both("at >= ?", vec![codec::millis(since).into()]);
        }
        if let Some(until) = filter.until {
            clause.both("at < ?", vec![codec::millis(until).into()]);
        }
        if !filter.outcomes.is_empty() {
            let words: Vec<Value> =
                filter.outcomes.iter().map(|outcome| word(*outcome).to_owned().into()).collect();
            let done = filter.outcomes.contains(&OutcomeKind::Done);
            clause.ours.push((format!("outcome IN ({})", places(words.len())), words));
            // A vendor records what was done.
            clause.theirs.push((if done { "1" } else { "0" }.into(), Vec::new()));
        }
        for term in searched(&filter.search).split_whitespace() {
            clause.search(term);
        }
        clause
    }

    /// Only what comes after this time, source and number, in that order.
    pub(super) fn after(&mut self, [at, source, number]: [i64; 3]) {
        // The first half is what the index serves.
        let values = vec![at.into(), at.into(), source.into(), number.into()];
        self.ours.push(("at >= ? AND (at, 0, seq) > (?, ?, ?)".into(), values.clone()));
        self.theirs.push(("at >= ? AND (at, 1, n) > (?, ?, ?)".into(), values));
    }

    pub(super) fn ours(&self) -> String {
        joined(&self.ours)
    }

    pub(super) fn theirs(&self) -> String {
        joined(&self.theirs)
    }

    pub(super) fn our_values(&self) -> Vec<Value> {
        self.ours.iter().flat_map(|(_, values)| values.clone()).collect()
    }

    pub(super) fn their_values(&self) -> Vec<Value> {
        self.theirs.iter().flat_map(|(_, values)| values.clone()).collect()
    }

    fn both(&mut self, condition: &str, values: Vec<Value>) {
        self.ours.push((condition.into(), values.clone()));
        self.theirs.push((condition.into(), values));
    }

    fn among(&mut self, column: &str, values: impl Iterator<Item = String>) {
        let values: Vec<Value> = values.map(Value::from).collect();
        if !values.is_empty() {
            self.both(&format!("{column} IN ({})", places(values.len())), values);
        }
    }

    /// A term stands somewhere in the entry, in the name of its key, or in the label of its account.
    fn search(&mut self, term: &str) {
        let named = "account IN (SELECT id FROM accounts WHERE holds(?, label)) OR (account, key) IN \
                     (SELECT a.id, k.id FROM keys k JOIN accounts a ON a.n = k.account WHERE holds(?, k.name))";
        let held =
            |columns: &str| (format!("(holds(?, {columns}) OR {named})"), vec![term.to_owned().into(); 3]);
        self.ours.push(held("detail, reason, fingerprint, key, action, outcome"));
        self.theirs.push(held("words, name, actor, key, action"));
    }
}

fn joined(conditions: &[(String, Vec<Value>)]) -> String {
    if conditions.is_empty() {
        return String::new();
    }
    let all: Vec<&str> = conditions.iter().map(|(condition, _)| condition.as_str()).collect();
    format!("WHERE {}", all.join(" AND "))
}

fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}

fn word(outcome: OutcomeKind) -> &'static str {
    keyturn_core::export::outcome(outcome)
}
