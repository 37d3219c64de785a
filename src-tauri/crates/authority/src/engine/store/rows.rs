//! Rows of the store: one function a statement.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use rusqlite::{Connection, Params, Row, Transaction, params};

use crate::engine::Profile;
use crate::engine::form::KeyHash;
use crate::engine::index::Index;
use crate::engine::jobs::Job;
use crate::engine::key::Key;
use crate::engine::limiter::Window;
use crate::engine::people::{Account, Member, Role};
use crate::engine::usage::{Seen, Usage};
use crate::error::AuthorityError;
use crate::moment::{AtomicMoment, Moment};

/// Adds a key.
///
/// # Errors
/// The store refused.
pub(crate) fn insert_key(transaction: &Transaction<'_>, key: &Key) -> Result<(), AuthorityError> {
    execute(
        transaction,
        "INSERT INTO keys (id, hash, hint, environment, name, scopes, creator, created_at, expires_at,
             revoked_at, revoked_by, last_used_at, client)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            key.id,
            key.hash.0,
            key.hint,
            key.environment.name,
            key.name,
            key.scopes.join(" "),
            key.creator.name,
            key.created_at.0,
            key.expires_at.map(|at| at.0),
            key.revoked_at().map(|at| at.0),
            key.revoked_by(),
            key.last_used_at().map(|at| at.0),
            key.client,
        ],
    )
}

/// Gives a key another value.
///
/// # Errors
/// The store refused.
pub(crate) fn write_value(transaction: &Transaction<'_>, key: &Key) -> Result<(), AuthorityError> {
    execute(
        transaction,
        "UPDATE keys SET hash = ?2, hint = ?3 WHERE id = ?1",
        params![key.id, key.hash.0, key.hint],
    )
}

/// Marks a key as revoked.
///
/// # Errors
/// The store refused.
pub(crate) fn write_revocation(
    transaction: &Transaction<'_>,
    id: &str,
    by: &str,
    at: Moment,
) -> Result<(), AuthorityError> {
    execute(
        transaction,
        "UPDATE keys SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1",
        params![id, at.0, by],
    )
}

/// Writes a key's last use; does nothing for a key that was deleted since.
///
/// # Errors
/// The store refused.
pub(crate) fn write_last_use(transaction: &Transaction<'_>, key: &Key) -> Result<(), AuthorityError> {
    let at = key.last_used_at().map(|at| at.0);
    execute(transaction, "UPDATE keys SET last_used_at = ?2 WHERE id = ?1", params![key.id, at])
}

/// Writes where a key was used from; does nothing for a key that was deleted since.
///
/// # Errors
/// The store refused.
pub(crate) fn write_usage(transaction: &Transaction<'_>, key: &Key) -> Result<(), AuthorityError> {
    execute(transaction, "DELETE FROM usage WHERE key = ?1", params![key.id])?;
    key.usage.seen().iter().try_for_each(|seen| {
        execute(
            transaction,
            "INSERT INTO usage (key, address, last_used_at, count)
             SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM keys WHERE id = ?1)",
            params![key.id, seen.address.to_string(), seen.last_used_at.0, seen.count],
        )
    })
}

/// Adds a job.
///
/// # Errors
/// The store refused.
pub(crate) fn insert_job(transaction: &Transaction<'_>, job: &Job, key: &Key) -> Result<(), AuthorityError> {
    execute(
        transaction,
        "INSERT INTO jobs (id, account, key, kind, queued_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![job.id, key.creator.account.id, key.id, job.kind, job.queued_at.0],
    )
}

/// Forgets a key.
///
/// # Errors
/// The store refused.
pub(crate) fn delete_key(transaction: &Transaction<'_>, id: &str) -> Result<(), AuthorityError> {
    execute(transaction, "DELETE FROM keys WHERE id = ?1", params![id])
}

/// Adds a member, with the account, or changes the member's role.
///
/// # Errors
/// The store refused.
pub(crate) fn put_member(
    transaction: &Transaction<'_>,
    member: &Member,
    role: Role,
) -> Result<(), AuthorityError> {
    execute(transaction, "INSERT OR IGNORE INTO accounts (id) VALUES (?1)", params![member.account.id])?;
    execute(
        transaction,
        "INSERT INTO members (name, account, role) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET role = excluded.role",
        params![member.name, member.account.id, role.to_string()],
    )
}

