//! Neural Draft's JSON and what it means: a key, a list of them, a creation. [docs]

use keyturn_core::grant::Grant;
use keyturn_core::key::{Environment, Hint, KeyRecord, KeyStatus, Scope, VendorKeyId};
use keyturn_core::provider::Fault;
use keyturn_core::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::http::Reply;
use crate::shape::{Field, FreshKey, Maybe, Page, Words};
use crate::words::{Censor, id_in_lieu, last_four};

/// Of a value with fewer characters than these after its prefix nothing is shown as a hint.
const SHORTEST_SHOWN: usize = 16;

#[derive(Serialize)]
pub(super) struct CreateBody<'a> {
    name: &'a str,
    scopes: Vec<&'a str>,
}

impl<'a> CreateBody<'a> {
    pub(super) fn of(grant: &'a Grant) -> Self {
        Self { name: &grant.name, scopes: grant.scopes.iter().map(|scope| scope.0.as_str()).collect() }
    }
}

/// A key object. Every field may be missing; unknown ones are passed over. `status`, `revoked_at` and
/// `expires_at` are not documented and read where present. [assumed]
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Described {
    id: Field,
    name: Field,
    prefix: Field,
    masked: Field,
    scopes: Words,
    status: Field,
    created_at: Field,
    expires_at: Field,
    revoked_at: Field,
    last_used_at: Field,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Enveloped {
    data: Maybe<Described>,
}

/// The reply that holds a new key's value: no `Debug`, here and below.
#[derive(Deserialize)]
struct Fresh {
    secret: FreshKey,
}

#[derive(Deserialize)]
struct EnvelopedFresh {
    data: Fresh,
}

/// # Errors
/// [`Fault::Malformed`] when it is no list, or a key in it has no id.
pub(super) fn page(reply: &Reply, censor: &Censor) -> Result<Vec<KeyRecord>, Fault> {
    match reply.json::<Page<Described>>()? {
        Page::Items(items) => items.into_iter().map(|item| item.into_listed(censor)).collect(),
        Page::TooMany => Err(Fault::Malformed("a page holds more keys than any page should".to_owned())),
        Page::Missing => Err(Fault::Malformed("there is no list of keys in it".to_owned())),
    }
}

/// Whether the reply says in the vendor's own shape that `key` was revoked: 204 without a body, or the key itself with
/// the time of its revocation. [assumed]
pub(super) fn shows_revoked(reply: &Reply, key: &VendorKeyId) -> bool {
    let enveloped = || reply.json::<Maybe<Enveloped>>().unwrap_or_default().0.unwrap_or_default().data.0;
    let alone = || reply.json::<Maybe<Described>>().unwrap_or_default().0;
    let revoked = |described: &Described| {
        described.id.text() == Some(key.0.as_str())
            && (described.status.text() == Some("revoked") || described.revoked_at.time().is_some())
    };
    (reply.status == 204 && reply.is_empty()) || [enveloped(), alone()].iter().flatten().any(revoked)
}

/// The secret and its description, each with or without the envelope.
///
/// # Errors
/// [`Fault::Malformed`] when there is no secret in it.
pub(super) fn fresh(reply: &Reply) -> Result<(Secret, Described), Fault> {
    let enveloped = || reply.json::<EnvelopedFresh>().map(|fresh| fresh.data);
    let fresh = match reply.json::<Fresh>() {
        Ok(fresh) => fresh,
        Err(fault) => enveloped().map_err(|_| fault)?,
    };
    // EXPOSE: only to see that there is something.
    if fresh.secret.0.expose().trim().is_empty() {
        return Err(Fault::Malformed("there is no key in it".to_owned()));
    }
    let beside = || reply.json::<Maybe<Described>>().ok().and_then(|described| described.0);
    let within = reply.json::<Enveloped>().ok().and_then(|enveloped| enveloped.data.0);
    Ok((fresh.secret.0, within.or_else(beside).unwrap_or_default()))
}

impl Described {
    fn into_listed(self, censor: &Censor) -> Result<KeyRecord, Fault> {
        let id = self.id.text().and_then(|id| censor.id(id));
        let id = id.ok_or_else(|| Fault::Malformed("a key in the list has no usable id".to_owned()))?;
        Ok(self.record(id, censor))
    }

    pub(super) fn into_minted(mut self, name: &str, derived: &Hint, censor: &Censor) -> KeyRecord {
        let id = self.id.text().and_then(|id| censor.id(id)).unwrap_or_else(|| id_in_lieu(derived));
        if self.beginning().is_none() {
            self.prefix = Field::Text(derived.prefix.clone());
        }
        let mut record = self.record(id, censor);
        if record.name.is_empty() {
            record.name = name.to_owned();
        }
        if record.hint.suffix.is_empty() {
            record.hint.suffix.clone_from(&derived.suffix);
        }
        record
    }

    fn record(self, id: VendorKeyId, censor: &Censor) -> KeyRecord {
        KeyRecord {
            id,
            name: censor.line(self.name.text().unwrap_or_default()),
            hint: self.hint(),
            environment: self.beginning().map_or_else(not_reported, environment),
            scopes: self.scopes.0.iter().map(|scope| Scope(censor.line(scope))).collect(),
            status: self.status(censor),
            created_at: self.created_at.time(),
            expires: self.expires_at.timestamp(),
            last_use: self.last_used_at.last_use(),
            creator: None,
            checked: None,
        }
    }

    fn beginning(&self) -> Option<&str> {
        [&self.prefix, &self.masked].into_iter().find_map(|field| beginning(field.text()?))
    }

    /// Never more than the prefix and four characters, even if the vendor should return more.
    fn hint(&self) -> Hint {
        let masked = self.masked.text().unwrap_or_default();
        let body = &masked[beginning(masked).unwrap_or_default().len()..];
        let end = body.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        Hint { prefix: self.beginning().unwrap_or_default().to_owned(), suffix: last_four(end) }
    }

    /// What is listed without a word about its state is active: the list is that of the active keys. [assumed]
    fn status(&self, censor: &Censor) -> KeyStatus {
        match (self.status.text(), self.revoked_at.time()) {
            (Some("revoked"), at) | (_, at @ Some(_)) => KeyStatus::Revoked { at },
            (Some("active") | None, None) => KeyStatus::Active,
            (Some("expired"), None) => KeyStatus::Expired { at: self.expires_at.time() },
            (Some(other), None) => KeyStatus::Unknown(censor.line(other)),
        }
    }
}

/// The hint under which the vendor lists `secret`.
pub(super) fn hint_of(secret: &Secret) -> Hint {
    // EXPOSE: its prefix and last four characters, which the vendor lists as well.
    let text = secret.expose();
    let prefix = beginning(text).unwrap_or_default();
    let body = &text[prefix.len()..];
    let shown = if body.len() >= SHORTEST_SHOWN { body } else { "" };
    Hint { prefix: prefix.to_owned(), suffix: last_four(shown) }
}

/// `ndsk_live_`, or with another word in the place of the environment. [seed]
fn beginning(text: &str) -> Option<&str> {
    const PRODUCT: &str = "ndsk_";
    let (word, _) = text.strip_prefix(PRODUCT)?.split_once('_')?;
    let plain = (1..=16).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    plain.then(|| &text[..PRODUCT.len() + word.len() + 1])
}

fn environment(beginning: &str) -> Environment {
    match beginning {
        "ndsk_live_" => Environment::Live,
        "ndsk_test_" => Environment::Test,
        other => Environment::Other(other.trim_start_matches("ndsk_").trim_end_matches('_').to_owned()),
    }
}

fn not_reported() -> Environment {
    Environment::Other("not reported".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_is_read_from_whatever_mask_the_vendor_draws() {
        let table = [
            ("ndsk_live_…7yQp", "ndsk_live_…7yQp"),
            ("ndsk_live_...7yQp", "ndsk_live_…7yQp"),
            ("ndsk_test_2Ngc****7yQp", "ndsk_test_…7yQp"),
            ("ndsk_live_…yQp", "ndsk_live_…yQp"),
            ("ndsk_live_", "ndsk_live_…"),
            ("ndsk_staging_…7yQp", "ndsk_staging_…7yQp"),
            ("…7yQp", "…7yQp"),
            ("ndsk_live_2NgcaXxFqLPo7K3vR8zHwT5sE9bM1nDc", "ndsk_live_…1nDc"),
            ("", "…"),
        ];
        for (masked, expected) in table {
            let described = Described { masked: Field::Text(masked.into()), ..Described::default() };
            assert_eq!(described.hint().masked(), expected, "{masked}");
        }
    }

    proptest::proptest! {
        #[test]
        fn n1_no_bytes_make_the_parsers_panic(bytes in proptest::collection::vec(0_u8..=255, 0..200)) {
            // Whether they parse is the vendor's affair.
            let _ = serde_json::from_slice::<Page<Described>>(&bytes);
            let _ = serde_json::from_slice::<Enveloped>(&bytes).is_ok();
            let _ = serde_json::from_slice::<EnvelopedFresh>(&bytes).is_ok();
        }

        #[test]
        fn n1_no_words_make_the_readers_panic(text in "(ndsk_(live_)?)?.{0,80}") {
            let field = || Field::Text(text.clone());
            let odd = Described {
                id: field(), prefix: field(), masked: field(), status: field(), last_used_at: field(),
                ..Described::default()
            };
            let derived = hint_of(&Secret::new(text.clone()));
            let record = odd.into_minted("", &derived, &Censor::of(&[]));
            proptest::prop_assert!(record.hint.suffix.len() <= 4 && !record.id.0.is_empty());
            proptest::prop_assert!(record.hint.prefix.len() <= 22);
        }
    }
}
