//! One call to the keyring at a time, on a thread of its own, shared by all who ask meanwhile.
//!
//! Knows nothing of deadlines' length nor of the keyring's errors; it only keeps two callers from making
//! two keys, and a late answer from opening what was locked in between. Until then it is taken whenever it comes: a
//! keyring may ask for its password in a window of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyturn_core::ports::{VaultError, VaultStatus};
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::KEY_LENGTH;
use super::authenticator::Authenticator;
use super::keyring::KeyStore;
use super::locked::LockedKey;

/// Threads that a keyring may leave hanging before further callers share the last one.
const STUCK_LIMIT: usize = 4;

type Answer = Option<Result<(), VaultError>>;

pub(super) enum Joined {
    Open,
    Waiting(u64, watch::Receiver<Answer>),
}

pub(super) struct Shared {
    store: Box<dyn KeyStore>,
    state: Mutex<State>,
    authenticator: Arc<Authenticator>,
    /// How many answers came after their deadline and changed something.
    late: watch::Sender<u64>,
}

struct State {
    held: Held,
    call: Option<Call>,
    calls: u64,
    /// Abandoned calls whose threads have not come back.
    stuck: usize,
    /// How often it was locked.
    locks: u64,
    /// What the keyring says of the ledger: nothing in it is taken on trust.
    settled: bool,
}

enum Held {
    Open(LockedKey),
    Locked,
    Unavailable(VaultError),
}

/// What the keyring gave.
struct Fetched {
    key: LockedKey,
    settled: bool,
}

struct Call {
    id: u64,
    answer: watch::Receiver<Answer>,
    sealed_exist: bool,
    /// It may be storing a new key: it must not be overtaken by a call that makes another.
    writing: bool,
    overdue: bool,
    /// How often it had been locked when the key was last asked for: after another time it is not wanted any more.
    locks: u64,
}

impl Shared {
    pub(super) fn new(store: Box<dyn KeyStore>) -> Self {
        let state = State { held: Held::Locked, call: None, calls: 0, stuck: 0, locks: 0, settled: false };
        Self {
            store,
            state: Mutex::new(state),
            authenticator: Arc::default(),
            late: watch::Sender::default(),
        }
    }

    pub(super) fn status(&self) -> VaultStatus {
        match &self.state().held {
            Held::Open(_) => VaultStatus::Open,
            Held::Locked => VaultStatus::Locked,
            Held::Unavailable(error) => VaultStatus::Unavailable(error.clone()),
        }
    }

    pub(super) fn authenticator(&self) -> &Arc<Authenticator> {
        &self.authenticator
    }

    pub(super) fn is_settled(&self) -> bool {
        self.state().settled
    }

    /// Has the keyring remember it. Blocks for as long as the keyring takes.
    pub(super) fn note_settled(&self) -> Result<(), VaultError> {
        self.store.note_settled()?;
        self.state().settled = true;
        Ok(())
    }

    pub(super) fn with_key<T>(
        &self,
        f: impl FnOnce(&[u8; KEY_LENGTH]) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        match &self.state().held {
            Held::Open(key) => f(key.bytes()),
            Held::Locked => Err(VaultError::Locked),
            Held::Unavailable(error) => Err(error.clone()),
        }
    }

    pub(super) fn lock(&self) {
        let mut state = self.state();
        state.held = Held::Locked;
        state.locks += 1;
    }

    /// Changes with each answer that came after its deadline and changed something.
    pub(super) fn late(&self) -> watch::Receiver<u64> {
        self.late.subscribe()
    }

