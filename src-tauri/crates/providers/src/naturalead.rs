//! Naturalead. Base `https://api.naturalead.ai`, resources under `/api`. [seed]
//!
//! Decided here, because the vendor's pages do not say [assumed]: create and rotate answer with any 2xx; what a
//! revocation and a deletion are answered with, so that where the reply does not show them the list is asked; a
//! list is an array or an envelope with one; `_id` stands for `id`; rotation keeps name, scopes, environment
//! and expiry; names are at most 255 characters; `lastUsedAt` null means never used, absent means not
//! reported; a page of fewer than [`VENDOR_PAGE`] keys is the last.

mod audit;
mod catalogue;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use keyturn_core::grant::Grant;
use keyturn_core::key::{Hint, KeyRecord, KeyStatus, VendorKeyId};
use keyturn_core::paste::check_paste;
use keyturn_core::provider::{
    Connection, Fault, Listing, Manifest, Minted, Operation, Paging, Probe, Provider, ProviderError,
    VendorRecord,
};
use keyturn_core::secret::Secret;
use reqwest::Method;

use crate::http::{Base, Call, Credential, Http, HttpSettings, Limit, Reply};
use crate::listing::{Pages, repeats};
use crate::words::{Censor, last_four};

const NAME: &str = "Naturalead";
/// How often a list is read from its beginning that changes meanwhile.
const READINGS: usize = 4;
/// [docs]
const LIMITS: [Limit; 1] = [Limit { requests: 500, within: Duration::from_mins(1) }];
/// How many keys are asked for at once. The vendor documents `limit` without its maximum. [docs]
const PAGE: usize = 100;
/// The vendor's own page size, which it may hold on to: a shorter page is the last. [docs]
const VENDOR_PAGE: usize = 50;

/// The adapter.
pub struct Naturalead {
    http: Arc<Http>,
    manifest: Manifest,
}

