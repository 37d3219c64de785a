//! Work that a key may queue and that ends by itself: judged when it was queued, and never again by its key.
//!
//! Nothing is done: a job is a row that counts as finished once its time has come.

use std::time::Duration;

use rusqlite::{OptionalExtension, params};

use super::authenticate::Caller;
use super::people::Account;
use super::profile::IdForm;
use super::{Engine, store};
use crate::error::AuthorityError;
use crate::moment::Moment;

/// How long a job takes: longer than any revoked key is accepted. [assumed]
const DURATION: Duration = Duration::from_secs(90);

/// A queued or finished job.
pub(crate) struct Job {
    pub(crate) id: Box<str>,
    pub(crate) kind: Box<str>,
    pub(crate) queued_at: Moment,
}

impl Job {
    /// When it finished, `None` while it has not.
    pub(crate) fn finished_at(&self, now: Moment) -> Option<Moment> {
        Some(self.queued_at.plus(DURATION)).filter(|at| *at <= now)
    }
}

/// Queues a job of the caller's account.
///
/// # Errors
/// The store refused, or there is no randomness.
pub(crate) fn queue(engine: &Engine, caller: &Caller, kind: &str) -> Result<Job, AuthorityError> {
    let id = IdForm::PrefixedBase62("job_").next()?;
    let job = Job { id, kind: kind.into(), queued_at: engine.now() };
    engine.change(|transaction| store::insert_job(transaction, &job, &caller.key), |_, ()| {})?;
    Ok(job)
}

/// A job of this account; other accounts' jobs are as good as unknown.
///
/// # Errors
/// The store refused.
pub(crate) fn find(engine: &Engine, account: &Account, id: &str) -> Result<Option<Job>, AuthorityError> {
    let store = engine.store();
    let connection = store.as_ref().ok_or(AuthorityError::Stopped)?;
    connection
        .prepare_cached("SELECT id, kind, queued_at FROM jobs WHERE account = ?1 AND id = ?2")
        .and_then(|mut select| {
            let row = |row: &rusqlite::Row<'_>| {
                Ok(Job { id: row.get(0)?, kind: row.get(1)?, queued_at: Moment(row.get(2)?) })
            };
            select.query_row(params![account.id, id], row).optional()
        })
        .map_err(AuthorityError::store("read a job from"))
}
