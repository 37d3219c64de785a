//! What a step of a rotation leaves in the journal and in the rows of both keys.

use chrono::{DateTime, Utc};

use crate::error::FlowError;
use crate::flows::Context;
use crate::journal::{Action, Entry, Outcome};
use crate::key::{KeyRecord, KeyRef, KeyStatus};
use crate::operation::Operation;
use crate::rotation::{Event, Phase, Rotation, Way};

const OVER: &str = "the overlap is over";
const FINISHED: &str = "ended by the person";
const UNDONE: &str = "undone by the person; this key stays";
const LEFT: &str = "ended by the person where it stood; both keys are theirs";

/// What a picture calls the end of an overlap, by what stands in the journal; `None` for all else that is told of one.
pub(in crate::flows) fn overlap_end(seen: &str) -> Option<&'static str> {
    match seen {
        OVER | FINISHED => Some("Overlap ended"),
        UNDONE => Some("Rotation undone"),
        LEFT => Some("Rotation ended where it stood"),
        _ => None,
    }
}

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
        Event::Works { manages: false } => done(new, Action::Probe, "accepted by the vendor".into()),
        Event::Works { manages: true } => {
            let seen = "the vendor lists the account's keys to it; Keyturn goes on with it";
            done(new, Action::Probe, seen.into())
        }
        Event::Acknowledged => done(new, Action::Acknowledge, "stored by the person".into()),
        Event::Ended => done(old, Action::Retire, OVER.into()),
        Event::Finish => done(old, Action::Retire, FINISHED.into()),
        Event::Undo => done(old, Action::Retire, UNDONE.into()),
        Event::Revoked => done(old, Action::Revoke, "accepted by the vendor".into()),
        Event::TakenBack => done(new, Action::Revoke, "accepted by the vendor".into()),
        Event::Refused => done(goes, Action::Probe, dead(before, now)),
        Event::Declared => {
            let seen = match before.way {
                Way::ByHand { .. } => "declared dead by the person; nobody asked with the key itself",
                Way::Api | Way::End => "revoked by the vendor's word; nobody asked with the key itself",
            };
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
        Event::BothLive => {
            let seen = "both keys are listed as alive; the overlap goes on";
            done(goes, Action::Retire, seen.into())
        }
        Event::LivesOn => {
            let seen = "still works although the vendor accepted its revocation; it is asked once more";
            Some((goes, Action::Revoke, Outcome::Failed(seen.into())))
        }
        Event::AskAgain => done(goes, Action::Revoke, "to be asked once more, by the person".into()),
        Event::RefusedAlone if before.refused_at.is_none() => {
            let seen =
                "refused; nothing shows that the vendor does not refuse every key, so that it is asked again";
            done(goes, Action::Probe, seen.into())
        }
        Event::RefusedAlone => done(goes, Action::Probe, dead(before, now)),
        Event::Leave => done(old, Action::Retire, LEFT.into()),
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

/// Takes our own word "being revoked" off a row; `None` where it does not bear it.
async fn unword(ctx: &Context, key: Option<KeyRef>) -> Result<Option<KeyStatus>, FlowError> {
    let Some(key) = key else { return Ok(None) };
    let record = ctx.ledger.key(&key).await?;
    Ok(record.filter(|record| record.status == KeyStatus::Revoking).map(|_| KeyStatus::Active))
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
        Phase::Dying { resume: None, .. } => Some(KeyStatus::Revoking),
        // It lives, or what becomes of it is not Keyturn's any more: the vendor's next list says what it is.
        Phase::Overlap { .. } | Phase::Left { .. } => unword(ctx, operation.predecessor()).await?,
        Phase::Done { .. } => Some(KeyStatus::Revoked { at: Some(now) }),
        _ => None,
    };
    let new = match (&before.phase, &after.phase) {
        (_, Phase::Fading { .. }) => Some(KeyStatus::Revoking),
        (_, Phase::Left { .. }) => {
            unword(ctx, before.successor().map(|successor| successor.key.clone())).await?
        }
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
