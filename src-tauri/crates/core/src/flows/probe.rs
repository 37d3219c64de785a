//! Whether an adopted key still works, seen with the key itself. What was not seen is not written down.

use chrono::{DateTime, TimeDelta, Utc};

use super::Context;
use super::account::{account, entry, key};
use super::adopt::adopted_secret;
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::{Checked, KeyRecord, KeyRef, KeyStatus};
use crate::ports::Purpose;
use crate::provider::{Connection, Probe};

/// How old a probe may be before another is due.
const AGE: TimeDelta = TimeDelta::days(1);

/// Calls the vendor with the adopted key. The row then says what was seen, and when; the key itself stays, also
/// where it was refused.
///
/// # Errors
/// [`FlowError::NotFound`] where the key was not adopted; [`FlowError::Provider`] where nothing was seen: the row
/// stays as it was, and the journal says why.
pub async fn probe_key(ctx: &Context, target: &KeyRef) -> Result<Checked, FlowError> {
    let record = key(ctx, target).await?;
    let (account, provider) = account(ctx, &target.account).await?;
    let secret = adopted_secret(ctx, target).await?;
    let connection =
        Connection { base_url: &account.base_url, managing_key: &secret, settings: &account.settings };
    let note = |outcome| entry(ctx, &target.account, Some(&target.key), Action::Probe, outcome);
    match provider.probe(connection).await {
        Ok(seen) => {
            let checked = Checked { at: ctx.clock.now(), alive: seen == Probe::Alive };
            let words = if checked.alive { "the vendor accepted it" } else { "the vendor refused it" };
            let record = as_seen(record, checked);
            ctx.ledger.put_key(&target.account, &record, &note(Outcome::Done(words.into()))).await?;
            Ok(checked)
        }
        Err(error) => {
            ctx.ledger.append(&note(Outcome::Failed(error.to_string()))).await?;
            Err(error.into())
        }
    }
}

/// The adopted keys that were never probed, or not within the last day. What was seen to be refused is not asked
/// again by itself: a revoked key does not come back.
///
/// # Errors
/// Ledger faults.
pub async fn due_probes(ctx: &Context, now: DateTime<Utc>) -> Result<Vec<KeyRef>, FlowError> {
    let mut due = Vec::new();
    for account in ctx.ledger.accounts().await?.into_iter().filter(|account| account.managing.is_none()) {
        for record in ctx.ledger.keys(&account.id).await?.into_iter().filter(|record| is_due(record, now)) {
            let key = KeyRef { account: account.id.clone(), key: record.id };
            // An imported key has no value to ask with.
            if ctx.ledger.sealed(&Purpose::Adopted(key.clone())).await?.is_some() {
                due.push(key);
            }
        }
    }
    Ok(due)
}

/// A probe from the future means that the clock was moved: it counts as old.
fn is_due(record: &KeyRecord, now: DateTime<Utc>) -> bool {
    record.status.is_live() && record.checked.is_none_or(|checked| checked.at > now || now - checked.at > AGE)
}

/// The time of death is when it was first seen: a later refusal does not move it.
fn as_seen(mut record: KeyRecord, checked: Checked) -> KeyRecord {
    record.status = match (checked.alive, record.status) {
        (true, _) => KeyStatus::Active,
        (false, dead @ KeyStatus::Revoked { at: Some(_) }) => dead,
        (false, _) => KeyStatus::Revoked { at: Some(checked.at) },
    };
    record.checked = Some(checked);
    record
}
