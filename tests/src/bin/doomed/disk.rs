//! A disk under SQLite that kills, refuses, or loses what was never synced, at a moment that is counted. It stands
//! between SQLite and the real files, so that the product runs as it is.
//!
//! A transaction is what lies between taking and leaving the log's write lock.
#![allow(unsafe_code, reason = "a virtual file system is an interface of C")]

use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Result, ensure};
use keyturn_tests::doom::{Blow, Doom};
use rusqlite::ffi;

static REAL: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());
static DOOM: Mutex<Option<Doom>> = Mutex::new(None);
static ARMED: AtomicBool = AtomicBool::new(false);
/// Write locks taken, writes to the log, and writes since the last lock.
static TRANSACTIONS: AtomicUsize = AtomicUsize::new(0);
static WRITES: AtomicUsize = AtomicUsize::new(0);
static WRITES_HERE: AtomicUsize = AtomicUsize::new(0);
/// What stood in the places that were written to since the last sync.
static UNSYNCED: Mutex<Vec<Old>> = Mutex::new(Vec::new());

/// An open file's methods, with those that do the work.
#[repr(C)]
struct Watched {
    methods: ffi::sqlite3_io_methods,
    real: ffi::sqlite3_io_methods,
    is_log: bool,
}

/// The pointer's file stays open for as long as the process lives, or its entries are gone.
struct Old {
    file: usize,
    offset: i64,
    bytes: Vec<u8>,
    size: i64,
}

/// Every file that SQLite opens from now on lies on this disk.
pub(crate) fn install(doom: Option<Doom>) -> Result<()> {
    *DOOM.lock().unwrap_or_else(PoisonError::into_inner) = doom;
    // SAFETY: SQLite's own default; the copy is never freed.
    let registered = unsafe {
        let real = ffi::sqlite3_vfs_find(ptr::null());
        ensure!(!real.is_null(), "SQLite has no files here");
        REAL.store(real, SeqCst);
        let ours = Box::leak(Box::new(*real));
        ours.zName = c"doomed".as_ptr();
        ours.pNext = ptr::null_mut();
        ours.xOpen = Some(open);
        ffi::sqlite3_vfs_register(ours, 1)
    };
    ensure!(registered == ffi::SQLITE_OK, "SQLite does not take this disk");
    Ok(())
}

/// What was written before this does not count.
pub(crate) fn arm() {
    ARMED.store(true, SeqCst);
}

/// How many transactions and writes there were.
pub(crate) fn counted() -> (usize, usize) {
    (TRANSACTIONS.load(SeqCst), WRITES.load(SeqCst))
}

/// Where this blow is to fall, if it is the one.
fn due(blow: Blow) -> Option<usize> {
    let doom = *DOOM.lock().unwrap_or_else(PoisonError::into_inner);
    doom.filter(|doom| doom.blow == blow && ARMED.load(SeqCst)).map(|doom| doom.at)
}

fn falls(blow: Blow, now: usize) -> bool {
    due(blow) == Some(now)
}

/// Ends this process as the kernel would, with nothing put away.
fn die() -> ! {
    // SAFETY: a signal to this process.
    unsafe { libc::raise(libc::SIGKILL) };
    std::process::abort()
}

fn unsynced() -> MutexGuard<'static, Vec<Old>> {
    UNSYNCED.lock().unwrap_or_else(PoisonError::into_inner)
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let real = REAL.load(SeqCst);
    // SAFETY: as SQLite called us, with the file system that these files belong to.
    unsafe {
        let Some(opens) = (*real).xOpen else { return ffi::SQLITE_CANTOPEN };
        let code = opens(real, name, file, flags, out);
        if code == ffi::SQLITE_OK && !(*file).pMethods.is_null() {
            let real = *(*file).pMethods;
            let mut methods = real;
            methods.xWrite = Some(write);
            methods.xSync = Some(sync);
            methods.xClose = Some(close);
            if methods.xShmLock.is_some() {
                methods.xShmLock = Some(lock);
            }
            let is_log = flags & ffi::SQLITE_OPEN_WAL != 0;
            (*file).pMethods = &raw const Box::leak(Box::new(Watched { methods, real, is_log })).methods;
        }
        code
    }
}

