//! Natural's JSON:API and what it means: a resource, a page of them, a creation. [seed], creation [docs].

use keyturn_core::grant::Grant;
use keyturn_core::key::{Environment, Hint, KeyRecord, KeyStatus, Scope, VendorKeyId};
use keyturn_core::provider::Fault;
use keyturn_core::secret::Secret;
use serde::{Deserialize, Serialize};

use super::hint::{BEGINS, hint, readable};
use crate::http::Reply;
use crate::shape::{Field, FreshKey, Maybe, Page, Words};
use crate::words::{Censor, id_in_lieu};

/// The only type of resource that is a key. [seed]
const KEY: &str = "apiKey";
/// Most characters of a cursor; a longer one would not fit into an address. [assumed]
const CURSOR: usize = 4096;

#[derive(Serialize)]
pub(super) struct CreateBody<'a> {
    data: CreateData<'a>,
}

#[derive(Serialize)]
struct CreateData<'a> {
    attributes: CreateAttributes<'a>,
}

/// Without `scopes` the vendor would grant all of them, so that they are never left out. [docs]
#[derive(Serialize)]
struct CreateAttributes<'a> {
    name: &'a str,
    scopes: Vec<&'a str>,
}

impl<'a> CreateBody<'a> {
    pub(super) fn of(grant: &'a Grant) -> Self {
        let scopes = grant.scopes.iter().map(|scope| scope.0.as_str()).collect();
        Self { data: CreateData { attributes: CreateAttributes { name: &grant.name, scopes } } }
    }
}

/// A list's page. Both halves are always there [seed]: without `meta` nobody could say that the list ends.
#[derive(Deserialize)]
struct ListReply {
    data: Page<Resource>,
    meta: Meta,
}

#[derive(Deserialize)]
struct Meta {
    pagination: Pagination,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    has_more: bool,
    #[serde(default)]
    next_cursor: Field,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Resource {
    #[serde(rename = "type")]
    kind: Field,
    id: Field,
    attributes: Maybe<Attributes>,
}

/// Every field may be missing; unknown ones are passed over.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Attributes {
    api_key_prefix: Field,
    name: Field,
    scopes: Words,
    environment: Field,
    status: Field,
    created_at: Field,
    expires_at: Field,
    last_used_at: Field,
    revoked_at: Field,
    created_by: Field,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Single {
    data: Maybe<Resource>,
}

/// The reply that holds a new key's value: no `Debug`, here and below.
#[derive(Deserialize)]
struct Fresh {
    data: FreshResource,
}

#[derive(Deserialize)]
struct FreshResource {
    attributes: FreshAttributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FreshAttributes {
    api_key: FreshKey,
}

/// One page, and the cursor of the one after it.
pub(super) struct Part {
    pub(super) records: Vec<KeyRecord>,
    pub(super) next: Option<String>,
}

/// # Errors
/// [`Fault::Malformed`] when it is no list, does not say whether it ends, or a key in it has no id.
pub(super) fn page(reply: &Reply, censor: &Censor) -> Result<Part, Fault> {
    let ListReply { data, meta: Meta { pagination } } = reply.json()?;
    let resources = match data {
        Page::Items(resources) => resources,
        Page::TooMany => {
            return Err(Fault::Malformed("a page holds more keys than any page should".to_owned()));
        }
        Page::Missing => return Err(Fault::Malformed("there is no list of keys in it".to_owned())),
    };
    let next = match (pagination.has_more, pagination.next_cursor.text()) {
        (false, _) => None,
        (true, Some(cursor)) if (1..=CURSOR).contains(&cursor.len()) => Some(cursor.to_owned()),
        (true, _) => {
            return Err(Fault::Malformed("the list goes on, and does not say where".to_owned()));
        }
    };
    let keys = resources.into_iter().filter(Resource::is_key);
    Ok(Part { records: keys.map(|key| key.into_listed(censor)).collect::<Result<_, _>>()?, next })
}

/// # Errors
/// [`Fault::Malformed`] when there is no secret in it.
pub(super) fn fresh(reply: &Reply) -> Result<(Secret, Resource), Fault> {
    // Whether the resource stands in `data` or alone. [assumed]
    let resource = match reply.json::<Fresh>() {
        Ok(fresh) => fresh.data,
        Err(fault) => reply.json::<FreshResource>().map_err(|_| fault)?,
    };
    let secret = resource.attributes.api_key.0;
    // EXPOSE: only to see that there is something.
    if secret.expose().trim().is_empty() {
        return Err(Fault::Malformed("there is no key in it".to_owned()));
    }
    let alone = || reply.json::<Maybe<Resource>>().ok().and_then(|resource| resource.0);
    let described = reply.json::<Single>().ok().and_then(|single| single.data.0);
    Ok((secret, described.or_else(alone).unwrap_or_default()))
}

/// Whether the reply shows `key` as revoked.
pub(super) fn shows_revoked(reply: &Reply, key: &VendorKeyId) -> bool {
    let resource = reply.json::<Single>().ok().and_then(|single| single.data.0).unwrap_or_default();
    let status = resource.attributes.0.unwrap_or_default().status;
    resource.id.text() == Some(key.0.as_str()) && status.text() == Some("REVOKED")
}

impl Resource {
    fn is_key(&self) -> bool {
        self.kind.text().is_none_or(|kind| kind == KEY)
    }

