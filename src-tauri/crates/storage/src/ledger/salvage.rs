//! A damaged ledger: moved aside under a name of its own, and what can still be read copied into a new one.
//!
//! Works on a copy of what was set aside, so that the original stays as it was found. May be interrupted at
//! any point: the new file takes the ledger's name last, and [`resume`] goes on from there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use keyturn_core::account::AccountId;
use keyturn_core::journal::{Action, Entry, Outcome as Ended};
use keyturn_core::ports::LedgerError;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::fault::{Fault, Outcome};
use super::open::{beside, length, mark};
use super::room::connect;
use super::{accounts, codec, journal, operations, rows, schema};
use crate::profile::{private_file, sync_dir};

/// Said of every account until it has been read again.
const REASON: &str = "the ledger was damaged and has been rebuilt";

/// Moves the file aside and puts a new one, with what could be read, in its place. Returns the new name.
pub(super) fn set_aside(path: &Path) -> Outcome<PathBuf> {
    private_file().create(true).append(true).open(beside(path, ".rebuilding"))?;
    private_file().create(true).append(true).open(path)?;
    let aside = free_name(path);
    fs::rename(path, &aside)?;
    rebuild(path, &aside)?;
    Ok(aside)
}

/// Finishes what was interrupted; `None` where nothing was.
pub(super) fn resume(path: &Path) -> Outcome<Option<PathBuf>> {
    if !beside(path, ".rebuilding").exists() {
        return Ok(None);
    }
    match newest_aside(path)?.filter(|_| !path.exists()) {
        Some(aside) => {
            rebuild(path, &aside)?;
            Ok(Some(aside))
        }
        None => {
            remove_all(&beside(path, ".rebuilding"))?;
            Ok(None)
        }
    }
}

fn rebuild(path: &Path, aside: &Path) -> Outcome<()> {
    move_if_there(&beside(path, "-wal"), &beside(aside, "-wal"))?;
    remove_if_there(&beside(path, "-shm"))?;
    sync_parent(path)?;
    let (copy, fresh) = (beside(path, ".salvage"), beside(path, ".rebuilding"));
    remove_all(&copy)?;
    remove_all(&fresh)?;
    fs::copy(aside, &copy)?;
    if beside(aside, "-wal").exists() {
        fs::copy(beside(aside, "-wal"), beside(&copy, "-wal"))?;
    }
    private_file().create(true).append(true).open(&fresh)?;
    let mut connection = connect(&fresh, &Arc::default())?;
    schema::migrate(&mut connection)?;
    carry_over(&copy, &fresh, &mut connection)?;
    connection.close().map_err(|(_, error)| error)?;
    remove_all(&copy)?;
    remove_if_there(&mark(path))?;
    fs::rename(&fresh, path)?;
    Ok(sync_parent(path)?)
}

/// Copies what reads. Only a failure of the new file is an error.
fn carry_over(copy: &Path, fresh: &Path, to: &mut Connection) -> Outcome<()> {
    let from = match readable(copy) {
        Ok(from) => from,
        Err(_) => {
            let patched = replace_first_page(copy, fresh).map_err(Fault::from).and_then(|()| readable(copy));
            match patched {
                Ok(from) => from,
                Err(fault) => {
                    tracing::warn!(error = %LedgerError::from(fault), "nothing of the damaged ledger can be read");
                    return journal::append(to, &rebuilt(0));
                }
            }
        }
    };
    let transaction = to.transaction()?;
    for table in schema::SALVAGED {
        copy_table(&from, &transaction, table)?;
    }
    if let Err(error) = journal::carry_over(&from, &transaction).map_err(LedgerError::from) {
        tracing::warn!(%error, "the journal of the damaged ledger was carried over in part");
    }
    let kept = journal::last(&transaction)?;
    journal::append(&transaction, &rebuilt(kept))?;
    accounts::remove_unreadable(&transaction)?;
    for (table, unreadable) in
        [("operations", operations::unreadable(&transaction)?), ("keys", rows::unreadable(&transaction)?)]
    {
        for row in unreadable {
            transaction.execute(&format!("DELETE FROM {table} WHERE n = ?"), [row])?;
        }
    }
    transaction.execute(
        "UPDATE accounts SET freshness = 'stale', stale_since = ?, stale_reason = ?, baseline = 0
         WHERE freshness NOT IN ('unread', 'by_hand')",
        (codec::millis(Utc::now()), REASON),
    )?;
    Ok(transaction.commit()?)
}

