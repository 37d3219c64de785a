//! Sealing and opening with XChaCha20-Poly1305, fingerprints with HMAC-SHA256, signatures with Ed25519; each with a
//! key of its own that follows from the vault's. Knows nothing of the keyring or the ledger.

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use keyturn_core::account::Place;
use keyturn_core::ports::{Fingerprint, Purpose, SealForm, Sealed, Signature, VaultError};
use keyturn_core::secret::Secret;
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair};
use zeroize::Zeroizing;

use super::KEY_LENGTH;

const TAG_LENGTH: usize = 16;

/// Seals for one purpose at one place. The nonce is random: 24 bytes never repeat by chance.
pub(super) fn seal(
    key: &[u8; KEY_LENGTH],
    purpose: Purpose,
    place: &Place,
    secret: &Secret,
) -> Result<Sealed, VaultError> {
    let form = SealForm::Placed;
    let mut nonce = [0_u8; 24];
    getrandom::fill(&mut nonce)
        .map_err(|_| VaultError::Failed("this computer gave no random numbers".into()))?;
    // EXPOSE: encrypted in place in the buffer below, which is large enough never to move.
    let plain = secret.expose().as_bytes();
    let mut buffer = Zeroizing::new(Vec::with_capacity(plain.len() + TAG_LENGTH));
    buffer.extend_from_slice(plain);
    XChaCha20Poly1305::new(key.into())
        .encrypt_in_place(XNonce::from_slice(&nonce), &associated(&purpose, form, place), &mut *buffer)
        .map_err(|_| VaultError::Failed("the secret is too long to be sealed".into()))?;
    Ok(Sealed {
        purpose,
        form,
        nonce,
        ciphertext: std::mem::take(&mut *buffer),
        fingerprint: Some(fingerprint(key, secret)),
    })
}

/// Opens an entry for the purpose and the place that it was sealed for. In the first form no place is part of it.
///
/// # Errors
/// [`VaultError::Corrupt`] where one bit of it, its purpose, its place or the key is another.
pub(super) fn open(key: &[u8; KEY_LENGTH], sealed: &Sealed, place: &Place) -> Result<Secret, VaultError> {
    let mut buffer = Zeroizing::new(sealed.ciphertext.clone());
    XChaCha20Poly1305::new(key.into())
        .decrypt_in_place(
            XNonce::from_slice(&sealed.nonce),
            &associated(&sealed.purpose, sealed.form, place),
            &mut *buffer,
        )
        .map_err(|_| VaultError::Corrupt)?;
    let text = std::str::from_utf8(&buffer).map_err(|_| VaultError::Corrupt)?;
    // `to_owned` allocates exactly, so that the secret's own holder does not move it and leave a copy.
    Ok(Secret::new(text.to_owned()))
}

/// The same for the same value; without the key nobody can tell of which.
pub(super) fn fingerprint(key: &[u8; KEY_LENGTH], secret: &Secret) -> Fingerprint {
    let key = hmac::Key::new(hmac::HMAC_SHA256, derived(key, "keyturn fingerprint 1").as_slice());
    // EXPOSE: digested under a key; the value does not come out of it again.
    Fingerprint(bytes(hmac::sign(&key, secret.expose().as_bytes()).as_ref()))
}

/// Signs with a key that is the same as long as the vault's is.
///
/// # Errors
/// [`VaultError::Failed`] where the key is none, which no 32 bytes are.
pub(super) fn sign(key: &[u8; KEY_LENGTH], message: &[u8]) -> Result<Signature, VaultError> {
    let pair = signing_pair(key)?;
    Ok(Signature {
        public_key: bytes(pair.public_key().as_ref()),
        signature: bytes(pair.sign(message).as_ref()),
    })
}

/// What this profile signs with.
///
/// # Errors
/// As [`sign`].
pub(super) fn signing_pair(key: &[u8; KEY_LENGTH]) -> Result<Ed25519KeyPair, VaultError> {
    Ed25519KeyPair::from_seed_unchecked(derived(key, "keyturn signature 1").as_slice())
        .map_err(|_| VaultError::Failed("no signature can be made with its key".into()))
}

/// Another key for another use: HMAC-SHA256 over the use's name.
pub(super) fn derived(key: &[u8; KEY_LENGTH], used_for: &str) -> Zeroizing<[u8; 32]> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    Zeroizing::new(bytes(hmac::sign(&key, used_for.as_bytes()).as_ref()))
}

/// A digest of a length that is known beforehand.
pub(super) fn bytes<const N: usize>(digest: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(digest);
    bytes
}

/// The form, the kind and the id, and from the second form on the vendor and the origin, each with its length: an entry
/// opens only as what it was sealed for, and where.
fn associated(purpose: &Purpose, form: SealForm, place: &Place) -> Vec<u8> {
    let id = purpose.entry_id();
    match form {
        SealForm::First => format!("keyturn sealed 1 {id}").into_bytes(),
        SealForm::Placed => {
            let mut bytes = b"keyturn sealed 2".to_vec();
            for part in [&id, &place.vendor.0, &place.origin] {
                bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
                bytes.extend_from_slice(part.as_bytes());
            }
            bytes
        }
    }
}

