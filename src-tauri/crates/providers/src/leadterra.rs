//! Leadterra. Base `https://app.leadterra.co/v1`, Bearer only. Keys are managed in its dashboard alone. [seed]
//!
//! Decided here, because the vendor's pages do not say [assumed]: a key has at least [`SHORTEST`] characters
//! after its prefix; the bodies of refusals are not read, the status decides.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyturn_core::account::VendorId;
use keyturn_core::key::{Environment, Hint};
use keyturn_core::provider::{
    ASSUMED_REPORTING_DELAY, Capabilities, Connection, DeleteSupport, Fault, KeyBody, KeyForm, Manifest,
    Operation, Probe, Provider, ProviderError, RotateSupport, Support,
};
use keyturn_core::secret::Secret;
use reqwest::Method;

use crate::assisted;
use crate::http::{Base, Call, Credential, Http, HttpSettings};
use crate::words::Censor;

const NAME: &str = "Leadterra";
/// What follows the prefix in the vendor's own placeholder, `sk_live_YOUR_KEY`, is the least. [assumed]
const SHORTEST: usize = 8;
const NO_API: &str =
    "Leadterra has no API for keys. They are made and revoked in its dashboard, under Settings, API Keys.";
const BY_HAND: &str = "You create a new key in Leadterra's dashboard, under Settings, API Keys, and bring it here. After a leak revoke the old one there first.";

/// The adapter.
pub struct Leadterra {
    http: Arc<Http>,
    manifest: Manifest,
}

impl Leadterra {
    /// With an HTTP client of its own.
    #[must_use]
    pub fn new(settings: HttpSettings) -> Self {
        Self::over(Arc::new(Http::new(settings)))
    }

    pub(crate) fn over(http: Arc<Http>) -> Self {
        Self { http, manifest: manifest() }
    }

    /// `GET /sender-pools`, the vendor's own example of an authenticated call. [seed]
    async fn knock(&self, connection: Connection<'_>) -> Result<Probe, Fault> {
        let base = Base::parse(connection.base_url)?;
        let credential = Credential::Bearer(connection.managing_key);
        let reply = self.http.read(&Call::new(Method::GET, &base, &["sender-pools"], credential)?).await?;
        let fault = reply.fault(None, &Censor::of(&[connection.managing_key]));
        assisted::verdict(&reply, fault)
    }
}

#[async_trait]
impl Provider for Leadterra {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn probe(&self, connection: Connection<'_>) -> Result<Probe, ProviderError> {
        let failed = |fault| ProviderError { vendor: NAME, operation: Operation::Probe, fault };
        self.knock(connection).await.map_err(failed)
    }

    fn hint(&self, secret: &Secret) -> Hint {
        assisted::hint(&self.manifest, secret)
    }
}

impl std::fmt::Debug for Leadterra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(NAME)
    }
}

fn manifest() -> Manifest {
    Manifest {
        vendor: VendorId("leadterra".to_owned()),
        name: NAME,
        default_base_url: "https://app.leadterra.co/v1",
        environments: vec![Environment::Live, Environment::Test],
        // Of the label that a person gives here; the vendor names no limit. [assumed]
        name_limit: 255,
        scopes: Vec::new(),
        templates: Vec::new(),
        key_form: KeyForm {
            prefixes: vec![("sk_live_", Environment::Live), ("sk_test_", Environment::Test)],
            body: KeyBody::AtLeast(SHORTEST),
            ..KeyForm::default()
        },
        capabilities: Capabilities {
            list: Support::No(NO_API),
            mint: Support::No(NO_API),
            rotate: RotateSupport::Dashboard { how: BY_HAND, at_once: false },
            revoke: Support::No(NO_API),
            delete: DeleteSupport::No(NO_API),
            expiry: Support::No("Leadterra keys do not expire."),
            last_use: Support::No("Leadterra does not report when a key was last used."),
            reporting_delay: ASSUMED_REPORTING_DELAY,
            last_use_precision: "",
            revocation_delay: Duration::ZERO,
            key_limit: None,
        },
        // Settings → API Keys [seed]
        dashboard: Some("https://app.leadterra.co"),
        fields: &[],
        variable: "LEADTERRA_API_KEY",
        full_privilege: Some(
            "A Leadterra key has no scopes: whoever holds it can use the whole workspace, send emails on your behalf and read your lead data.",
        ),
    }
}
