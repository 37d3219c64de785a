//! Idempotency keys: what each of them was used for, so that a repetition is told from something else.
//! Claimed in the transaction of the deed, so that a deed that was refused leaves its key free.

use std::time::Duration;

use rusqlite::{OptionalExtension, Transaction, params};

use super::people::Account;
use crate::error::AuthorityError;
use crate::moment::Moment;

/// How long a key is remembered. Natural's. [docs]
const REMEMBERED: Duration = Duration::from_secs(48 * 3600);

/// What a key was used for before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nothing: it is this intent's from now on.
    New,
    /// The same.
    Repeated,
    /// Something else.
    Taken,
}

/// Claims `key` for `intent` within an account.
///
/// # Errors
/// The store refused.
pub(super) fn claim(
    transaction: &Transaction<'_>,
    account: &Account,
    key: &str,
    intent: &str,
    now: Moment,
) -> Result<Claim, AuthorityError> {
    let attempt = || -> Result<Claim, rusqlite::Error> {
        transaction
            .prepare_cached("DELETE FROM idempotency WHERE at <= ?1")?
            .execute([now.minus(REMEMBERED).0])?;
        let known: Option<String> = transaction
            .prepare_cached("SELECT intent FROM idempotency WHERE account = ?1 AND key = ?2")?
            .query_row(params![account.id, key], |row| row.get(0))
            .optional()?;
        if let Some(known) = known {
            return Ok(if known == intent { Claim::Repeated } else { Claim::Taken });
        }
        transaction
            .prepare_cached("INSERT INTO idempotency (account, key, intent, at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![account.id, key, intent, now.0])?;
        Ok(Claim::New)
    };
    attempt().map_err(AuthorityError::store("look up an idempotency key in"))
}
