//! The list, one key's page, and what is done to a key in one step.

use chrono::Utc;
use keyturn_core::account::AccountId;
use keyturn_core::flows::{self, AdoptRequest as Adoption, Confirmation, CreateRequest};
use keyturn_core::key::{KeyRef, Scope};
use keyturn_core::operation::OperationId;
use keyturn_wire::adopt::{AdoptRequest, CheckedView};
use keyturn_wire::create::{CreateKeyRequest, EscrowView};
use keyturn_wire::key::{DeleteRequest, KeyPageView, KeyView, RevokeRequest, UsageView};
use keyturn_wire::list::{KeyQuery, KeyWindowView};
use keyturn_wire::{present, query};

use super::{
    Answer, Shared, after_accounts, after_keys, already, at_field, escrow_view, failed, fresh_id,
    given_secret, key_ref,
};
use crate::house::House;
use crate::rotating;

#[tauri::command]
pub(super) async fn list_keys(house: Shared<'_>, query: KeyQuery) -> Answer<KeyWindowView> {
    let listed = house.listed().await.map_err(|error| failed(&error.into()))?;
    let (now, offset) = (Utc::now(), query.offset);
    let window = listed.inventory.window(&query.into(), now);
    Ok(query::window(&window, offset, &listed.accounts, now))
}

#[tauri::command]
pub(super) async fn key_page(house: Shared<'_>, key: String) -> Answer<KeyPageView> {
    page_of(&house, &key_ref(&key)?).await
}

/// The page of one key, with what was found in it when the list was made.
async fn page_of(house: &House, key: &KeyRef) -> Answer<KeyPageView> {
    let page = flows::key_page(&house.ctx, key).await.map_err(|error| failed(&error))?;
    let row = house.listed().await.map_err(|error| failed(&error.into()))?.inventory.find(key);
    let found = flows::key_findings(&house.ctx, &page, row.as_ref()).await.map_err(|error| failed(&error))?;
    Ok(present::key_page(&page, &found, Utc::now()))
}

#[tauri::command]
pub(super) async fn create_key(house: Shared<'_>, request: CreateKeyRequest) -> Answer<EscrowView> {
    let _busy = house.begin(format!("create:{}:{}", request.account_id, request.name)).ok_or_else(already)?;
    let operation = OperationId(fresh_id("create")?);
    let wanted = CreateRequest {
        operation: operation.clone(),
        account: AccountId(request.account_id),
        name: request.name,
        environment: request.environment.into(),
        scopes: request.scopes.into_iter().map(Scope).collect(),
        expires_at: request.expires_at,
    };
    let made = flows::create_key(&house.ctx, wanted).await;
    after_keys(&house).await;
    if made.is_err() {
        after_accounts(&house).await;
    }
    // What a lost reply had made is revoked, and its end is watched.
    house.rotate.notify_one();
    made.map_err(|error| failed(&error))?;
    escrow_view(&house, &operation).await
}

#[tauri::command]
pub(super) async fn revoke_key(house: Shared<'_>, request: RevokeRequest) -> Answer<()> {
    let _busy = house.begin(request.key.clone()).ok_or_else(already)?;
    let confirmation = Confirmation { typed_name: request.typed_name, managing: request.confirm_managing };
    let ctx = house.ctx.because(request.reason.as_deref());
    let operation = OperationId(fresh_id("revoke")?);
    let done = flows::revoke_key(&ctx, &key_ref(&request.key)?, &confirmation, operation.clone()).await;
    if done.is_ok() {
        rotating::advance(&house, &operation).await;
    }
    rotating::show(&house).await;
    house.rotate.notify_one();
    done.map_err(|error| failed(&error))
}

#[tauri::command]
pub(super) async fn delete_key(house: Shared<'_>, request: DeleteRequest) -> Answer<()> {
    let _busy = house.begin(request.key.clone()).ok_or_else(already)?;
    let ctx = house.ctx.because(request.reason.as_deref());
    let done = flows::delete_key(&ctx, &key_ref(&request.key)?, request.confirm_managing).await;
    after_keys(&house).await;
    done.map_err(|error| failed(&error))
}

#[tauri::command]
pub(super) async fn adopt_key(house: Shared<'_>, request: AdoptRequest) -> Answer<KeyView> {
    let (secret, taken_off) = given_secret(&house, request.key, "key")?;
    let adoption = Adoption { account: AccountId(request.account_id), label: request.label, secret };
    let key = flows::adopt_key(&house.ctx, adoption).await.map_err(|error| at_field(&error, "key"))?;
    taken_off.tell(&house);
    after_accounts(&house).await;
    Ok(page_of(&house, &key).await?.key)
}

#[tauri::command]
pub(super) async fn check_key(house: Shared<'_>, key: String) -> Answer<CheckedView> {
    let _busy = house.begin(format!("check:{key}")).ok_or_else(already)?;
    let checked = flows::probe_key(&house.ctx, &key_ref(&key)?).await;
    after_keys(&house).await;
    let checked = checked.map_err(|error| failed(&error))?;
    Ok(CheckedView { at: checked.at, alive: checked.alive })
}

#[tauri::command]
pub(super) async fn key_usage(house: Shared<'_>, key: String) -> Answer<Vec<UsageView>> {
    let usage = flows::key_usage(&house.ctx, &key_ref(&key)?).await.map_err(|error| failed(&error))?;
    Ok(usage.iter().map(present::usage).collect())
}

#[tauri::command]
pub(super) async fn forget_key(house: Shared<'_>, key: String) -> Answer<()> {
    let done = flows::forget_key(&house.ctx, &key_ref(&key)?).await;
    after_accounts(&house).await;
    done.map_err(|error| failed(&error))
}
