//! What a step of a rotation leaves in the journal and in the rows of both keys.

use chrono::{DateTime, Utc};

use crate::error::FlowError;
use crate::flows::Context;
use crate::journal::{Action, Entry, Outcome};
use crate::key::{KeyRecord, KeyRef, KeyStatus};
use crate::operation::Operation;
use crate::rotation::{Death, Event, Phase, Rotation};

/// The journal's entry for a step; `None` where nothing happened that it must tell.
pub(super) fn told(
    operation: &Operation,
    before: &Rotation,
    event: &Event,
    after: &Rotation,
    now: DateTime<Utc>,
) -> Option<Entry> {
    let old = operation.predecessor();
    let new = before.successor().map(|successor| successor.key.clone());
    let done = |key: Option<KeyRef>, action, seen: String| Some((key, action, Outcome::Done(seen)));
    let (key, action, outcome) = match event {
        Event::Works => done(new, Action::Probe, "accepted by the vendor".into()),
        Event::Acknowledged => done(new, Action::Acknowledge, "stored by the person".into()),
        Event::Ended => done(old, Action::Retire, "the overlap is over".into()),
        Event::Finish => done(old, Action::Retire, "ended by the person".into()),
        Event::Undo => done(old, Action::Retire, "undone by the person; this key stays".into()),
        Event::Revoked => done(old, Action::Revoke, "accepted by the vendor".into()),
        Event::TakenBack => done(new, Action::Revoke, "accepted by the vendor".into()),
        Event::Refused => done(old, Action::Probe, dead(after)),
        Event::Declared => {
            let seen = "revoked by the vendor's word; nobody asked with the key itself";
            done(old, Action::Probe, seen.into())
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
fn dead(after: &Rotation) -> String {
    match after.phase {
        Phase::Done { death: Death::Proven { after }, .. } => {
            format!("dead: refused by the vendor, {} s after its revocation", after.num_seconds().max(0))
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
    let taken_back = matches!((&before.phase, &after.phase), (Phase::Undoing(_), Phase::Undone { .. }));
    let new = taken_back.then_some(KeyStatus::Revoked { at: Some(now) });
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
