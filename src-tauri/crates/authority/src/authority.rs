//! The running server: a store, a listener, and the task that writes last uses behind.

mod dashboard_keys;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use dashboard_keys::DashboardKey;

use crate::config::{Config, Vendor};
use crate::connection::{Lines, Peer};
use crate::dashboard::{self, Desk};
use crate::dialects;
use crate::engine::{Engine, Role, Switch, membership, seed};
use crate::error::AuthorityError;
use crate::faults::{Faults, admin, layer};

/// How long last uses may wait before they are written.
const WRITE_BEHIND: Duration = Duration::from_secs(1);

/// How long requests under way may take once the authority is told to stop.
const GRACE: Duration = Duration::from_secs(1);

/// Twice what any vendor promises: a promise that is broken can be rehearsed as well.
const LONGEST_DELAY: Duration = Duration::from_secs(120);

/// The account that holds the keys a person works with.
const ACCOUNT: &str = "rehearsal";

/// A key authority that answers on loopback until it is stopped.
pub struct Authority {
    engine: Arc<Engine>,
    address: SocketAddr,
    /// Where the vendor's account keys are managed, if not over its API.
    desk: Option<Desk>,
    faults: Arc<Faults>,
    admin_token: String,
    end: watch::Sender<bool>,
    server: JoinHandle<()>,
    writer: JoinHandle<()>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Authority").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Authority {
    /// Opens the store and answers from then on.
    ///
    /// # Errors
    /// The address is not on loopback or is taken; the store cannot be used.
    pub async fn start(config: Config) -> Result<Self, AuthorityError> {
        if !config.listen.ip().is_loopback() {
            return Err(AuthorityError::NotLoopback(config.listen));
        }
        if config.revocation_delay > LONGEST_DELAY {
            return Err(AuthorityError::RevocationDelay(config.revocation_delay));
        }
        let failed = |source| AuthorityError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let profile = match config.vendor {
            Vendor::Naturalead => &dialects::naturalead::PROFILE,
            Vendor::Natural => &dialects::natural::PROFILE,
            Vendor::NeuralDraft => &dialects::neural_draft::PROFILE,
            Vendor::SmartLead => &dialects::smartlead::PROFILE,
            Vendor::Leadterra => &dialects::leadterra::PROFILE,
        };
        let clock = config.clock.clone();
        let engine = Arc::new(Engine::open(profile, config)?);
        let dialect = match profile.vendor {
            Vendor::Naturalead => dialects::naturalead::router(Arc::clone(&engine)),
            Vendor::Natural => dialects::natural::router(Arc::clone(&engine)),
            Vendor::NeuralDraft => dialects::neural_draft::router(Arc::clone(&engine)),
            Vendor::SmartLead => dialects::smartlead::router(Arc::clone(&engine)),
            Vendor::Leadterra => dialects::leadterra::router(Arc::clone(&engine)),
        };
        let dashboard = match profile.vendor {
            Vendor::Naturalead | Vendor::Natural | Vendor::NeuralDraft => None,
            Vendor::SmartLead => Some(&dialects::smartlead::DASHBOARD),
            Vendor::Leadterra => Some(&dialects::leadterra::DASHBOARD),
        };
        let desk =
            dashboard.map(|dashboard| Desk { engine: Arc::clone(&engine), dashboard, account: ACCOUNT });
        let faults = Arc::new(Faults::default());
        let admin_token = admin::token()?;
        let dialect = crate::http::dated_by(dialect, clock);
        let router = layer::around(dialect, Arc::clone(&faults), Arc::clone(&engine));
        let router = match &desk {
            Some(desk) => dashboard::beside(router, desk.clone()),
            None => router,
        };
        let router = admin::in_front_of(router, Arc::clone(&faults), &admin_token);
        let (end, ended) = watch::channel(false);
        let server = tokio::spawn(serve(listener, router, ended.clone()));
        let writer = tokio::spawn(write_behind(Arc::clone(&engine), ended));
        Ok(Self { engine, address, desk, faults, admin_token, end, server, writer })
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stands in the place of the vendor's base URL: `http://127.0.0.1:PORT`, with the path if it has one.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.address, self.engine.profile.base_path)
    }

