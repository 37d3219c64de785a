//! What the pages may call, a few lines each: parse, call a flow, map the answer. No rules.

mod accounts;
mod audit;
mod batches;
mod journal;
mod keys;
mod leaks;
mod policies;
mod reminders;
mod rotations;
mod secrets;
mod session;

use std::sync::Arc;

use chrono::Utc;
use keyturn_core::account::{Account, AccountId};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Escrow};
use keyturn_core::key::KeyRef;
use keyturn_core::operation::OperationId;
use keyturn_core::paste;
use keyturn_core::ports::{LedgerError, VaultError, VaultStatus};
use keyturn_core::secret::Secret;
use keyturn_wire::account::{AccountView, SharedKeysView};
use keyturn_wire::create::EscrowView;
use keyturn_wire::failure::FailureView;
use keyturn_wire::present;
use keyturn_wire::rotation::GivenSecret;
use keyturn_wire::vault::StartView;
use keyturn_wire::vendor::VendorView;
use tauri::State;
use tauri::ipc::Invoke;

use crate::clipboard::ClipboardError;
use crate::house::{House, Signal, held};
use crate::{opening, rehearsal};

pub(crate) type Answer<T> = Result<T, FailureView>;
type Shared<'a> = State<'a, Arc<House>>;

/// Every command, by name; `build.rs` makes a permission of each.
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        start,
        keys::list_keys,
        keys::key_page,
        keys::create_key,
        keys::revoke_key,
        keys::delete_key,
        keys::adopt_key,
        keys::check_key,
        keys::forget_key,
        keys::key_usage,
        accounts::accounts,
        accounts::connect_account,
        accounts::edit_account,
        accounts::use_managing_key,
        accounts::add_rehearsal,
        accounts::plan_disconnect,
        accounts::disconnect_account,
        accounts::accept_reading,
        accounts::choose_managing_key,
        accounts::refresh,
        accounts::cancel_refresh,
        accounts::open_dashboard,
        accounts::faults,
        accounts::set_fault,
        audit::audit,
        audit::accept_finding,
        audit::withdraw_acceptance,
        audit::key_use,
        audit::outside_changes,
        rotations::plan_rotation,
        rotations::rotate_key,
        rotations::bring_key,
        rotations::finish_rotation,
        rotations::undo_rotation,
        rotations::ask_again,
        rotations::leave_rotation,
        rotations::operations,
        policies::labels,
        policies::set_labels,
        policies::policies,
        policies::save_policy,
        policies::remove_policy,
        reminders::reminders,
        reminders::see_reminders,
        reminders::dismiss_reminder,
        reminders::dismiss_reminders,
        batches::plan_batch,
        batches::begin_batch,
        batches::batches,
        batches::batch_items,
        batches::pause_batch,
        batches::resume_batch,
        batches::stop_batch,
        secrets::unsaved,
        secrets::copy_secret,
        secrets::reveal_secret,
        secrets::revealed_secret,
        secrets::close_reveal,
        secrets::acknowledge_key,
        journal::journal,
        journal::export_journal,
        journal::verify_journal,
        journal::export_keys,
        journal::show_export,
        leaks::find_leak,
        leaks::forget_leaks,
        leaks::views,
        leaks::save_view,
        leaks::remove_view,
        leaks::import_keys,
        session::vault,
        session::lock_vault,
        session::unlock_vault,
        session::save_settings,
        session::note_activity,
        session::dismiss_notice,
        session::quit
    ]
}

#[tauri::command]
async fn start(house: Shared<'_>) -> Answer<StartView> {
    let providers = vendors(&house);
    Ok(StartView {
        version: env!("CARGO_PKG_VERSION").into(),
        vault: opening::view(&house),
        vendors: providers,
        accounts: account_views(&house).await?,
        unsaved: escrow_views(&house).await?,
        settings: house.settings(),
        notices: held(&house.notices).clone(),
        profile_dir: house.profile_dir.display().to_string(),
    })
}

fn failed(error: &FlowError) -> FailureView {
    tracing::warn!(%error, "a command failed");
    FailureView::from(error)
}

/// Whoever presses a button that needs the vault hears at once that it is closed.
fn unlocked(house: &House) -> Answer<()> {
    match house.ctx.vault.status() {
        VaultStatus::Open => Ok(()),
        VaultStatus::Locked => Err(failed(&VaultError::Locked.into())),
        VaultStatus::Unavailable(error) => Err(failed(&error.into())),
    }
}

/// A failure that stands at a field of its form, where it is about what was given there.
fn at_field(error: &FlowError, field: &str) -> FailureView {
    match error {
        FlowError::Paste(_) | FlowError::NotAllowed(_) => {
            tracing::warn!(%error, "a command failed");
            FailureView::invalid(field, &error.to_string())
        }
        other => failed(other),
    }
}

/// What was taken off a key that a person gave. They are told once it is taken: a refusal is about the key.
#[must_use]
struct TakenOff(Option<String>);

impl TakenOff {
    fn tell(self, house: &House) {
        if let Some(words) = self.0 {
            house.notice("taken-off", "More than a key was pasted", words);
        }
    }
}

/// A key that the person gives, without what copying brought along.
fn given_secret(house: &House, given: GivenSecret, field: &str) -> Answer<(Secret, TakenOff)> {
    let (is_found, is_typed) = (given.found.is_some(), given.typed.is_some());
    let text = given_text(house, given, field)?;
    if is_found {
        return Ok((text, TakenOff(None)));
    }
    let cleaned = paste::clean(&text).map_err(|fault| at_field(&fault.into(), field))?;
    // Whatever stood around it: what was copied here is not read back.
    if !is_typed && house.clipboard.is_own(&cleaned.secret) {
        return Err(FailureView::invalid(field, &ClipboardError::Own.to_string()));
    }
    let taken_off = TakenOff(cleaned.words());
    Ok((cleaned.secret, taken_off))
}

