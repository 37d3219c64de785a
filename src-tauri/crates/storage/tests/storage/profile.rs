//! The profile's directory, its lock and its id.

use std::path::Path;
use std::process::{Command, Stdio};

use keyturn_storage::{Profile, ProfileError};
use tempfile::TempDir;

use crate::samples::until;

const CHILD: &str = "KEYTURN_TEST_PROFILE";

#[test]
fn a_profile_keeps_its_id_and_two_profiles_have_two() {
    let dir = TempDir::new().unwrap();
    let open = |name: &str| Profile::open(&dir.path().join("deep").join(name)).unwrap().id().to_owned();
    let first = open("a");
    assert_eq!(first.len(), 32);
    assert_eq!(open("a"), first);
    assert_ne!(open("b"), first);
}

#[test]
fn everything_lies_in_the_profiles_own_directory() {
    let dir = TempDir::new().unwrap();
    let profile = Profile::open(dir.path()).unwrap();
    for path in [profile.ledger_path(), profile.authority_path("naturalead"), profile.log_dir()] {
        assert_eq!(path.parent(), Some(profile.dir()));
    }
}

#[test]
fn an_unreadable_id_is_never_replaced() {
    let dir = TempDir::new().unwrap();
    for garbage in [&b"not an id"[..], b"", b"\xff\xfe", b"0123456789abcdef0123456789abcdeg"] {
        std::fs::write(dir.path().join("profile-id"), garbage).unwrap();
        assert!(matches!(Profile::open(dir.path()), Err(ProfileError::BadId { .. })));
        assert_eq!(std::fs::read(dir.path().join("profile-id")).unwrap(), garbage);
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_enter() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let home = dir.path().join("profile");
    let _profile = Profile::open(&home).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home), 0o700);
    assert_eq!(mode(&home.join("profile-id")), 0o600);
    assert_eq!(mode(&home.join("lock")), 0o600);
}

#[test]
fn a_path_that_cannot_be_a_directory_is_said_in_words() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let error = Profile::open(&file.join("profile")).unwrap_err();
    assert!(error.to_string().starts_with("could not create "), "{error}");
}

#[test]
fn r8_a_second_process_is_told_and_a_dead_owner_leaves_no_lock() {
    if let Some(dir) = std::env::var_os(CHILD) {
        let _profile = Profile::open(Path::new(&dir)).unwrap();
        std::fs::write(Path::new(&dir).join("held"), b"").unwrap();
        loop {
            std::thread::park();
        }
    }
    let dir = TempDir::new().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "profile::r8_a_second_process_is_told_and_a_dead_owner_leaves_no_lock"])
        .env(CHILD, dir.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    until("the other process", || dir.path().join("held").exists());
    assert!(matches!(Profile::open(dir.path()), Err(ProfileError::InUse)));
    child.kill().unwrap();
    child.wait().unwrap();
    Profile::open(dir.path()).unwrap();
}
