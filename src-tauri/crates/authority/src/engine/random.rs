//! Random text of the system's randomness: for keys and for ids.

use zeroize::Zeroizing;

use crate::error::AuthorityError;

pub(crate) const LOWER_HEX: &[u8] = b"0123456789abcdef";
pub(crate) const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(crate) const BASE64_URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// `length` characters of `alphabet`, each as likely as any other.
///
/// # Errors
/// [`AuthorityError::Randomness`].
pub(crate) fn text(alphabet: &[u8], length: usize) -> Result<Zeroizing<String>, AuthorityError> {
    // A byte beyond the last whole multiple would make the first characters likelier: it is drawn again.
    let bound = 256 - 256 % alphabet.len();
    let mut text = Zeroizing::new(String::with_capacity(length));
    let mut random = Zeroizing::new([0; 64]);
    while text.len() < length {
        getrandom::fill(random.as_mut_slice()).map_err(|_| AuthorityError::Randomness)?;
        let even = random.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < bound);
        for byte in even.take(length - text.len()) {
            text.push(char::from(alphabet[byte % alphabet.len()]));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_comes_up_about_as_often_as_any_other() {
        let text = text(BASE62, 62 * 1000).unwrap();
        for character in BASE62 {
            let count = text.bytes().filter(|byte| byte == character).count();
            // Seven standard deviations: one false alarm in billions of runs.
            assert!((780..=1220).contains(&count), "{character}: {count}");
        }
    }
}
