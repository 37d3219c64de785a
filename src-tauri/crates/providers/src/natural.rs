//! Natural. Base `https://api.natural.co`, JSON:API, Bearer only. [seed]; create, get and revoke [docs]
//!
//! Decided here, because the vendor's pages do not say [assumed]: a new key works in the environment of the
//! managing key; a resource without a type is a key and one of another type is none; a 2xx to a revocation
//! counts only where the key is then shown as revoked.
//!
//! `X-Agent-ID` and `X-Instance-ID` are sent together or not at all: the account's settings hold both or neither.

mod catalogue;
mod hint;
mod refusal;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use keyturn_core::grant::Grant;
use keyturn_core::key::{Hint, VendorKeyId};
use keyturn_core::paste::check_paste;
use keyturn_core::provider::{
    Connection, Fault, Listing, Manifest, Minted, Operation, Paging, Probe, Provider, ProviderError,
};
use keyturn_core::secret::Secret;
use reqwest::Method;

use crate::http::{Base, Call, Credential, Http, HttpSettings, Reply};
use crate::listing::{Pages, repeats};
use crate::minting::can_be_asked;
use crate::words::Censor;

const NAME: &str = "Natural";
/// The largest page that the vendor gives. [seed]
const PAGE: &str = "100";
/// Most characters of an idempotency key. [docs]
const IDEMPOTENCY_KEY: usize = 255;
/// The settings that are sent with every call, and their headers. [seed]
const AGENT: &str = "agent";
const INSTANCE: &str = "instance";

/// The adapter.
pub struct Natural {
    http: Arc<Http>,
    manifest: Manifest,
}

impl Natural {
    /// With an HTTP client of its own.
    #[must_use]
    pub fn new(settings: HttpSettings) -> Self {
        Self::over(Arc::new(Http::new(settings)))
    }

    pub(crate) fn over(http: Arc<Http>) -> Self {
        Self { http, manifest: catalogue::manifest() }
    }

    async fn read_pages(
        &self,
        connection: Connection<'_>,
        on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
    ) -> Result<Listing, Fault> {
        let censor = Censor::of(&[connection.managing_key]);
        let mut pages = Pages::new(&self.http, on_page);
        let mut cursor: Option<String> = None;
        let mut was_empty = false;
        loop {
            let mut call = call(connection, Method::GET, &[])?.query("limit", PAGE);
            if let Some(cursor) = &cursor {
                call = call.query("cursor", cursor);
            }
            let reply = self.http.read(&call).await?;
            self.accept(&reply, &censor).map_err(address_if_not_found)?;
            let part = wire::page(&reply, &censor)?;
            let is_empty = part.records.is_empty();
            let new = pages.add(part.records, &reply)?;
            let Some(next) = part.next else { return Ok(pages.finish()) };
            // A page that goes on must bring something new, or the reading may never end. One without any key
            // is let pass; two in a row are not.
            let is_stuck = if is_empty { was_empty } else { new == 0 };
            if is_stuck || cursor.as_ref() == Some(&next) {
                return Err(repeats());
            }
            cursor = Some(next);
            was_empty = is_empty;
        }
    }

    async fn create(&self, connection: Connection<'_>, grant: &Grant) -> Result<Minted, Fault> {
        can_be_asked(&self.manifest, connection.managing_key, grant)?;
        let call = call(connection, Method::POST, &[])?.json(&wire::CreateBody::of(grant))?;
        let reply = self.http.write(&call).await?;
        self.accept(&reply, &Censor::of(&[connection.managing_key])).map_err(address_if_not_found)?;
        self.minted(&reply, connection, &grant.name)
    }

    /// The new key out of a reply. Whatever else is wrong with the reply, a secret in it is kept.
    fn minted(&self, reply: &Reply, connection: Connection<'_>, name: &str) -> Result<Minted, Fault> {
        let (secret, described) = wire::fresh(reply)?;
        let censor = Censor::of(&[connection.managing_key, &secret]);
        let derived = self.hint(&secret);
        let record = described.into_minted(name, &derived, &censor);
        if check_paste(&self.manifest, &secret).is_err() || record.hint != derived {
            tracing::warn!(vendor = NAME, "a new key does not look as documented; it is kept as it came");
        }
        Ok(Minted { record, secret })
    }

