//! How a vendor's keys look, how one is made, and what is kept of it.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::random;
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

/// SHA-256 of a whole key. Keys have at least 190 random bits, so that nothing slower is needed.
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
#[derive(Clone, Copy)]
pub(crate) enum Body {
    /// Lower-case hex of 32 random bytes.
    LowerHex64,
    /// 43 characters of base64url.
    Base64Url43,
    /// 32 letters and digits.
    Base62x32,
    /// Whatever the vendor likes: nothing is checked but that it may stand in a header.
    Opaque,
}

impl Body {
    fn alphabet(self) -> &'static [u8] {
        match self {
            Self::LowerHex64 => random::LOWER_HEX,
            Self::Base64Url43 | Self::Opaque => random::BASE64_URL,
            Self::Base62x32 => random::BASE62,
        }
    }

    fn length(self) -> usize {
        match self {
            Self::LowerHex64 => 64,
            Self::Base64Url43 | Self::Opaque => 43,
            Self::Base62x32 => 32,
        }
    }

    fn fits(self, body: &str) -> bool {
        match self {
            Self::Opaque => (1..=LONGEST).contains(&body.len()) && body.bytes().all(|b| b.is_ascii_graphic()),
            Self::LowerHex64 | Self::Base64Url43 | Self::Base62x32 => {
                body.len() == self.length() && body.bytes().all(|b| self.alphabet().contains(&b))
            }
        }
    }
}

/// Most characters of a value that is looked up at all, where the form says nothing about its length.
const LONGEST: usize = 512;

/// The part of a key by which it is known once its value is gone.
#[derive(Clone, Copy)]
pub(crate) enum Hint {
    /// This many of its last characters.
    End(usize),
    /// This many characters after the prefix.
    Beginning(usize),
}

/// The form of a vendor's keys.
pub(crate) struct KeyForm {
    /// The first is the one that real work is done in.
    pub(crate) environments: &'static [Environment],
    pub(crate) body: Body,
    pub(crate) hint: Hint,
}

impl KeyForm {
    /// Whether it looks like a key of this vendor at all. Checked before any look-up.
    pub(crate) fn fits(&self, presented: &str) -> bool {
        let mut bodies = self.environments.iter().filter_map(|known| presented.strip_prefix(known.prefix));
        bodies.any(|body| self.body.fits(body))
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
        let body = random::text(self.body.alphabet(), self.body.length())?;
        let mut key = Zeroizing::new(String::with_capacity(environment.prefix.len() + body.len()));
        key.push_str(environment.prefix);
        key.push_str(&body);
        Ok(Plaintext(key))
    }

    /// The part by which a key of this environment is known. Keys are ASCII.
    pub(super) fn hint_of<'a>(&self, key: &'a Plaintext, environment: &Environment) -> &'a str {
        // EXPOSE: a few of its characters are what it is known by.
        let key = key.expose();
        match self.hint {
            Hint::End(count) => &key[key.len().saturating_sub(count)..],
            Hint::Beginning(count) => {
                let body = &key[environment.prefix.len()..];
                &body[..count.min(body.len())]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVE: Environment = Environment { name: "live", prefix: "nl_live_" };
    const FORM: KeyForm = form(Body::LowerHex64, Hint::End(4));

    const fn form(body: Body, hint: Hint) -> KeyForm {
        KeyForm { environments: &[LIVE], body, hint }
    }

    #[test]
    fn a_minted_key_fits_its_own_form() {
        for (body, length) in
            [(Body::LowerHex64, 64), (Body::Base64Url43, 43), (Body::Base62x32, 32), (Body::Opaque, 43)]
        {
            let form = form(body, Hint::End(4));
            let key = form.mint(&LIVE).unwrap();
            // EXPOSE: the form is checked, in a test.
            let text = key.expose();
            assert!(form.fits(text));
            assert_eq!(text.len(), LIVE.prefix.len() + length);
            assert_eq!(form.hint_of(&key, &LIVE), &text[text.len() - 4..]);
        }
    }

    #[test]
    fn a_hint_may_be_the_beginning_without_the_prefix() {
        let form = form(Body::Base64Url43, Hint::Beginning(16));
        let key = form.mint(&LIVE).unwrap();
        // EXPOSE: the hint is compared, in a test.
        assert_eq!(form.hint_of(&key, &LIVE), &key.expose()[LIVE.prefix.len()..][..16]);
    }

    #[test]
    fn an_opaque_body_is_anything_that_may_stand_in_a_header() {
        let form = form(Body::Opaque, Hint::End(4));
        assert!(form.fits("nl_live_1a2b-3c4d_xyz.~"));
        for odd in ["nl_live_", "nl_live_a b", "nl_live_ü", &format!("nl_live_{}", "a".repeat(513))] {
            assert!(!form.fits(odd), "{odd:?}");
        }
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
