//! The rehearsal: a key authority inside the application, so that it works with no account anywhere.

use std::sync::Arc;

use keyturn_authority::{Authority, AuthorityError, Config, Limits, Role, Vendor};
use keyturn_core::account::{Account, AccountId, VendorId};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, ConnectDetails};
use keyturn_core::secret::Secret;

use crate::house::House;

/// Set once the rehearsal was offered, so that a person who removed it is not given it again.
const OFFERED: &str = "rehearsal-offered";

/// The rehearsal could not be started or connected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RehearsalError {
    #[error("could not start the rehearsal authority: {0}")]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Flow(#[from] FlowError),
}

/// Starts the authority of a connected rehearsal account, and connects one on the first start of all.
pub(crate) async fn start(house: &Arc<House>, wanted: bool) -> Result<(), RehearsalError> {
    let accounts = house.ctx.ledger.accounts().await.map_err(FlowError::from)?;
    if let Some(account) = accounts.iter().find(|account| account.rehearsal) {
        let address = run(house).await?;
        if account.base_url != address {
            flows::reconnect(&house.ctx, &account.id, &address).await?;
        }
        return Ok(());
    }
    let offered = house.ctx.ledger.setting(OFFERED).await.map_err(FlowError::from)?.is_some();
    if wanted && !offered && accounts.is_empty() {
        add(house).await?;
    }
    Ok(())
}

/// Starts the authority, makes a managing key there and connects it as an account.
pub(crate) async fn add(house: &Arc<House>) -> Result<Account, RehearsalError> {
    let base_url = run(house).await?;
    let key = {
        let running = house.rehearsal.lock().await;
        let Some(authority) = running.as_ref() else {
            return Err(FlowError::NotFound("rehearsal authority").into());
        };
        if authority.is_empty() {
            match house.rehearsal_keys {
                Some(count) => authority.seed_many(count)?,
                None => authority.seed_rehearsal()?,
            }
        }
        Secret::new(authority.issue_bootstrap_key(Role::Owner)?)
    };
    let details = ConnectDetails {
        id: AccountId("rehearsal-naturalead".into()),
        vendor: VendorId("naturalead".into()),
        label: "Rehearsal".into(),
        base_url: Some(base_url),
        managing_key: Some(key),
        settings: std::collections::BTreeMap::new(),
        rehearsal: true,
    };
    let account = flows::connect(&house.ctx, details).await?;
    house.ctx.ledger.put_setting(OFFERED, "yes").await.map_err(FlowError::from)?;
    Ok(account)
}

/// Stops the authority, so that its last uses are on disk.
pub(crate) async fn stop(house: &House) {
    if let Some(authority) = house.rehearsal.lock().await.take() {
        authority.stop().await;
    }
}

/// The running authority's address; starts it where it is not running.
async fn run(house: &House) -> Result<String, RehearsalError> {
    let mut running = house.rehearsal.lock().await;
    if let Some(authority) = running.as_ref() {
        return Ok(authority.base_url());
    }
    let store = house.profile_dir.join("rehearsal-naturalead.db");
    let mut config = Config::new(Vendor::Naturalead, store);
    if house.rehearsal_keys.is_some() {
        // A list of a hundred thousand keys takes more requests than a vendor answers in a minute.
        config.limits = Limits::unlimited();
    }
    let authority = Authority::start(config).await?;
    let base_url = authority.base_url();
    *running = Some(authority);
    Ok(base_url)
}
