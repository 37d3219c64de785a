//! Acts on many keys: the dry run, the beginning, how far each is, and the person's words.

use chrono::Utc;
use keyturn_core::batch::{BatchId, Deed};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice, Wanted};
use keyturn_core::inventory::InventoryRow;
use keyturn_core::key::KeyRef;
use keyturn_wire::batch::{
    BatchItemStateView, BatchItemsView, BatchKindView, BatchPlanView, BatchRequest, BatchView,
};
use keyturn_wire::present;

use super::{Answer, Shared, failed, fresh_id, key_ref};
use crate::batches::said;
use crate::house::House;

#[tauri::command]
pub(super) async fn plan_batch(house: Shared<'_>, request: BatchRequest) -> Answer<BatchPlanView> {
    let wanted = wanted(&house, request).await?;
    let plan = flows::plan_batch(&house.ctx, &wanted).await.map_err(|error| failed(&error))?;
    Ok(present::batch::plan(&plan))
}

#[tauri::command]
pub(super) async fn begin_batch(house: Shared<'_>, request: BatchRequest) -> Answer<BatchView> {
    let typed = request.confirmation.clone();
    let wanted = wanted(&house, request).await?;
    let id = BatchId(fresh_id("batch")?);
    let begun = flows::begin_batch(&house.ctx, &wanted, &typed, id.clone()).await;
    begun.map_err(|error| failed(&error))?;
    said(&house);
    view(&house, &id).await
}

#[tauri::command]
pub(super) async fn batches(house: Shared<'_>) -> Answer<Vec<BatchView>> {
    let page = flows::batches(&house.ctx).await.map_err(|error| failed(&error))?;
    let now = Utc::now();
    Ok(page.standings.iter().map(|standing| present::batch::batch(standing, page.locked, now)).collect())
}

#[tauri::command]
pub(super) async fn batch_items(
    house: Shared<'_>,
    batch: String,
    state: Option<BatchItemStateView>,
    offset: u32,
    limit: u32,
) -> Answer<BatchItemsView> {
    let id = BatchId(batch);
    let found =
        flows::batch_items(&house.ctx, &id, state.map(Into::into), offset as usize, limit as usize).await;
    let (pages, total) = found.map_err(|error| failed(&error))?;
    Ok(present::batch::items(&pages, total, offset, &id))
}

#[tauri::command]
pub(super) async fn pause_batch(house: Shared<'_>, batch: String) -> Answer<BatchView> {
    let id = BatchId(batch);
    flows::pause_batch(&house.ctx, &id).await.map_err(|error| failed(&error))?;
    said(&house);
    view(&house, &id).await
}

#[tauri::command]
pub(super) async fn resume_batch(house: Shared<'_>, batch: String) -> Answer<BatchView> {
    let id = BatchId(batch);
    flows::resume_batch(&house.ctx, &id).await.map_err(|error| failed(&error))?;
    said(&house);
    view(&house, &id).await
}

#[tauri::command]
pub(super) async fn stop_batch(house: Shared<'_>, batch: String) -> Answer<BatchView> {
    let id = BatchId(batch);
    flows::stop_batch(&house.ctx, &id).await.map_err(|error| failed(&error))?;
    said(&house);
    view(&house, &id).await
}

/// The chosen keys, or everything that matches.
async fn wanted(house: &House, request: BatchRequest) -> Answer<Wanted> {
    let deed = match request.kind {
        BatchKindView::Revoke => Deed::Revoke,
        BatchKindView::Rotate if request.choice.is_empty() => Deed::Rotate(Choice::OneDay),
        BatchKindView::Rotate => match Choice::parse(&request.choice) {
            None | Some(Choice::Atomic) => return Err(failed(&FlowError::NotFound("choice"))),
            Some(choice) => Deed::Rotate(choice),
        },
    };
    let keys = match request.query {
        Some(query) if request.keys.is_empty() => {
            let listed = house.listed().await.map_err(|error| failed(&error.into()))?;
            listed.inventory.every(&query.into(), Utc::now()).iter().map(InventoryRow::key_ref).collect()
        }
        _ => request.keys.iter().map(|key| key_ref(key)).collect::<Answer<Vec<KeyRef>>>()?,
    };
    Ok(Wanted { deed, keys })
}

async fn view(house: &House, id: &BatchId) -> Answer<BatchView> {
    let (standing, locked) = flows::batch(&house.ctx, id).await.map_err(|error| failed(&error))?;
    Ok(present::batch::batch(&standing, locked, Utc::now()))
}