    /// Repeated while it fails in passing, always under the same idempotency key; done once the key is seen
    /// to be revoked, in the reply or else in the key itself.
    async fn end(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), Fault> {
        let censor = Censor::of(&[connection.managing_key]);
        let revocation =
            call(connection, Method::DELETE, &[&key.0])?.header("idempotency-key", &idempotency_key(key)?)?;
        let reply = self.http.write_repeatable(&revocation).await?;
        self.accept(&reply, &censor)?;
        if wire::shows_revoked(&reply, key) {
            return Ok(());
        }
        let reply = self.http.read(&call(connection, Method::GET, &[&key.0])?).await;
        match reply {
            Ok(reply) if reply.is_success() && wire::shows_revoked(&reply, key) => Ok(()),
            Ok(_) | Err(_) => Err(Fault::Malformed("it does not show the key as revoked".to_owned())),
        }
    }

    async fn knock(&self, connection: Connection<'_>) -> Result<Probe, Fault> {
        let call = call(connection, Method::GET, &[])?.query("limit", "1");
        let reply = self.http.read(&call).await?;
        refusal::verdict(&reply, &self.manifest, &Censor::of(&[connection.managing_key]))
            .map_err(address_if_not_found)
    }

    fn accept(&self, reply: &Reply, censor: &Censor) -> Result<(), Fault> {
        refusal::refusal(reply, &self.manifest, censor).map_or(Ok(()), Err)
    }
}

#[async_trait]
impl Provider for Natural {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn list(
        &self,
        connection: Connection<'_>,
        on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
    ) -> Result<Listing, ProviderError> {
        self.http.within_time(self.read_pages(connection, on_page)).await.map_err(failed_to(Operation::List))
    }

    async fn mint(&self, connection: Connection<'_>, grant: &Grant) -> Result<Minted, ProviderError> {
        self.create(connection, grant).await.map_err(failed_to(Operation::Mint))
    }

    async fn revoke(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), ProviderError> {
        self.end(connection, key).await.map_err(failed_to(Operation::Revoke))
    }

    async fn probe(&self, connection: Connection<'_>) -> Result<Probe, ProviderError> {
        self.knock(connection).await.map_err(failed_to(Operation::Probe))
    }

    fn hint(&self, secret: &Secret) -> Hint {
        hint::hint_of(secret)
    }
}

impl std::fmt::Debug for Natural {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(NAME)
    }
}

/// A call below `/api-keys`.
fn call<'a>(connection: Connection<'a>, method: Method, segments: &[&str]) -> Result<Call<'a>, Fault> {
    let base = Base::parse(connection.base_url)?;
    let segments = [&["api-keys"], segments].concat();
    if segments.contains(&"") {
        return Err(Fault::NotFound);
    }
    let call = Call::new(method, &base, &segments, Credential::Bearer(connection.managing_key))?;
    match (connection.settings.get(AGENT), connection.settings.get(INSTANCE)) {
        (Some(agent), Some(instance)) => call.header("x-agent-id", agent)?.header("x-instance-id", instance),
        (Some(_), None) => Err(Fault::Address(
            "the account names an agent, and Natural wants an instance id with it".to_owned(),
        )),
        (None, _) => Ok(call),
    }
}

/// Made from the key's id alone, so that a repetition, and one after a restart too, is known as the same wish.
fn idempotency_key(key: &VendorKeyId) -> Result<String, Fault> {
    let text = format!("keyturn-revoke-{}", key.0);
    if text.len() > IDEMPOTENCY_KEY || !text.is_ascii() {
        return Err(Fault::Address("the key's id cannot stand in an idempotency key".to_owned()));
    }
    Ok(text)
}

/// The collection itself was not found, so it is not a key that is missing.
fn address_if_not_found(fault: Fault) -> Fault {
    match fault {
        Fault::NotFound => Fault::Address("there are no Natural keys at this address".to_owned()),
        fault => fault,
    }
}

fn failed_to(operation: Operation) -> impl Fn(Fault) -> ProviderError {
    move |fault| ProviderError { vendor: NAME, operation, fault }
}
