//! The journal: appended to, chained, and checked. The first act of every transaction that has one.

use std::collections::HashSet;

use keyturn_core::account::AccountId;
use keyturn_core::journal::{Action, Entry, Outcome as Ended};
use keyturn_core::key::{Hint, KeyRef, VendorKeyId};
use keyturn_core::ports::{HeadSignature, JournalCheck, JournalHead};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::chain::{FORM, Hash, Line, chain};
use super::codec;
use super::fault::{Outcome, damaged};
use crate::vault::{Head, is_signed};

const COLUMNS: &str = "seq, at, account, key, action, outcome, detail, form, reason, fingerprint";

/// The same for a ledger of before there were forms.
const FIRST_COLUMNS: &str = "seq, at, account, key, action, outcome, detail, 1, NULL, NULL";

/// Chains one entry to the last.
pub(super) fn append(connection: &Connection, entry: &Entry) -> Outcome<()> {
    append_for(connection, entry, None)
}

/// The same where the key has no row yet: `hint` is what it looks like.
pub(super) fn append_for(connection: &Connection, entry: &Entry, hint: Option<&Hint>) -> Outcome<()> {
    let (last, previous) = head(connection)?.unwrap_or(START);
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

/// Reads every entry, compares every hash, and with the hash of the entry that was signed the signature.
pub(super) fn check(connection: &Connection) -> Outcome<JournalCheck> {
    let signed = signed_head(connection)?;
    let (mut kept, mut hash_there) = (0, None);
    let end = walk(connection, START, |line, hash| {
        kept += 1;
        if signed.as_ref().is_some_and(|signed| signed.seq == line.seq) {
            hash_there = Some(*hash);
        }
        Ok(())
    })?;
    let seq = u64::try_from(kept + 1_i64).unwrap_or(1);
    Ok(match end {
        Some(last) if head(connection)?.unwrap_or(START) == last => JournalCheck::Whole {
            entries: seq - 1,
            signed: signed.map_or(HeadSignature::None, |signed| signed.verdict(hash_there)),
        },
        _ => JournalCheck::Broken { seq },
    })
}

/// The journal's end as it was signed last, without the hash, which stands with the entry.
struct SignedHead {
    seq: i64,
    from: i64,
    public_key: [u8; 32],
    signature: [u8; 64],
}

impl SignedHead {
    fn verdict(&self, hash: Option<Hash>) -> HeadSignature {
        let is_good = hash.is_some_and(|hash| {
            let head = Head { seq: self.seq, from: self.from, hash };
            is_signed(head, &self.public_key, &self.signature)
        });
        match (is_good, u64::try_from(self.from), u64::try_from(self.seq)) {
            (true, Ok(from), Ok(to)) => HeadSignature::Good { by: self.public_key, from, to },
            _ => HeadSignature::Bad,
        }
    }
}

/// `None` where nothing was ever signed, or the ledger is of before there were signatures.
fn signed_head(connection: &Connection) -> Outcome<Option<SignedHead>> {
    let columns = "SELECT 1 FROM pragma_table_info('journal_head') WHERE name = 'signature'";
    if !connection.prepare(columns)?.exists([])? {
        return Ok(None);
    }
    let sql = "SELECT signed_seq, signed_from, public_key, signature FROM journal_head WHERE signed_seq IS NOT NULL";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([], |row| {
            Ok(SignedHead {
                seq: row.get(0)?,
                from: row.get(1)?,
                public_key: row.get(2)?,
                signature: row.get(3)?,
            })
        })
        .optional()?)
}

/// Whether what was signed last, with the key `own`, still stands in the journal, and what follows hangs on it.
pub(super) fn as_signed(connection: &Connection, own: Option<[u8; 32]>) -> Outcome<JournalHead> {
    let Some(signed) = signed_head(connection)? else {
        let is_empty = head(connection)?.is_none();
        return Ok(if is_empty { JournalHead::Empty } else { JournalHead::Unsigned });
    };
    let hash: Option<Hash> = connection
        .prepare_cached("SELECT hash FROM journal WHERE seq = ?")?
        .query_row([signed.seq], |row| row.get(0))
        .optional()?;
    let by_us = matches!(signed.verdict(hash), HeadSignature::Good { by, .. } if Some(by) == own);
    let end = match hash.filter(|_| by_us) {
        Some(hash) => walk(connection, (signed.seq, hash), |_, _| Ok(()))?,
        None => None,
    };
    let is_whole = end.is_some() && head(connection)? == end;
    Ok(if is_whole { JournalHead::AsSigned } else { JournalHead::Broken })
}

/// Signs the end as it stands. With an entry, which is appended, nothing before that is signed for.
pub(super) fn sign(connection: &Connection, anew: Option<&Entry>) -> Outcome<()> {
    if let Some(entry) = anew {
        append(connection, entry)?;
        connection.execute("UPDATE journal_head SET signed_from = seq, signed_seq = NULL", [])?;
    }
    sign_head(connection)
}

fn sign_head(connection: &Connection) -> Outcome<()> {
    connection
        .prepare_cached(
            "UPDATE journal_head SET signed_seq = seq, public_key = head_key(),
                signature = head_signature(seq, signed_from, hash)
             WHERE signs() AND signed_seq IS NOT seq",
        )?
        .execute([])?;
    Ok(())
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
    walk(from, START, |line, hash| insert(to, line, hash))?;
    // What was signed shows later how much is missing.
    let Some(signed) = signed_head(from)? else { return Ok(()) };
    to.execute(
        "INSERT INTO journal_head (one, seq, hash, signed_seq, signed_from, public_key, signature)
         VALUES (1, 0, ?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (one) DO UPDATE SET signed_seq = ?2, signed_from = ?3, public_key = ?4, signature = ?5",
        params![[0_u8; 32].as_slice(), signed.seq, signed.from, signed.public_key, signed.signature],
    )?;
    Ok(())
}

/// Before the first entry.
const START: (i64, Hash) = (0, [0; 32]);

/// Calls `f` with each entry behind `after` to the last that holds; returns the last one's number and hash, or `None`
/// where one does not.
fn walk(
    connection: &Connection,
    after: (i64, Hash),
    mut f: impl FnMut(&Line, &Hash) -> Outcome<()>,
) -> Outcome<Option<(i64, Hash)>> {
    let formed =
        connection.prepare("SELECT 1 FROM pragma_table_info('journal') WHERE name = 'form'")?.exists([])?;
    let columns = if formed { COLUMNS } else { FIRST_COLUMNS };
    let mut statement =
        connection.prepare(&format!("SELECT {columns}, hash FROM journal WHERE seq > ? ORDER BY seq"))?;
    let (mut last, mut previous) = after;
    let mut rows = statement.query([last])?;
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
        .prepare_cached(
            "INSERT INTO journal_head (one, seq, hash) VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET seq = ?1, hash = ?2",
        )?
        .execute(params![line.seq, hash.as_slice()])?;
    sign_head(connection)
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