    /// Joins the call under way, or starts one. A call that is overdue is left behind, unless it may be
    /// writing or too many hang already.
    pub(super) fn join(this: &Arc<Self>, sealed_exist: bool) -> Result<Joined, VaultError> {
        let mut state = this.state();
        if matches!(state.held, Held::Open(_)) {
            return Ok(Joined::Open);
        }
        let crowded = state.stuck >= STUCK_LIMIT;
        let locks = state.locks;
        // A call whose thread died never settles: it is forgotten.
        state.call.take_if(|call| call.answer.has_changed().is_err());
        if let Some(call) = &mut state.call {
            if !call.overdue || call.writing || crowded {
                call.sealed_exist |= sealed_exist;
                call.overdue = false;
                call.locks = locks;
                return Ok(Joined::Waiting(call.id, call.answer.clone()));
            }
            state.call = None;
            state.stuck += 1;
        }
        state.calls += 1;
        let id = state.calls;
        let (sender, answer) = watch::channel(None);
        let shared = Arc::clone(this);
        std::thread::Builder::new()
            .name("keyring".into())
            .spawn(move || {
                let fetched = shared.fetch(id);
                let settled = shared.settle(id, locks, fetched);
                sender.send_replace(Some(settled));
            })
            .map_err(|error| VaultError::Failed(format!("no thread for its call: {}", error.kind())))?;
        state.call =
            Some(Call { id, answer: answer.clone(), sealed_exist, writing: false, overdue: false, locks });
        Ok(Joined::Waiting(id, answer))
    }

    /// The deadline of someone who waits for this call has passed.
    pub(super) fn overdue(&self, id: u64) {
        let mut state = self.state();
        let locks = state.locks;
        let Some(call) = state.call.as_mut().filter(|call| call.id == id) else { return };
        call.overdue = true;
        if call.locks == locks {
            state.held = Held::Unavailable(VaultError::TimedOut);
        }
    }

    /// Runs on the call's own thread, for as long as the keyring takes.
    fn fetch(&self, id: u64) -> Result<Fetched, VaultError> {
        if let Some(bytes) = self.store.get()? {
            return Ok(Fetched { key: parse(&bytes)?, settled: self.store.is_settled()? });
        }
        match self.may_create(id) {
            Some(true) => Ok(Fetched { key: self.create()?, settled: false }),
            Some(false) => {
                // A locked keyring says "no such entry" as well: only an open one can prove the loss.
                self.store.prove()?;
                Err(VaultError::KeyMissing)
            }
            None => Err(VaultError::TimedOut),
        }
    }

    /// `None` where the call was given up: from here on it must not write.
    fn may_create(&self, id: u64) -> Option<bool> {
        let mut state = self.state();
        let call = state.call.as_mut().filter(|call| call.id == id)?;
        call.writing = !call.sealed_exist;
        Some(call.writing)
    }

    /// Reads back what was written: a keyring may accept and not keep.
    fn create(&self) -> Result<LockedKey, VaultError> {
        let mut key = Zeroizing::new([0_u8; KEY_LENGTH]);
        getrandom::fill(key.as_mut_slice())
            .map_err(|_| VaultError::Failed("this computer gave no random numbers".into()))?;
        self.store.set(key.as_slice())?;
        match self.store.get()? {
            Some(back) if back.as_slice() == key.as_slice() => Ok(LockedKey::new(&key)),
            _ => Err(VaultError::Failed("it did not keep what it was given".into())),
        }
    }

    /// `began`: how often it had been locked when the call began.
    fn settle(&self, id: u64, began: u64, fetched: Result<Fetched, VaultError>) -> Result<(), VaultError> {
        let mut state = self.state();
        let call = state.call.take_if(|call| call.id == id);
        let was_left = call.is_none();
        if was_left {
            state.stuck = state.stuck.saturating_sub(1);
        }
        if call.as_ref().map_or(began, |call| call.locks) != state.locks {
            return Err(VaultError::Locked);
        }
        let is_late = call.is_none_or(|call| call.overdue);
        let settled = match fetched {
            // Whoever asked anew was answered.
            Ok(_) if was_left && matches!(state.held, Held::Open(_)) => return Ok(()),
            Ok(Fetched { key, settled }) => self.authenticator.open(key.bytes()).map(|()| {
                state.settled |= settled;
                state.held = Held::Open(key);
            }),
            Err(error) => Err(error),
        };
        if let Err(error) = &settled
            && !was_left
        {
            state.held = Held::Unavailable(error.clone());
        }
        if is_late && (settled.is_ok() || !was_left) {
            self.late.send_modify(|answers| *answers += 1);
        }
        settled
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

fn parse(bytes: &[u8]) -> Result<LockedKey, VaultError> {
    let key: &[u8; KEY_LENGTH] = bytes.try_into().map_err(|_| {
        VaultError::Failed(format!("its entry holds {} bytes instead of {KEY_LENGTH}", bytes.len()))
    })?;
    Ok(LockedKey::new(key))
}
