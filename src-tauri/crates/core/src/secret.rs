//! The one type that holds a credential's value. Knows nothing of where it is kept or sent.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A credential that a vendor issued. Leaves this type only through [`Secret::expose`], and each call says why.
///
/// No `Clone`, `Display`, `PartialEq` or serialisation: a missing trait is an error at compile time.
/// Zeroized on drop.
pub struct Secret(SecretString);

impl Secret {
    /// Takes ownership of `value`; the caller keeps no copy.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(SecretString::from(value))
    }

    /// The value itself. Put `// EXPOSE: why` above every call.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether both hold the same value.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        // EXPOSE: compared; neither leaves.
        self.expose() == other.expose()
    }

    /// A second holder of the same value, for the few places that must keep it beyond a borrow.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        // EXPOSE: copied into another zeroizing holder.
        Self::new(self.expose().to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        let secret = Secret::new("nl_live_canary".into());
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(format!("{:#?}", Some(&secret)), "Some(\n    Secret(…),\n)");
    }
}
