//! The vault over a scripted keyring: one call for all, the deadline, and no key made over sealed entries.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use keyturn_core::account::AccountId;
use keyturn_core::ports::{Purpose, SealForm, Vault, VaultError, VaultStatus};
use keyturn_core::secret::Secret;
use keyturn_storage::{KEY_LENGTH, KeyStore, KeyringVault};
use zeroize::Zeroizing;

use crate::samples::{home, never, threads, until};

/// Long enough that only a call that truly hangs reaches it.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(400);

/// How one call of the keyring ends.
#[derive(Clone)]
enum Step {
    Answers,
    Fails(VaultError),
    /// Does not come back before the gate opens.
    Hangs,
    Accepts,
}

#[derive(Clone, Default)]
struct Scripted(Arc<Inside>);

#[derive(Default)]
struct Inside {
    item: Mutex<Option<Vec<u8>>>,
    gets: Mutex<VecDeque<Step>>,
    sets: Mutex<VecDeque<Step>>,
    proof: Mutex<Option<VaultError>>,
    calls: AtomicUsize,
    answered: AtomicUsize,
    written: AtomicUsize,
    settled: AtomicBool,
    gate: (Mutex<bool>, Condvar),
}

impl Scripted {
    fn holding(key: &[u8]) -> Self {
        let store = Self::default();
        *store.0.item.lock().unwrap() = Some(key.to_vec());
        store
    }

    fn gets(self, steps: &[Step]) -> Self {
        self.0.gets.lock().unwrap().extend(steps.iter().cloned());
        self
    }

    fn sets(self, steps: &[Step]) -> Self {
        self.0.sets.lock().unwrap().extend(steps.iter().cloned());
        self
    }

    fn vault(&self, deadline: Duration) -> KeyringVault {
        KeyringVault::with_store(self.clone(), deadline)
    }

    fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }

    fn answered(&self) -> usize {
        self.0.answered.load(Ordering::SeqCst)
    }

    fn writes(&self) -> usize {
        self.0.written.load(Ordering::SeqCst)
    }

    fn open_gate(&self) {
        *self.0.gate.0.lock().unwrap() = true;
        self.0.gate.1.notify_all();
    }

    fn play(&self, script: &Mutex<VecDeque<Step>>) -> Result<Step, VaultError> {
        let step = script.lock().unwrap().pop_front().unwrap_or(Step::Answers);
        match step {
            Step::Fails(error) => return Err(error),
            Step::Hangs => {
                let mut open = self.0.gate.0.lock().unwrap();
                while !*open {
                    open = self.0.gate.1.wait(open).unwrap();
                }
            }
            Step::Answers | Step::Accepts => {}
        }
        Ok(step)
    }
}

impl KeyStore for Scripted {
    fn get(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        self.play(&self.0.gets)?;
        let item = self.0.item.lock().unwrap().clone().map(Zeroizing::new);
        self.0.answered.fetch_add(1, Ordering::SeqCst);
        Ok(item)
    }

    fn set(&self, key: &[u8]) -> Result<(), VaultError> {
        let step = self.play(&self.0.sets)?;
        self.0.written.fetch_add(1, Ordering::SeqCst);
        // A keyring that accepts and does not keep.
        if !matches!(step, Step::Accepts) {
            *self.0.item.lock().unwrap() = Some(key.to_vec());
        }
        Ok(())
    }

    fn is_settled(&self) -> Result<bool, VaultError> {
        Ok(self.0.settled.load(Ordering::SeqCst))
    }

