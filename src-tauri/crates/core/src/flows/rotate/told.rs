//! What a step of a rotation leaves in the journal and in the rows of both keys.

use chrono::{DateTime, Utc};

use crate::error::FlowError;
use crate::flows::Context;
use crate::journal::{Action, Entry, Outcome};
use crate::key::{KeyRecord, KeyRef, KeyStatus};
use crate::operation::Operation;
use crate::rotation::{Event, Phase, Rotation};

/// The journal's entry for a step; `None` where nothing happened that it must tell.
pub(super) fn told(
    operation: &Operation,
    before: &Rotation,
    event: &Event,
    now: DateTime<Utc>,
) -> Option<Entry> {
    let old = operation.predecessor();
    let new = before.successor().map(|successor| successor.key.clone());
    let goes = if matches!(before.phase, Phase::Fading { .. }) { new.clone() } else { old.clone() };
    let done = |key: Option<KeyRef>, action, seen: String| Some((key, action, Outcome::Done(seen)));
    let (key, action, outcome) = match event {
        Event::Works => done(new, Action::Probe, "accepted by the vendor".into()),
        Event::Acknowledged => done(new, Action::Acknowledge, "stored by the person".into()),
        Event::Ended => done(old, Action::Retire, "the overlap is over".into()),
        Event::Finish => done(old, Action::Retire, "ended by the person".into()),
        Event::Undo => done(old, Action::Retire, "undone by the person; this key stays".into()),
        Event::Revoked => done(old, Action::Revoke, "accepted by the vendor".into()),
        Event::TakenBack => done(new, Action::Revoke, "accepted by the vendor".into()),
        Event::Refused => done(goes, Action::Probe, dead(before, now)),
        Event::Declared => {
            let seen = "revoked by the vendor's word; nobody asked with the key itself";
            done(goes, Action::Probe, seen.into())
        }
        Event::OldDied => {
            let seen = "died before its overlap ended, and not through Keyturn";
            Some((old, Action::Retire, Outcome::Failed(seen.into())))
        }
        Event::NewDied => {
            let seen = "stopped working before the old key was retired, and not through Keyturn";
            Some((new, Action::Retire, Outcome::Failed(seen.into())))
        }
        // Told once, not at each try.
        Event::Held { why, .. } => {
            let again = before.retry.as_ref().is_some_and(|retry| retry.why.as_ref() == Some(why));
            (!again).then(|| (old, Action::Retire, Outcome::Failed(why.clone())))
        }
        Event::Minted { .. } | Event::Seen { .. } | Event::Alive => None,
    }?;
    Some(Entry {
        at: now,
        account: operation.account.clone(),
        key: key.map(|key| key.key),
        action,
        outcome,
        reason: None,
        fingerprint: None,
    })
}

/// `refused 41 s after its revocation`.
fn dead(before: &Rotation, now: DateTime<Utc>) -> String {
    match before.phase {
        Phase::Revoking { since, .. } | Phase::Dying { since, .. } | Phase::Fading { since, .. } => {
            let after = (now - since).num_seconds().max(0);
            format!("dead: refused by the vendor, {after} s after its revocation")
        }
        _ => "refused by the vendor".into(),
    }
}

/// The rows that say something else after a step.
pub(super) async fn changed_rows(
    ctx: &Context,
    operation: &Operation,
    before: &Rotation,
    after: &Rotation,
    now: DateTime<Utc>,
) -> Result<Vec<KeyRecord>, FlowError> {
    let old = match &after.phase {
        Phase::Dying { .. } => Some(KeyStatus::Revoking),
        Phase::Done { .. } => Some(KeyStatus::Revoked { at: Some(now) }),
        _ => None,
    };
    let new = match (&before.phase, &after.phase) {
        (_, Phase::Fading { .. }) => Some(KeyStatus::Revoking),
        (Phase::Fading { .. }, Phase::Undone { .. }) => Some(KeyStatus::Revoked { at: Some(now) }),
        _ => None,
    };
    let successor = before.successor().map(|successor| successor.key.clone());
    let mut rows = Vec::new();
    for (key, status) in [(operation.predecessor(), old), (successor, new)] {
        let (Some(key), Some(status)) = (key, status) else { continue };
        let Some(mut record) = ctx.ledger.key(&key).await? else { continue };
        if record.status != status {
            record.status = status;
            rows.push(record);
        }
    }
    Ok(rows)
}
