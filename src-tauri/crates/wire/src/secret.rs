//! The two types that may hold a secret on its way through IPC. Neither can be printed or copied.

use std::fmt;

use keyturn_core::secret::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use zeroize::Zeroizing;

/// A secret that a person typed: comes in, never goes out.
#[derive(Deserialize, TS)]
#[ts(export, type = "string")]
#[serde(transparent)]
pub struct SecretInput(Zeroizing<String>);

impl SecretInput {
    /// Hands the value on; this holder is wiped.
    #[must_use]
    pub fn into_secret(self) -> Secret {
        Secret::new(self.0.as_str().to_owned())
    }
}

impl fmt::Debug for SecretInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretInput(…)")
    }
}

/// A secret on its way to the reveal window: the one outbound type with a value.
#[derive(Serialize, TS)]
#[ts(export)]
#[serde(rename_all = "camelCase")]
pub struct RevealedSecret {
    pub name: String,
    #[ts(type = "string")]
    value: Zeroizing<String>,
    /// Seconds until the window closes by itself.
    pub closes_in: u32,
    /// The vendor's name.
    pub vendor: String,
}

impl RevealedSecret {
    #[must_use]
    pub fn new(name: String, vendor: String, secret: &Secret, closes_in: u32) -> Self {
        // EXPOSE: the person asked to see it; this type goes to the reveal window only.
        Self { name, vendor, value: Zeroizing::new(secret.expose().to_owned()), closes_in }
    }
}

impl fmt::Debug for RevealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RevealedSecret(…)")
    }
}
