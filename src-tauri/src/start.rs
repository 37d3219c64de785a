//! The start: profile, ledger, window; then, behind the window, the vault and everything that needs it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use keyturn_core::account::VendorId;
use keyturn_core::flows::{Context, ProviderRegistry};
use keyturn_core::ports::Ledger;
use keyturn_core::provider::Provider;
use keyturn_providers::{HttpSettings, Registry};
use keyturn_storage::{KeyringVault, Opened, Profile, ProfileError, SqliteLedger};
use tauri::{App, DragDropEvent, Manager, RunEvent, WindowEvent};
use tokio::sync::watch;

use crate::arguments::Arguments;
use crate::clock::SystemClock;
use crate::house::{House, Listed, Signal, held, read_list};
use crate::reveal::Revealing;
use crate::{
    batches, hardening, instance, leaks, logging, memory, opening, primary, rehearsal, reminding, rotating,
    scheduler, session_events, settings, verifying, window,
};

/// Starts the application and runs until it is quit.
#[must_use]
pub fn run() -> ExitCode {
    hardening::quiet_panics();
    let arguments = Arguments::parse();
    if let Some(path) = &arguments.verify_journal {
        return verifying::verify(path);
    }
    hardening::refuse_automation();
    memory::keep_large_buffers_apart();
    match begin(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("Keyturn could not start: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Before there is a window the terminal is all there is.
#[allow(clippy::print_stderr)]
fn complain(words: &str) {
    tracing::error!("{words}");
    eprintln!("{words}");
}

/// Why the application did not start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("there is no data folder for this user; name one with --profile")]
    NoProfileDir,
    #[error(transparent)]
    Profile(ProfileError),
    #[error("another Keyturn holds this profile and did not answer ({0})")]
    Occupied(std::io::Error),
    #[error(transparent)]
    Ledger(#[from] keyturn_core::ports::LedgerError),
    #[error("the window could not be opened: {0}")]
    Window(#[from] tauri::Error),
}

fn begin(arguments: &Arguments) -> Result<(), StartError> {
    let dir = arguments.profile_dir().ok_or(StartError::NoProfileDir)?;
    let profile = match Profile::open(&dir) {
        Ok(profile) => profile,
        Err(ProfileError::InUse) => return instance::call_forward(&dir).map_err(StartError::Occupied),
        Err(error) => return Err(StartError::Profile(error)),
    };
    if let Err(error) = logging::log_to(&profile.log_dir()) {
        complain(&format!("Keyturn runs without a log: {error}"));
    }
    hardening::harden();
    let vault = Arc::new(KeyringVault::new(profile.id()));
    let late_answers = vault.late_answers();
    let Opened { ledger, set_aside } =
        SqliteLedger::open_with(&profile.ledger_path(), vault.authenticator())?;
    let sqlite = Arc::new(ledger);
    let ctx = Context::new(
        Arc::clone(&sqlite) as Arc<dyn Ledger>,
        vault,
        Arc::new(SystemClock),
        Arc::new(Adapters(keyturn_providers::providers(HttpSettings::default()))),
    );
    let list = read_in_background(&ctx);
    let settings = tauri::async_runtime::block_on(settings::load(ctx.ledger.as_ref()));
    let make = Making {
        sqlite,
        ctx,
        list,
        late_answers,
        settings,
        set_aside,
        dir,
        arguments: (arguments.rehearsal_keys, !arguments.no_rehearsal),
    };
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_clipboard_manager::init())
        .invoke_handler(crate::commands::handler())
        .setup(move |app| Ok(set_up(app, make)?))
        .build(context())?;
    app.run(|app, event| match event {
        RunEvent::WindowEvent { label, event: WindowEvent::CloseRequested { api, .. }, .. }
            if label == window::MAIN =>
        {
            let house = app.state::<Arc<House>>();
            if has_unsaved(&house) {
                api.prevent_close();
                house.signal(Signal::CloseRequested);
            } else {
                app.exit(0);
            }
        }
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }),
            ..
        } if label == window::MAIN => leaks::dropped(&app.state::<Arc<House>>(), &paths),
        // Before the plugins end: afterwards there is no clipboard to clear.
        RunEvent::ExitRequested { .. } => end(&app.state::<Arc<House>>()),
        _ => {}
    });
    drop(profile);
    Ok(())
}

/// The pages, the icons and the capabilities, as built in.
#[allow(
    clippy::disallowed_methods,
    reason = "the macro's own code ends the process where the assets are missing"
)]
fn context() -> tauri::Context {
    tauri::generate_context!("tauri.conf.json")
}

