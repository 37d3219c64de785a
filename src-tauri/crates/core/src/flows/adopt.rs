//! Keys of assisted accounts, which no API lists: entered by hand, sealed, and let go again.
//!
//! A key that the vendor refuses is not taken; whether one works later is what [`super::probe_key`] sees.

use std::collections::BTreeMap;

use super::Context;
use super::account::{account, entry, key, seal, value};
use crate::account::{Account, AccountId};
use crate::error::FlowError;
use crate::fields::{AccountField, FieldFault, check_fields};
use crate::journal::{Action, Outcome};
use crate::key::{Checked, Hint, KeyRecord, KeyRef, KeyStatus, LastUse, VendorKeyId};
use crate::paste::check_paste;
use crate::ports::{Purpose, VaultError, VaultStatus};
use crate::provider::{Connection, Manifest, Probe, Provider};
use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// What a person gives to adopt a key.
#[derive(Debug)]
pub struct AdoptRequest {
    pub account: AccountId,
    /// What the key is for, such as `ci-pipeline`.
    pub label: String,
    pub secret: Secret,
}

/// Seals a key that was made in the vendor's dashboard, together with a row of its own.
///
/// # Errors
/// [`FlowError::Field`] where the label cannot be used, [`FlowError::Paste`] where the key was not copied whole,
/// [`FlowError::NotAllowed`] where the account lists its keys by itself, the key is here already, or the vendor
/// refuses it; nothing is kept then.
pub async fn adopt_key(ctx: &Context, request: AdoptRequest) -> Result<KeyRef, FlowError> {
    let (account, provider) = account(ctx, &request.account).await?;
    let manifest = provider.manifest();
    if !manifest.capabilities.is_assisted() {
        return Err(FlowError::NotAllowed(format!(
            "{} lists its keys by itself: a key is created there, not adopted.",
            manifest.name
        )));
    }
    let name = label(manifest, &request.label)?;
    let environment = check_paste(manifest, &request.secret)?;
    if ctx.vault.status() != VaultStatus::Open {
        return Err(VaultError::Locked.into());
    }
    let hint = provider.hint(&request.secret);
    if let Some((owner, known)) = already_here(ctx, &account, &hint, &request.secret).await? {
        return Err(FlowError::NotAllowed(format!(
            "This key is here already, as {:?} in the account {:?}.",
            known.name, owner.label
        )));
    }
    let checked = accepted(ctx, &account, provider.as_ref(), &request.secret).await?;
    let record = KeyRecord {
        id: unused_id(ctx, &account.id).await?,
        name,
        hint,
        environment,
        scopes: Vec::new(),
        status: KeyStatus::Active,
        created_at: None,
        expires: Timestamp::None,
        last_use: LastUse::NotReported,
        creator: None,
        checked,
    };
    let target = KeyRef { account: account.id.clone(), key: record.id.clone() };
    let note = |outcome| entry(ctx, &account.id, Some(&record.id), Action::Adopt, outcome);
    ctx.ledger.append(&note(Outcome::Intended)).await?;
    let sealed = match seal(ctx, &account, Purpose::Adopted(target.clone()), &request.secret) {
        Ok(sealed) => sealed,
        Err(error) => {
            ctx.ledger.append(&note(Outcome::Failed(error.to_string()))).await?;
            return Err(error.into());
        }
    };
    let seen = if checked.is_some() { "accepted by the vendor" } else { "the vendor could not be asked" };
    let done = note(Outcome::Done(format!("{}; {seen}", record.hint.masked())));
    ctx.ledger.adopt(&account.id, &record, &sealed, &done).await?;
    Ok(target)
}

