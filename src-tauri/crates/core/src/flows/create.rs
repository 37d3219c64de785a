//! Creating a key: intent on disk → request → secret sealed with the state in one transaction → only then told.

use chrono::{DateTime, Utc};

use super::Context;
use super::account::{Opened, entry, open, seal};
use super::escrow::differences;
use super::reconcile::{Found, When, settle};
use super::revoke;
use super::rotate::free_slot;
use crate::account::{AccountId, RefusedScope};
use crate::error::FlowError;
use crate::grant::Grant;
use crate::journal::{Action, Outcome};
use crate::key::{Environment, KeyRecord, KeyRef, Scope};
use crate::operation::{Intent, Operation, OperationId, Stage};
use crate::permit::Permit;
use crate::ports::{AccountChange, Along, LedgerError, Purpose, VaultError, VaultStatus};
use crate::provider::{Fault, Minted, ProviderError, Support};
use crate::rotation::{Event, step};

/// What a person asks for.
#[derive(Debug, Clone)]
pub struct CreateRequest {
    /// Made by the caller; unique. Also the id of the escrow.
    pub operation: OperationId,
    pub account: AccountId,
    pub name: String,
    pub environment: Environment,
    pub scopes: Vec<Scope>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a key and leaves its secret in escrow under the request's operation id.
///
/// # Errors
/// [`FlowError::Grant`] before anything is sent; [`FlowError::RevokedAgain`] where the secret could not be
/// stored; [`FlowError::Doubt`] where the reply was lost and the vendor's list did not settle it.
pub async fn create_key(ctx: &Context, request: CreateRequest) -> Result<KeyRef, FlowError> {
    if ctx.vault.status() != VaultStatus::Open {
        return Err(VaultError::Locked.into());
    }
    let opened = open(ctx, &request.account).await?;
    let manifest = opened.provider.manifest();
    if let Support::No(reason) = manifest.capabilities.mint {
        return Err(FlowError::NotAllowed(reason.into()));
    }
    let grant = Grant::check(
        manifest,
        &request.name,
        request.environment,
        request.scopes,
        request.expires_at,
        ctx.clock.now(),
    )?;
    if let Permit::Denied(reason) = free_slot(ctx, manifest, &request.account, None).await? {
        return Err(FlowError::NotAllowed(reason));
    }
    let known = ctx.ledger.keys_named(&request.account, &grant.name).await?;
    // From here on nobody else settles what becomes of it.
    let _carried = ctx.process.carries(&request.operation);
    let operation = Operation {
        id: request.operation,
        account: request.account,
        intent: Intent::Create { grant: grant.clone(), known },
        stage: Stage::Sent,
        started_at: ctx.clock.now(),
    };
    let asked = entry(ctx, &operation.account, None, Action::Create, Outcome::Intended);
    ctx.ledger.begin(&operation, None, &asked).await.map_err(|fault| not_begun(fault, &grant.name))?;
    mint(ctx, opened, &operation, &grant, Doubts::SettledAtOnce).await
}

/// Why an operation could not begin, in words where a person meets it.
pub(super) fn not_begun(fault: LedgerError, name: &str) -> FlowError {
    match fault {
        LedgerError::InDoubt => {
            FlowError::NotAllowed(format!("{} Until then take another name.", in_doubt(name)))
        }
        other => other.into(),
    }
}

/// Why no second key of a name is asked for.
pub(super) fn in_doubt(name: &str) -> String {
    format!(
        "Whether an earlier request made a key named “{name}” is not known yet. Keyturn looks again with the next good reading of the account."
    )
}

/// What becomes of a request whose reply was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubts {
    /// The vendor's list decides now, and the key is asked for once more.
    SettledAtOnce,
    /// The operation stays open as it is; whoever carries it on settles it when the vendor may be asked again.
    LeftOpen,
}

