//! The vault over the real keyring of Linux: each test runs itself again on a session bus of its own.
//!
//! Fails, not skips, where `dbus-run-session` or `gnome-keyring-daemon` is missing.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use keyring_core::api::CredentialStoreApi;
use keyturn_core::account::AccountId;
use keyturn_core::ports::{Purpose, Sealed, Vault, VaultError};
use keyturn_core::secret::Secret;
use keyturn_storage::{DEADLINE, KEY_LENGTH, KeyStore, KeyringVault, OsKeyring};
use tempfile::TempDir;
use zbus_secret_service_keyring_store::Store;

use crate::samples::{home, threads, until};

const INSIDE: &str = "KEYTURN_TEST_BUS";
const PROFILE: &str = "0123456789abcdef0123456789abcdef";

/// A bus without activation: no keyring appears unless the test starts one.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Runs `body` in a second process, on a bus and in a home of its own.
fn on_a_bus(test: &str, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let home = TempDir::new().unwrap();
    let config = home.path().join("bus.conf");
    fs::write(&config, BUS).unwrap();
    let output = Command::new("dbus-run-session")
        .arg("--config-file")
        .arg(&config)
        .arg("--")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("keyring::{test}"), "--nocapture"])
        .env(INSIDE, home.path())
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("dbus-run-session is needed: install the packages dbus and gnome-keyring");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A running gnome-keyring; ends with this value.
struct Daemon(Child);

