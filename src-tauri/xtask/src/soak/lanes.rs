//! What is soaked: which test, how long its long form is, and how it says how far it came.

/// How a test is told its size.
pub(super) enum Size {
    /// It is started once with the size in this variable, and ends by itself when its time is over.
    Whole(&'static str),
    /// It is started again and again, each time with a slice of this size and another seed.
    Slices(&'static str),
}

/// One row of the catalogue.
pub(super) struct Lane {
    pub(super) id: &'static str,
    pub(super) what: &'static str,
    /// The test's file; without a test, a program that takes `--runs` and `--seed`.
    pub(super) program: &'static str,
    pub(super) test: Option<&'static str>,
    pub(super) size: Size,
    /// What the variable says where it is started once.
    pub(super) rounds: u64,
    /// How many there are in one slice.
    pub(super) slice: u64,
    /// How many are wanted.
    pub(super) of: u64,
    /// Its part of the time, beside those of the others.
    pub(super) share: u64,
}

impl Lane {
    /// How it is played again alone.
    pub(super) fn again(&self) -> String {
        match self.test {
            Some(test) => format!("cargo test --workspace --profile fast --test {} {test}", self.program),
            None => "cargo xtask fuzz --seed with that number".into(),
        }
    }
}

const fn whole(
    id: &'static str,
    what: &'static str,
    test: (&'static str, &'static str),
    variable: &'static str,
    rounds: u64,
    share: u64,
) -> Lane {
    Lane {
        id,
        what,
        program: test.0,
        test: Some(test.1),
        size: Size::Whole(variable),
        rounds,
        slice: 0,
        of: rounds,
        share,
    }
}

pub(super) const LANES: &[Lane] = &[
    whole("R1", "kills at every moment", ("crash", "r1_"), "KEYTURN_KILLS", 100, 28),
    whole("R2", "lost replies on create", ("crash", "r2_"), "KEYTURN_CUTS", 5_000, 8),
    whole(
        "R3",
        "lost replies of rotations in one call",
        ("contract", "r3_a_lost"),
        "KEYTURN_ONE_CALLS",
        1_000,
        3,
    ),
    whole("R4", "batches with few places left", ("bulk", "r4_however"), "KEYTURN_PLACES", 5_000, 4),
    whole("R5", "slow revocations, wrong clocks, odd dates", ("crash", "r5_"), "KEYTURN_DATES", 10_000, 10),
    whole("R6", "storms of 429 and 503 over a batch", ("bulk", "r6_whatever"), "KEYTURN_STORMS", 5_000, 6),
    Lane {
        id: "R7",
        what: "generated stories of 50 steps",
        program: "contract",
        test: Some("r7_"),
        size: Size::Slices("KEYTURN_STORIES"),
        rounds: 0,
        slice: 20,
        of: 100_000,
        share: 20,
    },
    Lane {
        id: "F43",
        what: "generated stories of every button that is shown",
        program: "ways_out",
        test: Some("f43_every_button"),
        size: Size::Slices("KEYTURN_WAYS"),
        rounds: 0,
        slice: 6,
        of: 10_000,
        share: 8,
    },
    whole("R8", "two processes rotate one key", ("crash", "r8_"), "KEYTURN_RACES", 1_000, 8),
    whole(
        "D1",
        "kills during a refresh of 100,000 keys",
        ("storage", "d1_"),
        "KEYTURN_REFRESH_KILLS",
        5_000,
        12,
    ),
    whole("D2", "disks that refuse at every write", ("crash", "d2_"), "KEYTURN_REFUSALS", 100, 10),
    Lane {
        id: "N1",
        what: "replies that are almost right",
        program: "fuzz",
        test: None,
        size: Size::Slices("KEYTURN_RUNS"),
        rounds: 0,
        slice: 20_000,
        of: 10_000_000,
        share: 8,
    },
];

/// Reads `counted R1: 240 of 260, 1 failed`, as a test says it at its end: how many were played, of how many, and failed.
pub(super) fn counted(line: &str) -> Option<(u64, u64, u64)> {
    let (_, rest) = line.split_once("counted ")?.1.split_once(": ")?;
    let (done, rest) = rest.split_once(" of ")?;
    let (of, rest) = rest.split_once(", ")?;
    let failed = rest.split_once(" failed")?.0;
    Some((done.parse().ok()?, of.parse().ok()?, failed.parse().ok()?))
}

/// Reads `natural/list  20000 replies, 1.2 s`; 0 where it is another line.
pub(super) fn replies(line: &str) -> u64 {
    let number = line.split_once(" replies, ").and_then(|(before, _)| before.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tests_say_is_read() {
        assert_eq!(counted("counted R1: 240 of 260, 1 failed; 240 processes killed"), Some((240, 260, 1)));
        assert_eq!(counted("running 1 test"), None);
        assert_eq!(replies("natural/list                 20000 replies, 1.2 s"), 20_000);
        assert_eq!(replies("test r1 ... ok"), 0);
    }
}
