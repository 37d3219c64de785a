//! What the pages may call, a few lines each: parse, call a flow, map the answer. No rules.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use keyturn_core::account::{Account, AccountId, VendorId};
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Begun, Choice, Confirmation, ConnectDetails, CreateRequest, Escrow};
use keyturn_core::journal::Action;
use keyturn_core::key::{KeyRef, Scope};
use keyturn_core::operation::OperationId;
use keyturn_core::secret::Secret;
use keyturn_wire::account::{AccountView, ConnectRequest};
use keyturn_wire::create::{CopiedView, CreateKeyRequest, EscrowView};
use keyturn_wire::failure::FailureView;
use keyturn_wire::key::{DeleteRequest, KeyPageView, RevokeRequest};
use keyturn_wire::list::{KeyQuery, KeyWindowView};
use keyturn_wire::rotation::{
    BringKeyRequest, GivenSecret, OperationView, RotateRequest, RotationPlanView, RotationStartedView,
};
use keyturn_wire::secret::RevealedSecret;
use keyturn_wire::settings::SettingsView;
use keyturn_wire::vault::{StartView, VaultView};
use keyturn_wire::{present, query};
use tauri::ipc::Invoke;
use tauri::{State, WebviewWindow};

use crate::house::{House, Signal, held};
use crate::{opening, refreshing, rehearsal, reveal, rotating, settings};

type Answer<T> = Result<T, FailureView>;
type Shared<'a> = State<'a, Arc<House>>;

/// Every command, by name; `build.rs` makes a permission of each.
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        start,
        list_keys,
        key_page,
        accounts,
        connect_account,
        add_rehearsal,
        disconnect_account,
        refresh,
        cancel_refresh,
        create_key,
        unsaved,
        copy_secret,
        reveal_secret,
        revealed_secret,
        close_reveal,
        acknowledge_key,
        plan_rotation,
        rotate_key,
        bring_key,
        finish_rotation,
        undo_rotation,
        operations,
        revoke_key,
        delete_key,
        vault,
        lock_vault,
        unlock_vault,
        save_settings,
        note_activity,
        dismiss_notice,
        quit
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

#[tauri::command]
async fn list_keys(house: Shared<'_>, query: KeyQuery) -> Answer<KeyWindowView> {
    let listed = house.listed().await.map_err(|error| failed(&error.into()))?;
    let (now, offset) = (Utc::now(), query.offset);
    let window = listed.inventory.window(&query.into(), now);
    Ok(query::window(&window, offset, &listed.accounts, now))
}

#[tauri::command]
async fn key_page(house: Shared<'_>, key: String) -> Answer<KeyPageView> {
    let page = flows::key_page(&house.ctx, &key_ref(&key)?).await.map_err(|error| failed(&error))?;
    Ok(present::key_page(&page, Utc::now()))
}

#[tauri::command]
async fn accounts(house: Shared<'_>) -> Answer<Vec<AccountView>> {
    account_views(&house).await
}

#[tauri::command]
async fn connect_account(house: Shared<'_>, request: ConnectRequest) -> Answer<AccountView> {
    let vendor = VendorId(request.vendor.clone());
    let provider =
        house.ctx.providers.provider(&vendor).ok_or_else(|| failed(&FlowError::NotFound("vendor")))?;
    let managing_key = if provider.manifest().capabilities.is_assisted() {
        None
    } else {
        Some(given_secret(&house, GivenSecret { typed: request.managing_key }, "managingKey")?)
    };
    let details = ConnectDetails {
        id: AccountId(fresh_id(&request.vendor)?),
        vendor,
        label: request.label,
        base_url: request.base_url,
        managing_key,
        settings: request.settings,
        rehearsal: false,
    };
    let account = flows::connect(&house.ctx, details).await.map_err(|error| failed(&error))?;
    after_accounts(&house).await;
    account_view(&house, &account).await
}

