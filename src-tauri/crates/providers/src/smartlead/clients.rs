//! The keys of one of an account's clients, which SmartLead manages through its API. [docs]
//!
//! Decided here, because the vendor's pages do not say [assumed]: the list has one page; an inactive key is a
//! revoked one; deleting a key is what ends it; a reset keeps the record and its name.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyturn_core::account::VendorId;
use keyturn_core::fields::AccountField;
use keyturn_core::grant::Grant;
use keyturn_core::key::{Environment, Hint, VendorKeyId};
use keyturn_core::provider::{
    ASSUMED_REPORTING_DELAY, Capabilities, Connection, DeleteSupport, Fault, KeyBody, KeyForm, Listing,
    Manifest, Minted, Operation, Paging, Probe, Provider, ProviderError, RotateSupport, Support,
};
use keyturn_core::secret::Secret;
use reqwest::Method;

use super::{refusal, wire};
use crate::http::{Call, Http, HttpSettings, Reply};
use crate::listing::Pages;
use crate::minting::can_be_asked;
use crate::words::Censor;

const NAME: &str = "SmartLead client keys";
/// The setting that names the client.
const CLIENT: &str = "client";

/// The adapter for the keys of one client.
pub struct SmartLeadClients {
    http: Arc<Http>,
    manifest: Manifest,
}

impl SmartLeadClients {
    /// With an HTTP client of its own.
    #[must_use]
    pub fn new(settings: HttpSettings) -> Self {
        Self::over(Arc::new(Http::new(settings)))
    }

    pub(crate) fn over(http: Arc<Http>) -> Self {
        Self { http, manifest: manifest() }
    }

    async fn read(
        &self,
        connection: Connection<'_>,
        on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
    ) -> Result<Listing, Fault> {
        let censor = Censor::of(&[connection.managing_key]);
        let call = call(connection, Method::GET, &[])?.query("clientId", client(connection)?);
        let reply = self.http.read(&call).await?;
        accept(&reply, &censor).map_err(address_if_not_found)?;
        let mut pages = Pages::new(&self.http, on_page);
        pages.add(wire::page(&reply, &censor)?, &reply)?;
        Ok(pages.finish())
    }

    async fn create(&self, connection: Connection<'_>, grant: &Grant) -> Result<Minted, Fault> {
        can_be_asked(&self.manifest, connection.managing_key, grant)?;
        let client_id = wire::Client::of(client(connection)?);
        let body = wire::CreateBody { client_id, key_name: &grant.name };
        let reply = self.http.write(&call(connection, Method::POST, &[])?.json(&body)?).await?;
        accept(&reply, &Censor::of(&[connection.managing_key])).map_err(address_if_not_found)?;
        self.minted(&reply, connection, &grant.name, None)
    }

    /// The new value of the same record: the old one stops working.
    async fn reset(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<Minted, Fault> {
        let call = call(connection, Method::PUT, &["reset", &key.0])?;
        let reply = self.http.write(&call).await?;
        accept(&reply, &Censor::of(&[connection.managing_key]))?;
        self.minted(&reply, connection, "", Some(key))
    }

    /// The new key out of a reply. Whatever else is wrong with the reply, a secret in it is kept.
    fn minted(
        &self,
        reply: &Reply,
        connection: Connection<'_>,
        name: &str,
        asked: Option<&VendorKeyId>,
    ) -> Result<Minted, Fault> {
        let (secret, described) = wire::fresh(reply)?;
        let censor = Censor::of(&[connection.managing_key, &secret]);
        let record = described.into_minted(name, asked, &self.hint(&secret), &censor);
        Ok(Minted { record, secret })
    }

    async fn end(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), Fault> {
        let reply = self.http.write(&call(connection, Method::DELETE, &[&key.0])?).await?;
        accept(&reply, &Censor::of(&[connection.managing_key]))?;
        if refusal::says_done(&reply) {
            return Ok(());
        }
        Err(Fault::Malformed("it does not say that the key was deleted".to_owned()))
    }
}

#[async_trait]
impl Provider for SmartLeadClients {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn list(
        &self,
        connection: Connection<'_>,
        on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
    ) -> Result<Listing, ProviderError> {
        self.http.within_time(self.read(connection, on_page)).await.map_err(failed_to(Operation::List))
    }

