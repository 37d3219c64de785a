//! One profile: the directory that everything is written into, owned by one process at a time.
//!
//! Knows only where things lie, not what is in them.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// An open profile. The lock on it ends with this value, or with the process.
#[derive(Debug)]
pub struct Profile {
    dir: PathBuf,
    id: String,
    /// Held for its lock. The operating system releases it when the owner dies, however that happens.
    _lock: File,
}

/// Why a profile could not be opened. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Another process holds the lock.
    #[error("this profile is already open in another Keyturn")]
    InUse,
    /// The id names the key in the keyring: with another one the sealed entries could never be opened.
    #[error("the profile's id in {path} is not readable; restore that file from a backup")]
    BadId { path: PathBuf },
    /// The directory or a file in it could not be made, read or written.
    #[error("could not {what} {path}")]
    Io { what: &'static str, path: PathBuf, source: io::Error },
}

impl Profile {
    /// Makes the directory where it is missing (0700), takes its lock, and reads or makes its id.
    ///
    /// # Errors
    /// [`ProfileError::InUse`] while another process has it open; never waits for that one.
    pub fn open(dir: &Path) -> Result<Self, ProfileError> {
        private_dir(dir).map_err(io_words("create", dir))?;
        let lock = take_lock(&dir.join("lock"))?;
        let id = read_or_make_id(dir)?;
        Ok(Self { dir: dir.to_owned(), id, _lock: lock })
    }

    /// Random, made once: 32 hexadecimal digits. Names this profile's items in the keyring.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    #[must_use]
    pub fn ledger_path(&self) -> PathBuf {
        self.dir.join("ledger.db")
    }

    /// The store of the local authority that speaks this vendor's dialect.
    #[must_use]
    pub fn authority_path(&self, vendor: &str) -> PathBuf {
        self.dir.join(format!("authority-{vendor}.db"))
    }

    #[must_use]
    pub fn log_dir(&self) -> PathBuf {
        self.dir.join("logs")
    }
}

/// Makes a directory that only its owner can enter. One that exists keeps its rights: it may be shared, and
/// every file in it is the owner's alone.
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.recursive(true).create(dir)
}

/// Options for a file that only its owner can read.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

fn take_lock(path: &Path) -> Result<File, ProfileError> {
    let file =
        private_file().create(true).truncate(false).write(true).open(path).map_err(io_words("open", path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ProfileError::InUse),
        Err(TryLockError::Error(source)) => Err(io_words("lock", path)(source)),
    }
}

fn read_or_make_id(dir: &Path) -> Result<String, ProfileError> {
    let path = dir.join("profile-id");
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let id = text.trim();
            let readable = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            if readable { Ok(id.to_owned()) } else { Err(ProfileError::BadId { path }) }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_id(dir, &path),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(ProfileError::BadId { path }),
        Err(error) => Err(io_words("read", &path)(error)),
    }
}

/// Written beside and renamed, so that a crash leaves either no id or a whole one.
fn make_id(dir: &Path, path: &Path) -> Result<String, ProfileError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| io_words("make an id for", dir)(io::Error::other(error.to_string())))?;
    let id = hex::encode(bytes);
    let beside = dir.join("profile-id.new");
    let write = || {
        let mut file = private_file().create(true).truncate(true).write(true).open(&beside)?;
        file.write_all(id.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        sync_dir(dir)
    };
    write().map_err(io_words("write", path))?;
    Ok(id)
}

/// Makes a rename durable. Windows has no such call and needs none.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

fn io_words(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ProfileError {
    let path = path.to_owned();
    move |source| ProfileError::Io { what, path, source }
}
