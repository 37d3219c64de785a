//! Connecting an account: the managing key is checked by form, proven against the vendor, sealed, then saved.

use std::collections::BTreeMap;

use super::Context;
use super::account::{entry, seal};
use super::authenticity::AT;
use super::project::managed_with;
use super::reading::managing_row;
use crate::account::{Account, AccountId, Freshness, ManagingKey, Place, VendorId};
use crate::address::normal;
use crate::error::FlowError;
use crate::fields::check_fields;
use crate::journal::{Action, Outcome};
use crate::key::{Environment, KeyRef};
use crate::name::is_visible;
use crate::operation::Stage;
use crate::paste::{PasteFault, check_paste};
use crate::ports::{AccountChange, Purpose, Sealed, Trust, VaultError, VaultStatus};
use crate::provider::{Connection, Listing, Manifest, Paging, Provider, Support};
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
    /// `None` for an assisted vendor, which has no API for keys.
    pub managing_key: Option<Secret>,
    /// What the vendor's fields were filled with, by name.
    pub settings: BTreeMap<String, String>,
    pub rehearsal: bool,
}

/// Verifies the managing key by listing with it, then saves the account, its sealed key and its first reading.
/// An assisted vendor's account is saved without a key and without a request.
///
/// # Errors
/// [`FlowError::Field`] and [`FlowError::Paste`] where something was not typed as it must be,
/// [`FlowError::Provider`] where the vendor refuses; nothing is saved then.
pub async fn connect(ctx: &Context, details: ConnectDetails) -> Result<Account, FlowError> {
    let provider = ctx.providers.provider(&details.vendor).ok_or(FlowError::NotFound("vendor"))?;
    let manifest = provider.manifest();
    let managing_key = wanted_key(manifest, details.managing_key)?;
    let environment = match &managing_key {
        Some(key) => check_paste(manifest, key)?,
        None => Environment::None,
    };
    let account = Account {
        id: details.id,
        vendor: details.vendor,
        label: label(&details.label)?,
        base_url: base_url(details.base_url.as_deref(), provider.as_ref()),
        environment,
        rehearsal: details.rehearsal,
        managing: managing_key.as_ref().map(|key| ManagingKey { hint: provider.hint(key), key: None }),
        settings: check_fields(manifest.fields, &details.settings)?,
        connected_at: ctx.clock.now(),
        freshness: Freshness::Unread,
        refused_scopes: Vec::new(),
    };
    match managing_key {
        Some(key) => connect_managed(ctx, provider.as_ref(), account, &key).await,
        None => connect_assisted(ctx, account).await,
    }
}

/// # Errors
/// [`FlowError::NotAllowed`] where nothing is to be seen of it.
pub(super) fn label(typed: &str) -> Result<String, FlowError> {
    if !is_visible(typed) {
        return Err(FlowError::NotAllowed(
            "An account needs a label, so that you can tell it from others.".into(),
        ));
    }
    Ok(typed.trim().to_owned())
}

/// The managing key where the vendor has use for one, and none where it has not.
fn wanted_key(manifest: &Manifest, given: Option<Secret>) -> Result<Option<Secret>, FlowError> {
    match (manifest.capabilities.list, given) {
        (Support::Yes, Some(key)) => Ok(Some(key)),
        (Support::Yes, None) => Err(PasteFault::Empty.into()),
        (Support::No(_), None) => Ok(None),
        (Support::No(reason), Some(_)) => Err(FlowError::NotAllowed(format!(
            "{reason} Connect the account without a key and adopt its keys afterwards."
        ))),
    }
}

async fn connect_managed(
    ctx: &Context,
    provider: &dyn Provider,
    mut account: Account,
    managing_key: &Secret,
) -> Result<Account, FlowError> {
    if ctx.vault.status() != VaultStatus::Open {
        return Err(VaultError::Locked.into());
    }
    if let Some(before) = managed_with(ctx, &account, managing_key).await? {
        return Err(FlowError::Connected(before));
    }
    let connection = Connection { base_url: &account.base_url, managing_key, settings: &account.settings };
    let read = ctx.ledger.moment(account.connected_at).await?;
    let Listing { keys, dated } = provider.list(connection, &|_| Paging::Continue).await?;
    ctx.process.made(&account.id, read.at, ctx.clock.now(), dated, true);
    if let Some(managing) = &mut account.managing {
        managing.key = managing_row(managing, &keys);
    }
    let sealed = seal(ctx, &account, Purpose::Managing(account.id.clone()), managing_key)?;
    let verified = Outcome::Done(format!("verified with {} keys{AT}{}", keys.len(), account.base_url));
    let done = entry(ctx, &account.id, None, Action::Connect, verified);
    ctx.ledger.add_account(&account, Some(&sealed), Some(&done)).await?;
    // Nothing was known of it before, so that nothing can be doubted.
    ctx.ledger.merge_keys(&account.id, &keys, read, Trust::Accepted).await?;
    account.freshness = Freshness::Fresh { read_at: account.connected_at };
    Ok(account)
}

async fn connect_assisted(ctx: &Context, mut account: Account) -> Result<Account, FlowError> {
    account.freshness = Freshness::ByHand;
    let kept = Outcome::Done("kept by hand; the vendor has no API for keys".into());
    let done = entry(ctx, &account.id, None, Action::Connect, kept);
    ctx.ledger.add_account(&account, None, Some(&done)).await?;
    Ok(account)
}