/// Removes an adopted key and its sealed value from this computer. Nothing changes at the vendor.
///
/// # Errors
/// [`FlowError::NotAllowed`] where the key was not adopted, [`FlowError::NotFound`] where it is gone already.
pub async fn forget_key(ctx: &Context, target: &KeyRef) -> Result<(), FlowError> {
    key(ctx, target).await?;
    let adopted = ctx.ledger.sealed(&Purpose::Adopted(target.clone())).await?.is_some();
    let (_, provider) = account(ctx, &target.account).await?;
    if !adopted && !provider.manifest().capabilities.is_assisted() {
        return Err(FlowError::NotAllowed(
            "Only an adopted key can be forgotten; the vendor would list this one again.".into(),
        ));
    }
    let forgotten = Outcome::Done("forgotten on this computer; at the vendor it is as it was".into());
    let done = entry(ctx, &target.account, Some(&target.key), Action::Forget, forgotten);
    ctx.ledger.remove_key(target, &done).await?;
    Ok(())
}

/// Whether the vendor accepts the value now; `None` where it could not be asked, since this may be the only copy of a
/// key that was just made.
///
/// # Errors
/// [`FlowError::NotAllowed`] where it refuses: of a value that was never seen to be accepted that is no death.
async fn accepted(
    ctx: &Context,
    account: &Account,
    provider: &dyn Provider,
    secret: &Secret,
) -> Result<Option<Checked>, FlowError> {
    let asking =
        Connection { base_url: &account.base_url, managing_key: secret, settings: &account.settings };
    match provider.probe(asking).await {
        Ok(Probe::Alive) => Ok(Some(Checked { at: ctx.clock.now(), alive: true })),
        Ok(Probe::Refused) => Err(FlowError::NotAllowed(format!(
            "{} does not accept this key. Was it copied whole, and does it still work?",
            provider.manifest().name
        ))),
        Err(_) => Ok(None),
    }
}

/// The value of an adopted key.
pub(super) async fn adopted_secret(
    ctx: &Context,
    account: &Account,
    target: &KeyRef,
) -> Result<Secret, FlowError> {
    let adopted = value(ctx, account, &Purpose::Adopted(target.clone())).await?;
    adopted.ok_or(FlowError::NotFound("adopted key"))
}

/// Checked as the fields of an account are, so that the same words are said of it.
fn label(manifest: &Manifest, typed: &str) -> Result<String, FieldFault> {
    const NAME: &str = "label";
    let limit = manifest.name_limit;
    let field = AccountField { name: NAME, label: "The label", help: "", required: true, limit, needs: None };
    let typed = BTreeMap::from([(NAME.to_owned(), typed.to_owned())]);
    Ok(check_fields(&[field], &typed)?.remove(NAME).unwrap_or_default())
}

/// The same value in any account of the vendor: compared only with those that bear the same hint.
async fn already_here(
    ctx: &Context,
    account: &Account,
    hint: &Hint,
    secret: &Secret,
) -> Result<Option<(Account, KeyRecord)>, FlowError> {
    for owner in ctx.ledger.accounts().await?.into_iter().filter(|other| other.vendor == account.vendor) {
        for record in ctx.ledger.keys(&owner.id).await?.into_iter().filter(|record| record.hint == *hint) {
            let known = KeyRef { account: owner.id.clone(), key: record.id.clone() };
            let same = match adopted_secret(ctx, &owner, &known).await {
                Ok(value) => value.is_same(secret),
                // What cannot be opened any more stands in nobody's way.
                Err(FlowError::NotFound(_) | FlowError::Vault(VaultError::Corrupt)) => false,
                Err(other) => return Err(other),
            };
            if same {
                return Ok(Some((owner, record)));
            }
        }
    }
    Ok(None)
}

/// Made from the time, so that no later key takes over the history of one that was forgotten.
async fn unused_id(ctx: &Context, account: &AccountId) -> Result<VendorKeyId, FlowError> {
    let taken = ctx.ledger.keys(account).await?;
    let mut number = ctx.clock.now().timestamp_millis();
    loop {
        let id = VendorKeyId(format!("adopted-{number}"));
        if !taken.iter().any(|record| record.id == id) {
            return Ok(id);
        }
        number += 1;
    }
}