/// Asks the vendor for the key of an operation that is on disk, and seals what comes back.
pub(super) async fn mint(
    ctx: &Context,
    mut opened: Opened,
    operation: &Operation,
    grant: &Grant,
    doubts: Doubts,
) -> Result<KeyRef, FlowError> {
    match opened.provider.mint(opened.connection(), grant).await {
        Ok(minted) => keep(ctx, &opened, operation, minted).await,
        Err(error) if error.fault.leaves_doubt() && doubts == Doubts::LeftOpen => Err(error.into()),
        Err(error) if error.fault.leaves_doubt() => {
            mint_once_more(ctx, &mut opened, operation, grant, error).await
        }
        Err(error) => Err(give_up(ctx, opened, operation, error).await?),
    }
}

/// Seals a minted secret, and revokes the key again where that fails: a key whose secret is lost is no key.
pub(super) async fn keep(
    ctx: &Context,
    opened: &Opened,
    operation: &Operation,
    minted: Minted,
) -> Result<KeyRef, FlowError> {
    let record = minted.record;
    // A new key is made. Whether an old one was replaced is seen later, if at all.
    let action = match operation.intent {
        Intent::Rotate { .. } => Action::Rotate,
        Intent::Create { .. } | Intent::Replace { .. } | Intent::Revoke { .. } => Action::Create,
    };
    let key = KeyRef { account: operation.account.clone(), key: record.id.clone() };
    let stage = kept(ctx, operation, &record, &key);
    let sealed = seal(ctx, &opened.account, Purpose::Escrow(operation.id.clone()), &minted.secret);
    let was_locked = sealed.as_ref().is_err_and(|error| *error == VaultError::Locked);
    let stored = match sealed {
        Ok(sealed) => {
            let done =
                entry(ctx, &operation.account, Some(&record.id), action, Outcome::Done(record.hint.masked()));
            let taken =
                ctx.ledger.escrow(&operation.id, &operation.stage, &stage, &record, &sealed, &done).await;
            match taken {
                Ok(true) => Ok(()),
                // Somebody took the request for interrupted: what they made of it stands.
                Ok(false) => Err("another Keyturn has ended this request meanwhile".to_owned()),
                Err(error) => Err(error.to_string()),
            }
        }
        Err(error) => Err(error.to_string()),
    };
    let Err(cause) = stored else { return Ok(key) };
    let name = record.name.clone();
    let Err(error) = give_back(ctx, opened, &key, record).await else {
        let reason = format!("its secret could not be stored ({cause}), so it was revoked");
        close(ctx, operation, Stage::Failed { reason }).await?;
        return Err(FlowError::RevokedAgain { name, cause, was_locked });
    };
    let cause = format!("{cause}; {error}");
    close(ctx, operation, Stage::Orphaned { keys: vec![key] }).await?;
    Err(FlowError::Orphaned { name, cause })
}

/// Has a new key revoked whose value could not be kept, and watches its end; where there is no room to write that down, the
/// vendor's word is all there is.
async fn give_back(ctx: &Context, opened: &Opened, key: &KeyRef, record: KeyRecord) -> Result<(), FlowError> {
    let made = Outcome::Done("made; its value could not be kept".into());
    let told = entry(ctx, &key.account, Some(&key.key), Action::Create, made);
    let written = match ctx.ledger.put_key(&key.account, &record, &told).await {
        Ok(()) => revoke::take_back(ctx, opened, key, &record.name).await,
        Err(fault) => Err(fault.into()),
    };
    match written {
        Err(FlowError::Ledger(_)) => Ok(opened.provider.revoke(opened.connection(), &record.id).await?),
        other => other,
    }
}

/// Where an operation stands once its new key is sealed.
fn kept(ctx: &Context, operation: &Operation, record: &KeyRecord, key: &KeyRef) -> Stage {
    let escrowed = Stage::Escrowed { key: key.clone() };
    let Stage::Rotating(rotation) = &operation.stage else { return escrowed };
    let exact = differences(&operation.intent, record).is_empty();
    let minted = Event::Minted { key: key.clone(), exact };
    // A state that cannot take a new key would be a fault of ours. The value is kept all the same.
    step(rotation, minted, ctx.clock.now()).map_or(escrowed, Stage::Rotating)
}

