//! What most flows begin with: the account, its adapter and its managing key, opened for one call.

use std::sync::Arc;

use super::Context;
use crate::account::{Account, AccountId};
use crate::error::FlowError;
use crate::journal::{Action, Entry, Outcome};
use crate::key::{KeyRecord, KeyRef, VendorKeyId};
use crate::ports::{Purpose, Sealed, VaultError};
use crate::provider::{Connection, Provider, Support};
use crate::secret::Secret;

/// An account that is ready to be called. The managing key is wiped when this is dropped.
pub(super) struct Opened {
    pub(super) account: Account,
    pub(super) provider: Arc<dyn Provider>,
    managing_key: Secret,
}

impl Opened {
    /// With a key that is not sealed yet.
    pub(super) fn with(account: Account, provider: Arc<dyn Provider>, managing_key: Secret) -> Self {
        Self { account, provider, managing_key }
    }

    pub(super) fn connection(&self) -> Connection<'_> {
        Connection {
            base_url: &self.account.base_url,
            managing_key: &self.managing_key,
            settings: &self.account.settings,
        }
    }
}

pub(super) async fn account(
    ctx: &Context,
    id: &AccountId,
) -> Result<(Account, Arc<dyn Provider>), FlowError> {
    let account = ctx
        .ledger
        .accounts()
        .await?
        .into_iter()
        .find(|a| a.id == *id)
        .ok_or(FlowError::NotFound("account"))?;
    let provider = ctx.providers.provider(&account.vendor).ok_or(FlowError::NotFound("vendor"))?;
    Ok((account, provider))
}

pub(super) async fn open(ctx: &Context, id: &AccountId) -> Result<Opened, FlowError> {
    let (account, provider) = account(ctx, id).await?;
    if let (None, Support::No(reason)) = (&account.managing, provider.manifest().capabilities.list) {
        return Err(FlowError::NotAllowed(reason.into()));
    }
    let managing_key =
        value(ctx, &account, &Purpose::Managing(id.clone())).await?.ok_or(VaultError::KeyMissing)?;
    Ok(Opened { account, provider, managing_key })
}

/// A secret of the account, out of the vault; `None` where none is sealed for this. It opens only for the vendor and the
/// origin that it was sealed for.
pub(super) async fn value(
    ctx: &Context,
    account: &Account,
    purpose: &Purpose,
) -> Result<Option<Secret>, FlowError> {
    let Some(sealed) = ctx.ledger.sealed(purpose).await? else { return Ok(None) };
    Ok(Some(ctx.vault.open(&sealed, &account.place())?))
}

/// Seals a secret that may go to the account's vendor and address only.
pub(super) fn seal(
    ctx: &Context,
    account: &Account,
    purpose: Purpose,
    secret: &Secret,
) -> Result<Sealed, VaultError> {
    let place = ctx.process.moved(&account.id).unwrap_or_else(|| account.place());
    ctx.vault.seal(purpose, &place, secret)
}

pub(super) async fn key(ctx: &Context, key: &KeyRef) -> Result<KeyRecord, FlowError> {
    ctx.ledger.key(key).await?.ok_or(FlowError::NotFound("key"))
}

/// An entry of the journal for now.
pub(super) fn entry(
    ctx: &Context,
    account: &AccountId,
    key: Option<&VendorKeyId>,
    action: Action,
    outcome: Outcome,
) -> Entry {
    Entry {
        at: ctx.clock.now(),
        account: account.clone(),
        key: key.cloned(),
        action,
        outcome,
        reason: ctx.reason.as_deref().map(str::to_owned),
        fingerprint: None,
    }
}
