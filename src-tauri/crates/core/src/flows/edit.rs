//! Changing an account that is connected: what it is called, where it is, and the key that it is managed with. Its keys,
//! labels, policies and operations stay; so both are checked to lead to the same keys.

use std::collections::{BTreeMap, HashMap};

use super::Context;
use super::account::{Opened, account, entry, open, seal};
use super::authenticity::AT;
use super::connect::{base_url, label, resealed};
use super::project::{is_busy, managed_with};
use super::reading::{managing_row, take_listing};
use crate::account::{Account, AccountId, ManagingKey};
use crate::error::FlowError;
use crate::fields::check_fields;
use crate::journal::{Action, Outcome};
use crate::key::{KeyRecord, KeyRef, VendorKeyId};
use crate::paste::check_paste;
use crate::ports::{AccountChange, Purpose, Trust, VaultError, VaultStatus};
use crate::provider::{Connection, Fault, Listing, Paging};
use crate::reading::{Doubt, Shortfall};
use crate::secret::Secret;

/// What a person may change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEdit {
    pub label: String,
    /// `None`: the vendor's own.
    pub base_url: Option<String>,
    /// What the vendor's fields are filled with, by name.
    pub settings: BTreeMap<String, String>,
}

/// Changes label, address and the vendor's fields. Where the account is called in another way from then on, it is listed
/// so first, and must show the same keys; what is sealed for it is sealed for the new address.
///
/// # Errors
/// [`FlowError::Field`] where a field cannot be so, [`FlowError::Provider`] where the vendor does not answer there,
/// [`FlowError::NotAllowed`] where it lists other keys. Nothing is changed then.
pub async fn edit_account(ctx: &Context, id: &AccountId, edit: AccountEdit) -> Result<Account, FlowError> {
    let (before, provider) = account(ctx, id).await?;
    let after = Account {
        label: label(&edit.label)?,
        base_url: if before.rehearsal {
            before.base_url.clone()
        } else {
            base_url(edit.base_url.as_deref(), provider.as_ref())
        },
        settings: check_fields(provider.manifest().fields, &edit.settings)?,
        ..before.clone()
    };
    let is_called_so = (&before.base_url, &before.settings) == (&after.base_url, &after.settings);
    if !is_called_so && ctx.vault.status() != VaultStatus::Open {
        return Err(VaultError::Locked.into());
    }
    if !is_called_so && before.managing.is_some() {
        let mut opened = open(ctx, id).await?;
        opened.account = after.clone();
        if let Some(other) = managed_with(ctx, &after, opened.connection().managing_key).await? {
            return Err(FlowError::Connected(other));
        }
        let keys = provider.list(opened.connection(), &|_| Paging::Continue).await?.keys;
        same_keys(ctx, &opened, &keys, "this address").await?;
    }
    let (from, place) = (before.place(), after.place());
    let sealed = resealed(ctx, id, &from, &place).await?;
    let change = AccountChange::Details {
        label: &after.label,
        base_url: &after.base_url,
        settings: &after.settings,
        sealed: &sealed,
    };
    let Some(words) = changes(&before, &after) else { return Ok(before) };
    let done = entry(ctx, id, None, Action::Connect, Outcome::Done(words));
    if !ctx.ledger.change_account(id, change, Some(&done)).await? {
        return Err(FlowError::NotFound("account"));
    }
    if from != place {
        ctx.process.moves(id, place);
    }
    Ok(after)
}

/// What was changed, for the journal; `None` where nothing was.
fn changes(before: &Account, after: &Account) -> Option<String> {
    let mut words = Vec::new();
    if before.label != after.label {
        words.push(format!("the label was “{}”, and is “{}”", before.label, after.label));
    }
    if before.settings != after.settings {
        words.push("the vendor's fields were changed".to_owned());
    }
    if before.base_url != after.base_url {
        words.push(format!(
            "the address was {}, and the account is now{AT}{}",
            before.base_url, after.base_url
        ));
    }
    (!words.is_empty()).then(|| words.join("; "))
}

