//! The rehearsal: key authorities inside the application, one a vendor, so that it works with no account anywhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use keyturn_authority::{
    Armed, Authority, AuthorityError, Config, Fault, Limits, Requests, Role, Times, Vendor,
};
use keyturn_core::account::{Account, AccountId, VendorId};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, AdoptRequest, ConnectDetails};
use keyturn_core::secret::Secret;
use keyturn_wire::adopt::FaultView;

use crate::house::House;

/// Set once the rehearsal was offered, so that a person who removed it is not given it again.
const OFFERED: &str = "rehearsal-offered";

/// The vendor whose rehearsal is connected on the first start of all.
const FIRST: &str = "naturalead";

/// The keys that a rehearsal account without a key API begins with.
const BY_HAND: [&str; 3] = ["Website forms", "Nightly export", "Sales dashboard"];

/// The rehearsal could not be started or connected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RehearsalError {
    #[error("could not start the rehearsal authority: {0}")]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Flow(#[from] FlowError),
}

/// Whether a vendor can be rehearsed.
pub(crate) fn knows(vendor: &VendorId) -> bool {
    vendor.0.parse::<Vendor>().is_ok()
}

/// Starts the authorities of the connected rehearsal accounts, and connects one on the first start of all.
pub(crate) async fn start(house: &Arc<House>, wanted: bool) -> Result<(), RehearsalError> {
    let accounts = house.ctx.ledger.accounts().await.map_err(FlowError::from)?;
    for account in accounts.iter().filter(|account| account.rehearsal) {
        let address = run(house, &account.vendor).await?;
        if account.base_url != address {
            flows::reconnect(&house.ctx, &account.id, &address).await?;
        }
    }
    let offered = house.ctx.ledger.setting(OFFERED).await.map_err(FlowError::from)?.is_some();
    if wanted && !offered && accounts.is_empty() {
        add(house, &VendorId(FIRST.into())).await?;
    }
    Ok(())
}

/// Starts the vendor's authority, makes what an account needs there, and connects it.
pub(crate) async fn add(house: &Arc<House>, vendor: &VendorId) -> Result<Account, RehearsalError> {
    let base_url = run(house, vendor).await?;
    let provider = house.ctx.providers.provider(vendor).ok_or(FlowError::NotFound("vendor"))?;
    let by_hand = provider.manifest().capabilities.is_assisted();
    let managing_key = with(house, vendor, |authority| {
        if authority.is_empty() {
            match house.rehearsal_keys {
                Some(count) => authority.seed_many(count)?,
                None => authority.seed_rehearsal()?,
            }
        }
        if by_hand { Ok(None) } else { authority.issue_bootstrap_key(Role::Owner).map(Secret::new).map(Some) }
    })
    .await?;
    let label = if vendor.0 == FIRST {
        "Rehearsal".to_owned()
    } else {
        format!("{} rehearsal", provider.manifest().name)
    };
    let details = ConnectDetails {
        id: AccountId(format!("rehearsal-{}", vendor.0)),
        vendor: vendor.clone(),
        label,
        base_url: Some(base_url),
        managing_key,
        settings: BTreeMap::new(),
        rehearsal: true,
    };
    let account = flows::connect(&house.ctx, details).await?;
    if by_hand {
        adopt(house, &account).await?;
    }
    house.ctx.ledger.put_setting(OFFERED, "yes").await.map_err(FlowError::from)?;
    Ok(account)
}

/// A few keys from the rehearsal's dashboard, as a person would bring them.
async fn adopt(house: &House, account: &Account) -> Result<(), RehearsalError> {
    for label in BY_HAND {
        let made = with(house, &account.vendor, |authority| authority.dashboard_issue(label, None)).await?;
        let request = AdoptRequest {
            account: account.id.clone(),
            label: label.into(),
            secret: Secret::new(made.value),
        };
        flows::adopt_key(&house.ctx, request).await?;
    }
    Ok(())
}

/// Stops the authorities, so that their last uses are on disk.
pub(crate) async fn stop(house: &House) {
    for (_, authority) in std::mem::take(&mut *house.rehearsals.lock().await) {
        authority.stop().await;
    }
}

/// The page on which the rehearsal's keys are managed by hand.
pub(crate) async fn dashboard(house: &House, vendor: &VendorId) -> Option<String> {
    house.rehearsals.lock().await.get(vendor).and_then(Authority::dashboard_url)
}

/// What this rehearsal can be told to do wrong, and which of it it does.
pub(crate) async fn faults(house: &House, vendor: &VendorId) -> Result<Vec<FaultView>, RehearsalError> {
    with(house, vendor, |authority| {
        let armed = authority.faults().armed();
        let view = |fault: &Fault| FaultView {
            id: fault.name().to_owned(),
            name: fault.name().to_owned(),
            words: fault.sentence().to_owned(),
            on: armed.iter().any(|one| one.fault == *fault),
        };
        Ok(Fault::ALL.iter().map(view).collect())
    })
    .await
}

/// Tells the rehearsal to do something wrong until it is told otherwise.
pub(crate) async fn set_fault(
    house: &House,
    vendor: &VendorId,
    name: &str,
    on: bool,
) -> Result<(), RehearsalError> {
    let fault = Fault::ALL.into_iter().find(|fault| fault.name() == name);
    let fault = fault.ok_or(FlowError::NotFound("fault"))?;
    with(house, vendor, |authority| {
        let mut armed = authority.faults().armed();
        armed.retain(|one| one.fault != fault);
        if on {
            armed.push(Armed { fault, times: Times::UntilCleared, on: Requests::default() });
        }
        authority.faults().replace(armed);
        Ok(())
    })
    .await
}

/// Does something at the running authority of a vendor.
async fn with<T>(
    house: &House,
    vendor: &VendorId,
    work: impl FnOnce(&Authority) -> Result<T, AuthorityError>,
) -> Result<T, RehearsalError> {
    let running = house.rehearsals.lock().await;
    let authority = running.get(vendor).ok_or(FlowError::NotFound("rehearsal"))?;
    Ok(work(authority)?)
}

/// The running authority's address; starts it where it is not running.
async fn run(house: &House, vendor: &VendorId) -> Result<String, RehearsalError> {
    let mut running = house.rehearsals.lock().await;
    if let Some(authority) = running.get(vendor) {
        return Ok(authority.base_url());
    }
    let store = house.profile_dir.join(format!("rehearsal-{}.db", vendor.0));
    let mut config = Config::new(vendor.0.parse()?, store);
    if house.rehearsal_keys.is_some() {
        // A list of a hundred thousand keys takes more requests than a vendor answers in a minute.
        config.limits = Limits::unlimited();
    }
    let authority = Authority::start(config).await?;
    let base_url = authority.base_url();
    running.insert(vendor.clone(), authority);
    Ok(base_url)
}
