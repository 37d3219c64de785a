//! What the commands and the scheduler share: the flows' context, the list in memory, and what is under way.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use keyturn_authority::Authority;
use keyturn_core::account::{Account, AccountId, VendorId};
use keyturn_core::batch::AT_ONCE;
use keyturn_core::flows::{self, Context};
use keyturn_core::inventory::Inventory;
use keyturn_core::operation::OperationId;
use keyturn_core::ports::LedgerError;
use keyturn_wire::settings::SettingsView;
use keyturn_wire::vault::NoticeView;
use serde::Serialize;
use tauri::{AppHandle, Emitter};
use tokio::sync::{Semaphore, watch};

use crate::asking::Asking;
use crate::clipboard::Clipboard;
use crate::leaks::Found;
use crate::notifying::Notifier;
use crate::refreshing::Reading;

/// One account's reading while it runs; the accounts as last read from the ledger; and so on.
pub(crate) struct House {
    pub(crate) app: AppHandle,
    pub(crate) ctx: Context,
    pub(crate) profile_dir: PathBuf,
    pub(crate) clipboard: Clipboard,
    /// `None` until the ledger was read for the first time.
    list: watch::Sender<Option<Listed>>,
    pub(crate) readings: Mutex<HashMap<AccountId, Reading>>,
    /// Keys (and accounts, for a create) on which an action is under way: fifty clicks are one.
    busy: Mutex<HashSet<String>>,
    pub(crate) settings: RwLock<SettingsView>,
    pub(crate) notices: Mutex<Vec<NoticeView>>,
    /// What the last search for leaks found.
    pub(crate) found: Mutex<Found>,
    /// The files that were exported since the start.
    pub(crate) exports: Mutex<HashSet<PathBuf>>,
    pub(crate) activity: Mutex<Instant>,
    /// The vault is being opened for the first time since the start.
    pub(crate) opening: AtomicBool,
    /// Held while what follows an opening is done.
    pub(crate) coming_alive: tokio::sync::Mutex<()>,
    /// The vault was locked by idling, not by hand.
    pub(crate) locked_by_idling: AtomicBool,
    /// The authorities that run inside the application, by vendor.
    pub(crate) rehearsals: tokio::sync::Mutex<HashMap<VendorId, Authority>>,
    pub(crate) rehearsal_keys: Option<usize>,
    /// Wakes the scheduler when a setting changed or the vault was opened.
    pub(crate) wake: tokio::sync::Notify,
    /// Wakes the rotations: one has begun, or the vault was opened.
    pub(crate) rotate: tokio::sync::Notify,
    /// Wakes the reminders: the list changed.
    pub(crate) remind: tokio::sync::Notify,
    pub(crate) notifier: Notifier,
    /// Wakes the batches: one has begun, a person spoke, or the vault was opened.
    pub(crate) batches: tokio::sync::Notify,
    /// Something changed behind the window, which is told now and then.
    pub(crate) changed: tokio::sync::Notify,
    /// Leave to call a vendor in the background: so many at a time, whoever calls.
    pub(crate) calls: Arc<Semaphore>,
    /// The same for the rotations of each account.
    pub(crate) leaves: Mutex<HashMap<AccountId, Arc<Semaphore>>>,
    /// Rotations that are to be looked at again then, though their state does not say so.
    pub(crate) resting: Mutex<HashMap<OperationId, DateTime<Utc>>>,
    /// Whether a question stands outside the pages.
    pub(crate) asking: Asking,
    /// Operations that a batch carries on.
    pub(crate) batched: Mutex<HashSet<OperationId>>,
}

/// The inventory and the accounts of one moment.
#[derive(Clone)]
pub(crate) struct Listed {
    pub(crate) inventory: Arc<Inventory>,
    pub(crate) accounts: Arc<Vec<Account>>,
    made_at: Instant,
}

impl Listed {
    /// Findings come and go with time: a list of an hour ago is made anew.
    pub(crate) fn is_old(&self) -> bool {
        self.made_at.elapsed() > Duration::from_secs(3600)
    }
}

/// What the pages can listen to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signal {
    Keys,
    Accounts,
    Unsaved,
    Operations,
    Reminders,
    Batches,
    CloseRequested,
    ClipboardCleared,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Keys => "keys-changed",
            Self::Accounts => "accounts-changed",
            Self::Unsaved => "unsaved-changed",
            Self::Operations => "operations-changed",
            Self::Reminders => "reminders-changed",
            Self::Batches => "batches-changed",
            Self::CloseRequested => "close-requested",
            Self::ClipboardCleared => "clipboard-cleared",
        }
    }
}

