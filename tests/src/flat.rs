//! The flows without a window: the real ledger, the real sealing, the real adapter, the real authority. Only the
//! keyring is played, by a store in memory, so that a test can refuse.

mod home;
mod plot;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use keyturn_authority::{ManualClock, Role, Vendor};
use keyturn_core::account::{Account, VendorId};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Begun, Choice, Confirmation, Context, CreateRequest, Told, Wake};
use keyturn_core::journal::Action;
use keyturn_core::key::{Environment, KeyRecord, KeyRef, Scope};
use keyturn_core::operation::OperationId;
use keyturn_core::ports::{Ledger, Vault};
use keyturn_core::provider::{Connection, Paging, Provider};
use keyturn_core::reading::AGREE;
use keyturn_core::secret::Secret;
use keyturn_storage::SqliteLedger;
use tempfile::TempDir;

pub use home::{LEDGER, MovedClock, RefusingVault, context, context_over, lasting, unchecked};
pub use plot::{Plot, every_provider};

use crate::authority::{Rehearsed, is_accepted};
use crate::cutter::Cutter;

/// A place to live in, with one account behind a proxy that can lose replies.
pub struct Flat {
    pub ctx: Context,
    pub account: Account,
    pub provider: Arc<dyn Provider>,
    pub vendor: Vendor,
    pub rehearsed: Rehearsed,
    pub vendor_clock: ManualClock,
    pub cutter: Cutter,
    pub refusing: Arc<RefusingVault>,
    pub clock: Arc<MovedClock>,
    /// The profile. The vendor's store lies elsewhere.
    pub dir: TempDir,
    _vendor_dir: TempDir,
}

impl std::fmt::Debug for Flat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flat").field("account", &self.account).finish_non_exhaustive()
    }
}

impl Flat {
    /// Naturalead with its believable keys.
    pub async fn new() -> Result<Self> {
        Self::with(Role::Owner).await
    }

    pub async fn with(role: Role) -> Result<Self> {
        Self::of(Vendor::Naturalead, role).await
    }

    /// The vendor's account with its believable keys.
    pub async fn of(vendor: Vendor, role: Role) -> Result<Self> {
        Plot::of(&VendorId(vendor.to_string())).role(role).furnished().build().await
    }

    /// What a person asks for, under an operation of its own: the vendor's first scope, where it has any.
    #[must_use]
    pub fn wanted(&self, operation: &str, name: &str) -> CreateRequest {
        let named = self.provider.manifest().scopes.iter().filter(|entry| !entry.scope.contains('*'));
        CreateRequest {
            operation: OperationId(operation.into()),
            account: self.account.id.clone(),
            name: name.into(),
            environment: Environment::Live,
            scopes: named.take(1).map(|entry| Scope(entry.scope.into())).collect(),
            expires_at: None,
        }
    }

    /// Makes a key and says that it is stored; answers with its value.
    pub async fn make(&self, operation: &str, name: &str) -> Result<(KeyRef, String)> {
        let key = flows::create_key(&self.ctx, self.wanted(operation, name)).await?;
        let value = self.value(operation).await?;
        flows::acknowledge(&self.ctx, &OperationId(operation.into())).await?;
        Ok((key, value))
    }

    /// A new key's value, as a person would copy it.
    pub async fn value(&self, operation: &str) -> Result<String, FlowError> {
        let (_, secret) = flows::take_for(&self.ctx, &OperationId(operation.into()), Action::Copy).await?;
        // EXPOSE: the test uses the key at the authority.
        Ok(secret.expose().to_owned())
    }

    /// Whether the vendor accepts the value as a key, asked by a client that is not Keyturn.
    pub async fn works(&self, value: &str) -> Result<bool> {
        is_accepted(self.vendor, &self.rehearsed.authority.base_url(), value).await
    }

    /// Here and at the vendor so much time passes.
    pub fn pass(&self, time: TimeDelta) {
        self.clock.forward(time);
        self.vendor_clock.advance(time.to_std().unwrap_or_default());
    }

    /// The row as it is in the ledger.
    pub async fn row(&self, key: &KeyRef) -> Result<Option<KeyRecord>> {
        Ok(self.ctx.ledger.key(key).await?)
    }

