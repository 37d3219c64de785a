//! Finding values that are known exactly, whatever stands around them: a rolling sum tells in one pass over the text
//! where one of a length may stand. Of the values themselves it keeps those sums only.

use std::collections::{HashMap, HashSet};

use crate::secret::Secret;

/// Odd, and large enough that the sums of neighbours differ in their upper bits.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Shorter ones would be found everywhere.
const SHORTEST: usize = 8;

/// The sums of the values, by their length.
#[derive(Debug, Default)]
pub struct Held(HashMap<usize, HashSet<u64>>);

impl Held {
    #[must_use]
    pub fn of<'a>(values: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut held = Self::default();
        for value in values {
            // EXPOSE: summed up, to be found in a text; nothing else of it is kept.
            let bytes = value.expose().as_bytes();
            if bytes.len() >= SHORTEST {
                held.0.entry(bytes.len()).or_default().insert(sum(bytes));
            }
        }
        held
    }

    /// Where one of the values may stand, in time that grows with the text and with how many lengths there are.
    pub(super) fn find<'t>(&self, text: &'t str, mut f: impl FnMut(usize, &'t str)) {
        let bytes = text.as_bytes();
        for (&length, sums) in &self.0 {
            let Some(first) = bytes.get(..length) else { continue };
            let highest = (1..length).fold(1_u64, |power, _| power.wrapping_mul(BASE));
            let mut rolling = sum(first);
            for at in 0.. {
                if sums.contains(&rolling)
                    && let Some(value) = text.get(at..at + length)
                {
                    f(at, value);
                }
                let (Some(&leaves), Some(&enters)) = (bytes.get(at), bytes.get(at + length)) else { break };
                rolling = rolling
                    .wrapping_sub(u64::from(leaves).wrapping_mul(highest))
                    .wrapping_mul(BASE)
                    .wrapping_add(u64::from(enters));
            }
        }
    }
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_mul(BASE).wrapping_add(u64::from(*byte)))
}
