//! Accounts: connecting, reading, and the rehearsal.

use keyturn_core::account::{AccountId, VendorId};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, AccountEdit, ConnectDetails, Disconnection};
use keyturn_core::provider::Manifest;
use keyturn_wire::account::{
    AccountView, ConnectRequest, DisconnectRequest, DisconnectionView, EditAccountRequest, ManagingKeyRequest,
};
use keyturn_wire::adopt::FaultView;
use keyturn_wire::failure::FailureView;
use keyturn_wire::rotation::GivenSecret;

use super::{
    Answer, Shared, TakenOff, account_view, account_views, after_accounts, at_field, connected, failed,
    fresh_id, given_secret, key_ref, unlocked,
};
use crate::house::House;
use crate::refreshing::Asker;
use crate::rehearsal::RehearsalError;
use crate::{asking, refreshing, rehearsal};

#[tauri::command]
pub(super) async fn accounts(house: Shared<'_>) -> Answer<Vec<AccountView>> {
    account_views(&house).await
}

#[tauri::command]
pub(super) async fn connect_account(house: Shared<'_>, request: ConnectRequest) -> Answer<AccountView> {
    let vendor = VendorId(request.vendor.clone());
    let provider =
        house.ctx.providers.provider(&vendor).ok_or_else(|| failed(&FlowError::NotFound("vendor")))?;
    may_send(&house, provider.manifest(), request.base_url.as_deref()).await?;
    let (managing_key, taken_off) = if provider.manifest().capabilities.is_assisted() {
        (None, TakenOff(None))
    } else {
        let given = GivenSecret { typed: request.managing_key, found: None };
        let (key, taken_off) = given_secret(&house, given, "managingKey")?;
        (Some(key), taken_off)
    };
    let details = ConnectDetails {
        id: AccountId(fresh_id(&request.vendor)?),
        vendor,
        label: request.label,
        base_url: request.base_url,
        managing_key,
        settings: request.settings,
        rehearsal: false,
    };
    match flows::connect(&house.ctx, details).await {
        Ok(account) => {
            taken_off.tell(&house);
            after_accounts(&house).await;
            account_view(&house, &account).await
        }
        // The page knows its accounts, and opens this one.
        Err(FlowError::Connected(before)) => account_view(&house, &before).await,
        Err(error) => Err(failed(&error)),
    }
}

/// Asks the person outside the page, where keys would travel to an address that is not the vendor's own.
async fn may_send(house: &House, manifest: &Manifest, address: Option<&str>) -> Answer<()> {
    let address = address.map(str::trim).filter(|address| !address.is_empty());
    match address.and_then(|address| keyturn_providers::stranger(address, manifest)) {
        Some(host) if !asking::may_send(house, manifest.name, &host).await => {
            Err(FailureView::invalid("baseUrl", &format!("nothing was sent to {host}")))
        }
        Some(_) | None => Ok(()),
    }
}

#[tauri::command]
pub(super) async fn edit_account(house: Shared<'_>, request: EditAccountRequest) -> Answer<AccountView> {
    let id = AccountId(request.account);
    let before = connected(&house, &id).await?;
    let provider = house.ctx.providers.provider(&before.vendor);
    let provider = provider.ok_or_else(|| failed(&FlowError::NotFound("vendor")))?;
    let address = request.base_url.as_deref().map(str::trim);
    if !before.rehearsal && address != Some(before.base_url.as_str()) {
        may_send(&house, provider.manifest(), address).await?;
    }
    let edit = AccountEdit { label: request.label, base_url: request.base_url, settings: request.settings };
    let after = flows::edit_account(&house.ctx, &id, edit).await.map_err(|error| failed(&error))?;
    after_accounts(&house).await;
    if after.managing.is_some() && (after.base_url, after.settings) != (before.base_url, before.settings) {
        refreshing::refresh(&house, id.clone(), Asker::Person);
    }
    account_view(&house, &connected(&house, &id).await?).await
}

/// The account is managed with another key from then on.
#[tauri::command]
pub(super) async fn use_managing_key(house: Shared<'_>, request: ManagingKeyRequest) -> Answer<AccountView> {
    let id = AccountId(request.account);
    let given = GivenSecret { typed: request.managing_key, found: None };
    let (key, taken_off) = given_secret(&house, given, "managingKey")?;
    let used = flows::use_managing_key(&house.ctx, &id, key).await;
    used.map_err(|error| at_field(&error, "managingKey"))?;
    taken_off.tell(&house);
    after_accounts(&house).await;
    account_view(&house, &connected(&house, &id).await?).await
}