    fn into_listed(self, censor: &Censor) -> Result<KeyRecord, Fault> {
        let id = self.id.text().and_then(|id| censor.id(id));
        let id = id.ok_or_else(|| Fault::Malformed("a key in the list has no usable id".to_owned()))?;
        Ok(self.attributes.0.unwrap_or_default().record(id, censor))
    }

    pub(super) fn into_minted(self, name: &str, derived: &Hint, censor: &Censor) -> KeyRecord {
        let id = self.id.text().and_then(|id| censor.id(id)).unwrap_or_else(|| id_in_lieu(derived));
        let mut attributes = self.attributes.0.unwrap_or_default();
        if attributes.api_key_prefix.text().and_then(readable).is_none() {
            attributes.api_key_prefix = Field::Text(derived.prefix.clone());
        }
        let mut record = attributes.record(id, censor);
        if record.name.is_empty() {
            record.name = name.to_owned();
        }
        record
    }
}

impl Attributes {
    fn record(self, id: VendorKeyId, censor: &Censor) -> KeyRecord {
        let line = |field: &Field| censor.line(field.text().unwrap_or_default());
        KeyRecord {
            id,
            name: line(&self.name),
            hint: hint(self.api_key_prefix.text().unwrap_or_default()),
            environment: self.environment(censor),
            scopes: self.scopes.0.iter().map(|scope| Scope(censor.line(scope))).collect(),
            status: match self.status.text() {
                Some("ACTIVE") => KeyStatus::Active,
                Some("REVOKED") => KeyStatus::Revoked { at: self.revoked_at.time() },
                Some(other) => KeyStatus::Unknown(censor.line(other)),
                None => KeyStatus::Unknown("not reported".to_owned()),
            },
            created_at: self.created_at.time(),
            expires: self.expires_at.timestamp(),
            last_use: self.last_used_at.last_use(),
            creator: Some(line(&self.created_by)).filter(|creator| !creator.is_empty()),
            checked: None,
        }
    }

    fn environment(&self, censor: &Censor) -> Environment {
        let prefix = self.api_key_prefix.text().and_then(|text| text.strip_prefix(BEGINS)?.split_once('_'));
        match self.environment.text().or(prefix.map(|(environment, _)| environment)) {
            Some("prod") => Environment::Live,
            Some("sandbox") => Environment::Test,
            Some(other) => Environment::Other(censor.line(other)),
            None => Environment::Other("not reported".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn n1_no_bytes_make_the_parsers_panic(bytes in proptest::collection::vec(0_u8..=255, 0..200)) {
            // Whether they parse is the vendor's affair.
            let _ = serde_json::from_slice::<ListReply>(&bytes).is_ok();
            let _ = serde_json::from_slice::<Single>(&bytes).is_ok();
            let _ = serde_json::from_slice::<Fresh>(&bytes).is_ok();
        }

        #[test]
        fn n1_no_words_make_the_readers_panic(text in "(sk_ntl_(prod_)?)?.{0,80}") {
            let field = || Field::Text(text.clone());
            let odd = Attributes {
                api_key_prefix: field(),
                environment: field(),
                status: field(),
                last_used_at: field(),
                ..Attributes::default()
            };
            let resource = Resource { id: field(), attributes: Maybe(Some(odd)), ..Resource::default() };
            let derived = Hint { prefix: String::new(), suffix: String::new() };
            let record = resource.into_minted("", &derived, &Censor::of(&[]));
            proptest::prop_assert!(!record.id.0.is_empty());
            proptest::prop_assert!(record.hint.prefix.len() <= BEGINS.len() + 33);
        }
    }
}
