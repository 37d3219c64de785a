//! Naturalead's JSON and what it means. [docs], and the four error bodies to the letter [seed].

use chrono::SecondsFormat;
use keyturn_core::grant::Grant;
use keyturn_core::key::{Environment, Hint, KeyRecord, KeyStatus, Scope, VendorKeyId};
use keyturn_core::provider::{Fault, Probe};
use keyturn_core::secret::Secret;
use serde::{Deserialize, Serialize};

use super::catalogue::PREFIXES;
use crate::http::Reply;
use crate::shape::{Field, FreshKey, Maybe, Page, Words};
use crate::words::{Censor, id_in_lieu, last_four};

/// The 401 for a key that is revoked, expired or unknown. [seed]
const INVALID: &str = "Invalid or expired API key";
/// The 401 for a request in which the vendor found no key. [seed]
const NO_KEY: &str = "Authentication required.";
/// How the 403 for a missing permission of the role begins; the other one is about the key. [seed]
const ROLE: &str = "You do not have permission";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateBody<'a> {
    name: &'a str,
    scopes: Vec<&'a str>,
    environment: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

impl<'a> CreateBody<'a> {
    /// # Errors
    /// [`Fault::Unsupported`] for an environment that the vendor does not have.
    pub(super) fn of(grant: &'a Grant) -> Result<Self, Fault> {
        let environment = match &grant.environment {
            Environment::Live => "live",
            Environment::Test => "test",
            Environment::Other(_) | Environment::None => {
                return Err(Fault::Unsupported("a Naturalead key is either live or test"));
            }
        };
        Ok(Self {
            name: &grant.name,
            scopes: grant.scopes.iter().map(|scope| scope.0.as_str()).collect(),
            environment,
            expires_at: grant.expires_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)),
        })
    }
}

/// A key object. Every field may be missing; unknown ones are passed over.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Described {
    id: Field,
    #[serde(rename = "_id")]
    raw_id: Field,
    name: Field,
    key_prefix: Field,
    key_hint: Field,
    scopes: Words,
    environment: Field,
    status: Field,
    created_at: Field,
    expires_at: Field,
    revoked_at: Field,
    last_used_at: Field,
    created_by: Field,
}

/// The reply that holds a new key's value: no `Debug`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fresh {
    full_key: FreshKey,
    #[serde(default)]
    api_key: Maybe<Described>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    error: Field,
    message: Field,
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
    let fresh: Fresh = reply.json()?;
    // EXPOSE: only to see that there is something.
    if fresh.full_key.0.expose().trim().is_empty() {
        return Err(Fault::Malformed("there is no key in it".to_owned()));
    }
    // Without the envelope the description may stand beside the secret. [assumed]
    let beside = || reply.json::<Maybe<Described>>().ok().and_then(|described| described.0);
    Ok((fresh.full_key.0, fresh.api_key.0.or_else(beside).unwrap_or_default()))
}

/// What a revocation or a deletion is answered with. No page names it: the key, alone or in an envelope, or a word that
/// it was done. [assumed]
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Done {
    success: Field,
    api_key: Maybe<Described>,
    data: Maybe<Described>,
}

/// Whether the reply says in the vendor's own shape that `key` was revoked.
pub(super) fn shows_revoked(reply: &Reply, key: &VendorKeyId) -> bool {
    let revoked = |described: &Described| described.is(key) && described.status.text() == Some("revoked");
    says_done(reply) || described(reply).iter().any(revoked)
}

/// Whether the reply says in the vendor's own shape that `key` was deleted.
pub(super) fn shows_deleted(reply: &Reply, key: &VendorKeyId) -> bool {
    says_done(reply) || described(reply).iter().any(|described| described.is(key))
}

fn says_done(reply: &Reply) -> bool {
    let done = reply.json::<Maybe<Done>>().unwrap_or_default().0.unwrap_or_default();
    done.success == Field::Flag(true)
}

/// The keys that a reply shows, alone or enveloped.
fn described(reply: &Reply) -> Vec<Described> {
    let done = reply.json::<Maybe<Done>>().unwrap_or_default().0.unwrap_or_default();
    let alone = reply.json::<Maybe<Described>>().unwrap_or_default();
    [alone, done.api_key, done.data].into_iter().filter_map(|found| found.0).collect()
}

impl Described {
    fn is(&self, key: &VendorKeyId) -> bool {
        self.id.text().or(self.raw_id.text()) == Some(key.0.as_str())
    }

    fn into_listed(self, censor: &Censor) -> Result<KeyRecord, Fault> {
        let id = self
            .id(censor)
            .ok_or_else(|| Fault::Malformed("a key in the list has no usable id".to_owned()))?;
        Ok(self.record(id, censor))
    }

    pub(super) fn into_minted(self, name: &str, derived: &Hint, censor: &Censor) -> KeyRecord {
        let id = self.id(censor).unwrap_or_else(|| id_in_lieu(derived));
        let mut record = self.record(id, censor);
        if record.name.is_empty() {
            record.name = name.to_owned();
        }
        if record.hint.suffix.is_empty() {
            record.hint = derived.clone();
        }
        record
    }

    fn id(&self, censor: &Censor) -> Option<VendorKeyId> {
        censor.id(self.id.text().or(self.raw_id.text())?)
    }

    fn record(self, id: VendorKeyId, censor: &Censor) -> KeyRecord {
        let line = |field: &Field| censor.line(field.text().unwrap_or_default());
        let hint = self.hint();
        KeyRecord {
            id,
            name: line(&self.name),
            environment: self.environment(&hint, censor),
            status: self.status(censor),
            scopes: self.scopes.0.iter().map(|scope| Scope(censor.line(scope))).collect(),
            created_at: self.created_at.time(),
            expires: self.expires_at.timestamp(),
            last_use: self.last_used_at.last_use(),
            creator: Some(line(&self.created_by)).filter(|creator| !creator.is_empty()),
            checked: None,
            hint,
        }
    }

