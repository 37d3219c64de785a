//! A vendor whose calls are counted, with the time of each and how long it asked to be left alone.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use keyturn_core::account::VendorId;
use keyturn_core::flows::{Context, ProviderRegistry};
use keyturn_core::grant::Grant;
use keyturn_core::key::{Hint, VendorKeyId};
use keyturn_core::ports::Clock;
use keyturn_core::provider::{
    Connection, Listing, Manifest, Minted, Operation, Paging, Probe, Provider, ProviderError,
};
use keyturn_core::secret::Secret;

/// One call of an adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub operation: Operation,
    pub base_url: String,
    pub began: DateTime<Utc>,
    pub ended: DateTime<Utc>,
    /// How long the vendor asked to be left alone.
    pub asked: Option<TimeDelta>,
}

/// What was handed out before the vendor's answer was there is on its way.
const ON_ITS_WAY: TimeDelta = TimeDelta::milliseconds(250);

/// What was called so far.
#[derive(Clone, Default)]
pub struct Calls(Arc<Mutex<Vec<Call>>>);

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}

impl Calls {
    #[must_use]
    pub fn all(&self) -> Vec<Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[must_use]
    pub fn of(&self, operation: Operation) -> usize {
        self.all().iter().filter(|call| call.operation == operation).count()
    }

    /// Calls of an address that began before the time was over for which its vendor asked to be left alone.
    #[must_use]
    pub fn too_early(&self) -> Vec<Call> {
        let all = self.all();
        let within = |told: &Call, asked: TimeDelta, began: DateTime<Utc>| {
            began > told.ended + ON_ITS_WAY && began < told.ended + asked
        };
        let early = |call: &&Call| {
            let forbids = |told: &Call| told.asked.is_some_and(|asked| within(told, asked, call.began));
            all.iter().any(|told| told.base_url == call.base_url && forbids(told))
        };
        all.iter().filter(early).cloned().collect()
    }

    /// The same context, whose vendors are counted here.
    #[must_use]
    pub fn count(&self, ctx: &Context) -> Context {
        let counted =
            Counted { inner: Arc::clone(&ctx.providers), clock: Arc::clone(&ctx.clock), calls: self.clone() };
        Context { providers: Arc::new(counted), ..ctx.clone() }
    }
}

struct Counted {
    inner: Arc<dyn ProviderRegistry>,
    clock: Arc<dyn Clock>,
    calls: Calls,
}

impl ProviderRegistry for Counted {
    fn provider(&self, vendor: &VendorId) -> Option<Arc<dyn Provider>> {
        let inner = self.inner.provider(vendor)?;
        Some(Arc::new(Watched { inner, clock: Arc::clone(&self.clock), calls: self.calls.clone() }))
    }
    fn all(&self) -> Vec<Arc<dyn Provider>> {
        self.inner.all()
    }
}

struct Watched {
    inner: Arc<dyn Provider>,
    clock: Arc<dyn Clock>,
    calls: Calls,
}

impl Watched {
    async fn watch<T>(
        &self,
        operation: Operation,
        base_url: &str,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let began = self.clock.now();
        let answer = call.await;
        let asked = answer.as_ref().err().and_then(|error| error.fault.asked_wait());
        let asked = asked.and_then(|asked| TimeDelta::from_std(asked).ok());
        let (base_url, ended) = (base_url.to_owned(), self.clock.now());
        let call = Call { operation, base_url, began, ended, asked };
        self.calls.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        answer
    }
}

#[async_trait]
impl Provider for Watched {
    fn manifest(&self) -> &Manifest {
        self.inner.manifest()
    }
    async fn list(
        &self,
        connection: Connection<'_>,
        on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
    ) -> Result<Listing, ProviderError> {
        self.watch(Operation::List, connection.base_url, self.inner.list(connection, on_page)).await
    }
    async fn mint(&self, connection: Connection<'_>, grant: &Grant) -> Result<Minted, ProviderError> {
        self.watch(Operation::Mint, connection.base_url, self.inner.mint(connection, grant)).await
    }
    async fn revoke(&self, connection: Connection<'_>, key: &VendorKeyId) -> Result<(), ProviderError> {
        self.watch(Operation::Revoke, connection.base_url, self.inner.revoke(connection, key)).await
    }
    async fn probe(&self, connection: Connection<'_>) -> Result<Probe, ProviderError> {
        self.watch(Operation::Probe, connection.base_url, self.inner.probe(connection)).await
    }
    fn hint(&self, secret: &Secret) -> Hint {
        self.inner.hint(secret)
    }
}
