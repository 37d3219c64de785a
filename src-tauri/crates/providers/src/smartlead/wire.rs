//! SmartLead's JSON for the keys of clients and what it means: a key, a list of them, a creation. [docs]

use keyturn_core::key::{Environment, Hint, KeyRecord, KeyStatus, LastUse, VendorKeyId};
use keyturn_core::provider::Fault;
use keyturn_core::secret::Secret;
use keyturn_core::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::http::Reply;
use crate::shape::{Field, FreshKey, Maybe, Page};
use crate::words::{Censor, id_in_lieu, last_four};

/// How a client's key begins. [docs] for live, test [assumed]
pub(super) const PREFIXES: [(&str, Environment); 2] =
    [("cl_live_", Environment::Live), ("cl_test_", Environment::Test)];
/// Of a value with fewer characters than these after its prefix nothing is shown as a hint.
const SHORTEST_SHOWN: usize = 4;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateBody<'a> {
    pub(super) client_id: Client<'a>,
    pub(super) key_name: &'a str,
}

/// A client's id as the vendor writes it: a number where it is one. [assumed]
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Client<'a> {
    Number(u64),
    Text(&'a str),
}

impl<'a> Client<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        text.parse().map_or(Self::Text(text), Self::Number)
    }
}

/// A key object. Every field may be missing; unknown ones are passed over.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Described {
    id: Field,
    key_name: Field,
    /// Whole in a creation; in a list perhaps masked.
    api_key: Field,
    status: Field,
    created_at: Field,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Enveloped {
    data: Maybe<Described>,
}

/// The reply that holds a new key's value: no `Debug`, here and below.
#[derive(Deserialize)]
struct Fresh {
    api_key: FreshKey,
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

/// # Errors
/// [`Fault::Malformed`] when there is no secret in it.
pub(super) fn fresh(reply: &Reply) -> Result<(Secret, Described), Fault> {
    let bare = || reply.json::<Fresh>();
    let fresh = match reply.json::<EnvelopedFresh>() {
        Ok(enveloped) => enveloped.data,
        Err(fault) => bare().map_err(|_| fault)?,
    };
    // EXPOSE: only to see that there is something.
    if fresh.api_key.0.expose().trim().is_empty() {
        return Err(Fault::Malformed("there is no key in it".to_owned()));
    }
    let beside = || reply.json::<Maybe<Described>>().ok().and_then(|described| described.0);
    let within = reply.json::<Enveloped>().ok().and_then(|enveloped| enveloped.data.0);
    Ok((fresh.api_key.0, within.or_else(beside).unwrap_or_default()))
}

impl Described {
    fn into_listed(self, censor: &Censor) -> Result<KeyRecord, Fault> {
        let id = self.id.text().and_then(|id| censor.id(id));
        let id = id.ok_or_else(|| Fault::Malformed("a key in the list has no usable id".to_owned()))?;
        Ok(self.record(id, censor))
    }

    /// `asked`: the id of the record whose value was reset; it stays the same.
    pub(super) fn into_minted(
        self,
        name: &str,
        asked: Option<&VendorKeyId>,
        derived: &Hint,
        censor: &Censor,
    ) -> KeyRecord {
        let id = self.id.text().and_then(|id| censor.id(id)).or_else(|| asked.cloned());
        let mut record = self.record(id.unwrap_or_else(|| id_in_lieu(derived)), censor);
        if record.name.is_empty() {
            record.name = name.to_owned();
        }
        record.hint = derived.clone();
        record
    }

    fn record(self, id: VendorKeyId, censor: &Censor) -> KeyRecord {
        let shown = self.api_key.text().unwrap_or_default();
        KeyRecord {
            id,
            name: censor.line(self.key_name.text().unwrap_or_default()),
            hint: hint(shown),
            environment: environment(shown),
            scopes: Vec::new(),
            status: match self.status.text() {
                Some("active") | None => KeyStatus::Active,
                Some("inactive" | "revoked") => KeyStatus::Revoked { at: None },
                Some(other) => KeyStatus::Unknown(censor.line(other)),
            },
            created_at: self.created_at.time(),
            expires: Timestamp::None,
            last_use: LastUse::NotReported,
            creator: None,
            checked: None,
        }
    }
}

/// The hint of a key or of its mask: never more than the prefix and four characters.
pub(super) fn hint(text: &str) -> Hint {
    let prefix =
        PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix)).map_or("", |(prefix, _)| prefix);
    let body = &text[prefix.len()..];
    let end = body.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let suffix = if body.chars().count() >= SHORTEST_SHOWN { last_four(end) } else { String::new() };
    Hint { prefix: prefix.to_owned(), suffix }
}

/// A client's key is live unless its beginning says otherwise. [assumed]
fn environment(text: &str) -> Environment {
    PREFIXES
        .into_iter()
        .find(|(prefix, _)| text.starts_with(prefix))
        .map_or(Environment::Live, |(_, environment)| environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_shows_four_characters_of_a_key_and_of_any_mask() {
        let table = [
            ("cl_live_0123456789abcdef", "cl_live_…cdef"),
            ("cl_live_****cdef", "cl_live_…cdef"),
            ("cl_test_...cdef", "cl_test_…cdef"),
            ("0123456789abcdef", "…cdef"),
            ("abc", "…"),
            ("", "…"),
        ];
        for (text, expected) in table {
            assert_eq!(hint(text).masked(), expected, "{text}");
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
        fn n1_no_words_make_the_readers_panic(text in "(cl_(live_)?)?.{0,80}") {
            let field = || Field::Text(text.clone());
            let odd = Described { id: field(), api_key: field(), status: field(), created_at: field(), key_name: field() };
            let record = odd.into_minted("", None, &hint(&text), &Censor::of(&[]));
            proptest::prop_assert!(record.hint.suffix.len() <= 4 && !record.id.0.is_empty());
        }
    }
}
