//! Whether an adopted key still works, seen with the key itself. What was not seen is not written down.

use chrono::{DateTime, TimeDelta, Utc};

use super::Context;
use super::account::{account, entry, key};
use super::adopt::adopted_secret;
use super::control::{Control, control};
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::{Checked, KeyRecord, KeyRef, KeyStatus};
use crate::ports::Purpose;
use crate::provider::{Connection, Probe};

/// The state of a key that no vendor was seen to accept yet.
const NOT_ACCEPTED: &str = "not accepted";

/// How old a probe may be before another is due.
const AGE: TimeDelta = TimeDelta::days(1);

/// A refusal with nothing beside it is looked at again this much later: two that lie so far apart agree.
const APART: TimeDelta = TimeDelta::hours(2);

/// A key that was seen dead is asked for so long after, once a day: a vendor may have refused everybody.
const ASKED_AFTER_DEATH: TimeDelta = TimeDelta::days(14);

/// Calls the vendor with the adopted key. The row then says what was seen, and when; the key itself stays, also
/// where it was refused. One that was accepted before counts as revoked once the vendor refused it and accepted another at
/// the same moment, or refused it twice, some hours apart.
///
/// # Errors
/// [`FlowError::NotFound`] where the key was not adopted; [`FlowError::Provider`] where nothing was seen: the row
/// stays as it was, and the journal says why.
pub async fn probe_key(ctx: &Context, target: &KeyRef) -> Result<Checked, FlowError> {
    let record = key(ctx, target).await?;
    let (account, provider) = account(ctx, &target.account).await?;
    let secret = adopted_secret(ctx, &account, target).await?;
    let connection =
        Connection { base_url: &account.base_url, managing_key: &secret, settings: &account.settings };
    let note = |outcome| entry(ctx, &target.account, Some(&target.key), Action::Probe, outcome);
    let seen = match provider.probe(connection).await {
        Ok(Probe::Alive) => Ok(Verdict::Alive),
        Ok(Probe::Refused) => {
            let beside = control(ctx, &account, provider.as_ref(), Some(target), None).await;
            beside.map(|beside| verdict(&record, beside, ctx.clock.now()))
        }
        Err(error) => Err(error.into()),
    };
    match seen {
        Ok(verdict) => {
            let checked = Checked { at: ctx.clock.now(), alive: verdict == Verdict::Alive };
            let record = as_seen(record, checked, verdict);
            let done = note(Outcome::Done(verdict.words().into()));
            ctx.ledger.put_key(&target.account, &record, &done).await?;
            Ok(checked)
        }
        Err(error) => {
            ctx.ledger.append(&note(Outcome::Failed(error.to_string()))).await?;
            Err(error)
        }
    }
}

/// What a probe says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Alive,
    /// Refused, and it was never seen to be accepted: it may not be a key at all.
    NeverAccepted,
    /// Refused, and nothing shows that the vendor does not refuse every key.
    Refused,
    Dead,
}

impl Verdict {
    fn words(self) -> &'static str {
        match self {
            Self::Alive => "the vendor accepted it",
            Self::Refused => {
                "the vendor refused it; nothing shows that it does not refuse every key at this moment"
            }
            Self::NeverAccepted => "the vendor refused it, and was never seen to accept it: copied whole?",
            Self::Dead => "the vendor refused it",
        }
    }
}

/// A key that was refused as long as it is known bears our word for that.
fn was_accepted(record: &KeyRecord) -> bool {
    record.checked.is_some() && record.status != KeyStatus::Unknown(NOT_ACCEPTED.to_owned())
}

fn verdict(record: &KeyRecord, beside: Control, now: DateTime<Utc>) -> Verdict {
    let before = record.checked.filter(|checked| !checked.alive && checked.at <= now);
    match beside {
        _ if !was_accepted(record) => Verdict::NeverAccepted,
        Control::Accepted => Verdict::Dead,
        Control::Refused => Verdict::Refused,
        Control::None if before.is_some_and(|before| now - before.at >= APART) => Verdict::Dead,
        Control::None => Verdict::Refused,
    }
}

/// The adopted keys that are to be asked with: never probed, or not within the last day; refused once, some hours ago;
/// or dead for a short while only.
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
    let Some(checked) = record.checked.filter(|checked| checked.at <= now) else {
        return record.status.is_live();
    };
    let age = now - checked.at;
    match &record.status {
        KeyStatus::Revoked { at } => age > AGE && at.is_none_or(|at| now - at < ASKED_AFTER_DEATH),
        status if status.is_live() => age > AGE || (!checked.alive && age >= APART),
        _ => false,
    }
}

/// The time of death is when it was first seen: a later refusal does not move it. A first refusal that proves nothing
/// leaves the time at which it was seen, so that the second one can agree with it.
fn as_seen(mut record: KeyRecord, checked: Checked, verdict: Verdict) -> KeyRecord {
    let first = record.checked.filter(|before| !before.alive && before.at <= checked.at);
    record.checked = Some(checked);
    record.status = match (verdict, record.status) {
        (Verdict::Alive, _) => KeyStatus::Active,
        (Verdict::Dead, dead @ KeyStatus::Revoked { at: Some(_) }) => dead,
        (Verdict::Dead, _) => KeyStatus::Revoked { at: Some(checked.at) },
        (Verdict::NeverAccepted, _) => KeyStatus::Unknown(NOT_ACCEPTED.to_owned()),
        (Verdict::Refused, KeyStatus::Revoked { at }) => KeyStatus::Revoked { at },
        (Verdict::Refused, status) => {
            record.checked = first.or(record.checked);
            status
        }
    };
    record
}