/// From now on the account is managed with this key. The one from before is left as it is at the vendor.
///
/// # Errors
/// [`FlowError::Paste`] where it cannot be a key, [`FlowError::Provider`] where the vendor refuses it,
/// [`FlowError::NotAllowed`] where it sees other keys or is about to be revoked. Nothing is changed then.
pub async fn use_managing_key(ctx: &Context, id: &AccountId, key: Secret) -> Result<Account, FlowError> {
    let (mut account, provider) = account(ctx, id).await?;
    if account.managing.is_none() {
        return Err(FlowError::NotAllowed(
            "This account has no managing key: its keys are kept by hand.".into(),
        ));
    }
    if ctx.vault.status() != VaultStatus::Open {
        return Err(VaultError::Locked.into());
    }
    let manifest = provider.manifest();
    let environment = check_paste(manifest, &key)?;
    if environment != account.environment {
        return Err(FlowError::NotAllowed(
            "This key is of another environment than the account. Connect it as an account of its own."
                .into(),
        ));
    }
    if let Some(other) = managed_with(ctx, &account, &key).await? {
        return Err(FlowError::Connected(other));
    }
    let moment = ctx.ledger.moment(ctx.clock.now()).await?;
    let connection =
        Connection { base_url: &account.base_url, managing_key: &key, settings: &account.settings };
    let Listing { keys, dated } =
        provider.list(connection, &|_| Paging::Continue).await.map_err(|error| match error.fault {
            // Of the key that was given: the one from before is not asked with.
            Fault::Unauthenticated => FlowError::NotAllowed(format!(
                "{} does not accept this key. Copy it again, whole, or make another.",
                error.vendor
            )),
            _ => error.into(),
        })?;
    let mut managing = ManagingKey { hint: provider.hint(&key), key: None };
    managing.key = row_of(ctx, &account, &key, &managing, &keys).await?;
    if let Some(row) = &managing.key {
        let row = KeyRef { account: id.clone(), key: row.clone() };
        if is_busy(ctx, &row).await? {
            return Err(FlowError::NotAllowed(
                "This key is part of an operation that is not finished. Look under Operations first.".into(),
            ));
        }
    }
    let mut opened = Opened::with(account.clone(), provider, key);
    same_keys(ctx, &opened, &keys, "this key").await?;
    let sealed = seal(ctx, &account, Purpose::Managing(id.clone()), opened.connection().managing_key)?;
    let words = format!("managed with {} from now on, given by the person", managing.hint.masked());
    let done = entry(ctx, id, managing.key.as_ref(), Action::Connect, Outcome::Done(words));
    let change = AccountChange::Managing(&managing, &sealed);
    if !ctx.ledger.change_account(id, change, Some(&done)).await? {
        return Err(FlowError::NotFound("account"));
    }
    account.managing = Some(managing);
    opened.account = account.clone();
    take_listing(ctx, &mut opened, &keys, moment, dated, Trust::Usual).await?;
    Ok(account)
}

/// Which row the key is: by its value, where that was ever sealed here, or by its hint.
async fn row_of(
    ctx: &Context,
    account: &Account,
    key: &Secret,
    managing: &ManagingKey,
    keys: &[KeyRecord],
) -> Result<Option<VendorKeyId>, FlowError> {
    let print = ctx.vault.fingerprint(key)?;
    let held = ctx.ledger.held_as(&[print]).await?;
    let known = held
        .into_iter()
        .map(|(_, known)| known)
        .find(|known| known.account == account.id && keys.iter().any(|listed| listed.id == known.key));
    Ok(known.map(|known| known.key).or_else(|| managing_row(managing, keys)))
}

/// Refuses a list that is not of the keys that are known. `what` leads to it.
async fn same_keys(ctx: &Context, opened: &Opened, keys: &[KeyRecord], what: &str) -> Result<(), FlowError> {
    let known = ctx.ledger.keys(&opened.account.id).await?;
    let listed: HashMap<&VendorKeyId, &KeyRecord> = keys.iter().map(|key| (&key.id, key)).collect();
    let live: Vec<&KeyRecord> = known.iter().filter(|key| key.status.is_live()).collect();
    let missing = live.iter().filter(|key| !listed.contains_key(&key.id)).count();
    let shortfall = Shortfall { live: live.len(), missing, managing: false, listed: keys.len() };
    let other = match shortfall.doubt() {
        // Of one or two keys each is a large part.
        None if missing < live.len() || live.is_empty() => return Ok(()),
        None | Some(Doubt::Managing) => format!("lists none of the {} keys", live.len()),
        Some(Doubt::Empty { live }) => format!("lists no key at all, and none of the {live}"),
        Some(Doubt::Many { missing, live }) => format!("lacks {missing} of the {live} keys"),
    };
    let vendor = opened.provider.manifest().name;
    Err(FlowError::NotAllowed(format!(
        "With {what} {vendor} {other} of this account: it may belong to another project, or see less. Connect it as an account of its own."
    )))
}
