//! What holds an export together: a digest that runs over its lines, and a signature over the digest.

use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Before what is signed, so that a signature made for one kind of file is good for no other.
pub(super) const LINES: &[u8] = b"keyturn journal lines 1\n";
pub(super) const REPORT: &[u8] = b"keyturn journal report 1\n";

/// Stands before the signature of a report, which is its last line.
pub(super) const SIGNED: &str = "<!-- keyturn signature ";

/// A digest of every line so far. Each line carries the beginning of it, so that a changed one can be named.
#[derive(Default)]
pub(super) struct Running([u8; 32]);

impl Running {
    /// Takes in a line whose own check is still empty, and says what that is.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub(super) fn take(&mut self, line: &impl Serialize) -> serde_json::Result<String> {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(serde_json::to_vec(line)?);
        self.0 = hash.finalize().into();
        Ok(hex::encode(&self.0[..8]))
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        self.0
    }
}

/// What is signed: the kind of file and its digest.
pub(super) fn message(kind: &[u8], digest: [u8; 32]) -> Vec<u8> {
    [kind, &digest].concat()
}

/// Whether a signature in hexadecimal is good.
pub(super) fn is_good(message: &[u8], public_key: &str, signature: &str) -> bool {
    // One way to write it, so that no letter can change unseen.
    if [public_key, signature].iter().any(|text| text.bytes().any(|byte| byte.is_ascii_uppercase())) {
        return false;
    }
    let (Ok(key), Ok(signature)) = (hex::decode(public_key), hex::decode(signature)) else { return false };
    UnparsedPublicKey::new(&ED25519, key).verify(message, &signature).is_ok()
}
