//! How a vendor's keys look, how one is made, and what is kept of it.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::AuthorityError;

/// A key's whole value. It exists between its making and the reply that shows it: no `Debug`, no `Clone`.
pub(crate) struct Plaintext(Zeroizing<String>);

impl Plaintext {
    /// The value, for the one reply that shows it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// For the caller of the library who asked for a key.
    pub(crate) fn into_string(mut self) -> String {
        std::mem::take(&mut self.0)
    }
}

/// SHA-256 of a whole key. Keys have 256 random bits, so that nothing slower is needed.
#[derive(Clone, Copy)]
pub(crate) struct KeyHash(pub(super) [u8; 32]);

impl KeyHash {
    pub(crate) fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    /// What the index looks up; the rest of the hash is then compared in constant time.
    pub(super) fn slot(&self) -> u128 {
        let mut half = [0; 16];
        half.copy_from_slice(&self.0[..16]);
        u128::from_le_bytes(half)
    }

    /// Takes the same time wherever two hashes differ.
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// An environment and what its keys begin with.
pub(crate) struct Environment {
    pub(crate) name: &'static str,
    pub(crate) prefix: &'static str,
}

/// What follows the prefix.
pub(crate) enum Body {
    /// Lower-case hex of 32 random bytes.
    LowerHex64,
}

/// The form of a vendor's keys.
pub(crate) struct KeyForm {
    pub(crate) environments: &'static [Environment],
    pub(crate) body: Body,
    /// How many characters of its end a key is known by.
    pub(crate) hint: usize,
}

impl KeyForm {
    /// Whether it looks like a key of this vendor at all. Checked before any look-up.
    pub(crate) fn fits(&self, presented: &str) -> bool {
        let bodies = self.environments.iter().filter_map(|known| presented.strip_prefix(known.prefix));
        bodies.into_iter().any(|body| match self.body {
            Body::LowerHex64 => {
                body.len() == 64 && body.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            }
        })
    }

    /// The environment of this name.
    pub(crate) fn environment(&self, name: &str) -> Option<&'static Environment> {
        self.environments.iter().find(|known| known.name == name)
    }

    /// A new key of the system's randomness.
    ///
    /// # Errors
    /// [`AuthorityError::Randomness`].
    pub(super) fn mint(&self, environment: &Environment) -> Result<Plaintext, AuthorityError> {
        let mut random = Zeroizing::new([0; 32]);
        getrandom::fill(random.as_mut_slice()).map_err(|_| AuthorityError::Randomness)?;
        let body = match self.body {
            Body::LowerHex64 => Zeroizing::new(hex::encode(random.as_slice())),
        };
        let mut key = Zeroizing::new(String::with_capacity(environment.prefix.len() + body.len()));
        key.push_str(environment.prefix);
        key.push_str(&body);
        Ok(Plaintext(key))
    }

    /// The end by which a key is known. Keys are ASCII.
    pub(super) fn hint_of<'a>(&self, key: &'a Plaintext) -> &'a str {
        // EXPOSE: its last characters are what it is known by.
        let key = key.expose();
        &key[key.len().saturating_sub(self.hint)..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: KeyForm = KeyForm {
        environments: &[Environment { name: "live", prefix: "nl_live_" }],
        body: Body::LowerHex64,
        hint: 4,
    };

    #[test]
    fn a_minted_key_fits_its_own_form() {
        let key = FORM.mint(&FORM.environments[0]).unwrap();
        // EXPOSE: the form is checked, in a test.
        assert!(FORM.fits(key.expose()));
        assert_eq!(FORM.hint_of(&key).len(), 4);
    }

    #[test]
    fn what_is_no_key_does_not_fit() {
        let body = "a".repeat(64);
        for odd in [
            String::new(),
            body.clone(),
            "nl_live_".to_owned(),
            format!("nl_live_{}", &body[1..]),
            format!("nl_live_{body}a"),
            format!("nl_live_{}", body.to_uppercase()),
            format!("nl_prod_{body}"),
            format!(" nl_live_{body}"),
            format!("nl_live_{}é", &body[2..]),
        ] {
            assert!(!FORM.fits(&odd), "{odd:?}");
        }
    }

    #[test]
    fn hashes_match_only_themselves() {
        assert!(KeyHash::of("one").matches(&KeyHash::of("one")));
        assert!(!KeyHash::of("one").matches(&KeyHash::of("two")));
    }
}
