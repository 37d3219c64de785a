//! The Audit screen: figures, findings that are accepted, one key's use, changes made outside.

use chrono::Utc;
use keyturn_core::flows;
use keyturn_core::key::KeyRef;
use keyturn_wire::audit::{AcceptRequest, AuditView, FindingKindView, KeyUseView, OutsideChangesView};
use keyturn_wire::present;

use super::{Answer, Shared, after_keys, at_field, failed, key_ref};

#[tauri::command]
pub(super) async fn audit(house: Shared<'_>) -> Answer<AuditView> {
    let listed = house.listed().await.map_err(|error| failed(&error.into()))?;
    let now = Utc::now();
    Ok(present::audit::audit(&listed.inventory.audit(now), &listed.accounts, now))
}

#[tauri::command]
pub(super) async fn accept_finding(house: Shared<'_>, request: AcceptRequest) -> Answer<()> {
    let keys: Vec<KeyRef> = request.keys.iter().map(|key| key_ref(key)).collect::<Answer<_>>()?;
    let AcceptRequest { finding, reason, until, .. } = request;
    let done = flows::accept_finding(&house.ctx, &keys, finding.into(), &reason, until).await;
    after_keys(&house).await;
    done.map_err(|error| at_field(&error, "reason"))
}

#[tauri::command]
pub(super) async fn withdraw_acceptance(
    house: Shared<'_>,
    key: String,
    finding: FindingKindView,
) -> Answer<()> {
    let done = flows::withdraw_acceptance(&house.ctx, &key_ref(&key)?, finding.into()).await;
    after_keys(&house).await;
    done.map_err(|error| failed(&error))
}

#[tauri::command]
pub(super) async fn key_use(house: Shared<'_>, key: String) -> Answer<KeyUseView> {
    let seen = flows::key_use(&house.ctx, &key_ref(&key)?).await.map_err(|error| failed(&error))?;
    Ok(present::audit::key_use(&seen))
}

#[tauri::command]
pub(super) async fn outside_changes(
    house: Shared<'_>,
    offset: u32,
    limit: u32,
) -> Answer<OutsideChangesView> {
    let (changes, total) = flows::outside_changes(&house.ctx, offset as usize, limit as usize)
        .await
        .map_err(|error| failed(&error))?;
    Ok(present::audit::outside_changes(&changes, total))
}