/// So that the journal itself tells why entries may be missing behind it.
fn rebuilt(kept: u64) -> Entry {
    let words = format!(
        "the ledger was damaged and has been rebuilt; of its journal {kept} entries could be carried over"
    );
    Entry {
        at: Utc::now(),
        account: AccountId(String::new()),
        key: None,
        action: Action::Ledger,
        outcome: Ended::Done(words),
        reason: None,
        fingerprint: None,
    }
}

fn readable(copy: &Path) -> Outcome<Connection> {
    let connection = connect(copy, &Arc::default())?;
    // Without this SQLite refuses a file that is shorter than its header says.
    connection.pragma_update(None, "writable_schema", true)?;
    schema::check(&connection)?;
    Ok(connection)
}

/// The first page holds the header and the beginning of the schema, and is the same in every ledger of one
/// version but for a few numbers.
fn replace_first_page(copy: &Path, fresh: &Path) -> io::Result<()> {
    let mut bytes = fs::read(copy)?;
    let mut page = fs::read(fresh)?;
    let size = usize::from(u16::from_be_bytes([page[16], page[17]]));
    if bytes.len() < size || page.len() < size {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    page.truncate(size);
    let pages = u32::try_from(bytes.len() / size).unwrap_or(u32::MAX);
    page[28..32].copy_from_slice(&pages.to_be_bytes());
    // No free pages: those that were free stay unused.
    page[32..40].fill(0);
    if length(&beside(copy, "-wal"))? > 0 {
        page[18..20].fill(2);
    }
    bytes[..size].copy_from_slice(&page);
    fs::write(copy, bytes)
}

/// Row by row from the front, and where that ends early, from the back. Rows that do not fit are left out.
fn copy_table(from: &Connection, to: &Connection, table: &str) -> Outcome<()> {
    let here = columns(to, table)?;
    let Ok(there) = columns(from, table) else { return Ok(()) };
    let shared: Vec<_> = here.into_iter().filter(|column| there.contains(column)).collect();
    if shared.is_empty() {
        return Ok(());
    }
    let list = shared.join(", ");
    let places = vec!["?"; shared.len()].join(", ");
    let mut insert = to.prepare(&format!("INSERT OR IGNORE INTO {table} ({list}) VALUES ({places})"))?;
    // A table without rowid stands in the order of its key, which is its first two columns.
    let orders = match from.prepare(&format!("SELECT rowid FROM {table}")) {
        Ok(_) => ["rowid", "rowid DESC"],
        Err(_) => ["1, 2", "1 DESC, 2 DESC"],
    };
    for order in orders {
        let Ok(mut select) = from.prepare(&format!("SELECT {list} FROM {table} ORDER BY {order}")) else {
            break;
        };
        let Ok(mut rows) = select.query([]) else { continue };
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(()),
                Err(error) => {
                    tracing::warn!(table, %error, "a part of the damaged ledger cannot be read");
                    break;
                }
            };
            let values: rusqlite::Result<Vec<Value>> =
                (0..shared.len()).map(|index| row.get(index)).collect();
            let Ok(values) = values else { continue };
            match insert.execute(params_from_iter(values)) {
                Ok(_) => {}
                Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?)")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

/// `ledger.db.damaged-20260131T093000Z`, with a number behind it where that is taken.
fn free_name(path: &Path) -> PathBuf {
    let base = format!(".damaged-{}", Utc::now().format("%Y%m%dT%H%M%SZ"));
    let numbered = (2..).map(|number| beside(path, &format!("{base}-{number}")));
    std::iter::once(beside(path, &base))
        .chain(numbered)
        .find(|name| !name.exists() && !beside(name, "-wal").exists())
        .unwrap_or_else(|| beside(path, &base))
}

fn newest_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return Ok(None) };
    let prefix = format!("{}.damaged-", name.to_string_lossy());
    let mut newest: Option<(std::time::SystemTime, PathBuf)> = None;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&prefix) && !name.ends_with("-wal") && !name.ends_with("-shm") {
            newest = newest.max(Some((entry.metadata()?.modified()?, entry.path())));
        }
    }
    Ok(newest.map(|(_, path)| path))
}

fn remove_all(path: &Path) -> io::Result<()> {
    ["", "-wal", "-shm", "-journal"].into_iter().try_for_each(|suffix| remove_if_there(&beside(path, suffix)))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn move_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_dir)
}