/// What the set-up needs once there is an application.
struct Making {
    sqlite: Arc<SqliteLedger>,
    ctx: Context,
    list: watch::Sender<Option<Listed>>,
    late_answers: watch::Receiver<u64>,
    settings: keyturn_wire::settings::SettingsView,
    set_aside: Option<PathBuf>,
    dir: PathBuf,
    arguments: (Option<usize>, bool),
}

/// The ledger is read while the web view starts: both are ready at about the same time.
fn read_in_background(ctx: &Context) -> watch::Sender<Option<Listed>> {
    let (sender, _) = watch::channel(None);
    let (ctx, list) = (ctx.clone(), sender.clone());
    tauri::async_runtime::spawn(async move {
        match read_list(&ctx).await {
            Ok(listed) => {
                list.send_replace(Some(listed));
            }
            Err(error) => tracing::error!(%error, "could not read the ledger"),
        }
    });
    sender
}

fn set_up(app: &mut App, make: Making) -> tauri::Result<()> {
    let (rehearsal_keys, rehearsal_wanted) = make.arguments;
    let handle = app.handle().clone();
    let house =
        Arc::new(House::new(handle.clone(), make.ctx, make.dir, make.settings, make.list, rehearsal_keys));
    app.manage(Arc::clone(&house));
    app.manage(Revealing::default());
    window::open_main(&handle, &house.profile_dir)?;
    window::zoom(&handle, make.settings.zoom);
    if let Some(path) = make.set_aside {
        let text = format!(
            "It was set aside as {} and a new one was begun. The keys are read again from the vendors; what could be saved of accounts and unsaved keys was taken over.",
            path.display()
        );
        house.notice("set-aside", "The ledger was damaged", text);
    }
    let front = handle.clone();
    if let Err(error) = instance::listen(&house.profile_dir, move || window::come_forward(&front)) {
        tracing::warn!(%error, "a second start will not find this window");
    }
    session_events::listen(&house);
    house.notifier.listen(&handle);
    end_on_signals(&handle);
    tauri::async_runtime::spawn(scheduler::run(Arc::clone(&house)));
    tauri::async_runtime::spawn(rotating::run(Arc::clone(&house)));
    tauri::async_runtime::spawn(rotating::tell(Arc::clone(&house)));
    tauri::async_runtime::spawn(batches::run(Arc::clone(&house)));
    house.remind.notify_one();
    tauri::async_runtime::spawn(reminding::run(Arc::clone(&house)));
    tauri::async_runtime::spawn(verify_behind(make.sqlite));
    let late = opening::await_late(Arc::clone(&house), make.late_answers, rehearsal_wanted);
    tauri::async_runtime::spawn(late);
    tauri::async_runtime::spawn(async move {
        if let Err(error) = opening::unlock(&house, rehearsal_wanted).await {
            tracing::warn!(%error, "started with a closed vault");
        }
    });
    Ok(())
}

/// The thorough check of the file, once the window stands. Damage found here is mended at the next start.
async fn verify_behind(ledger: Arc<SqliteLedger>) {
    tokio::time::sleep(Duration::from_secs(20)).await;
    if let Err(error) = ledger.verify().await {
        tracing::error!(%error, "the ledger does not pass its check; the next start sets it aside");
    }
}

fn has_unsaved(house: &House) -> bool {
    tauri::async_runtime::block_on(keyturn_core::flows::escrows(&house.ctx)).map_or_else(
        |error| {
            tracing::error!(%error, "could not look for unsaved keys");
            false
        },
        |waiting| !waiting.is_empty(),
    )
}

/// SIGTERM and its kin end the application as quitting does: the clipboard is cleared. They do not ask.
#[cfg(unix)]
fn end_on_signals(app: &tauri::AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            match signal(kind) {
                Ok(mut signal) => {
                    signal.recv().await;
                    app.exit(0);
                }
                Err(error) => tracing::warn!(%error, "a signal will end the application at once"),
            }
        });
    }
}

#[cfg(not(unix))]
fn end_on_signals(_: &tauri::AppHandle) {}

fn end(house: &House) {
    house.clipboard.clear();
    primary::empty(&house.app);
    held(&house.found).forget();
    house.ctx.vault.lock();
    tauri::async_runtime::block_on(rehearsal::stop(house));
}

/// The adapters, as the flows find them.
struct Adapters(Registry);

impl ProviderRegistry for Adapters {
    fn provider(&self, vendor: &VendorId) -> Option<Arc<dyn Provider>> {
        self.0.get(vendor).cloned()
    }

    fn all(&self) -> Vec<Arc<dyn Provider>> {
        self.0.iter().cloned().collect()
    }
}