/// Everything but the audit log, which is read from the store when it is asked for.
///
/// # Errors
/// The store refused, or holds what no authority of this profile wrote.
pub(crate) fn load(connection: &Connection, profile: &'static Profile) -> Result<Index, AuthorityError> {
    let failed = AuthorityError::store("read");
    let mut index = Index::default();
    let mut select = connection.prepare("SELECT name, account, role FROM members").map_err(&failed)?;
    let mut members = select.query([]).map_err(&failed)?;
    while let Some(row) = members.next().map_err(&failed)? {
        let (name, account, role) = member(row).map_err(&failed)?;
        let role = role.parse().map_err(|_| AuthorityError::Foreign(format!("it has a role {role:?}")))?;
        let account = index.account(&account).cloned().unwrap_or_else(|| Account::new(&account));
        index.add_member(&Member::new(&name, account, role));
    }
    let mut select = connection
        .prepare(
            "SELECT id, hash, hint, environment, name, scopes, creator, created_at, expires_at, revoked_at,
                 revoked_by, last_used_at, client
             FROM keys",
        )
        .map_err(&failed)?;
    let mut rows = select.query([]).map_err(&failed)?;
    let mut usage = usage(connection).map_err(&failed)?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next().map_err(&failed)? {
        keys.push(Arc::new(key(row, profile, &index, &mut usage).map_err(&failed)??));
    }
    index.add_keys(&keys);
    Ok(index)
}

fn member(row: &Row<'_>) -> Result<(String, String, String), rusqlite::Error> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn usage(connection: &Connection) -> Result<HashMap<String, Vec<Seen>>, rusqlite::Error> {
    let mut select = connection.prepare("SELECT key, address, last_used_at, count FROM usage")?;
    let mut rows = select.query([])?;
    let mut usage = HashMap::<_, Vec<_>>::new();
    while let Some(row) = rows.next()? {
        let address: String = row.get(1)?;
        let address = address.parse().map_err(|_| rusqlite::Error::InvalidQuery)?;
        let seen = Seen { address, last_used_at: Moment(row.get(2)?), count: row.get(3)? };
        usage.entry(row.get(0)?).or_default().push(seen);
    }
    Ok(usage)
}

/// Two kinds of failure: SQLite's, and a row that makes no sense.
fn key(
    row: &Row<'_>,
    profile: &'static Profile,
    index: &Index,
    usage: &mut HashMap<String, Vec<Seen>>,
) -> Result<Result<Key, AuthorityError>, rusqlite::Error> {
    let id: Box<str> = row.get(0)?;
    let (environment, scopes, creator): (String, String, String) = (row.get(3)?, row.get(5)?, row.get(6)?);
    let odd = |what: &str| AuthorityError::Foreign(format!("key {id} has an unknown {what}"));
    let Some(environment) = profile.form.environment(&environment) else {
        return Ok(Err(odd("environment")));
    };
    let Some(scopes) = scopes.split_whitespace().map(|scope| profile.scope(scope)).collect() else {
        return Ok(Err(odd("scope")));
    };
    let Some(creator) = index.member(&creator).cloned() else {
        return Ok(Err(odd("creator")));
    };
    let moment = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Moment));
    Ok(Ok(Key {
        hash: KeyHash(row.get(1)?),
        hint: row.get(2)?,
        environment,
        name: row.get(4)?,
        scopes,
        client: row.get(12)?,
        creator,
        created_at: Moment(row.get(7)?),
        expires_at: moment(8)?,
        revoked_at: AtomicMoment::new(moment(9)?),
        revoked_by: row.get::<_, Option<Box<str>>>(10)?.map_or_else(OnceLock::new, OnceLock::from),
        last_used_at: AtomicMoment::new(moment(11)?),
        unwritten: AtomicBool::new(false),
        window: Window::default(),
        second: Window::default(),
        hour: Window::default(),
        usage: Usage::of(usage.remove(&*id).unwrap_or_default()),
        id,
    }))
}

fn execute(
    transaction: &Transaction<'_>,
    statement: &str,
    values: impl Params,
) -> Result<(), AuthorityError> {
    transaction
        .prepare_cached(statement)
        .and_then(|mut statement| statement.execute(values))
        .map(drop)
        .map_err(AuthorityError::store("write to"))
}