#[tauri::command]
async fn add_rehearsal(house: Shared<'_>, vendor: String) -> Answer<AccountView> {
    if vendor != "naturalead" {
        return Err(FailureView::invalid("vendor", "there is no rehearsal of this vendor"));
    }
    let account = rehearsal::add(&house).await.map_err(|error| match error {
        rehearsal::RehearsalError::Flow(error) => failed(&error),
        rehearsal::RehearsalError::Authority(error) => FailureView::internal(&error.to_string()),
    })?;
    after_accounts(&house).await;
    account_view(&house, &account).await
}

#[tauri::command]
async fn disconnect_account(house: Shared<'_>, account: String) -> Answer<()> {
    flows::disconnect(&house.ctx, &AccountId(account)).await.map_err(|error| failed(&error))?;
    after_accounts(&house).await;
    Ok(())
}

#[tauri::command]
async fn refresh(house: Shared<'_>, account: Option<String>) -> Answer<()> {
    match account {
        Some(account) => refreshing::refresh(&house, AccountId(account)),
        None => refreshing::refresh_all(&house),
    }
    Ok(())
}

#[tauri::command]
async fn cancel_refresh(house: Shared<'_>, account: String) -> Answer<()> {
    refreshing::cancel(&house, &AccountId(account));
    Ok(())
}

#[tauri::command]
async fn create_key(house: Shared<'_>, request: CreateKeyRequest) -> Answer<EscrowView> {
    let _busy = house.begin(format!("create:{}:{}", request.account_id, request.name)).ok_or_else(already)?;
    let operation = OperationId(fresh_id("create")?);
    let wanted = CreateRequest {
        operation: operation.clone(),
        account: AccountId(request.account_id),
        name: request.name,
        environment: request.environment.into(),
        scopes: request.scopes.into_iter().map(Scope).collect(),
        expires_at: request.expires_at,
    };
    let made = flows::create_key(&house.ctx, wanted).await;
    after_keys(&house).await;
    if made.is_err() {
        after_accounts(&house).await;
    }
    made.map_err(|error| failed(&error))?;
    escrow_view(&house, &operation).await
}

#[tauri::command]
async fn unsaved(house: Shared<'_>) -> Answer<Vec<EscrowView>> {
    escrow_views(&house).await
}

#[tauri::command]
async fn copy_secret(house: Shared<'_>, escrow: String) -> Answer<CopiedView> {
    let (_, secret) = flows::take_for(&house.ctx, &OperationId(escrow), Action::Copy)
        .await
        .map_err(|error| failed(&error))?;
    let copy = house.clipboard.copy(&secret).map_err(|error| FailureView::internal(&error.to_string()))?;
    let clears_in = house.settings().clipboard_seconds;
    let house = Arc::clone(&house);
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(Duration::from_secs(u64::from(clears_in))).await;
        if house.clipboard.clear_copy(copy) {
            house.signal(Signal::ClipboardCleared);
        }
    });
    Ok(CopiedView { clears_in })
}

#[tauri::command]
async fn reveal_secret(house: Shared<'_>, escrow: String) -> Answer<()> {
    if house.ctx.vault.status() != keyturn_core::ports::VaultStatus::Open {
        return Err(failed(&keyturn_core::ports::VaultError::Locked.into()));
    }
    reveal::open(&house.app, OperationId(escrow)).map_err(|error| FailureView::internal(&error.to_string()))
}

/// Answers the reveal window only, and only once an opening.
#[tauri::command]
async fn revealed_secret(
    house: Shared<'_>,
    revealing: State<'_, reveal::Revealing>,
    window: WebviewWindow,
) -> Answer<RevealedSecret> {
    let gone = || failed(&FlowError::NotFound("secret to show"));
    if window.label() != reveal::REVEAL {
        return Err(gone());
    }
    let operation = revealing.take().ok_or_else(gone)?;
    let (escrow, secret) =
        flows::take_for(&house.ctx, &operation, Action::Reveal).await.map_err(|error| failed(&error))?;
    let account = account_of(&house, &escrow.key).await?;
    Ok(RevealedSecret::new(escrow.record.name, account.label, &secret, reveal::SHOWN_FOR))
}