    /// Every key, as the vendor lists it at this moment, past the ledger and the cutter.
    pub async fn listed(&self) -> Result<Vec<KeyRecord>> {
        let managing_key = &Secret::new(self.rehearsed.managing_key.clone());
        let settings: &BTreeMap<String, String> = &self.account.settings;
        let base_url = &self.rehearsed.authority.base_url();
        let connection = Connection { base_url, managing_key, settings };
        Ok(self.provider.list(connection, &|_| Paging::Continue).await?.keys)
    }

    /// How many keys of this name live at the vendor.
    pub async fn live_at_vendor(&self, name: &str) -> Result<usize> {
        let keys = self.listed().await?;
        Ok(keys.iter().filter(|key| key.name == name && key.status.is_live()).count())
    }

    /// The ledger's file, whatever is written in it.
    #[must_use]
    pub fn ledger_file(&self) -> PathBuf {
        self.dir.path().join(home::LEDGER)
    }

    /// The application ended and was started again: memory is gone, the ledger and the keyring stay.
    pub async fn restarted(self) -> Result<Self> {
        let (flat, found) = self.reopened(|_| Ok(())).await?;
        ensure!(found.is_empty(), "the ledger is not as it was written: {found:?}");
        Ok(flat)
    }

    /// The same, and in between somebody else writes into the ledger's file; with what the person is told of it.
    pub async fn reopened(
        mut self,
        between: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<()>,
    ) -> Result<(Self, Vec<Told>)> {
        self.refusing.lock();
        // The old ledger closes before the new one opens.
        let nowhere: Arc<dyn Ledger> =
            Arc::new(SqliteLedger::open(&self.dir.path().join("nowhere.db"))?.ledger);
        drop(std::mem::replace(&mut self.ctx.ledger, nowhere));
        between(&rusqlite::Connection::open(self.ledger_file())?)?;
        self.ctx.ledger = home::ledger(&self.dir, &self.refusing)?;
        self.ctx.process = Arc::default();
        self.refusing.unlock(true).await?;
        let found = flows::authenticate(&self.ctx).await?;
        Ok((self, found.told))
    }

    /// Rotates as chosen; answers with the new key.
    pub async fn rotate(&self, key: &KeyRef, choice: Choice, operation: &str) -> Result<KeyRef, FlowError> {
        let operation = OperationId(operation.into());
        match flows::begin_rotation(&self.ctx, key, choice, None, operation).await? {
            Begun::Made(successor) => Ok(successor),
            Begun::ByHand => Err(FlowError::NotFound("vendor that makes keys")),
        }
    }

    /// Revokes under an operation named after the key and the number of tries, and watches its end.
    pub async fn revoke(&self, key: &KeyRef, confirmation: &Confirmation) -> Result<(), FlowError> {
        let tries = self.ctx.ledger.history(key, 100).await?.len();
        let operation = OperationId(format!("revoke {key} {tries}"));
        flows::revoke_key(&self.ctx, key, confirmation, operation.clone()).await?;
        self.drive(&operation.0).await?;
        Ok(())
    }

    /// The vendor's list is read, and some minutes later once more: what both do not list is gone.
    pub async fn read_twice(&self) -> Result<(), FlowError> {
        for _ in 0..2 {
            flows::refresh(&self.ctx, &self.account.id, &|_| Paging::Continue).await?;
            self.pass(AGREE + TimeDelta::seconds(1));
        }
        Ok(())
    }

    /// Goes on with an operation until nothing is left to wait for that takes less than an hour.
    pub async fn outlast(&self, operation: &str) -> Result<(), FlowError> {
        for _ in 0..50 {
            match self.drive(operation).await? {
                Wake::At(at) if at - self.ctx.clock.now() < TimeDelta::hours(1) => {
                    self.pass(at - self.ctx.clock.now() + TimeDelta::milliseconds(1));
                }
                Wake::At(_) | Wake::OnCall => return Ok(()),
            }
        }
        Ok(())
    }

    /// Goes on with an operation as far as it goes now. Where it only waits for somebody else's reading, for a moment
    /// longer.
    pub async fn drive(&self, operation: &str) -> Result<Wake, FlowError> {
        loop {
            let woken = flows::drive(&self.ctx, &OperationId(operation.into())).await?;
            match woken {
                Wake::At(at) if at - self.ctx.clock.now() < TimeDelta::milliseconds(800) => {
                    let moment = (at - self.ctx.clock.now()).to_std().unwrap_or_default();
                    tokio::time::sleep(moment + Duration::from_millis(1)).await;
                }
                woken => return Ok(woken),
            }
        }
    }
}
