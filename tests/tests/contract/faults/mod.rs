//! Every fault that a vendor can have, at every provider, in each kind of call: it ends soon and in words, loses
//! no key, invents none, and tells no secret.

mod checks;
mod create;
mod lies;
mod list;
mod probe;
mod revoke;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use keyturn_authority::{Calls, Fault, RedirectStatus, Requests, RetryAfter, Times};
use keyturn_core::account::VendorId;
use keyturn_core::provider::Capabilities;
use keyturn_providers::HttpSettings;
use keyturn_tests::flat::{Flat, Plot};
use tokio::net::TcpListener;

use crate::house::those_that;

/// Within this time each call has ended, with whatever it does to find out what became of it.
const BOUND: Duration = Duration::from_secs(15);

/// A place that no request may reach.
struct Sink {
    address: String,
    reached: Arc<AtomicUsize>,
}

impl Sink {
    async fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let reached = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&reached);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Ok(Self { address, reached })
    }

    fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }
}

/// One of each kind, each redirect, each way to be told to wait, and what was carried out although it failed.
fn every_fault(sink: &Sink) -> Vec<Fault> {
    let kinds = Fault::ALL.into_iter().filter(|it| !matches!(it, Fault::Redirect { .. }));
    let redirects = [301, 302, 303, 307, 308].into_iter().filter_map(|status| {
        let status = RedirectStatus::try_from(status).ok()?;
        Some(Fault::Redirect { to: Cow::Owned(sink.address.clone()), status })
    });
    let waits = [RetryAfter::Date(30), RetryAfter::Absent, RetryAfter::Garbage];
    let waits = waits.map(|retry_after| Fault::TooManyRequests { retry_after });
    let committed = [
        Fault::InternalError { committed: true },
        Fault::Unavailable { committed: true, retry_after: RetryAfter::Absent },
    ];
    kinds.chain(redirects).chain(waits).chain(committed).collect()
}

/// A vendor close by, asked by somebody impatient. It answers past the cutter, whose own cuts are not wanted here.
async fn impatient(provider: &VendorId) -> Result<Flat> {
    let http = HttpSettings {
        connect_timeout: Duration::from_secs(1),
        deadline: Duration::from_secs(1),
        body_limit: 1024 * 1024,
        attempts: 2,
        backoff: Duration::from_millis(1),
        patience: Duration::from_millis(10),
        ..HttpSettings::default()
    };
    let mut flat = Plot::of(provider).over(http).build().await?;
    let direct = flat.rehearsed.authority.base_url();
    keyturn_core::flows::reconnect(&flat.ctx, &flat.account.id, &direct).await?;
    flat.account.base_url = direct;
    Ok(flat)
}

/// From now on each of these calls meets the fault.
fn arm(flat: &Flat, calls: Calls, fault: &Fault) {
    let on = Requests { calls, ..Requests::default() };
    flat.rehearsed.authority.faults().set_on(on, fault.clone(), Times::UntilCleared);
}

/// Nothing goes wrong any more.
fn clear(flat: &Flat) {
    flat.rehearsed.authority.faults().clear();
}

/// What came of it, unless it never ends.
async fn bounded<T>(fault: &Fault, act: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(BOUND, act).await.with_context(|| format!("{fault:?} never ends"))
}

/// The providers side by side: their slow replies are waited for together.
async fn side_by_side<F>(can: fn(&Capabilities) -> bool, behaviour: fn(VendorId) -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let mut tries = tokio::task::JoinSet::new();
    for provider in those_that(can)? {
        let told = format!("with {}", provider.0);
        let tried = behaviour(provider);
        tries.spawn(async move { tried.await.context(told) });
    }
    while let Some(tried) = tries.join_next().await {
        tried??;
    }
    Ok(())
}
