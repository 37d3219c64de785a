//! Neural Draft. Base `https://api.neuraldraft.io/v1`, Bearer only, problem+json. [seed]; list and create [docs]
//!
//! Decided here, because the vendor's pages do not say [assumed]: the keys stand below `projects/me/api-keys`
//! and, where that is not found, below `api-keys`; a list has one page; a new key works in the environment of
//! the managing key, and the prefix tells which that is; a revocation answers with 204 and
//! nothing, or with the key as revoked; names are at most
//! 255 characters; `last_used_at` null means never used, absent means not reported.

mod catalogue;
mod refusal;
#[cfg(test)]
mod tests;
mod usage;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use keyturn_core::grant::Grant;
use keyturn_core::key::{Hint, Usage, VendorKeyId};
use keyturn_core::paste::paste_warning;
use keyturn_core::provider::{
    Connection, Fault, Listing, Manifest, Minted, Operation, Paging, Probe, Provider, ProviderError,
};
use keyturn_core::secret::Secret;
use reqwest::Method;

use crate::http::{Base, Call, Credential, Http, HttpSettings, Reply};
use crate::listing::Pages;
use crate::minting::can_be_asked;
use crate::words::Censor;

const NAME: &str = "Neural Draft";
/// Where the keys are listed and made: as documented [docs], and where the seed's revocation stands.
const COLLECTIONS: [&[&str]; 2] = [&["projects", "me", "api-keys"], &["api-keys"]];

/// The adapter.
pub struct NeuralDraft {
    http: Arc<Http>,
    manifest: Manifest,
}

impl NeuralDraft {
    /// With an HTTP client of its own.
    #[must_use]
    pub fn new(settings: HttpSettings) -> Self {
        Self::over(Arc::new(Http::new(settings)))
    }

    pub(crate) fn over(http: Arc<Http>) -> Self {
        Self { http, manifest: catalogue::manifest() }
    }

    async fn read_list(
        &self,
        connection: Connection<'_>,
        on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
    ) -> Result<Listing, Fault> {
        let reply = self.collection(connection).await?;
        let mut pages = Pages::new(&self.http, on_page);
        pages.add(wire::page(&reply, &Censor::of(&[connection.managing_key]))?, &reply)?;
        Ok(pages.finish())
    }

    async fn addresses(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<Vec<Usage>, Fault> {
        usage::of(&self.collection(connection).await?, key)
    }

    /// The list of keys, from wherever it stands.
    async fn collection(&self, connection: Connection<'_>) -> Result<Reply, Fault> {
        let censor = Censor::of(&[connection.managing_key]);
        let mut missing = no_keys_here();
        for path in COLLECTIONS {
            let reply = self.http.read(&call(connection, Method::GET, path)?).await?;
            match refusal::refusal(&reply, &censor) {
                None => return Ok(reply),
                Some(Fault::NotFound) => {}
                Some(fault) if reply.status == 404 => missing = fault,
                Some(fault) => return Err(fault),
            }
        }
        Err(missing)
    }

    async fn create(&self, connection: Connection<'_>, grant: &Grant) -> Result<Minted, Fault> {
        can_be_asked(&self.manifest, connection.managing_key, grant)?;
        let censor = Censor::of(&[connection.managing_key]);
        let mut missing = no_keys_here();
        for path in COLLECTIONS {
            let call = call(connection, Method::POST, path)?.json(&wire::CreateBody::of(grant))?;
            let reply = self.http.write(&call).await?;
            match refusal::refusal(&reply, &censor) {
                None => return self.minted(&reply, connection, &grant.name),
                // Where there is no such place, nothing was made.
                Some(Fault::NotFound) => {}
                // A page is somebody's on the way, who may have let the request pass.
                Some(fault) if reply.status == 404 && !reply.is_markup() => missing = fault,
                Some(fault) => return Err(fault),
            }
        }
        Err(missing)
    }

    /// The new key out of a reply. Whatever else is wrong with the reply, a secret in it is kept.
    fn minted(&self, reply: &Reply, connection: Connection<'_>, name: &str) -> Result<Minted, Fault> {
        let (secret, described) = wire::fresh(reply)?;
        let censor = Censor::of(&[connection.managing_key, &secret]);
        let derived = self.hint(&secret);
        let record = described.into_minted(name, &derived, &censor);
        if paste_warning(&self.manifest, &secret).is_some() || record.hint != derived {
            tracing::warn!(vendor = NAME, "a new key does not look as documented; it is kept as it came");
        }
        Ok(Minted { record, secret })
    }

    async fn end(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), Fault> {
        let call = call(connection, Method::DELETE, &["api-keys", &key.0])?;
        let reply = self.http.write(&call).await?;
        match refusal::refusal(&reply, &Censor::of(&[connection.managing_key])) {
            Some(fault) => Err(fault),
            None if wire::shows_revoked(&reply, key) => Ok(()),
            None => Err(Fault::Malformed("it does not show the key as revoked".to_owned())),
        }
    }

    /// `GET /projects/me`, the vendor's own example of an authenticated call. [seed]
    async fn knock(&self, connection: Connection<'_>) -> Result<Probe, Fault> {
        let reply = self.http.read(&call(connection, Method::GET, &["projects", "me"])?).await?;
        match refusal::verdict(&reply, &Censor::of(&[connection.managing_key])) {
            Err(Fault::NotFound) => Err(no_keys_here()),
            seen => seen,
        }
    }
}

#[async_trait]
impl Provider for NeuralDraft {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn list(
        &self,
        connection: Connection<'_>,
        on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
    ) -> Result<Listing, ProviderError> {
        self.http.within_time(self.read_list(connection, on_page)).await.map_err(failed_to(Operation::List))
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

    async fn usage(
        &self,
        connection: Connection<'_>,
        key: &VendorKeyId,
    ) -> Result<Vec<Usage>, ProviderError> {
        self.addresses(connection, key).await.map_err(failed_to(Operation::List))
    }

    fn reports_usage(&self) -> bool {
        true
    }

    fn hint(&self, secret: &Secret) -> Hint {
        wire::hint_of(secret)
    }
}

impl std::fmt::Debug for NeuralDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(NAME)
    }
}

fn call<'a>(connection: Connection<'a>, method: Method, segments: &[&str]) -> Result<Call<'a>, Fault> {
    let base = Base::parse(connection.base_url)?;
    if segments.contains(&"") {
        return Err(Fault::NotFound);
    }
    Call::new(method, &base, segments, Credential::Bearer(connection.managing_key))
}

/// The collection itself was not found, so it is not a key that is missing.
fn no_keys_here() -> Fault {
    Fault::Address("there are no Neural Draft keys at this address".to_owned())
}

fn failed_to(operation: Operation) -> impl Fn(Fault) -> ProviderError {
    move |fault| ProviderError { vendor: NAME, operation, fault }
}