/// What stands behind a file that [`open`] has opened.
unsafe fn watched<'a>(file: *mut ffi::sqlite3_file) -> &'a Watched {
    // SAFETY: the methods are the first field of what `open` has leaked.
    unsafe { &*(*file).pMethods.cast::<Watched>() }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    amount: c_int,
    offset: i64,
) -> c_int {
    // SAFETY: as SQLite called us.
    unsafe {
        let behind = watched(file);
        if behind.is_log && ARMED.load(SeqCst) {
            let number = WRITES.fetch_add(1, SeqCst) + 1;
            for (blow, code) in [
                (Blow::Full, ffi::SQLITE_FULL),
                (Blow::Broken, ffi::SQLITE_IOERR_WRITE),
                (Blow::ReadOnly, ffi::SQLITE_READONLY),
            ] {
                if due(blow).is_some_and(|at| number >= at) {
                    return code;
                }
            }
            // The first write of a page is its frame's head: at the second, half a page is there.
            if WRITES_HERE.fetch_add(1, SeqCst) == 1 && falls(Blow::Torn, TRANSACTIONS.load(SeqCst)) {
                die();
            }
        }
        remember(file, behind, amount, offset);
        behind.real.xWrite.map_or(ffi::SQLITE_IOERR, |writes| writes(file, from, amount, offset))
    }
}

unsafe fn remember(file: *mut ffi::sqlite3_file, behind: &Watched, amount: c_int, offset: i64) {
    let (Some(size_of), Some(reads)) = (behind.real.xFileSize, behind.real.xRead) else { return };
    let mut size = 0;
    // SAFETY: the buffer is as long as is read.
    unsafe {
        size_of(file, &raw mut size);
        let there = usize::try_from((size - offset).clamp(0, i64::from(amount))).unwrap_or(0);
        let mut bytes = vec![0_u8; there];
        if let (Ok(length), 1..) = (c_int::try_from(there), there) {
            reads(file, bytes.as_mut_ptr().cast(), length, offset);
        }
        unsynced().push(Old { file: file as usize, offset, bytes, size });
    }
}

/// What was never synced is as if it had not been written.
fn lose_power() -> ! {
    for old in std::mem::take(&mut *unsynced()).into_iter().rev() {
        let file = old.file as *mut ffi::sqlite3_file;
        // SAFETY: the file is open; `close` takes its entries away.
        unsafe {
            let behind = watched(file);
            if let (Some(writes), Ok(length), 1..) =
                (behind.real.xWrite, c_int::try_from(old.bytes.len()), old.bytes.len())
            {
                writes(file, old.bytes.as_ptr().cast(), length, old.offset);
            }
            if let Some(truncates) = behind.real.xTruncate {
                truncates(file, old.size);
            }
        }
    }
    die()
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: as SQLite called us.
    unsafe {
        let behind = watched(file);
        if behind.is_log {
            let number = TRANSACTIONS.load(SeqCst);
            if falls(Blow::Unsynced, number) {
                die();
            }
            if due(Blow::SyncFails).is_some_and(|at| number >= at) {
                return ffi::SQLITE_IOERR_FSYNC;
            }
        }
        unsynced().retain(|old| old.file != file as usize);
        behind.real.xSync.map_or(ffi::SQLITE_IOERR, |syncs| syncs(file, flags))
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    unsynced().retain(|old| old.file != file as usize);
    // SAFETY: as SQLite called us.
    unsafe { watched(file).real.xClose.map_or(ffi::SQLITE_IOERR, |closes| closes(file)) }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, offset: c_int, n: c_int, flags: c_int) -> c_int {
    let is_writer = offset == 0 && flags & ffi::SQLITE_SHM_EXCLUSIVE != 0 && ARMED.load(SeqCst);
    let takes = is_writer && flags & ffi::SQLITE_SHM_LOCK != 0;
    // SAFETY: as SQLite called us.
    let code = unsafe {
        watched(file).real.xShmLock.map_or(ffi::SQLITE_IOERR, |locks| locks(file, offset, n, flags))
    };
    if takes && code == ffi::SQLITE_OK {
        let number = TRANSACTIONS.fetch_add(1, SeqCst) + 1;
        WRITES_HERE.store(0, SeqCst);
        if falls(Blow::Before, number) {
            die();
        }
        if falls(Blow::Power, number) {
            lose_power();
        }
    } else if is_writer && !takes && falls(Blow::After, TRANSACTIONS.load(SeqCst)) {
        die();
    }
    code
}
