//! Rotations: the plan, the beginning, and the person's words on the way.

use std::sync::Arc;

use chrono::Utc;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Begun, Choice};
use keyturn_core::operation::OperationId;
use keyturn_wire::create::EscrowView;
use keyturn_wire::present;
use keyturn_wire::rotation::{
    BringKeyRequest, OperationView, RotateRequest, RotationPlanView, RotationStartedView,
};

use super::{
    Answer, Shared, TakenOff, account_of, after_keys, already, at_field, escrow_view, failed, fresh_id,
    given_secret, key_ref, vendor_name,
};
use crate::house::{House, Signal};
use crate::rotating;

#[tauri::command]
pub(super) async fn plan_rotation(house: Shared<'_>, key: String) -> Answer<RotationPlanView> {
    let key = key_ref(&key)?;
    let plan = flows::plan_rotation(&house.ctx, &key).await.map_err(|error| failed(&error))?;
    let account = account_of(&house, &key).await?;
    Ok(present::operation::plan(&plan, &account, vendor_name(&house, &account), Utc::now()))
}

#[tauri::command]
pub(super) async fn rotate_key(house: Shared<'_>, request: RotateRequest) -> Answer<RotationStartedView> {
    let _busy = house.begin(request.key.clone()).ok_or_else(already)?;
    let choice = Choice::parse(&request.choice).ok_or_else(|| failed(&FlowError::NotFound("choice")))?;
    let (old_key, taken_off) = match request.old_key {
        Some(given) => {
            let (key, taken_off) = given_secret(&house, given, "oldKey")?;
            (Some(key), taken_off)
        }
        None => (None, TakenOff(None)),
    };
    let operation = OperationId(fresh_id("rotate")?);
    let key = key_ref(&request.key)?;
    let ctx = house.ctx.because(request.reason.as_deref());
    let begun = flows::begin_rotation(&ctx, &key, choice, old_key, operation.clone()).await;
    after_keys(&house).await;
    let escrow = match begun.map_err(|error| failed(&error))? {
        Begun::Made(_) => Some(escrow_view(&house, &operation).await?),
        Begun::ByHand => None,
    };
    taken_off.tell(&house);
    house.signal(Signal::Operations);
    // A key that leaked waits for nobody.
    let (driver, id) = (Arc::clone(&house), operation.clone());
    tauri::async_runtime::spawn(async move {
        rotating::advance(&driver, &id).await;
        driver.rotate.notify_one();
    });
    Ok(RotationStartedView { operation: operation.0, escrow })
}

#[tauri::command]
pub(super) async fn bring_key(house: Shared<'_>, request: BringKeyRequest) -> Answer<EscrowView> {
    let _busy = house.begin(request.operation.clone()).ok_or_else(already)?;
    let (new_key, taken_off) = given_secret(&house, request.new_key, "newKey")?;
    let operation = OperationId(request.operation);
    let brought = flows::bring_key(&house.ctx, &operation, new_key).await;
    brought.map_err(|error| at_field(&error, "newKey"))?;
    taken_off.tell(&house);
    rotating::show(&house).await;
    house.rotate.notify_one();
    escrow_view(&house, &operation).await
}

#[tauri::command]
pub(super) async fn finish_rotation(house: Shared<'_>, operation: String) -> Answer<OperationView> {
    let operation = OperationId(operation);
    flows::finish_rotation(&house.ctx, &operation).await.map_err(|error| failed(&error))?;
    driven(&house, &operation).await
}

#[tauri::command]
pub(super) async fn undo_rotation(house: Shared<'_>, operation: String) -> Answer<OperationView> {
    let operation = OperationId(operation);
    flows::undo_rotation(&house.ctx, &operation).await.map_err(|error| failed(&error))?;
    driven(&house, &operation).await
}

#[tauri::command]
pub(super) async fn ask_again(house: Shared<'_>, operation: String) -> Answer<OperationView> {
    let operation = OperationId(operation);
    flows::ask_again(&house.ctx, &operation).await.map_err(|error| failed(&error))?;
    driven(&house, &operation).await
}

#[tauri::command]
pub(super) async fn leave_rotation(house: Shared<'_>, operation: String) -> Answer<OperationView> {
    let operation = OperationId(operation);
    flows::leave_rotation(&house.ctx, &operation).await.map_err(|error| failed(&error))?;
    driven(&house, &operation).await
}

/// The person's word is on disk: what follows from it at once is done before the answer.
async fn driven(house: &House, operation: &OperationId) -> Answer<OperationView> {
    rotating::advance(house, operation).await;
    rotating::show(house).await;
    house.rotate.notify_one();
    let page = flows::operation(&house.ctx, operation).await.map_err(|error| failed(&error))?;
    Ok(present::operation::operation(&page, Utc::now()))
}

#[tauri::command]
pub(super) async fn operations(house: Shared<'_>) -> Answer<Vec<OperationView>> {
    let pages = flows::operations(&house.ctx).await.map_err(|error| failed(&error))?;
    let now = Utc::now();
    Ok(pages.iter().map(|page| present::operation::operation(page, now)).collect())
}
