//! Connecting an account: the managing key is checked by form, proven against the vendor, sealed, then saved.

use super::Context;
use super::account::entry;
use super::refresh::recognise_managing_key;
use crate::account::{Account, AccountId, Freshness, ManagingKey, VendorId};
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::paste::check_paste;
use crate::ports::{Purpose, VaultError, VaultStatus};
use crate::provider::{Connection, Paging, Provider};
use crate::secret::Secret;

/// What a person gives to connect an account.
#[derive(Debug)]
pub struct ConnectDetails {
    /// Made by the caller; unique.
    pub id: AccountId,
    pub vendor: VendorId,
    pub label: String,
    /// `None`: the vendor's own.
    pub base_url: Option<String>,
    pub managing_key: Secret,
    pub rehearsal: bool,
}

/// Verifies the managing key by listing with it, then saves the account, its sealed key and its first reading.
///
/// # Errors
/// [`FlowError::Paste`] where the form is wrong, [`FlowError::Provider`] where the vendor refuses; nothing is
/// saved then.
pub async fn connect(ctx: &Context, details: ConnectDetails) -> Result<Account, FlowError> {
    let provider = ctx.providers.provider(&details.vendor).ok_or(FlowError::NotFound("vendor"))?;
    let environment = check_paste(provider.manifest(), &details.managing_key)?;
    let label = details.label.trim();
    if label.is_empty() {
        return Err(FlowError::NotAllowed(
            "An account needs a label, so that you can tell it from others.".into(),
        ));
    }
    if ctx.vault.status() != VaultStatus::Open {
        return Err(VaultError::Locked.into());
    }
    let base_url = base_url(details.base_url.as_deref(), provider.as_ref());
    let connection = Connection { base_url: &base_url, managing_key: &details.managing_key };
    let now = ctx.clock.now();
    let keys = provider.list(connection, &|_| Paging::Continue).await?;
    let mut account = Account {
        id: details.id,
        vendor: details.vendor,
        label: label.to_owned(),
        base_url: base_url.clone(),
        environment,
        rehearsal: details.rehearsal,
        managing: ManagingKey { hint: provider.hint(&details.managing_key), key: None },
        connected_at: now,
        freshness: Freshness::Unread,
        refused_scopes: Vec::new(),
    };
    account.managing.key = recognise_managing_key(&account, &keys);
    let sealed = ctx.vault.seal(Purpose::Managing(account.id.clone()), &details.managing_key)?;
    let done = entry(
        ctx,
        &account.id,
        None,
        Action::Connect,
        Outcome::Done(format!("verified with {} keys", keys.len())),
    );
    ctx.ledger.put_account(&account, Some(&sealed), Some(&done)).await?;
    ctx.ledger.merge_keys(&account.id, &keys, now).await?;
    account.freshness = Freshness::Fresh { read_at: now };
    Ok(account)
}

/// Points an account at another address of the same vendor, as the rehearsal does at each start.
///
/// # Errors
/// [`FlowError::NotFound`] where the account is gone; ledger faults.
pub async fn reconnect(ctx: &Context, id: &AccountId, base_url: &str) -> Result<(), FlowError> {
    let (mut account, _) = super::account::account(ctx, id).await?;
    base_url.trim_end_matches('/').clone_into(&mut account.base_url);
    ctx.ledger.put_account(&account, None, None).await?;
    Ok(())
}

/// Forgets an account and destroys its sealed entries. Nothing changes at the vendor.
///
/// # Errors
/// [`FlowError::NotFound`] where it is gone already; ledger faults.
pub async fn disconnect(ctx: &Context, id: &AccountId) -> Result<(), FlowError> {
    super::account::account(ctx, id).await?;
    let done = entry(ctx, id, None, Action::Disconnect, Outcome::Done("removed from this computer".into()));
    ctx.ledger.remove_account(id, &done).await?;
    Ok(())
}

fn base_url(given: Option<&str>, provider: &dyn Provider) -> String {
    let given = given.map(str::trim).filter(|url| !url.is_empty());
    given.unwrap_or(provider.manifest().default_base_url).trim_end_matches('/').to_owned()
}
