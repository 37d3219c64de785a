//! The journal: appended to, chained, and checked. The first act of every transaction that has one.

use std::collections::HashSet;

use keyturn_core::account::AccountId;
use keyturn_core::journal::{Action, Entry, Outcome as Ended};
use keyturn_core::key::{Hint, KeyRef, VendorKeyId};
use keyturn_core::ports::JournalCheck;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::chain::{FORM, Hash, Line, chain};
use super::codec;
use super::fault::{Outcome, damaged};

const COLUMNS: &str = "seq, at, account, key, action, outcome, detail, form, reason, fingerprint";

/// The same for a ledger of before there were forms.
const FIRST_COLUMNS: &str = "seq, at, account, key, action, outcome, detail, 1, NULL, NULL";

/// Chains one entry to the last.
pub(super) fn append(connection: &Connection, entry: &Entry) -> Outcome<()> {
    append_for(connection, entry, None)
}

/// The same where the key has no row yet: `hint` is what it looks like.
pub(super) fn append_for(connection: &Connection, entry: &Entry, hint: Option<&Hint>) -> Outcome<()> {
    let (last, previous) = head(connection)?.unwrap_or((0, [0; 32]));
    let (outcome, detail) = match &entry.outcome {
        Ended::Intended => ("intended", None),
        Ended::Done(words) => ("done", Some(words.clone())),
        Ended::Failed(words) => ("failed", Some(words.clone())),
    };
    let line = Line {
        seq: last + 1,
        at: codec::millis(entry.at),
        account: entry.account.0.clone(),
        key: entry.key.as_ref().map(|key| key.0.clone()),
        action: entry.action.word().into(),
        outcome: outcome.into(),
        detail,
        form: FORM,
        reason: entry.reason.clone(),
        fingerprint: match &entry.fingerprint {
            Some(given) => Some(given.clone()),
            None => fingerprint(connection, entry, hint)?,
        },
    };
    let hash = chain(&previous, &line).ok_or_else(|| damaged("an entry has no form"))?;
    insert(connection, &line, &hash)
}

/// `nl_live_…e5f6 1a2b3c4d`: what the vendor lists of the key, and the beginning of its value's keyed fingerprint
/// where the vault has held that.
fn fingerprint(connection: &Connection, entry: &Entry, hint: Option<&Hint>) -> Outcome<Option<String>> {
    let Some(key) = &entry.key else { return Ok(None) };
    let names = [&entry.account.0, &key.0];
    let listed = match hint {
        Some(hint) => Some(hint.clone()),
        None => connection
            .prepare_cached(
                "SELECT hint_prefix, hint_suffix FROM keys
                 WHERE id = ?2 AND account = (SELECT n FROM accounts WHERE id = ?1)",
            )?
            .query_row(names, |row| Ok(Hint { prefix: row.get(0)?, suffix: row.get(1)? }))
            .optional()?,
    };
    let listed = listed.filter(|hint| !(hint.prefix.is_empty() && hint.suffix.is_empty()));
    let held: Option<String> = connection
        .prepare_cached(
            "SELECT lower(hex(substr(fingerprint, 1, 4))) FROM fingerprints WHERE account = ? AND key = ?
             ORDER BY rowid DESC LIMIT 1",
        )?
        .query_row(names, |row| row.get(0))
        .optional()?;
    let parts: Vec<String> = listed.map(|hint| hint.masked()).into_iter().chain(held).collect();
    Ok((!parts.is_empty()).then(|| parts.join(" ")))
}

/// The entries for one key, newest first.
pub(super) fn history(connection: &Connection, key: &KeyRef, limit: usize) -> Outcome<Vec<Entry>> {
    let sql =
        format!("SELECT {COLUMNS} FROM journal WHERE account = ? AND key = ? ORDER BY seq DESC LIMIT ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![key.account.0, key.key.0, limit])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(read(row)?)?);
    }
    Ok(entries)
}

/// The number of the last entry; 0 before the first.
pub(super) fn last(connection: &Connection) -> Outcome<u64> {
    let last = head(connection)?.map_or(0, |(seq, _)| seq);
    u64::try_from(last).map_err(|_| damaged("the journal's end is not readable"))
}

