//! How many tests ran, read from what cargo and vitest print.

use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
}

impl Count {
    pub const ONE_PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    pub const ONE_FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };
    pub const ONE_SKIPPED: Self = Self { passed: 0, failed: 0, skipped: 1 };

    /// Reads `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
    pub fn from_cargo(line: &str) -> Option<Self> {
        Some(Self::from_words(line.strip_prefix("test result: ")?, &['.', ';']))
    }

    /// Reads `Tests  1 failed | 12 passed | 2 skipped (15)`.
    pub fn from_vitest(line: &str) -> Option<Self> {
        let line = without_colours(line);
        Some(Self::from_words(line.trim().strip_prefix("Tests  ")?, &['|', '(']))
    }

    /// A run that broke without any test saying so has failed all the same.
    pub fn ending(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    fn from_words(line: &str, between: &[char]) -> Self {
        let mut count = Self::default();
        for part in line.split(between) {
            let Some((number, word)) = part.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u32>() else { continue };
            match word.trim() {
                "passed" => count.passed += number,
                "failed" => count.failed += number,
                "ignored" | "skipped" | "todo" => count.skipped += number,
                _ => {}
            }
        }
        count
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..start]);
        rest = rest[start..].split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_says_how_many_passed_failed_and_were_ignored() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.01s";
        assert_eq!(Count::from_cargo(line), Some(Count { passed: 12, failed: 2, skipped: 1 }));
        assert_eq!(Count::from_cargo("test flows::x ... ok"), None);
    }

    #[test]
    fn vitest_says_it_in_colour() {
        let line = "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m1 failed\u{1b}[39m\u{1b}[22m | \u{1b}[32m41 passed\u{1b}[39m\u{1b}[90m (42)\u{1b}[39m";
        assert_eq!(Count::from_vitest(line), Some(Count { passed: 41, failed: 1, skipped: 0 }));
        assert_eq!(Count::from_vitest(" Test Files  3 passed (3)"), None);
    }

    #[test]
    fn a_run_that_broke_without_a_failed_test_counts_as_one_failure() {
        assert_eq!(Count::ONE_PASSED.ending(false), Count { passed: 1, failed: 1, skipped: 0 });
        assert_eq!(Count::ONE_FAILED.ending(false), Count::ONE_FAILED);
        assert_eq!(Count::ONE_PASSED.ending(true), Count::ONE_PASSED);
    }
}