    async fn mint(&self, connection: Connection<'_>, grant: &Grant) -> Result<Minted, ProviderError> {
        self.create(connection, grant).await.map_err(failed_to(Operation::Mint))
    }

    async fn rotate(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<Minted, ProviderError> {
        self.reset(connection, key).await.map_err(failed_to(Operation::Rotate))
    }

    async fn revoke(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), ProviderError> {
        self.end(connection, key).await.map_err(failed_to(Operation::Revoke))
    }

    async fn delete(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), ProviderError> {
        self.end(connection, key).await.map_err(failed_to(Operation::Delete))
    }

    async fn probe(&self, connection: Connection<'_>) -> Result<Probe, ProviderError> {
        super::knock(&self.http, connection).await.map_err(failed_to(Operation::Probe))
    }

    fn hint(&self, secret: &Secret) -> Hint {
        // EXPOSE: its prefix and last four characters, as the vendor's own mask would show them.
        wire::hint(secret.expose())
    }
}

impl std::fmt::Debug for SmartLeadClients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(NAME)
    }
}

/// A call below `/client/api-key`.
fn call<'a>(connection: Connection<'a>, method: Method, segments: &[&str]) -> Result<Call<'a>, Fault> {
    if segments.contains(&"") {
        return Err(Fault::NotFound);
    }
    super::call(connection, method, &[&["client", "api-key"], segments].concat())
}

fn client<'a>(connection: Connection<'a>) -> Result<&'a str, Fault> {
    let missing = || Fault::Address("the account does not say of which client the keys are".to_owned());
    connection.settings.get(CLIENT).map(String::as_str).ok_or_else(missing)
}

fn accept(reply: &Reply, censor: &Censor) -> Result<(), Fault> {
    refusal::refusal(reply, censor).map_or(Ok(()), Err)
}

/// The collection itself was not found, so it is not a key that is missing.
fn address_if_not_found(fault: Fault) -> Fault {
    match fault {
        Fault::NotFound => Fault::Address("there are no SmartLead client keys at this address".to_owned()),
        fault => fault,
    }
}

fn failed_to(operation: Operation) -> impl Fn(Fault) -> ProviderError {
    move |fault| ProviderError { vendor: NAME, operation, fault }
}

const FIELDS: [AccountField; 1] = [AccountField {
    name: CLIENT,
    label: "Client id",
    help: "The number of the client whose keys these are, as SmartLead shows it under Clients.",
    required: true,
    limit: 64,
    needs: None,
}];

fn manifest() -> Manifest {
    Manifest {
        vendor: VendorId("smartlead-clients".to_owned()),
        name: NAME,
        default_base_url: super::BASE,
        environments: vec![Environment::Live],
        // [assumed]
        name_limit: 255,
        scopes: Vec::new(),
        templates: Vec::new(),
        // That of the managing key, which is one of the account's. [seed]
        key_form: KeyForm { body: KeyBody::AtLeast(super::SHORTEST), ..KeyForm::default() },
        capabilities: Capabilities {
            list: Support::Yes,
            mint: Support::Yes,
            rotate: RotateSupport::Atomic { same_record: true },
            revoke: Support::Yes,
            delete: DeleteSupport::OnceRevoked,
            expiry: Support::No(super::NO_EXPIRY),
            last_use: Support::No(super::NO_LAST_USE),
            reporting_delay: ASSUMED_REPORTING_DELAY,
            last_use_precision: "",
            revocation_delay: Duration::ZERO,
            key_limit: None,
        },
        dashboard: Some(super::DASHBOARD),
        fields: &FIELDS,
        variable: "SMARTLEAD_API_KEY",
        full_privilege: Some(
            "A client's key has no scopes: whoever holds it can do everything that the client can do at SmartLead.",
        ),
    }
}