/// The account's keys that entries behind number `last` changed.
pub(super) fn changed_since(
    connection: &Connection,
    account: &AccountId,
    last: u64,
) -> Outcome<HashSet<String>> {
    let sql = "SELECT key, action FROM journal
               WHERE seq > ? AND account = ? AND key IS NOT NULL AND outcome = 'done'";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![i64::try_from(last).unwrap_or(i64::MAX), account.0])?;
    let mut changed = HashSet::new();
    while let Some(row) = rows.next()? {
        let word: String = row.get(1)?;
        if Action::parse(&word).is_none_or(Action::changes_the_key) {
            changed.insert(row.get(0)?);
        }
    }
    Ok(changed)
}

/// Reads every entry and compares every hash.
pub(super) fn check(connection: &Connection) -> Outcome<JournalCheck> {
    let mut kept = 0;
    let end = walk(connection, |_, _| {
        kept += 1;
        Ok(())
    })?;
    let seq = u64::try_from(kept + 1_i64).unwrap_or(1);
    Ok(match end {
        Some(last) if head(connection)?.unwrap_or((0, [0; 32])) == last => {
            JournalCheck::Whole { entries: seq - 1 }
        }
        _ => JournalCheck::Broken { seq },
    })
}

/// The last link only: cheap enough for every start.
pub(super) fn check_head(connection: &Connection) -> Outcome<()> {
    let last: Option<(i64, Hash)> = connection
        .query_row("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    if last == head(connection)? { Ok(()) } else { Err(damaged("the journal's end is missing")) }
}

/// Copies the entries up to the first broken one into another ledger.
pub(super) fn carry_over(from: &Connection, to: &Connection) -> Outcome<()> {
    walk(from, |line, hash| insert(to, line, hash))?;
    Ok(())
}

/// Calls `f` with each entry from the first to the last that holds; returns the last one's number and hash,
/// or `None` where one does not.
fn walk(
    connection: &Connection,
    mut f: impl FnMut(&Line, &Hash) -> Outcome<()>,
) -> Outcome<Option<(i64, Hash)>> {
    let formed =
        connection.prepare("SELECT 1 FROM pragma_table_info('journal') WHERE name = 'form'")?.exists([])?;
    let columns = if formed { COLUMNS } else { FIRST_COLUMNS };
    let mut statement = connection.prepare(&format!("SELECT {columns}, hash FROM journal ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    let (mut last, mut previous) = (0, [0; 32]);
    loop {
        // An entry that cannot be read is a broken one: the check names it and goes no further.
        let Ok(next) = rows.next() else { return Ok(None) };
        let Some(row) = next else { return Ok(Some((last, previous))) };
        let (Ok(line), Ok(hash)) = (read(row), row.get::<_, Hash>(10)) else { return Ok(None) };
        if line.seq != last + 1 || chain(&previous, &line) != Some(hash) {
            return Ok(None);
        }
        f(&line, &hash)?;
        (last, previous) = (line.seq, hash);
    }
}

fn insert(connection: &Connection, line: &Line, hash: &Hash) -> Outcome<()> {
    connection
        .prepare_cached(
            "INSERT INTO journal (seq, at, account, key, action, outcome, detail, form, reason, fingerprint, hash)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            line.seq,
            line.at,
            line.account,
            line.key,
            line.action,
            line.outcome,
            line.detail,
            line.form,
            line.reason,
            line.fingerprint,
            hash.as_slice()
        ])?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO journal_head (one, seq, hash) VALUES (1, ?, ?)")?
        .execute(params![line.seq, hash.as_slice()])?;
    Ok(())
}

fn head(connection: &Connection) -> Outcome<Option<(i64, Hash)>> {
    Ok(connection
        .prepare_cached("SELECT seq, hash FROM journal_head")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        seq: row.get(0)?,
        at: row.get(1)?,
        account: row.get(2)?,
        key: row.get(3)?,
        action: row.get(4)?,
        outcome: row.get(5)?,
        detail: row.get(6)?,
        form: row.get(7)?,
        reason: row.get(8)?,
        fingerprint: row.get(9)?,
    })
}

fn entry(line: Line) -> Outcome<Entry> {
    let broken = || damaged(format!("entry {} of the journal is not readable", line.seq));
    let outcome = match (line.outcome.as_str(), line.detail) {
        ("intended", None) => Ended::Intended,
        ("done", Some(words)) => Ended::Done(words),
        ("failed", Some(words)) => Ended::Failed(words),
        _ => return Err(broken()),
    };
    Ok(Entry {
        at: codec::time(line.at)?,
        account: AccountId(line.account),
        key: line.key.map(VendorKeyId),
        action: Action::parse(&line.action).ok_or_else(broken)?,
        outcome,
        reason: line.reason,
        fingerprint: line.fingerprint,
    })
}