/// Points an account at another address of the same vendor, as the rehearsal does at each start. What is sealed for the
/// old one is sealed for the new one.
///
/// # Errors
/// [`FlowError::NotFound`] where the account is gone; vault and ledger faults.
pub async fn reconnect(ctx: &Context, id: &AccountId, base_url: &str) -> Result<(), FlowError> {
    let (account, _) = super::account::account(ctx, id).await?;
    let (before, after) = (account.place(), Account { base_url: normal(base_url), ..account });
    let place = after.place();
    let resealed = resealed(ctx, id, &before, &place).await?;
    if ctx.ledger.change_account(id, AccountChange::Address(&after.base_url, &resealed), None).await? {
        ctx.process.moves(id, place);
        Ok(())
    } else {
        Err(FlowError::NotFound("account"))
    }
}

/// Everything that is sealed for an account, for another place; nothing where that is the same.
pub(super) async fn resealed(
    ctx: &Context,
    id: &AccountId,
    from: &Place,
    to: &Place,
) -> Result<Vec<Sealed>, FlowError> {
    let mut resealed = Vec::new();
    if from != to {
        for sealed in ctx.ledger.sealed_of(id).await? {
            let secret = ctx.vault.open(&sealed, from)?;
            resealed.push(ctx.vault.seal(sealed.purpose, to, &secret)?);
        }
    }
    Ok(resealed)
}

/// The person says which of several keys that look alike is the one that the account is managed with.
///
/// # Errors
/// [`FlowError::NotAllowed`] where the key cannot be it, or that is known already.
pub async fn choose_managing_key(ctx: &Context, key: &KeyRef) -> Result<(), FlowError> {
    let (account, _) = super::account::account(ctx, &key.account).await?;
    let record = super::account::key(ctx, key).await?;
    if !account.may_manage_with(&record) {
        return Err(FlowError::NotAllowed(
            "Keyturn does not call the vendor with this key, or knows already with which.".into(),
        ));
    }
    let chosen = Outcome::Done("named by the person as the key that Keyturn calls the vendor with".into());
    let done = entry(ctx, &account.id, Some(&key.key), Action::Connect, chosen);
    ctx.ledger.change_account(&account.id, AccountChange::ManagingRow(&key.key), Some(&done)).await?;
    Ok(())
}

/// What is lost when an account is disconnected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Disconnection {
    /// Names of new keys that nobody has stored yet: their values are destroyed.
    pub unsaved: Vec<String>,
    /// Names of keys whose rotation or revocation is not finished: nobody watches them any more.
    pub under_way: Vec<String>,
}

impl Disconnection {
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        self.unsaved.is_empty() && self.under_way.is_empty()
    }
}

/// Says what would be lost with an account.
///
/// # Errors
/// [`FlowError::NotFound`] where it is gone already; ledger faults.
pub async fn plan_disconnect(ctx: &Context, id: &AccountId) -> Result<Disconnection, FlowError> {
    super::account::account(ctx, id).await?;
    let mut lost = Disconnection::default();
    for operation in ctx.ledger.open_operations().await?.into_iter().filter(|it| it.account == *id) {
        let name = operation.intent.name().to_owned();
        if operation.stage.unsaved().is_some() {
            lost.unsaved.push(name.clone());
        }
        let over = match &operation.stage {
            Stage::Rotating(rotation) => rotation.is_over(),
            Stage::Escrowed { .. } => true,
            Stage::Sent | Stage::Acknowledged { .. } | Stage::Failed { .. } | Stage::Orphaned { .. } => false,
        };
        if !over {
            lost.under_way.push(name);
        }
    }
    Ok(lost)
}

/// Forgets an account and destroys its sealed entries. Nothing changes at the vendor. `accepted`: the person has seen
/// what is lost, and it is still that.
///
/// # Errors
/// [`FlowError::NotAllowed`] where something else is lost than was accepted; [`FlowError::NotFound`] where the account is
/// gone already; ledger faults.
pub async fn disconnect(ctx: &Context, id: &AccountId, accepted: &Disconnection) -> Result<(), FlowError> {
    let lost = plan_disconnect(ctx, id).await?;
    if !lost.is_harmless() && lost != *accepted {
        let count = |many: usize, one: &str, more: &str| match many {
            1 => format!("1 {one}"),
            many => format!("{many} {more}"),
        };
        let unsaved = count(lost.unsaved.len(), "new key is not saved", "new keys are not saved");
        let open = count(lost.under_way.len(), "operation is not finished", "operations are not finished");
        return Err(FlowError::NotAllowed(format!(
            "With this account something would be lost that you have not seen: {unsaved}, {open}. Look again, then disconnect."
        )));
    }
    let done = entry(ctx, id, None, Action::Disconnect, Outcome::Done("removed from this computer".into()));
    ctx.ledger.remove_account(id, &done).await?;
    Ok(())
}

pub(super) fn base_url(given: Option<&str>, provider: &dyn Provider) -> String {
    let given = given.map(str::trim).filter(|url| !url.is_empty());
    normal(given.unwrap_or(provider.manifest().default_base_url))
}
