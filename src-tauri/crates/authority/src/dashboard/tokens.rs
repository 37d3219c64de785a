//! One token for each page that was shown, good for one form: a page elsewhere cannot read it, and a reply that
//! is loaded again does not make a second key.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::engine::random;
use crate::error::AuthorityError;

/// Pages that may be open at once; the oldest goes stale when there is one more.
const OPEN: usize = 64;

#[derive(Default)]
pub(super) struct Tokens(Mutex<VecDeque<String>>);

impl Tokens {
    /// A token for one more page.
    ///
    /// # Errors
    /// [`AuthorityError::Randomness`].
    pub(super) fn issue(&self) -> Result<Zeroizing<String>, AuthorityError> {
        let token = random::text(random::BASE62, 32)?;
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= OPEN {
            open.pop_front();
        }
        open.push_back(token.to_string());
        Ok(token)
    }

    /// Whether it was good; it is no more.
    pub(super) fn redeem(&self, token: &str) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = open.iter().position(|known| known == token);
        place.and_then(|place| open.remove(place)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_once_and_not_for_ever() {
        let tokens = Tokens::default();
        let first = tokens.issue().unwrap();
        assert!(tokens.redeem(&first));
        assert!(!tokens.redeem(&first));
        assert!(!tokens.redeem(""));
        let old = tokens.issue().unwrap();
        for _ in 0..OPEN {
            tokens.issue().unwrap();
        }
        assert!(!tokens.redeem(&old));
    }
}