/// Ends the mark of an action under way when dropped.
pub(crate) struct Busy<'a> {
    house: &'a House,
    what: String,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        held(&self.house.busy).remove(&self.what);
    }
}

impl House {
    pub(crate) fn new(
        app: AppHandle,
        ctx: Context,
        profile_dir: PathBuf,
        settings: SettingsView,
        list: watch::Sender<Option<Listed>>,
        rehearsal_keys: Option<usize>,
    ) -> Self {
        Self {
            clipboard: Clipboard::new(app.clone()),
            app,
            ctx,
            profile_dir,
            list,
            readings: Mutex::default(),
            busy: Mutex::default(),
            settings: RwLock::new(settings),
            notices: Mutex::default(),
            found: Mutex::default(),
            exports: Mutex::default(),
            activity: Mutex::new(Instant::now()),
            opening: AtomicBool::new(true),
            coming_alive: tokio::sync::Mutex::default(),
            locked_by_idling: AtomicBool::new(false),
            rehearsals: tokio::sync::Mutex::default(),
            rehearsal_keys,
            wake: tokio::sync::Notify::new(),
            rotate: tokio::sync::Notify::new(),
            remind: tokio::sync::Notify::new(),
            notifier: Notifier::default(),
            batches: tokio::sync::Notify::new(),
            changed: tokio::sync::Notify::new(),
            calls: Arc::new(Semaphore::new(AT_ONCE)),
            leaves: Mutex::default(),
            resting: Mutex::default(),
            asking: Asking::default(),
            batched: Mutex::default(),
        }
    }

    /// Tells the main window that something changed.
    pub(crate) fn signal(&self, signal: Signal) {
        self.emit(signal.name(), ());
    }

    pub(crate) fn emit(&self, event: &str, payload: impl Serialize + Clone) {
        if let Err(error) = self.app.emit_to(crate::window::MAIN, event, payload) {
            tracing::warn!(%error, event, "could not tell the window");
        }
    }

    /// The list, as soon as the ledger was read once.
    pub(crate) async fn listed(&self) -> Result<Listed, LedgerError> {
        let mut receiver = self.list.subscribe();
        let listed =
            receiver.wait_for(Option::is_some).await.map_err(|e| LedgerError::Failed(e.to_string()))?;
        listed.clone().ok_or_else(|| LedgerError::Failed("the list was not read".into()))
    }

    /// Reads the ledger into memory again and tells the window: of the keys, and of how many each account has.
    pub(crate) async fn reindex(&self) -> Result<(), LedgerError> {
        let listed = read_list(&self.ctx).await?;
        self.list.send_replace(Some(listed));
        self.signal(Signal::Keys);
        self.signal(Signal::Accounts);
        self.remind.notify_one();
        Ok(())
    }

    /// The accounts alone changed.
    pub(crate) async fn reread_accounts(&self) -> Result<(), LedgerError> {
        let accounts = Arc::new(self.ctx.ledger.accounts().await?);
        self.list.send_modify(|listed| {
            if let Some(listed) = listed {
                listed.accounts = accounts;
            }
        });
        self.signal(Signal::Accounts);
        Ok(())
    }

    /// Marks an action as under way; `None` where it is already.
    pub(crate) fn begin(&self, what: String) -> Option<Busy<'_>> {
        held(&self.busy).insert(what.clone()).then_some(Busy { house: self, what })
    }

    pub(crate) fn settings(&self) -> SettingsView {
        *self.settings.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a notice until the person dismisses it, and shows it now.
    pub(crate) fn notice(&self, id: &str, title: &str, text: String) {
        let notice = NoticeView { id: id.into(), title: title.into(), text };
        let mut notices = held(&self.notices);
        notices.retain(|old| old.id != notice.id);
        notices.push(notice.clone());
        drop(notices);
        self.emit("notice", notice);
    }
}

/// Reads every row and every account, for the list in memory.
pub(crate) async fn read_list(ctx: &Context) -> Result<Listed, LedgerError> {
    let (rows, accounts) = flows::judged_rows(ctx).await?;
    let (made_at, accounts) = (Instant::now(), Arc::new(accounts));
    let known = Arc::clone(&accounts);
    let label =
        move |id: &AccountId| known.iter().find(|known| known.id == *id).map(|known| known.label.clone());
    let inventory = tokio::task::spawn_blocking(move || Arc::new(Inventory::build(rows).labelled(label)))
        .await
        .map_err(|error| LedgerError::Failed(error.to_string()))?;
    Ok(Listed { inventory, accounts, made_at })
}

/// A lock whose holder panicked still guards whole data here: every change under it is one assignment.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
