//! Labels and policies: a person's words on keys, and how old keys may become.

use chrono::Utc;
use keyturn_core::flows;
use keyturn_core::label::Label;
use keyturn_core::policy::{Policy, PolicyId};
use keyturn_wire::policy::{PolicyInput, PolicyView};
use keyturn_wire::present;

use super::{Answer, Shared, after_keys, failed, fresh_id, key_ref};
use crate::house::House;

#[tauri::command]
pub(super) async fn labels(house: Shared<'_>) -> Answer<Vec<String>> {
    let labels = house.ctx.ledger.labels().await.map_err(|error| failed(&error.into()))?;
    Ok(labels.iter().map(|label: &Label| label.as_str().to_owned()).collect())
}

#[tauri::command]
pub(super) async fn set_labels(
    house: Shared<'_>,
    keys: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
) -> Answer<()> {
    let keys = keys.iter().map(|key| key_ref(key)).collect::<Answer<Vec<_>>>()?;
    let done = flows::set_labels(&house.ctx, &keys, &add, &remove).await;
    done.map_err(|error| failed(&error))?;
    after_keys(&house).await;
    Ok(())
}

#[tauri::command]
pub(super) async fn policies(house: Shared<'_>) -> Answer<Vec<PolicyView>> {
    let policies = house.ctx.ledger.policies().await.map_err(|error| failed(&error.into()))?;
    views(&house, &policies).await
}

#[tauri::command]
pub(super) async fn save_policy(house: Shared<'_>, policy: PolicyInput) -> Answer<PolicyView> {
    let id = match &policy.id {
        Some(id) => id.clone(),
        None => fresh_id("policy")?,
    };
    let saved = flows::save_policy(&house.ctx, PolicyId(id), policy.into()).await;
    let saved = saved.map_err(|error| failed(&error))?;
    after_keys(&house).await;
    let mut views = views(&house, &[saved]).await?;
    views.pop().ok_or_else(|| failed(&keyturn_core::error::FlowError::NotFound("policy")))
}

#[tauri::command]
pub(super) async fn remove_policy(house: Shared<'_>, policy: String) -> Answer<()> {
    flows::remove_policy(&house.ctx, &PolicyId(policy)).await.map_err(|error| failed(&error))?;
    after_keys(&house).await;
    Ok(())
}

async fn views(house: &House, policies: &[Policy]) -> Answer<Vec<PolicyView>> {
    let listed = house.listed().await.map_err(|error| failed(&error.into()))?;
    let coverage = listed.inventory.coverage(policies, Utc::now());
    let view = |(policy, coverage)| present::policy::view(policy, coverage, &listed.accounts);
    Ok(policies.iter().zip(coverage).map(view).collect())
}
