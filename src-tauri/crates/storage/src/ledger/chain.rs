//! One entry of the journal as it is hashed. Knows no SQL and no file.
//!
//! Each entry's SHA-256 covers the one before it and every field of its own, each with its length. Form 1 is that of
//! the first versions, which had neither reason nor fingerprint; its entries stay as they were written.

use sha2::{Digest, Sha256};

pub(crate) type Hash = [u8; 32];

/// In which form entries are written now.
pub(crate) const FORM: u8 = 2;

/// Stands before the fields from form 2 on, so that no entry has the same bytes in both.
const MARK: &[u8] = b"keyturn journal 2";

/// One entry, field by field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) seq: i64,
    /// Milliseconds since 1970, UTC.
    pub(crate) at: i64,
    pub(crate) account: String,
    pub(crate) key: Option<String>,
    pub(crate) action: String,
    pub(crate) outcome: String,
    pub(crate) detail: Option<String>,
    pub(crate) form: u8,
    pub(crate) reason: Option<String>,
    pub(crate) fingerprint: Option<String>,
}

/// The entry's hash; `None` where it has fields that its form does not have, or a form that is not known.
pub(crate) fn chain(previous: &Hash, line: &Line) -> Option<Hash> {
    let mut hash = Sha256::new();
    hash.update(previous);
    match line.form {
        1 if line.reason.is_none() && line.fingerprint.is_none() => {}
        FORM => hash.update(MARK),
        _ => return None,
    }
    hash.update(line.seq.to_be_bytes());
    hash.update(line.at.to_be_bytes());
    let fields = [
        Some(&line.account),
        line.key.as_ref(),
        Some(&line.action),
        Some(&line.outcome),
        line.detail.as_ref(),
        line.reason.as_ref(),
        line.fingerprint.as_ref(),
    ];
    for field in &fields[..if line.form == 1 { 5 } else { 7 }] {
        match field {
            None => hash.update([0]),
            Some(text) => {
                hash.update([1]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
        }
    }
    Some(hash.finalize().into())
}