    /// Never more than the documented prefix and four characters, even if the vendor should return more.
    fn hint(&self) -> Hint {
        let begins = self.key_prefix.text().unwrap_or_default();
        let by_environment = match self.environment.text() {
            Some("live") => PREFIXES[0],
            Some("test") => PREFIXES[1],
            _ => "",
        };
        let prefix = PREFIXES.into_iter().find(|known| begins.starts_with(known)).unwrap_or(by_environment);
        Hint { prefix: prefix.to_owned(), suffix: last_four(self.key_hint.text().unwrap_or_default()) }
    }

    fn environment(&self, hint: &Hint, censor: &Censor) -> Environment {
        match (self.environment.text(), hint.prefix.as_str()) {
            (Some("live"), _) | (None, "nl_live_") => Environment::Live,
            (Some("test"), _) | (None, "nl_test_") => Environment::Test,
            (Some(other), _) => Environment::Other(censor.line(other)),
            (None, _) => Environment::Other("not reported".to_owned()),
        }
    }

    fn status(&self, censor: &Censor) -> KeyStatus {
        match self.status.text() {
            Some("active") => KeyStatus::Active,
            Some("revoked") => KeyStatus::Revoked { at: self.revoked_at.time() },
            Some("expired") => KeyStatus::Expired { at: self.expires_at.time() },
            Some(other) => KeyStatus::Unknown(censor.line(other)),
            None => KeyStatus::Unknown("not reported".to_owned()),
        }
    }
}

/// Why the vendor did not do it; `None` for 2xx. Tells its four documented errors apart. That a key was refused only
/// its own words say, and that one is not there an `error` that speaks of a key [assumed]: the same status without
/// them comes from somebody on the way.
pub(super) fn refusal(reply: &Reply, censor: &Censor) -> Option<Fault> {
    if reply.is_success() {
        return None;
    }
    let body = reply.json::<Maybe<Refusal>>().unwrap_or_default().0.unwrap_or_default();
    let said = body.message.text().or(body.error.text()).unwrap_or_default();
    match reply.status {
        401 if said.starts_with(NO_KEY) => Some(Fault::Refused {
            status: 401,
            message: "no key reached the vendor; something on the way took it out".to_owned(),
        }),
        401 if ![&body.error, &body.message]
            .iter()
            .any(|it| it.text().is_some_and(|it| it.starts_with(INVALID))) =>
        {
            Some(reply.foreign())
        }
        404 if !names_a_key(&body) => Some(reply.foreign()),
        403 => match (required(said, censor), said.starts_with(ROLE)) {
            (permission, true) => Some(Fault::RoleMissing { permission }),
            (Some(scope), false) => Some(Fault::ScopeMissing { scope: Some(scope) }),
            (None, false) if said.contains("required scope") => Some(Fault::ScopeMissing { scope: None }),
            (None, false) => reply.fault(Some(said), censor),
        },
        _ => reply.fault(Some(said), censor),
    }
}

/// A gateway's 404 speaks of routes and pages. [assumed]
fn names_a_key(body: &Refusal) -> bool {
    body.error.text().is_some_and(|error| error.to_ascii_lowercase().contains("key"))
}

/// The `X` of `(requires: X)`, if it looks like a scope.
fn required(said: &str, censor: &Censor) -> Option<String> {
    let (_, rest) = said.split_once("(requires: ")?;
    let (scope, _) = rest.split_once(')')?;
    censor.scope(scope)
}

/// What a probe's reply proves. Only an answer in the vendor's own form proves anything: a proxy's page with
/// the same status says nothing about the key.
///
/// # Errors
/// Whatever else came back.
pub(super) fn verdict(reply: &Reply, censor: &Censor) -> Result<Probe, Fault> {
    let own_words =
        || reply.json::<Maybe<Refusal>>().is_ok_and(|b| b.0.is_some_and(|b| b.error.text().is_some()));
    match refusal(reply, censor) {
        None => reply.is_structured().map(|()| Probe::Alive),
        Some(Fault::Unauthenticated) => Ok(Probe::Refused),
        Some(Fault::ScopeMissing { .. } | Fault::RoleMissing { .. }) => Ok(Probe::Alive),
        Some(Fault::Refused { status: 403, .. }) if own_words() => Ok(Probe::Alive),
        Some(Fault::Refused { status: 403, .. }) => Err(reply.foreign()),
        Some(Fault::NotFound) => Err(super::address_if_not_found(Fault::NotFound)),
        Some(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn n1_no_bytes_make_the_parsers_panic(bytes in proptest::collection::vec(0_u8..=255, 0..200)) {
            // Whether they parse is the vendor's affair.
            let _ = serde_json::from_slice::<Page<Described>>(&bytes);
            let _ = serde_json::from_slice::<Maybe<Refusal>>(&bytes);
            let _ = serde_json::from_slice::<Fresh>(&bytes).is_ok();
        }

        #[test]
        fn n1_no_words_make_the_readers_panic(text in ".{0,80}") {
            let censor = Censor::of(&[]);
            let field = || Field::Text(text.clone());
            let _ = required(&format!("x (requires: {text}) {text}"), &censor);
            let odd = Described {
                id: field(),
                key_prefix: field(),
                key_hint: field(),
                environment: field(),
                status: field(),
                created_at: field(),
                last_used_at: field(),
                ..Described::default()
            };
            let hint = Hint { prefix: String::new(), suffix: String::new() };
            let record = odd.into_minted("", &hint, &censor);
            proptest::prop_assert!(record.hint.suffix.len() <= 4 && !record.id.0.is_empty());
        }
    }
}