#[cfg(test)]
mod tests {
    use keyturn_core::account::{AccountId, VendorId};
    use keyturn_core::operation::OperationId;
    use proptest::prelude::*;

    use super::*;

    const KEY: [u8; KEY_LENGTH] = [9; KEY_LENGTH];

    fn managing() -> Purpose {
        Purpose::Managing(AccountId("naturalead-1".into()))
    }

    fn at(vendor: &str, origin: &str) -> Place {
        Place { vendor: VendorId(vendor.into()), origin: origin.into() }
    }

    fn home() -> Place {
        at("naturalead", "https://api.naturalead.example")
    }

    fn sealed(text: &str) -> Sealed {
        seal(&KEY, managing(), &home(), &Secret::new(text.into())).unwrap()
    }

    #[test]
    fn f42_an_entry_is_refused_for_another_address_for_another_vendor_and_as_the_first_form() {
        let whole = sealed("value");
        for place in [
            at("naturalead", "https://api.naturalead.example.attacker.test"),
            at("naturalead", "http://api.naturalead.example"),
            at("natural", "https://api.naturalead.example"),
            at("naturaleadhttps", "://api.naturalead.example"),
        ] {
            assert_eq!(open(&KEY, &whole, &place).unwrap_err(), VaultError::Corrupt);
        }
        let older = Sealed { form: SealForm::First, ..whole };
        assert_eq!(open(&KEY, &older, &home()).unwrap_err(), VaultError::Corrupt);
    }

    #[test]
    fn a_sealed_entry_holds_nothing_of_the_value() {
        let sealed = sealed("nl_live_canary");
        assert!(!sealed.ciphertext.windows(6).any(|part| part == b"canary"));
    }

    #[test]
    fn the_same_value_is_never_sealed_the_same_way_twice() {
        assert_ne!(sealed("one").ciphertext, sealed("one").ciphertext);
    }

    #[test]
    fn an_entry_is_refused_for_another_account_and_for_another_kind() {
        for purpose in [
            Purpose::Managing(AccountId("naturalead-2".into())),
            Purpose::Escrow(OperationId("naturalead-1".into())),
        ] {
            let moved = Sealed { purpose, ..sealed("value") };
            assert_eq!(open(&KEY, &moved, &home()).unwrap_err(), VaultError::Corrupt);
        }
    }

    #[test]
    fn an_entry_is_refused_by_another_key() {
        assert_eq!(open(&[8; KEY_LENGTH], &sealed("value"), &home()).unwrap_err(), VaultError::Corrupt);
    }

    #[test]
    fn a_fingerprint_is_the_same_for_the_same_value_and_key_only() {
        let print = |key: &[u8; KEY_LENGTH], text: &str| fingerprint(key, &Secret::new(text.into()));
        assert_eq!(print(&KEY, "one"), print(&KEY, "one"));
        assert_ne!(print(&KEY, "one"), print(&KEY, "two"));
        assert_ne!(print(&KEY, "one"), print(&[8; KEY_LENGTH], "one"));
    }

    #[test]
    fn a_signature_holds_for_its_message_only() {
        let signed = sign(&KEY, b"message").unwrap();
        let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, signed.public_key);
        key.verify(b"message", &signed.signature).unwrap();
        assert!(key.verify(b"massage", &signed.signature).is_err());
        assert_eq!(sign(&KEY, b"another").unwrap().public_key, signed.public_key);
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let whole = sealed("value");
        for bit in 0..whole.ciphertext.len() * 8 {
            let mut bent = whole.clone();
            bent.ciphertext[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&KEY, &bent, &home()).unwrap_err(), VaultError::Corrupt);
        }
        for bit in 0..24 * 8 {
            let mut bent = whole.clone();
            bent.nonce[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&KEY, &bent, &home()).unwrap_err(), VaultError::Corrupt);
        }
    }

    #[test]
    fn every_truncation_is_found() {
        let whole = sealed("value");
        for length in 0..whole.ciphertext.len() {
            let mut cut = whole.clone();
            cut.ciphertext.truncate(length);
            assert_eq!(open(&KEY, &cut, &home()).unwrap_err(), VaultError::Corrupt);
        }
    }

    proptest! {
        #[test]
        fn what_was_sealed_comes_out_the_same(text in ".{0,400}", key in any::<[u8; KEY_LENGTH]>(), id in "[a-z0-9-]{1,40}") {
            let sealed = seal(&key, Purpose::Escrow(OperationId(id)), &home(), &Secret::new(text.clone())).unwrap();
            prop_assert_eq!(sealed.ciphertext.len(), text.len() + TAG_LENGTH);
            let opened = open(&key, &sealed, &home()).unwrap();
            // EXPOSE: a test's own value.
            prop_assert_eq!(opened.expose(), text.as_str());
        }
    }
}
