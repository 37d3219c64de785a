//! The audit log: who did what to which key. Written in the transaction of the deed, so that neither exists
//! without the other; kept when the key is deleted.

use rusqlite::{Connection, Transaction, params};

use super::key::Key;
use super::people::{Account, Member};
use super::{Engine, lifecycle::Actor};
use crate::error::AuthorityError;
use crate::moment::Moment;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Create,
    Revoke,
    Rotate,
    Reset,
    Delete,
}

impl Deed {
    fn stored(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Revoke => "revoke",
            Self::Rotate => "rotate",
            Self::Reset => "reset",
            Self::Delete => "delete",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Create, Self::Revoke, Self::Rotate, Self::Reset, Self::Delete]
            .into_iter()
            .find(|deed| deed.stored() == text)
    }
}

/// One record.
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) at: Moment,
    pub(crate) deed: Deed,
    pub(crate) key: String,
    pub(crate) key_name: String,
    /// The key that took its place, for a rotation.
    pub(crate) successor: Option<String>,
    pub(crate) member: String,
    /// The key with which the member did it; none for what was done on the authority's own machine.
    pub(crate) with_key: Option<String>,
}

/// Adds a record.
///
/// # Errors
/// The store refused.
pub(super) fn record(
    transaction: &Transaction<'_>,
    actor: &Actor,
    deed: Deed,
    key: &Key,
    successor: Option<&Key>,
    at: Moment,
) -> Result<(), AuthorityError> {
    let Actor { member, with_key } = actor;
    let Member { name, account, .. } = &**member;
    transaction
        .prepare_cached(
            "INSERT INTO audit (account, at, deed, key, key_name, successor, member, with_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )
        .and_then(|mut insert| {
            insert.execute(params![
                account.id,
                at.0,
                deed.stored(),
                key.id,
                key.name,
                successor.map(|key| &key.id),
                name,
                with_key
            ])
        })
        .map(drop)
        .map_err(AuthorityError::store("write the audit log of"))
}

/// A stretch of an account's records, newest first.
///
/// # Errors
/// The store refused.
pub(crate) fn page(
    engine: &Engine,
    account: &Account,
    skip: usize,
    limit: usize,
) -> Result<Vec<Entry>, AuthorityError> {
    let store = engine.store();
    let connection = store.as_ref().ok_or(AuthorityError::Stopped)?;
    select(connection, account, skip, limit).map_err(AuthorityError::store("read the audit log of"))
}

fn select(
    connection: &Connection,
    account: &Account,
    skip: usize,
    limit: usize,
) -> Result<Vec<Entry>, rusqlite::Error> {
    let mut select = connection.prepare_cached(
        "SELECT id, at, deed, key, key_name, successor, member, with_key FROM audit
         WHERE account = ?1 ORDER BY at DESC, id DESC LIMIT ?2 OFFSET ?3",
    )?;
    let bound = |number| i64::try_from(number).unwrap_or(i64::MAX);
    let rows = select.query_map(params![account.id, bound(limit), bound(skip)], |row| {
        let deed: String = row.get(2)?;
        Ok(Entry {
            id: row.get(0)?,
            at: Moment(row.get(1)?),
            deed: Deed::parse(&deed).ok_or(rusqlite::Error::InvalidQuery)?,
            key: row.get(3)?,
            key_name: row.get(4)?,
            successor: row.get(5)?,
            member: row.get(6)?,
            with_key: row.get(7)?,
        })
    })?;
    rows.collect()
}