/// The reply was lost. What the vendor's list shows decides: an orphan is revoked first, then one more is made. Where
/// the list shows nothing, it may lag behind: then none is made before that is known.
async fn mint_once_more(
    ctx: &Context,
    opened: &mut Opened,
    operation: &Operation,
    grant: &Grant,
    error: ProviderError,
) -> Result<KeyRef, FlowError> {
    match settle(ctx, opened, operation, When::AtOnce).await {
        Ok(Found::Nothing | Found::Revoked | Found::Gone) => {}
        Ok(Found::NothingYet(_)) => return Err(not_seen(&error)),
        Ok(Found::Overtaken) => return Err(error.into()),
        Err(FlowError::Ledger(fault)) => return Err(fault.into()),
        Err(unread) => return Err(unsettled(&error, &unread)),
        Ok(Found::Undecided | Found::Unknown) => {
            return Err(FlowError::Doubt(format!(
                "{error}. More than one key may be the one that was made: they are marked in the list, so that you can decide"
            )));
        }
    }
    match opened.provider.mint(opened.connection(), grant).await {
        Ok(minted) => keep(ctx, opened, operation, minted).await,
        Err(again) => {
            let left = if again.fault.leaves_doubt() {
                settle(ctx, opened, operation, When::AtOnce).await?
            } else {
                Found::Nothing
            };
            if matches!(left, Found::Nothing | Found::Revoked) {
                close(ctx, operation, Stage::Failed { reason: again.to_string() }).await?;
            }
            Err(again.into())
        }
    }
}

/// The list shows no new key, and may lag behind: the intent stays on disk, and the next good reading settles it.
pub(super) fn not_seen(error: &ProviderError) -> FlowError {
    FlowError::Doubt(format!(
        "{error}. No new key is listed so far. Keyturn looks again in a few minutes and says what became of it"
    ))
}

/// Neither the reply nor the list came through: the intent stays on disk, and recovery settles it later.
pub(super) fn unsettled(error: &ProviderError, unread: &FlowError) -> FlowError {
    FlowError::Doubt(format!(
        "{error}. Whether the key was made is not known yet ({unread}). Keyturn looks again with the next good reading of the account"
    ))
}

/// The vendor refused: nothing was made. A scope that the role may not grant is remembered for the picker.
async fn give_up(
    ctx: &Context,
    opened: Opened,
    operation: &Operation,
    error: ProviderError,
) -> Result<FlowError, FlowError> {
    close(ctx, operation, Stage::Failed { reason: error.to_string() }).await?;
    if let (Fault::RoleMissing { permission: Some(permission) }, Some(grant)) =
        (&error.fault, operation.intent.grant())
    {
        let scope = Scope(permission.clone());
        let account = opened.account;
        if grant.scopes.contains(&scope) && !account.refused_scopes.iter().any(|r| r.scope == scope) {
            let refused = RefusedScope { scope, at: ctx.clock.now() };
            ctx.ledger.change_account(&account.id, AccountChange::Refused(&refused), None).await?;
        }
    }
    Ok(error.into())
}

/// Ends an operation, with what became of it in the journal; `false`, and nothing changed, where it stands elsewhere by
/// now than `operation` says.
pub(super) async fn close(ctx: &Context, operation: &Operation, stage: Stage) -> Result<bool, FlowError> {
    let outcome = match &stage {
        Stage::Failed { reason } => Outcome::Failed(reason.clone()),
        Stage::Orphaned { keys } => Outcome::Failed(format!("{} key(s) left without a secret", keys.len())),
        Stage::Acknowledged { .. } => Outcome::Done("stored by the person".into()),
        Stage::Sent | Stage::Escrowed { .. } | Stage::Rotating(_) => Outcome::Intended,
    };
    let subject = operation.intent.predecessor();
    let told = entry(ctx, &operation.account, subject, operation.intent.action(), outcome);
    let along = Along { entry: Some(&told), ..Along::default() };
    Ok(ctx.ledger.step(&operation.id, &operation.stage, &stage, along).await?)
}
