//! What is compared with what, and how good it must be. The bounds are those of the design; nothing here is timed.

use std::collections::HashMap;

use super::subject::Kind;

/// A program with so many entries.
pub type Case = (Kind, usize);

/// What one start of one program gave.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub ready: f64,
    /// Key → first change of the list: the median and the 95th of a hundred.
    pub painted: f64,
    pub painted_slow: f64,
    pub settled: f64,
    /// MiB.
    pub memory: f64,
    /// Milliseconds of processor time a second; only where it is compared.
    pub idle: Option<f64>,
}

/// One round over all cases.
pub type Round = HashMap<Case, Sample>;

/// Two cases of one round beside each other.
#[derive(Debug)]
pub struct Goal {
    pub id: &'static str,
    pub what: &'static str,
    pub unit: &'static str,
    pub ours: Case,
    pub theirs: Case,
    pub measure: fn(&Sample) -> Option<f64>,
    pub compare: fn(f64, f64) -> f64,
    pub must: f64,
    pub aim: f64,
}

/// A line of the result.
#[derive(Debug, serde::Serialize)]
pub struct Figure {
    pub id: String,
    pub what: String,
    pub unit: String,
    pub ours: f64,
    pub theirs: f64,
    /// The median of the rounds' own ratios (of their differences, where growth is measured).
    pub ratio: f64,
    pub must: f64,
    pub aim: f64,
    /// How many rounds it is the median of.
    pub rounds: usize,
}

impl Figure {
    /// "aim", "must" or "missed": what was reached.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        if self.ratio <= self.aim {
            "aim"
        } else if self.ratio <= self.must {
            "must"
        } else {
            "missed"
        }
    }
}

const THOUSAND: Case = (Kind::Keyturn, 1_000);
const OURS: Case = (Kind::Keyturn, 10_000);
const MANY: Case = (Kind::Keyturn, 100_000);
const KEEPASSXC: Case = (Kind::KeePassXc, 10_000);
const CHROMIUM: Case = (Kind::Chromium, 10_000);
const BARE: Case = (Kind::BareWindow, 10_000);

/// Every comparison of windows. P11, P14 and P15 need none and stand elsewhere.
#[must_use]
#[rustfmt::skip]
pub fn goals() -> Vec<Goal> {
    let ready = |sample: &Sample| Some(sample.ready);
    let memory = |sample: &Sample| Some(sample.memory);
    let goal = |id, what, unit, ours, theirs, measure, (must, aim)| {
        Goal { id, what, unit, ours, theirs, measure, compare: |ours, theirs| ours / theirs, must, aim }
    };
    vec![
        goal("P1", "ready, 10,000 entries, against KeePassXC", "ms", OURS, KEEPASSXC, ready, (0.30, 0.23)),
        goal("P2", "ready, against Chromium with the plain page", "ms", OURS, CHROMIUM, ready, (1.25, 1.00)),
        goal("P3", "ready, against the bare window", "ms", OURS, BARE, ready, (1.30, 1.15)),
        goal("P4", "ready, 100,000 keys against 1,000", "ms", MANY, THOUSAND, ready, (1.25, 1.10)),
        goal("P5", "memory, against Chromium", "MiB", OURS, CHROMIUM, memory, (0.72, 0.66)),
        goal("P5", "memory, against KeePassXC", "MiB", OURS, KEEPASSXC, memory, (1.75, 1.60)),
        goal("P5", "memory, against the bare window", "MiB", OURS, BARE, memory, (1.18, 1.08)),
        Goal {
            compare: |ours, theirs| ours - theirs,
            ..goal("P6", "memory, from 10,000 keys to 100,000: MiB more", "MiB", MANY, OURS, memory, (25.0, 15.0))
        },
        goal("P7", "idle, against KeePassXC", "ms/s", OURS, KEEPASSXC, |sample| sample.idle, (1.0, 0.5)),
        goal("P9", "key → paint, 100,000 keys, against 10,000 rows in the bare window, p50", "ms", MANY, BARE,
             |sample| Some(sample.painted), (1.25, 1.05)),
        goal("P9", "the same, p95", "ms", MANY, BARE, |sample| Some(sample.painted_slow), (1.25, 1.05)),
        goal("P10", "key → settled list, against KeePassXC's search", "ms", OURS, KEEPASSXC,
             |sample| Some(sample.settled), (0.40, 0.25)),
    ]
}

/// A goal over all rounds in which both of its cases were measured; `None` where there is no such round.
#[must_use]
pub fn judge(goal: &Goal, rounds: &[Round]) -> Option<Figure> {
    let value = |round: &Round, case| round.get(&case).and_then(|sample| (goal.measure)(sample));
    let pairs: Vec<(f64, f64)> = rounds
        .iter()
        .filter_map(|round| Some((value(round, goal.ours)?, value(round, goal.theirs)?)))
        .collect();
    figure(goal.id, goal.what, goal.unit, &pairs, goal.compare, (goal.must, goal.aim))
}

/// The medians of both sides and of what compares them.
pub fn figure(
    id: &str,
    what: &str,
    unit: &str,
    pairs: &[(f64, f64)],
    compare: fn(f64, f64) -> f64,
    (must, aim): (f64, f64),
) -> Option<Figure> {
    Some(Figure {
        id: id.to_owned(),
        what: what.to_owned(),
        unit: unit.to_owned(),
        ours: median(pairs.iter().map(|pair| pair.0))?,
        theirs: median(pairs.iter().map(|pair| pair.1))?,
        ratio: median(pairs.iter().map(|(ours, theirs)| compare(*ours, *theirs)))?,
        must,
        aim,
        rounds: pairs.len(),
    })
}

#[must_use]
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values = sorted(values);
    let middle = values.len().checked_sub(1)? / 2;
    Some(f64::midpoint(values[middle], values[values.len() / 2]))
}

/// The value that 95 of 100 do not exceed.
#[must_use]
pub fn ninety_fifth(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values = sorted(values);
    values.get((values.len() * 95).div_ceil(100).checked_sub(1)?).copied()
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_of_an_even_number_lies_in_the_middle() {
        assert_eq!(median([4.0, 1.0, 2.0, 9.0].into_iter()), Some(3.0));
        assert_eq!(median([4.0, 1.0, 9.0].into_iter()), Some(4.0));
        assert_eq!(median(std::iter::empty()), None);
    }

    #[test]
    fn of_twenty_the_nineteenth_is_the_ninety_fifth() {
        assert_eq!(ninety_fifth((1..=20).map(f64::from)), Some(19.0));
        assert_eq!(ninety_fifth(std::iter::empty()), None);
    }

    #[test]
    fn ratios_are_taken_within_a_round_before_the_median() {
        let pairs = [(1.0, 1.0), (20.0, 10.0), (300.0, 100.0)];
        let figure = figure("P0", "", "ms", &pairs, |a, b| a / b, (2.5, 1.5)).unwrap();
        assert!((figure.ratio - 2.0).abs() < f64::EPSILON);
        assert_eq!(figure.verdict(), "must");
    }
}
