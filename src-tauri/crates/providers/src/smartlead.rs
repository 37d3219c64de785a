//! SmartLead. Base `https://server.smartlead.ai/api/v1`, the key in the query, or in the body of a POST. [seed]
//!
//! Two providers: the account's own keys live in its dashboard alone, those of its clients have an API. [docs]
//! Decided here, because the vendor's pages do not say [assumed]: a key has at least [`SHORTEST`] characters.

mod clients;
mod refusal;
#[cfg(test)]
mod tests;
mod wire;

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

pub use clients::SmartLeadClients;

use crate::assisted;
use crate::http::{Base, Call, Credential, Http, HttpSettings, Limit};
use crate::words::Censor;

const NAME: &str = "SmartLead";
/// [docs]
const LIMITS: [Limit; 3] = [
    Limit { requests: 10, within: Duration::from_secs(1) },
    Limit { requests: 60, within: Duration::from_mins(1) },
    Limit { requests: 1_000, within: Duration::from_hours(1) },
];
const BASE: &str = "https://server.smartlead.ai/api/v1";
/// Settings → API Keys, behind the profile's icon. [seed]
const DASHBOARD: &str = "https://app.smartlead.ai";
/// The name of the key in a query and in a body. [seed]
const PARAMETER: &str = "api_key";
/// The fewest characters that a credential has. [assumed]
const SHORTEST: usize = 8;
const NO_API: &str = "SmartLead has no API for the keys of an account. They are made in its dashboard, under Settings, API Keys.";
const BY_HAND: &str = "You press Regenerate beside the key in SmartLead's dashboard, under Settings, API Keys, and bring the new key here. The old key stops working at that moment.";
const NO_LAST_USE: &str = "SmartLead does not report when a key was last used.";
const NO_EXPIRY: &str = "SmartLead keys do not expire.";

/// The adapter for the keys of an account.
pub struct SmartLead {
    http: Arc<Http>,
    manifest: Manifest,
}

impl SmartLead {
    /// With an HTTP client of its own.
    #[must_use]
    pub fn new(settings: HttpSettings) -> Self {
        Self::over(Arc::new(Http::new(settings)))
    }

    pub(crate) fn over(http: Arc<Http>) -> Self {
        Self { http, manifest: manifest() }
    }
}

#[async_trait]
impl Provider for SmartLead {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn probe(&self, connection: Connection<'_>) -> Result<Probe, ProviderError> {
        let failed = |fault| ProviderError { vendor: NAME, operation: Operation::Probe, fault };
        knock(&self.http, connection).await.map_err(failed)
    }

    fn hint(&self, secret: &Secret) -> Hint {
        assisted::hint(&self.manifest, secret)
    }
}

impl std::fmt::Debug for SmartLead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(NAME)
    }
}

/// `GET /campaigns/`, the vendor's own example of an authenticated call, with its slash. [seed]
async fn knock(http: &Http, connection: Connection<'_>) -> Result<Probe, Fault> {
    let reply = http.read(&call(connection, Method::GET, &["campaigns", ""])?).await?;
    let fault = refusal::refusal(&reply, &Censor::of(&[connection.managing_key]));
    assisted::verdict(&reply, fault)
}

/// A call with the key where this method wants it: in the body of a POST, so that no log of addresses holds it,
/// in the query otherwise. [seed]
fn call<'a>(connection: Connection<'a>, method: Method, segments: &[&str]) -> Result<Call<'a>, Fault> {
    let base = Base::parse(connection.base_url)?;
    let credential = if method == Method::POST {
        Credential::Body(PARAMETER, connection.managing_key)
    } else {
        Credential::Query(PARAMETER, connection.managing_key)
    };
    Ok(Call::new(method, &base, segments, credential)?.limited(&LIMITS))
}

fn manifest() -> Manifest {
    Manifest {
        vendor: VendorId("smartlead".to_owned()),
        name: NAME,
        default_base_url: BASE,
        environments: vec![Environment::None],
        // Of the label that a person gives here; the vendor names no limit. [assumed]
        name_limit: 255,
        scopes: Vec::new(),
        templates: Vec::new(),
        key_form: KeyForm { body: KeyBody::AtLeast(SHORTEST), ..KeyForm::default() },
        capabilities: Capabilities {
            list: Support::No(NO_API),
            mint: Support::No(NO_API),
            rotate: RotateSupport::Dashboard { how: BY_HAND, at_once: true },
            revoke: Support::No("SmartLead revokes a key by regenerating it, in its dashboard alone."),
            delete: DeleteSupport::No(NO_API),
            expiry: Support::No(NO_EXPIRY),
            last_use: Support::No(NO_LAST_USE),
            reporting_delay: ASSUMED_REPORTING_DELAY,
            last_use_precision: "",
            revocation_delay: Duration::ZERO,
            key_limit: None,
        },
        dashboard: Some(DASHBOARD),
        fields: &[],
        variable: "SMARTLEAD_API_KEY",
        full_privilege: Some(
            "A SmartLead key has no scopes: it is as good as your password, and whoever holds it can do everything in the account.",
        ),
    }
}