    fn note_settled(&self) -> Result<(), VaultError> {
        self.0.settled.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn prove(&self) -> Result<(), VaultError> {
        self.0.proof.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

fn purpose() -> Purpose {
    Purpose::Managing(AccountId("naturalead-1".into()))
}

fn secret() -> Secret {
    Secret::new("nl_live_value".into())
}

#[tokio::test]
async fn a_first_start_makes_one_key_and_the_next_start_opens_with_it() {
    let store = Scripted::default();
    let vault = store.vault(LONG);
    assert_eq!(vault.status(), VaultStatus::Locked);
    vault.unlock(false).await.unwrap();
    assert_eq!(vault.status(), VaultStatus::Open);
    let sealed = vault.seal(purpose(), &home(), &secret()).unwrap();
    assert_eq!(store.0.item.lock().unwrap().as_ref().unwrap().len(), KEY_LENGTH);

    let next = store.vault(LONG);
    next.unlock(true).await.unwrap();
    let opened = next.open(&sealed, &home()).unwrap();
    // EXPOSE: a test's own value.
    assert_eq!(opened.expose(), "nl_live_value");
    assert_eq!(store.writes(), 1);
}

#[tokio::test]
async fn sealed_entries_without_their_key_are_an_error_and_never_get_a_new_key() {
    let store = Scripted::default();
    let vault = store.vault(LONG);
    assert_eq!(vault.unlock(true).await, Err(VaultError::KeyMissing));
    assert_eq!(vault.status(), VaultStatus::Unavailable(VaultError::KeyMissing));
    assert_eq!(store.writes(), 0);
}

#[tokio::test]
async fn a_locked_keyring_that_denies_its_entry_is_locked_and_not_robbed() {
    let store = Scripted::default();
    *store.0.proof.lock().unwrap() = Some(VaultError::KeyringLocked);
    assert_eq!(store.vault(LONG).unlock(true).await, Err(VaultError::KeyringLocked));
}

#[tokio::test]
async fn a_keyring_that_does_not_keep_what_it_accepts_does_not_open_the_vault() {
    let store = Scripted::default().sets(&[Step::Accepts]);
    let vault = store.vault(LONG);
    assert!(matches!(vault.unlock(false).await, Err(VaultError::Failed(_))));
    assert!(matches!(vault.seal(purpose(), &home(), &secret()), Err(VaultError::Failed(_))));
}

#[tokio::test]
async fn an_entry_of_another_length_is_refused_and_left_alone() {
    for length in [0, 31, 33] {
        let store = Scripted::holding(&vec![1; length]);
        let answer = store.vault(LONG).unlock(false).await;
        assert!(matches!(answer, Err(VaultError::Failed(_))), "{length}");
        assert_eq!(store.writes(), 0);
    }
}

#[tokio::test]
async fn a_failure_is_never_kept_the_next_unlock_asks_again() {
    let absent = VaultError::NoKeyring;
    let store = Scripted::holding(&[1; KEY_LENGTH])
        .gets(&[Step::Fails(absent.clone()), Step::Fails(VaultError::KeyringLocked)]);
    let vault = store.vault(LONG);
    assert_eq!(vault.unlock(true).await, Err(absent.clone()));
    assert_eq!(vault.open(&sealed(), &home()).map(|_| ()), Err(absent));
    assert_eq!(vault.unlock(true).await, Err(VaultError::KeyringLocked));
    assert_eq!(vault.unlock(true).await, Ok(()));
    assert_eq!(vault.status(), VaultStatus::Open);
}

fn sealed() -> keyturn_core::ports::Sealed {
    keyturn_core::ports::Sealed {
        purpose: purpose(),
        form: SealForm::Placed,
        nonce: [0; 24],
        ciphertext: vec![0; 20],
        fingerprint: None,
    }
}

#[tokio::test]
async fn locking_takes_the_key_away_until_the_next_unlock() {
    let store = Scripted::holding(&[1; KEY_LENGTH]);
    let vault = store.vault(LONG);
    vault.unlock(true).await.unwrap();
    vault.lock();
    assert_eq!(vault.status(), VaultStatus::Locked);
    assert_eq!(vault.seal(purpose(), &home(), &secret()), Err(VaultError::Locked));
    vault.unlock(true).await.unwrap();
    vault.seal(purpose(), &home(), &secret()).unwrap();
}

#[test]
fn locking_while_the_keyring_thinks_wins_over_its_answer() {
    let store = Scripted::holding(&[1; KEY_LENGTH]).gets(&[Step::Hangs]);
    let vault = Arc::new(store.vault(LONG));
    let runtime = threads();
    let waiting = runtime.spawn({
        let vault = Arc::clone(&vault);
        async move { vault.unlock(true).await }
    });
    until("the call", || store.calls() == 1);
    vault.lock();
    store.open_gate();
    assert_eq!(runtime.block_on(waiting).unwrap(), Err(VaultError::Locked));
    assert_eq!(vault.status(), VaultStatus::Locked);
}

#[tokio::test]
async fn k2_each_failure_of_the_keyring_is_an_error_of_its_own() {
    for error in [VaultError::NoKeyring, VaultError::KeyringLocked, VaultError::Failed("dismissed".into())] {
        let vault = Scripted::default().gets(&[Step::Fails(error.clone())]).vault(LONG);
        assert_eq!(vault.unlock(false).await, Err(error.clone()));
        assert_eq!(vault.status(), VaultStatus::Unavailable(error.clone()));
        assert_eq!(vault.seal(purpose(), &home(), &secret()), Err(error));
    }
}

#[tokio::test]
async fn k2_a_keyring_that_never_answers_is_given_up_at_the_deadline_and_dropped_without_waiting() {
    let store = Scripted::default().gets(&[Step::Hangs]);
    let vault = store.vault(SHORT);
    let start = Instant::now();
    assert_eq!(vault.unlock(false).await, Err(VaultError::TimedOut));
    assert_eq!(vault.status(), VaultStatus::Unavailable(VaultError::TimedOut));
    vault.lock();
    drop(vault);
    let spent = start.elapsed();
    assert!(spent >= SHORT && spent < LONG / 2, "{spent:?}");
    store.open_gate();
}

#[tokio::test]
async fn k2_after_a_call_that_hangs_the_next_unlock_asks_anew_and_a_late_answer_changes_nothing() {
    let store = Scripted::holding(&[1; KEY_LENGTH]).gets(&[Step::Hangs]);
    let vault = store.vault(SHORT);
    assert_eq!(vault.unlock(true).await, Err(VaultError::TimedOut));
    assert_eq!(vault.unlock(true).await, Ok(()));
    vault.lock();
    store.open_gate();
    until("the late answer", || store.answered() == 2);
    never("opened by the late answer", || vault.status() != VaultStatus::Locked);
}

#[tokio::test]
async fn f24_a_keyring_that_waits_for_its_password_is_waited_for_and_its_late_answer_taken() {
    let store = Scripted::holding(&[1; KEY_LENGTH]).gets(&[Step::Hangs]);
    let vault = store.vault(SHORT);
    let mut late = vault.late_answers();
    assert_eq!(vault.unlock(true).await, Err(VaultError::TimedOut));
    store.open_gate();
    late.changed().await.unwrap();
    assert_eq!(vault.status(), VaultStatus::Open);
    assert_eq!(store.calls(), 1, "it was asked once");
}

#[tokio::test]
async fn f24_a_late_refusal_is_told_as_what_it_is() {
    let store = Scripted::default().gets(&[Step::Hangs]);
    *store.0.proof.lock().unwrap() = Some(VaultError::KeyringLocked);
    let vault = store.vault(SHORT);
    let mut late = vault.late_answers();
    assert_eq!(vault.unlock(true).await, Err(VaultError::TimedOut));
    store.open_gate();
    late.changed().await.unwrap();
    assert_eq!(vault.status(), VaultStatus::Unavailable(VaultError::KeyringLocked));
}

#[tokio::test]
async fn f24_a_late_answer_does_not_open_what_was_locked_meanwhile() {
    let store = Scripted::holding(&[1; KEY_LENGTH]).gets(&[Step::Hangs]);
    let vault = store.vault(SHORT);
    assert_eq!(vault.unlock(true).await, Err(VaultError::TimedOut));
    vault.lock();
    store.open_gate();
    until("the late answer", || store.answered() == 1);
    never("opened by the late answer", || vault.status() != VaultStatus::Locked);
}

#[tokio::test]
async fn k2_a_late_first_call_never_makes_a_key_beside_the_second_calls() {
    let store = Scripted::default().gets(&[Step::Hangs]);
    let vault = store.vault(SHORT);
    assert_eq!(vault.unlock(false).await, Err(VaultError::TimedOut));
    vault.unlock(false).await.unwrap();
    *store.0.item.lock().unwrap() = None;
    store.open_gate();
    until("the late answer", || store.answered() == 3);
    never("a second key", || store.writes() != 1);
}

#[tokio::test]
async fn k2_a_call_that_may_be_writing_a_key_is_waited_for_and_not_overtaken() {
    let store = Scripted::default().sets(&[Step::Hangs]);
    let vault = store.vault(SHORT);
    assert_eq!(vault.unlock(false).await, Err(VaultError::TimedOut));
    assert_eq!(vault.unlock(false).await, Err(VaultError::TimedOut));
    assert_eq!(store.calls(), 1);
    store.open_gate();
    until("the key", || store.writes() == 1);
    while vault.unlock(false).await.is_err() {}
    assert_eq!(store.writes(), 1);
}

#[tokio::test]
async fn k2_a_keyring_that_always_hangs_holds_a_handful_of_threads_and_no_more() {
    let store = Scripted::default().gets(&vec![Step::Hangs; 40]);
    let vault = store.vault(Duration::from_millis(5));
    for _ in 0..40 {
        assert_eq!(vault.unlock(false).await, Err(VaultError::TimedOut));
    }
    assert!(store.calls() <= 5, "{}", store.calls());
    store.open_gate();
}

#[test]
fn k1_a_thousand_unlocks_and_seals_at_once_share_one_call() {
    let store = Scripted::default().gets(&[Step::Hangs]);
    let vault = Arc::new(store.vault(LONG));
    let runtime = threads();
    let waiting: Vec<_> = (0..1_000)
        .map(|n| {
            let vault = Arc::clone(&vault);
            runtime.spawn(async move {
                vault.unlock(false).await.unwrap();
                let text = format!("value {n}");
                let sealed = vault.seal(purpose(), &home(), &Secret::new(text.clone())).unwrap();
                let opened = vault.open(&sealed, &home()).unwrap();
                // EXPOSE: a test's own value.
                assert_eq!(opened.expose(), text);
            })
        })
        .collect();
    until("the call", || store.calls() == 1);
    store.open_gate();
    runtime.block_on(async {
        for task in waiting {
            task.await.unwrap();
        }
    });
    // One look, and one reading back of the one key that was made.
    assert_eq!(store.calls(), 2);
    assert_eq!(store.writes(), 1);
}