    /// What goes wrong from now on; nothing at first, and after each start.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What lets a program in another process set the faults: `Authorization: Bearer TOKEN` on
    /// `/_authority/faults`. Another one after each start.
    #[must_use]
    pub fn admin_token(&self) -> &str {
        &self.admin_token
    }

    /// Whether no key was ever issued: the first start.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.engine.index().is_empty()
    }

    /// A new managing key, as far as `role` may manage. The value is here and nowhere else.
    ///
    /// # Errors
    /// The vendor has no such role, the account has all the keys it may have, the store refused, or there is no
    /// randomness.
    pub fn issue_bootstrap_key(&self, role: Role) -> Result<String, AuthorityError> {
        membership::bootstrap(&self.engine, ACCOUNT, role).map(crate::engine::Plaintext::into_string)
    }

    /// A new managing key of another account, which reaches nothing of the first.
    ///
    /// # Errors
    /// As [`Authority::issue_bootstrap_key`].
    pub fn issue_foreign_key(&self, account: &str, role: Role) -> Result<String, AuthorityError> {
        membership::bootstrap(&self.engine, account, role).map(crate::engine::Plaintext::into_string)
    }

    /// Gives the member behind the bootstrap keys of `of` another role: what its keys may do changes with it.
    ///
    /// # Errors
    /// There is no such member yet, the vendor has no roles, or the store refused.
    pub fn change_role(&self, of: Role, to: Role) -> Result<(), AuthorityError> {
        membership::change_role(&self.engine, &format!("{of}@{ACCOUNT}.example"), to)
    }

    /// Turns a circumstance on or off, for requests from now on.
    pub fn turn(&self, switch: Switch, on: bool) {
        self.engine.switches.turn(switch, on);
    }

    /// The vendor's believable keys: both environments, every status, last uses from minutes to 200 days.
    ///
    /// # Errors
    /// The store refused, or there is no randomness.
    pub fn seed_rehearsal(&self) -> Result<(), AuthorityError> {
        seed::rehearsal(&self.engine, ACCOUNT)
    }

    /// `count` believable keys in one transaction.
    ///
    /// # Errors
    /// As [`Authority::seed_rehearsal`].
    pub fn seed_many(&self, count: usize) -> Result<(), AuthorityError> {
        seed::many(&self.engine, ACCOUNT, count)
    }

    /// Answers what is under way, ends the server, writes what waits and closes the store.
    pub async fn stop(self) {
        self.end.send_replace(true);
        for task in [self.server, self.writer] {
            if let Err(error) = task.await {
                tracing::warn!(%error, "a task of the authority ended badly");
            }
        }
        self.engine.close();
    }
}

/// Requests under way are answered before the store is closed; idle connections are closed at once. Who takes
/// longer than [`GRACE`] is not waited for.
async fn serve(listener: TcpListener, router: Router, ended: watch::Receiver<bool>) {
    let end = |mut ended: watch::Receiver<bool>| async move {
        // An error is an authority that was dropped: it ends too.
        let _ = ended.wait_for(|ended| *ended).await;
    };
    let service = router.layer(from_fn(introduce)).into_make_service_with_connect_info::<Peer>();
    let served = axum::serve(Lines(listener), service).with_graceful_shutdown(end(ended.clone()));
    let too_late = async {
        end(ended).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = served => {
            if let Err(error) = result {
                tracing::error!(%error, "the authority's server ended");
            }
        }
        () = too_late => tracing::warn!("a client was cut off at the authority's end"),
    }
}

/// Tells the dialects the address of who asks, which is all that they need to know of a connection.
async fn introduce(ConnectInfo(peer): ConnectInfo<Peer>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(ConnectInfo(peer.address));
    next.run(request).await
}

/// On threads of its own: a sync of the disk must not hold up requests.
async fn write_behind(engine: Arc<Engine>, mut ended: watch::Receiver<bool>) {
    let mut stop = false;
    while !stop {
        stop = tokio::select! {
            () = tokio::time::sleep(WRITE_BEHIND) => false,
            _ = ended.wait_for(|ended| *ended) => true,
        };
        let engine = Arc::clone(&engine);
        match tokio::task::spawn_blocking(move || engine.flush()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "last uses wait to be written"),
            Err(error) => tracing::warn!(%error, "writing last uses ended badly"),
        }
    }
}
