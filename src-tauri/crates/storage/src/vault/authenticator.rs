//! Tells what Keyturn wrote into the ledger from what somebody else wrote there: tags of rows by HMAC-SHA256, and the
//! signature of the journal's end by Ed25519, with keys that follow from the vault's.
//!
//! Stays when the vault is locked, because what a vendor answers then must still be written down. Opens no secret.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use keyturn_core::ports::VaultError;
use ring::hmac;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use super::KEY_LENGTH;
use super::sealing::{bytes, derived, signing_pair};

/// A row's tag.
pub(crate) type Tag = [u8; 32];

/// Stands before what is signed, so that it is taken for nothing else.
const HEAD: &[u8] = b"keyturn journal head 1";

/// One value of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field<'a> {
    Null,
    Integer(i64),
    Text(&'a [u8]),
}

/// The end of the journal, as it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    /// The first entry that the signature stands for.
    pub(crate) from: i64,
    pub(crate) hash: [u8; 32],
}

/// Closed until the vault has been opened once in this process. One for a profile's vault and its ledger.
#[derive(Default)]
pub struct Authenticator {
    keys: RwLock<Option<Keys>>,
    signs: AtomicBool,
}

struct Keys {
    tags: hmac::Key,
    signer: Ed25519KeyPair,
}

impl Authenticator {
    /// One that is open, for tests.
    ///
    /// # Errors
    /// [`VaultError::Failed`] where no signature can be made with this key.
    pub fn with_key(key: &[u8; KEY_LENGTH]) -> Result<Self, VaultError> {
        let this = Self::default();
        this.open(key)?;
        Ok(this)
    }

    pub(super) fn open(&self, key: &[u8; KEY_LENGTH]) -> Result<(), VaultError> {
        let tags = hmac::Key::new(hmac::HMAC_SHA256, derived(key, "keyturn ledger 1").as_slice());
        let keys = Keys { tags, signer: signing_pair(key)? };
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(keys);
        Ok(())
    }

    /// Whether the journal's end is signed whenever it moves, from now on.
    pub(crate) fn set_signing(&self, signs: bool) {
        self.signs.store(signs, Ordering::SeqCst);
    }

    /// Whether it is, at this moment.
    pub(crate) fn signs(&self) -> bool {
        self.signs.load(Ordering::SeqCst) && self.with(|_| ()).is_some()
    }

    /// The tag of a row; `None` while closed.
    pub(crate) fn tag<'a>(&self, fields: impl Iterator<Item = Field<'a>>) -> Option<Tag> {
        self.with(|keys| {
            let mut tag = hmac::Context::with_key(&keys.tags);
            for field in fields {
                match field {
                    Field::Null => tag.update(&[0]),
                    Field::Integer(number) => {
                        tag.update(&[1]);
                        tag.update(&number.to_be_bytes());
                    }
                    Field::Text(text) => {
                        tag.update(&[2]);
                        tag.update(&(text.len() as u64).to_be_bytes());
                        tag.update(text);
                    }
                }
            }
            bytes(tag.sign().as_ref())
        })
    }

    /// The signature of the journal's end; `None` while closed, or where what stands there was not looked at yet.
    pub(crate) fn sign_head(&self, head: Head) -> Option<[u8; 64]> {
        self.with(|keys| bytes(keys.signer.sign(&message(head)).as_ref())).filter(|_| self.signs())
    }

    /// The key that signatures are checked with; `None` while closed.
    pub(crate) fn public_key(&self) -> Option<[u8; 32]> {
        self.with(|keys| bytes(keys.signer.public_key().as_ref()))
    }

    fn with<T>(&self, f: impl FnOnce(&Keys) -> T) -> Option<T> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(f)
    }
}

/// Whether the signature is this key's, for this end.
pub(crate) fn is_signed(head: Head, public_key: &[u8; 32], signature: &[u8; 64]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key).verify(&message(head), signature).is_ok()
}

fn message(head: Head) -> Vec<u8> {
    [HEAD, &head.from.to_be_bytes(), &head.seq.to_be_bytes(), &head.hash].concat()
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(authenticator: &Authenticator, fields: &[Field<'_>]) -> Option<Tag> {
        authenticator.tag(fields.iter().copied())
    }

    #[test]
    fn f42_a_tag_is_of_its_key_and_of_every_value_in_its_place() {
        let ours = Authenticator::with_key(&[1; KEY_LENGTH]).unwrap();
        let theirs = Authenticator::with_key(&[2; KEY_LENGTH]).unwrap();
        let whole = [Field::Text(b"ab"), Field::Null, Field::Integer(7)];
        assert_eq!(tag(&ours, &whole), tag(&ours, &whole));
        assert_ne!(tag(&ours, &whole), tag(&theirs, &whole));
        for other in [
            &[Field::Text(b"ab"), Field::Integer(7), Field::Null][..],
            &[Field::Text(b"a"), Field::Text(b"b"), Field::Null, Field::Integer(7)],
            &[Field::Text(b"ab"), Field::Null, Field::Text(b"7")],
            &[Field::Text(b"ab"), Field::Null],
        ] {
            assert_ne!(tag(&ours, &whole), tag(&ours, other));
        }
        assert_eq!(tag(&Authenticator::default(), &whole), None);
    }

    #[test]
    fn f55_the_journals_end_is_signed_only_once_it_was_looked_at() {
        let ours = Authenticator::with_key(&[1; KEY_LENGTH]).unwrap();
        let head = Head { seq: 8, from: 1, hash: [3; 32] };
        assert_eq!(ours.sign_head(head), None);
        ours.set_signing(true);
        let (signature, key) = (ours.sign_head(head).unwrap(), ours.public_key().unwrap());
        assert!(is_signed(head, &key, &signature));
        for other in [Head { seq: 7, ..head }, Head { from: 2, ..head }, Head { hash: [4; 32], ..head }] {
            assert!(!is_signed(other, &key, &signature));
        }
    }
}