/// What was found in a text before, what the person typed, or has in the clipboard, as it stands.
fn given_text(house: &House, given: GivenSecret, field: &str) -> Answer<Secret> {
    if let Some(found) = given.found {
        let gone =
            || FailureView::invalid(field, "the value that was found is not kept any more: search again");
        return held(&house.found).get(&found).ok_or_else(gone);
    }
    match given.typed {
        Some(typed) => Ok(typed.into_secret()),
        None => house.clipboard.paste().map_err(|error| FailureView::invalid(field, &error.to_string())),
    }
}

fn vendor_name(house: &House, account: &Account) -> &'static str {
    house.ctx.providers.provider(&account.vendor).map_or("the vendor", |provider| provider.manifest().name)
}

fn already() -> FailureView {
    failed(&FlowError::NotAllowed("This is already under way.".into()))
}

fn key_ref(text: &str) -> Answer<KeyRef> {
    KeyRef::parse(text).ok_or_else(|| failed(&FlowError::NotFound("key")))
}

/// A new id that begins with a readable word.
pub(crate) fn fresh_id(word: &str) -> Answer<String> {
    let mut random = [0_u8; 12];
    getrandom::fill(&mut random).map_err(|error| FailureView::internal(&error.to_string()))?;
    Ok(format!("{word}-{}", hex::encode(random)))
}

fn vendors(house: &House) -> Vec<VendorView> {
    let view = |manifest| present::vendor(manifest, rehearsal::knows(&manifest.vendor));
    house.ctx.providers.all().iter().map(|provider| view(provider.manifest())).collect()
}

async fn account_views(house: &House) -> Answer<Vec<AccountView>> {
    let accounts = house.ctx.ledger.accounts().await.map_err(|error| failed(&error.into()))?;
    let mut views = Vec::with_capacity(accounts.len());
    for account in &accounts {
        views.push(account_view(house, account).await?);
    }
    Ok(views)
}

async fn account_view(house: &House, account: &Account) -> Answer<AccountView> {
    let provider = house
        .ctx
        .providers
        .provider(&account.vendor)
        .ok_or_else(|| failed(&FlowError::NotFound("vendor")))?;
    let listed = house.listed().await.map_err(|error| failed(&error.into()))?;
    let keys = listed.inventory.tally(&account.id, Utc::now());
    let refreshing = held(&house.readings).get(&account.id).map(|reading| reading.so_far);
    let skew = house.ctx.process.skew(&account.id);
    let shared = shared_keys(house, account).await.map_err(|error| failed(&error.into()))?;
    Ok(present::account(account, provider.manifest(), keys, refreshing, skew, shared))
}

/// Whether other accounts list the same keys: asked of the ledger only where there is another one of the vendor.
async fn shared_keys(house: &House, account: &Account) -> Result<Vec<SharedKeysView>, LedgerError> {
    let listed = house.listed().await?;
    if !listed.accounts.iter().any(|other| other.may_share(account)) {
        return Ok(Vec::new());
    }
    let label = |id: &AccountId| listed.accounts.iter().find(|it| it.id == *id).map(|it| it.label.clone());
    let shared = house.ctx.ledger.shared_keys(&account.id).await?.into_iter();
    let view = |(id, keys): (AccountId, usize)| {
        let keys = u32::try_from(keys).unwrap_or(u32::MAX);
        label(&id).map(|label| SharedKeysView { label, keys })
    };
    Ok(shared.filter_map(view).collect())
}

async fn account_of(house: &House, key: &KeyRef) -> Answer<Account> {
    connected(house, &key.account).await
}

async fn connected(house: &House, id: &AccountId) -> Answer<Account> {
    let accounts = house.ctx.ledger.accounts().await.map_err(|error| failed(&error.into()))?;
    accounts.into_iter().find(|a| a.id == *id).ok_or_else(|| failed(&FlowError::NotFound("account")))
}

async fn escrow_views(house: &House) -> Answer<Vec<EscrowView>> {
    let waiting = flows::escrows(&house.ctx).await.map_err(|error| failed(&error))?;
    let mut views = Vec::with_capacity(waiting.len());
    for escrow in &waiting {
        views.push(view_of(house, escrow).await?);
    }
    Ok(views)
}

async fn escrow_view(house: &House, operation: &OperationId) -> Answer<EscrowView> {
    let waiting = flows::escrows(&house.ctx).await.map_err(|error| failed(&error))?;
    let escrow = waiting.iter().find(|escrow| escrow.operation == *operation);
    view_of(house, escrow.ok_or_else(|| failed(&FlowError::NotFound("unsaved key")))?).await
}

async fn view_of(house: &House, escrow: &Escrow) -> Answer<EscrowView> {
    Ok(present::escrow(escrow, &account_of(house, &escrow.key).await?, Utc::now()))
}

/// Keys changed: the list is read again, and the window hears of unsaved keys.
async fn after_keys(house: &House) {
    if let Err(error) = house.reindex().await {
        tracing::error!(%error, "could not read the list again");
    }
    house.signal(Signal::Unsaved);
}

async fn after_accounts(house: &House) {
    if let Err(error) = house.reread_accounts().await {
        tracing::error!(%error, "could not read the accounts again");
    }
    after_keys(house).await;
}