impl Daemon {
    /// Started with a password on its standard input; `None`: never unlocked.
    fn start(password: Option<&str>) -> Self {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]).stdin(Stdio::piped());
        if password.is_some() {
            command.arg("--unlock");
        }
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon is needed: install the package gnome-keyring");
        let mut input = child.stdin.take().unwrap();
        input.write_all(password.unwrap_or_default().as_bytes()).unwrap();
        drop(input);
        until("the keyring on the bus", || Store::new().is_ok());
        Self(child)
    }

    fn unlocked() -> Self {
        let daemon = Self::start(Some("test"));
        until("the keyring to open", || OsKeyring::new("start").prove().is_ok());
        daemon
    }

    fn signal(&self, name: &str) {
        let done =
            Command::new("kill").args([&format!("-{name}"), &self.0.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The bytes of every item that Keyturn has in the keyring.
fn items() -> Vec<Vec<u8>> {
    let found = Store::new().unwrap().search(&HashMap::from([("service", "Keyturn")])).unwrap();
    found.into_iter().map(|item| item.get_secret().unwrap()).collect()
}

fn unlock(vault: &KeyringVault, sealed_exist: bool) -> Result<(), VaultError> {
    threads().block_on(vault.unlock(sealed_exist))
}

fn seal(vault: &KeyringVault) -> Sealed {
    let purpose = Purpose::Managing(AccountId("naturalead-1".into()));
    vault.seal(purpose, &home(), &Secret::new("nl_live_value".into())).unwrap()
}

fn opens(vault: &KeyringVault, sealed: &Sealed) {
    let opened = vault.open(sealed, &home()).unwrap();
    // EXPOSE: a test's own value.
    assert_eq!(opened.expose(), "nl_live_value");
}

#[test]
fn a_first_start_makes_a_key_and_it_survives_vault_and_keyring() {
    on_a_bus("a_first_start_makes_a_key_and_it_survives_vault_and_keyring", || {
        let daemon = Daemon::unlocked();
        let vault = KeyringVault::new(PROFILE);
        unlock(&vault, false).unwrap();
        let sealed = seal(&vault);
        let next = KeyringVault::new(PROFILE);
        unlock(&next, true).unwrap();
        opens(&next, &sealed);
        drop(daemon);
        let _daemon = Daemon::unlocked();
        let after = KeyringVault::new(PROFILE);
        unlock(&after, true).unwrap();
        opens(&after, &sealed);
    });
}

#[test]
fn k3_a_profile_has_one_item_of_32_bytes_and_profiles_do_not_share_it() {
    on_a_bus("k3_a_profile_has_one_item_of_32_bytes_and_profiles_do_not_share_it", || {
        let _daemon = Daemon::unlocked();
        for _ in 0..3 {
            unlock(&KeyringVault::new(PROFILE), false).unwrap();
        }
        assert_eq!(items().iter().map(Vec::len).collect::<Vec<_>>(), [KEY_LENGTH]);
        let other = KeyringVault::new("another");
        assert_eq!(unlock(&other, true), Err(VaultError::KeyMissing));
        assert_eq!(items().len(), 1);
        unlock(&other, false).unwrap();
        let both = items();
        assert_eq!(both.len(), 2);
        assert_ne!(both[0], both[1]);
    });
}

#[test]
fn k1_a_thousand_unlocks_from_inside_the_runtime_neither_panic_nor_block() {
    on_a_bus("k1_a_thousand_unlocks_from_inside_the_runtime_neither_panic_nor_block", || {
        let _daemon = Daemon::unlocked();
        let vault = Arc::new(KeyringVault::new(PROFILE));
        let unlock_all = async |vault: Arc<KeyringVault>| {
            let tasks: Vec<_> = (0..1_000)
                .map(|_| {
                    let vault = Arc::clone(&vault);
                    tokio::spawn(async move {
                        vault.unlock(false).await.unwrap();
                        opens(&vault, &seal(&vault));
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        };
        threads().block_on(unlock_all(Arc::clone(&vault)));
        vault.lock();
        let single = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        single.block_on(unlock_all(vault));
        assert_eq!(items().len(), 1);
    });
}

#[test]
fn k2_without_a_bus_there_is_no_keyring() {
    on_a_bus("k2_without_a_bus_there_is_no_keyring", || {
        let nowhere = "unix:path=/nonexistent/bus";
        if std::env::var("DBUS_SESSION_BUS_ADDRESS").unwrap() == nowhere {
            assert_eq!(unlock(&KeyringVault::new(PROFILE), false), Err(VaultError::NoKeyring));
            return;
        }
        let again = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "keyring::k2_without_a_bus_there_is_no_keyring", "--nocapture"])
            .env("DBUS_SESSION_BUS_ADDRESS", nowhere)
            .status()
            .unwrap();
        assert!(again.success());
    });
}

#[test]
fn k2_a_keyring_that_was_missing_at_the_start_is_found_when_it_appears() {
    on_a_bus("k2_a_keyring_that_was_missing_at_the_start_is_found_when_it_appears", || {
        let vault = KeyringVault::new(PROFILE);
        assert_eq!(unlock(&vault, false), Err(VaultError::NoKeyring));
        let _daemon = Daemon::unlocked();
        unlock(&vault, false).unwrap();
    });
}

#[test]
fn k2_a_keyring_that_was_never_unlocked_is_locked() {
    on_a_bus("k2_a_keyring_that_was_never_unlocked_is_locked", || {
        let _daemon = Daemon::start(None);
        for sealed_exist in [false, true] {
            assert_eq!(unlock(&KeyringVault::new(PROFILE), sealed_exist), Err(VaultError::KeyringLocked));
        }
    });
}

#[test]
fn k2_a_wrong_password_leaves_it_locked_and_the_right_one_opens_it() {
    on_a_bus("k2_a_wrong_password_leaves_it_locked_and_the_right_one_opens_it", || {
        let vault = KeyringVault::new(PROFILE);
        let daemon = Daemon::unlocked();
        unlock(&vault, false).unwrap();
        let sealed = seal(&vault);
        vault.lock();
        drop(daemon);
        let daemon = Daemon::start(Some("wrong"));
        for profile in [PROFILE, "another"] {
            for sealed_exist in [false, true] {
                assert_eq!(unlock(&KeyringVault::new(profile), sealed_exist), Err(VaultError::KeyringLocked));
            }
        }
        drop(daemon);
        let _daemon = Daemon::unlocked();
        unlock(&vault, true).unwrap();
        opens(&vault, &sealed);
    });
}

#[test]
fn k2_a_keyring_that_died_or_dies_in_the_middle_gives_an_error_in_time() {
    on_a_bus("k2_a_keyring_that_died_or_dies_in_the_middle_gives_an_error_in_time", || {
        let vault = Arc::new(KeyringVault::new(PROFILE));
        let daemon = Daemon::unlocked();
        unlock(&vault, false).unwrap();
        vault.lock();
        daemon.signal("STOP");
        let start = Instant::now();
        let runtime = threads();
        let waiting = runtime.spawn({
            let vault = Arc::clone(&vault);
            async move { vault.unlock(true).await }
        });
        drop(daemon);
        assert!(runtime.block_on(waiting).unwrap().is_err());
        assert_eq!(unlock(&vault, true), Err(VaultError::NoKeyring));
        assert!(start.elapsed() < DEADLINE + Duration::from_secs(1));
    });
}

#[test]
fn k2_a_keyring_that_hangs_is_given_up_and_works_again_once_it_wakes() {
    on_a_bus("k2_a_keyring_that_hangs_is_given_up_and_works_again_once_it_wakes", || {
        let daemon = Daemon::unlocked();
        let deadline = Duration::from_millis(300);
        let vault = KeyringVault::with_store(OsKeyring::new(PROFILE), deadline);
        daemon.signal("STOP");
        let start = Instant::now();
        assert_eq!(unlock(&vault, false), Err(VaultError::TimedOut));
        assert!(start.elapsed() < DEADLINE);
        daemon.signal("CONT");
        until("the keyring to wake", || unlock(&vault, false).is_ok());
        assert_eq!(items().len(), 1);
    });
}

#[test]
fn a_key_deleted_from_the_keyring_is_missing_and_no_other_is_made() {
    on_a_bus("a_key_deleted_from_the_keyring_is_missing_and_no_other_is_made", || {
        let _daemon = Daemon::unlocked();
        let vault = KeyringVault::new(PROFILE);
        unlock(&vault, false).unwrap();
        vault.lock();
        for item in Store::new().unwrap().search(&HashMap::from([("service", "Keyturn")])).unwrap() {
            item.delete_credential().unwrap();
        }
        assert_eq!(unlock(&vault, true), Err(VaultError::KeyMissing));
        assert_eq!(items(), Vec::<Vec<u8>>::new());
    });
}