#[tauri::command]
pub(super) async fn add_rehearsal(house: Shared<'_>, vendor: String) -> Answer<AccountView> {
    let vendor = VendorId(vendor);
    if !rehearsal::knows(&vendor) {
        return Err(FailureView::invalid("vendor", "there is no rehearsal of this vendor"));
    }
    let account = rehearsal::add(&house, &vendor).await.map_err(|error| rehearsed(&error))?;
    after_accounts(&house).await;
    account_view(&house, &account).await
}

#[tauri::command]
pub(super) async fn faults(house: Shared<'_>, account: String) -> Answer<Vec<FaultView>> {
    let vendor = connected(&house, &AccountId(account)).await?.vendor;
    rehearsal::faults(&house, &vendor).await.map_err(|error| rehearsed(&error))
}

#[tauri::command]
pub(super) async fn set_fault(
    house: Shared<'_>,
    account: String,
    fault: String,
    on: bool,
) -> Answer<Vec<FaultView>> {
    let vendor = connected(&house, &AccountId(account)).await?.vendor;
    rehearsal::set_fault(&house, &vendor, &fault, on).await.map_err(|error| rehearsed(&error))?;
    rehearsal::faults(&house, &vendor).await.map_err(|error| rehearsed(&error))
}

/// Opens the vendor's own page, or the rehearsal's, in the person's browser.
#[tauri::command]
pub(super) async fn open_dashboard(house: Shared<'_>, account: String) -> Answer<()> {
    let account = connected(&house, &AccountId(account)).await?;
    let address = if account.rehearsal {
        rehearsal::dashboard(&house, &account.vendor).await
    } else {
        let provider = house.ctx.providers.provider(&account.vendor);
        provider.and_then(|provider| provider.manifest().dashboard.map(str::to_owned))
    };
    let address = address.ok_or_else(|| failed(&FlowError::NotFound("dashboard")))?;
    open::that_detached(address).map_err(|error| FailureView::internal(&error.to_string()))
}

fn rehearsed(error: &RehearsalError) -> FailureView {
    match error {
        RehearsalError::Flow(error) => failed(error),
        RehearsalError::Authority(error) => FailureView::internal(&error.to_string()),
    }
}

/// What would be lost with an account.
#[tauri::command]
pub(super) async fn plan_disconnect(house: Shared<'_>, account: String) -> Answer<DisconnectionView> {
    let lost =
        flows::plan_disconnect(&house.ctx, &AccountId(account)).await.map_err(|error| failed(&error))?;
    Ok(DisconnectionView { unsaved: lost.unsaved, under_way: lost.under_way })
}

#[tauri::command]
pub(super) async fn disconnect_account(house: Shared<'_>, request: DisconnectRequest) -> Answer<()> {
    let accepted = Disconnection { unsaved: request.unsaved, under_way: request.under_way };
    let account = AccountId(request.account);
    flows::disconnect(&house.ctx, &account, &accepted).await.map_err(|error| failed(&error))?;
    after_accounts(&house).await;
    Ok(())
}

#[tauri::command]
pub(super) async fn refresh(house: Shared<'_>, account: Option<String>) -> Answer<()> {
    unlocked(&house)?;
    match account {
        Some(account) => refreshing::refresh(&house, AccountId(account), Asker::Person),
        None => refreshing::refresh_all(&house, Asker::Person),
    }
    Ok(())
}

/// The list that was doubted is right: what it lacks is gone.
#[tauri::command]
pub(super) async fn accept_reading(house: Shared<'_>, account: String) -> Answer<()> {
    unlocked(&house)?;
    refreshing::accept(&house, AccountId(account));
    Ok(())
}

/// Which of several keys that look alike is the one that Keyturn calls the vendor with.
#[tauri::command]
pub(super) async fn choose_managing_key(house: Shared<'_>, key: String) -> Answer<()> {
    flows::choose_managing_key(&house.ctx, &key_ref(&key)?).await.map_err(|error| failed(&error))?;
    after_accounts(&house).await;
    Ok(())
}

#[tauri::command]
pub(super) async fn cancel_refresh(house: Shared<'_>, account: String) -> Answer<()> {
    refreshing::cancel(&house, &AccountId(account));
    Ok(())
}