impl Naturalead {
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
        for _ in 0..READINGS {
            if let Some(listing) = self.read_once(connection, on_page).await? {
                return Ok(listing);
            }
        }
        Err(Fault::Malformed("the list changes faster than it can be read".to_owned()))
    }

    /// Each page begins with the last row of the one before. Where it does not, a row that stood earlier went meanwhile,
    /// and as many were passed over: `None`.
    async fn read_once(
        &self,
        connection: Connection<'_>,
        on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
    ) -> Result<Option<Listing>, Fault> {
        let censor = Censor::of(&[connection.managing_key]);
        let mut pages = Pages::new(&self.http, on_page);
        let mut skip: usize = 0;
        let mut more_was_due = false;
        loop {
            let call = call(connection, Method::GET, &[])?
                .query("skip", &skip.to_string())
                .query("limit", &PAGE.to_string());
            let reply = self.http.read(&call).await?;
            accept(&reply, &censor).map_err(address_if_not_found)?;
            let page = wire::page(&reply, &censor)?;
            let length = page.len();
            if skip > 0 && page.first().is_none_or(|first| !pages.has(&first.id)) {
                return Ok(None);
            }
            let new = pages.add(page, &reply)?;
            // After a full page, a page of old keys is a circle. After a shorter one it says that the vendor
            // does not page and that all was said before.
            if length > 1 && new == 0 && more_was_due {
                return Err(repeats());
            }
            if new == 0 || !(VENDOR_PAGE..=PAGE).contains(&length) {
                return Ok(Some(pages.finish()));
            }
            more_was_due = length == PAGE;
            skip += length - 1;
        }
    }

    async fn create(&self, connection: Connection<'_>, grant: &Grant) -> Result<Minted, Fault> {
        let call = call(connection, Method::POST, &[])?.json(&wire::CreateBody::of(grant)?)?;
        let reply = self.http.write(&call).await?;
        accept(&reply, &Censor::of(&[connection.managing_key])).map_err(address_if_not_found)?;
        self.minted(&reply, connection, &grant.name)
    }

    async fn replace(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<Minted, Fault> {
        let call = call(connection, Method::POST, &[&key.0, "rotate"])?;
        let reply = self.http.write(&call).await?;
        accept(&reply, &Censor::of(&[connection.managing_key]))?;
        self.minted(&reply, connection, "")
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

    /// Done once the reply shows it, or else the vendor's list.
    async fn end(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), Fault> {
        let reply = self.http.write(&call(connection, Method::PATCH, &[&key.0, "revoke"])?).await?;
        accept(&reply, &Censor::of(&[connection.managing_key]))?;
        if wire::shows_revoked(&reply, key) {
            return Ok(());
        }
        let revoked = |keys: &[KeyRecord]| {
            keys.iter().any(|it| it.id == *key && matches!(it.status, KeyStatus::Revoked { .. }))
        };
        self.seen_in_the_list(connection, revoked, "it does not show the key as revoked").await
    }

    /// Done once the reply says so, or else the vendor's list, which shows others and not this one.
    async fn remove(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), Fault> {
        let reply = self.http.write(&call(connection, Method::DELETE, &[&key.0])?).await?;
        accept(&reply, &Censor::of(&[connection.managing_key]))?;
        if wire::shows_deleted(&reply, key) {
            return Ok(());
        }
        let deleted = |keys: &[KeyRecord]| !keys.is_empty() && keys.iter().all(|it| it.id != *key);
        self.seen_in_the_list(connection, deleted, "it does not show the key as deleted").await
    }

    /// A change was accepted in words that are not the vendor's: it counts only where it is seen.
    async fn seen_in_the_list(
        &self,
        connection: Connection<'_>,
        done: impl FnOnce(&[KeyRecord]) -> bool,
        otherwise: &str,
    ) -> Result<(), Fault> {
        match self.http.within_time(self.read_pages(connection, &|_| Paging::Continue)).await {
            Ok(listing) if done(&listing.keys) => Ok(()),
            Ok(_) | Err(_) => Err(Fault::Malformed(otherwise.to_owned())),
        }
    }

    /// `GET /api/leads`, the vendor's own example of an authenticated call. [seed]
    async fn knock(&self, connection: Connection<'_>) -> Result<Probe, Fault> {
        let call = call_at(connection, Method::GET, &["api", "leads"])?.query("limit", "1");
        let reply = self.http.read(&call).await?;
        wire::verdict(&reply, &Censor::of(&[connection.managing_key]))
    }
}

#[async_trait]
impl Provider for Naturalead {
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

    async fn rotate(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<Minted, ProviderError> {
        self.replace(connection, key).await.map_err(failed_to(Operation::Rotate))
    }

    async fn revoke(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), ProviderError> {
        self.end(connection, key).await.map_err(failed_to(Operation::Revoke))
    }

    async fn delete(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), ProviderError> {
        self.remove(connection, key).await.map_err(failed_to(Operation::Delete))
    }

    async fn probe(&self, connection: Connection<'_>) -> Result<Probe, ProviderError> {
        self.knock(connection).await.map_err(failed_to(Operation::Probe))
    }

    async fn audit_feed(
        &self,
        connection: Connection<'_>,
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<VendorRecord>, ProviderError> {
        self.http.within_time(self.read_log(connection, since)).await.map_err(failed_to(Operation::ReadAudit))
    }

    fn hint(&self, secret: &Secret) -> Hint {
        // EXPOSE: its prefix and last four characters, which the vendor lists as well.
        let text = secret.expose();
        let known = |prefix: &&str| text.starts_with(prefix);
        let prefix = catalogue::PREFIXES.into_iter().find(known).unwrap_or_default();
        Hint { prefix: prefix.to_owned(), suffix: last_four(&text[prefix.len()..]) }
    }
}

impl std::fmt::Debug for Naturalead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(NAME)
    }
}

/// A call below `/api/api-keys`.
fn call<'a>(connection: Connection<'a>, method: Method, segments: &[&str]) -> Result<Call<'a>, Fault> {
    let segments = [&["api", "api-keys"], segments].concat();
    if segments.contains(&"") {
        return Err(Fault::NotFound);
    }
    call_at(connection, method, &segments)
}

/// A call with the managing key in the header that the vendor recommends.
fn call_at<'a>(connection: Connection<'a>, method: Method, segments: &[&str]) -> Result<Call<'a>, Fault> {
    let base = Base::parse(connection.base_url)?;
    let credential = Credential::Header("x-api-key", connection.managing_key);
    Ok(Call::new(method, &base, segments, credential)?.limited(&LIMITS))
}

fn accept(reply: &Reply, censor: &Censor) -> Result<(), Fault> {
    wire::refusal(reply, censor).map_or(Ok(()), Err)
}

/// The collection itself was not found, so it is not a key that is missing.
fn address_if_not_found(fault: Fault) -> Fault {
    match fault {
        Fault::NotFound => Fault::Address("there are no Naturalead keys at this address".to_owned()),
        fault => fault,
    }
}

fn failed_to(operation: Operation) -> impl Fn(Fault) -> ProviderError {
    move |fault| ProviderError { vendor: NAME, operation, fault }
}