#[tauri::command]
async fn close_reveal(house: Shared<'_>) -> Answer<()> {
    reveal::close(&house.app);
    Ok(())
}

#[tauri::command]
async fn acknowledge_key(house: Shared<'_>, escrow: String) -> Answer<()> {
    flows::acknowledge(&house.ctx, &OperationId(escrow)).await.map_err(|error| failed(&error))?;
    rotating::show(&house).await;
    house.rotate.notify_one();
    Ok(())
}

#[tauri::command]
async fn plan_rotation(house: Shared<'_>, key: String) -> Answer<RotationPlanView> {
    let key = key_ref(&key)?;
    let plan = flows::plan_rotation(&house.ctx, &key).await.map_err(|error| failed(&error))?;
    let account = account_of(&house, &key).await?;
    Ok(present::operation::plan(&plan, &account, vendor_name(&house, &account), Utc::now()))
}

#[tauri::command]
async fn rotate_key(house: Shared<'_>, request: RotateRequest) -> Answer<RotationStartedView> {
    let _busy = house.begin(request.key.clone()).ok_or_else(already)?;
    let choice = Choice::parse(&request.choice).ok_or_else(|| failed(&FlowError::NotFound("choice")))?;
    let old_key = request.old_key.map(|given| given_secret(&house, given, "oldKey")).transpose()?;
    let operation = OperationId(fresh_id("rotate")?);
    let key = key_ref(&request.key)?;
    let begun = flows::begin_rotation(&house.ctx, &key, choice, old_key, operation.clone()).await;
    after_keys(&house).await;
    let escrow = match begun.map_err(|error| failed(&error))? {
        Begun::Made(_) => Some(escrow_view(&house, &operation).await?),
        Begun::ByHand => None,
    };
    house.signal(Signal::Operations);
    house.rotate.notify_one();
    Ok(RotationStartedView { operation: operation.0, escrow })
}

#[tauri::command]
async fn bring_key(house: Shared<'_>, request: BringKeyRequest) -> Answer<EscrowView> {
    let _busy = house.begin(request.operation.clone()).ok_or_else(already)?;
    let new_key = given_secret(&house, request.new_key, "newKey")?;
    let operation = OperationId(request.operation);
    let brought = flows::bring_key(&house.ctx, &operation, new_key).await;
    brought.map_err(|error| at_field(&error, "newKey"))?;
    rotating::show(&house).await;
    house.rotate.notify_one();
    escrow_view(&house, &operation).await
}

#[tauri::command]
async fn finish_rotation(house: Shared<'_>, operation: String) -> Answer<OperationView> {
    let operation = OperationId(operation);
    flows::finish_rotation(&house.ctx, &operation).await.map_err(|error| failed(&error))?;
    driven(&house, &operation).await
}

#[tauri::command]
async fn undo_rotation(house: Shared<'_>, operation: String) -> Answer<OperationView> {
    let operation = OperationId(operation);
    flows::undo_rotation(&house.ctx, &operation).await.map_err(|error| failed(&error))?;
    driven(&house, &operation).await
}

/// The person's word is on disk: what follows from it at once is done before the answer.
async fn driven(house: &House, operation: &OperationId) -> Answer<OperationView> {
    rotating::advance(house, operation).await;
    rotating::show(house).await;
    house.rotate.notify_one();
    let page = flows::operation(&house.ctx, operation).await.map_err(|error| failed(&error))?;
    Ok(present::operation::operation(&page, Utc::now()))
}

#[tauri::command]
async fn operations(house: Shared<'_>) -> Answer<Vec<OperationView>> {
    let pages = flows::operations(&house.ctx).await.map_err(|error| failed(&error))?;
    let now = Utc::now();
    Ok(pages.iter().map(|page| present::operation::operation(page, now)).collect())
}

