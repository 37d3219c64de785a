//! What readings found changed: written as numbers and words, read back as core's sentences' parts.

use keyturn_core::account::AccountId;
use keyturn_core::key::{KeyRef, LastUse, Scope, VendorKeyId};
use keyturn_core::observed::{Change as Told, Changed};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::codec;
use super::super::fault::{Outcome, damaged};

/// So many changes are kept; the oldest go. A line is about a hundred bytes.
const KEPT: i64 = 200_000;

/// What changed, as a number in the table. Never given another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Kind {
    Appeared = 1,
    Vanished = 2,
    Name = 3,
    Status = 4,
    Scopes = 5,
    Expiry = 6,
    Returned = 7,
}

/// One line to write.
pub(in super::super) struct Change<'a> {
    pub(in super::super) at: i64,
    pub(in super::super) account: i64,
    pub(in super::super) key: &'a str,
    pub(in super::super) name: &'a str,
    pub(in super::super) kind: Kind,
    /// Neither Keyturn nor time alone did it.
    pub(in super::super) outside: bool,
    pub(in super::super) before: Value,
    pub(in super::super) after: Value,
}

pub(in super::super) fn note(connection: &Connection, change: &Change<'_>) -> Outcome<()> {
    connection
        .prepare_cached(
            "INSERT INTO changes (at, account, key, name, kind, outside, before, after)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            change.at,
            change.account,
            change.key,
            change.name,
            change.kind as i64,
            change.outside,
            change.before,
            change.after,
        ])?;
    Ok(())
}

/// Lets the oldest go.
pub(in super::super) fn trim(connection: &Connection) -> Outcome<()> {
    connection
        .prepare_cached("DELETE FROM changes WHERE n <= (SELECT max(n) FROM changes) - ?")?
        .execute([KEPT])?;
    Ok(())
}

pub(super) fn outside(connection: &Connection, offset: usize, limit: usize) -> Outcome<(Vec<Told>, usize)> {
    let total: u32 =
        connection.query_row("SELECT count(*) FROM changes WHERE outside", [], |row| row.get(0))?;
    let mut statement = connection.prepare_cached(
        "SELECT c.at, a.id, c.key, c.name, c.kind, c.before, c.after,
                EXISTS (SELECT 1 FROM listed k WHERE k.account = c.account AND k.id = c.key)
         FROM changes c JOIN accounts a ON a.n = c.account
         WHERE c.outside ORDER BY c.n DESC LIMIT ? OFFSET ?",
    )?;
    let most = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut rows = statement.query([most(limit), most(offset)])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        changes.push(Told {
            at: codec::time(row.get(0)?)?,
            key: KeyRef { account: AccountId(row.get(1)?), key: VendorKeyId(row.get(2)?) },
            name: row.get(3)?,
            there: row.get(7)?,
            changed: changed(connection, row)?,
        });
    }
    Ok((changes, total as usize))
}

fn changed(connection: &Connection, row: &Row<'_>) -> Outcome<Changed> {
    let odd = || damaged("a change is not one");
    let text = |index: usize| -> Outcome<String> { Ok(row.get(index)?) };
    let time = |index: usize| -> Outcome<_> { Ok(codec::reported(row.get(index)?)) };
    let scopes = |index: usize| scope_set(connection, row.get(index)?);
    // The words of a status need no time of their own.
    let status = |index: usize| -> Outcome<_> { codec::status((&text(index)?, row.get(0)?)) };
    Ok(match row.get::<_, i64>(4)? {
        1 => Changed::Appeared,
        2 => Changed::Vanished { last_use: time(5)?.map_or(LastUse::NotReported, LastUse::At) },
        3 => Changed::Name { before: text(5)?, after: text(6)? },
        4 => Changed::Status { before: status(5)?, after: status(6)? },
        5 => Changed::Scopes { before: scopes(5)?, after: scopes(6)? },
        6 => Changed::Expiry { before: codec::timestamp(row.get(5)?), after: codec::timestamp(row.get(6)?) },
        7 => Changed::Returned,
        _ => return Err(odd()),
    })
}

/// Empty where the set is not kept any more.
fn scope_set(connection: &Connection, number: i64) -> Outcome<Vec<Scope>> {
    let text: Option<String> = connection
        .prepare_cached("SELECT scopes FROM scope_sets WHERE n = ?")?
        .query_row([number], |row| row.get(0))
        .optional()?;
    text.map_or(Ok(Vec::new()), |text| codec::scopes(&text))
}