#[tauri::command]
async fn revoke_key(house: Shared<'_>, request: RevokeRequest) -> Answer<()> {
    let _busy = house.begin(request.key.clone()).ok_or_else(already)?;
    let confirmation = Confirmation { typed_name: request.typed_name, managing: request.confirm_managing };
    let operation = OperationId(fresh_id("revoke")?);
    let done = flows::revoke_key(&house.ctx, &key_ref(&request.key)?, &confirmation, operation.clone()).await;
    if done.is_ok() {
        rotating::advance(&house, &operation).await;
    }
    rotating::show(&house).await;
    house.rotate.notify_one();
    done.map_err(|error| failed(&error))
}

#[tauri::command]
async fn delete_key(house: Shared<'_>, request: DeleteRequest) -> Answer<()> {
    let _busy = house.begin(request.key.clone()).ok_or_else(already)?;
    let done = flows::delete_key(&house.ctx, &key_ref(&request.key)?, request.confirm_managing).await;
    after_keys(&house).await;
    done.map_err(|error| failed(&error))
}

#[tauri::command]
async fn vault(house: Shared<'_>) -> Answer<VaultView> {
    Ok(opening::view(&house))
}

#[tauri::command]
async fn lock_vault(house: Shared<'_>) -> Answer<()> {
    opening::lock(&house, false);
    Ok(())
}

#[tauri::command]
async fn unlock_vault(house: Shared<'_>) -> Answer<VaultView> {
    *held(&house.activity) = Instant::now();
    opening::unlock(&house, true).await.map_err(|error| failed(&error.into()))?;
    Ok(opening::view(&house))
}

#[tauri::command]
async fn save_settings(house: Shared<'_>, settings: SettingsView) -> Answer<SettingsView> {
    let saved = settings::save(house.ctx.ledger.as_ref(), settings).await.map_err(|error| failed(&error))?;
    *house.settings.write().unwrap_or_else(std::sync::PoisonError::into_inner) = saved;
    house.wake.notify_one();
    Ok(saved)
}

#[tauri::command]
async fn note_activity(house: Shared<'_>) -> Answer<()> {
    *held(&house.activity) = Instant::now();
    Ok(())
}

#[tauri::command]
async fn dismiss_notice(house: Shared<'_>, id: String) -> Answer<()> {
    held(&house.notices).retain(|notice| notice.id != id);
    Ok(())
}

/// Ends the application; the question about unsaved keys was answered before.
#[tauri::command]
async fn quit(house: Shared<'_>) -> Answer<()> {
    house.app.exit(0);
    Ok(())
}

fn failed(error: &FlowError) -> FailureView {
    tracing::warn!(%error, "a command failed");
    FailureView::from(error)
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

/// What the person typed, or has in the clipboard.
fn given_secret(house: &House, given: GivenSecret, field: &str) -> Answer<Secret> {
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
fn fresh_id(word: &str) -> Answer<String> {
    let mut random = [0_u8; 12];
    getrandom::fill(&mut random).map_err(|error| FailureView::internal(&error.to_string()))?;
    Ok(format!("{word}-{}", hex::encode(random)))
}

fn vendors(house: &House) -> Vec<keyturn_wire::vendor::VendorView> {
    house.ctx.providers.all().iter().map(|provider| present::vendor(provider.manifest())).collect()
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
    let keys = listed.inventory.count_of(&account.id);
    let refreshing = held(&house.readings).get(&account.id).map(|reading| reading.so_far);
    Ok(present::account(account, provider.manifest(), keys, refreshing))
}

async fn account_of(house: &House, key: &KeyRef) -> Answer<Account> {
    let accounts = house.ctx.ledger.accounts().await.map_err(|error| failed(&error.into()))?;
    accounts.into_iter().find(|a| a.id == key.account).ok_or_else(|| failed(&FlowError::NotFound("account")))
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
