//! Which state follows which.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Death, Overlap, Phase, Retry, Rotation, Successor, Until, Way};
use crate::key::KeyRef;

/// Waits between two tries grow to this.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);

/// While a key dies it is asked often first; a vendor may take a minute.
const LONGEST_WATCH: TimeDelta = TimeDelta::seconds(10);

/// Two refusals that lie so far apart are no passing fault of the vendor's.
const APART: TimeDelta = TimeDelta::hours(2);

/// What happened: an act's result, or a person's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The new key is sealed on disk. `exact`: it may do exactly what was asked for.
    Minted { key: KeyRef, exact: bool },
    /// The vendor accepted the new key. `manages`: Keyturn calls the vendor with it from now on.
    Works { manages: bool },
    /// The person has said that the new key is stored.
    Acknowledged,
    /// What the vendor reports of the last uses of both keys.
    Seen { old_used: Option<DateTime<Utc>>, new_used: bool },
    /// The overlap's time has come.
    Ended,
    /// The person ends the overlap, or says that the old key was revoked in the dashboard.
    Finish,
    /// The person keeps the old key.
    Undo,
    /// The vendor says that the old key is revoked.
    Revoked,
    /// The vendor refused the key that goes, and accepted another at the same moment.
    Refused,
    /// The vendor refused the key that goes, and nothing shows that it does not refuse every key.
    RefusedAlone,
    /// The vendor still accepts the key that goes.
    Alive,
    /// The key that goes works although the vendor has had its time: it is told once more to revoke it.
    LivesOn,
    /// The person has the vendor told once more.
    AskAgain,
    /// The vendor lists both keys as alive, after one of them was taken for dead.
    BothLive,
    /// The person ends it where it stands.
    Leave,
    /// Nobody can ask with the key that goes; the vendor lists it as dead, or not any more.
    Declared,
    /// While both should work, the vendor lists the old key as dead, or not any more.
    OldDied,
    /// While both should work, the vendor lists the new key as dead, or not any more.
    NewDied,
    /// The vendor says that the new key is revoked.
    TakenBack,
    /// An act did not go through. `wait`: as long as the vendor asks for.
    Held { why: String, wait: Option<TimeDelta> },
}

/// The event does not fit the state: it came too late, or twice. Nothing changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this does not fit the state of the rotation any more")]
pub struct IllegalStep;

/// The state that follows. What is due in it says [`Rotation::due`].
///
/// # Errors
/// [`IllegalStep`]; the state stays as it was.
pub fn step(rotation: &Rotation, event: Event, now: DateTime<Utc>) -> Result<Rotation, IllegalStep> {
    match event {
        Event::Held { why, wait } => return held(rotation, Some(why), wait, LONGEST_WAIT, now),
        Event::Alive if is_asked(&rotation.phase) => {
            let alive = Rotation { refused_at: None, ..rotation.clone() };
            return held(&alive, None, None, LONGEST_WATCH, now);
        }
        Event::RefusedAlone if is_asked(&rotation.phase) => return refused_alone(rotation, now),
        _ => {}
    }
    let looked = matches!(event, Event::Seen { .. });
    let again = matches!(event, Event::LivesOn | Event::AskAgain);
    let waits = event == Event::LivesOn;
    let phase = next(rotation, event, now)?;
    let mut rotation = Rotation { phase, retry: None, refused_at: None, ..rotation.clone() };
    if again {
        rotation.asked_again = rotation.asked_again.saturating_add(1);
    }
    if looked {
        rotation.retry = Some(Retry { at: rotation.next_look(now), tries: 0, why: None });
    }
    if waits {
        // Each time it is told it gets longer to do it, so that a vendor that never does is not asked without end.
        let minutes = TimeDelta::minutes(1 << rotation.asked_again.saturating_sub(1).min(6));
        rotation.retry =
            Some(Retry { at: now + minutes, tries: rotation.asked_again, why: Some(LIVES_ON.into()) });
    }
    Ok(rotation)
}

/// Why a key is to be revoked once more.
const LIVES_ON: &str = "the vendor accepted the revocation, and the key still works";

/// Whether it is asked with the key that goes.
fn is_asked(phase: &Phase) -> bool {
    matches!(phase, Phase::Dying { .. } | Phase::Revoking { .. } | Phase::Fading { .. })
}

/// The first such refusal is kept; one hours later agrees with it.
fn refused_alone(rotation: &Rotation, now: DateTime<Utc>) -> Result<Rotation, IllegalStep> {
    match rotation.refused_at {
        Some(first) if now - first >= APART => step(rotation, Event::Refused, now),
        first => {
            let first = first.filter(|first| *first <= now).unwrap_or(now);
            let why = "the key was refused; it is asked once more in some hours, since nothing shows that the vendor does not refuse every key";
            let retry = Some(Retry { at: first + APART, tries: 0, why: Some(why.into()) });
            Ok(Rotation { refused_at: Some(first), retry, ..rotation.clone() })
        }
    }
}

fn next(rotation: &Rotation, event: Event, now: DateTime<Utc>) -> Result<Phase, IllegalStep> {
    let way = rotation.way;
    if event == Event::Leave {
        let successor = rotation.successor().cloned();
        return if rotation.can_be_left() {
            Ok(Phase::Left { successor, at: now })
        } else {
            Err(IllegalStep)
        };
    }
    Ok(match (rotation.phase.clone(), event) {
        (Phase::Minting | Phase::Bringing, Event::Minted { key, exact }) => {
            Phase::Minted(Successor { key, exact, acknowledged: false, seen_at: None, manages: false })
        }
        (Phase::Bringing, Event::Undo) => Phase::Undone { left: None, at: now },
        (Phase::Minted(successor), Event::Works { manages }) => {
            verified(rotation, Successor { seen_at: Some(now), manages, ..successor }, now)
        }
        (Phase::Minted(successor), Event::Acknowledged) => Phase::Minted(stored(successor)?),
        (Phase::Verified(successor), Event::Acknowledged) => verified(rotation, stored(successor)?, now),
        (
            Phase::Minted(successor)
            | Phase::Verified(successor)
            | Phase::Bereft { successor, .. }
            | Phase::Overlap { successor, .. },
            Event::Undo,
        ) if rotation.can_be_undone() => undo(way, successor, now),
        (Phase::Overlap { successor, until }, event) => overlap(successor, until, event, now)?,
        // What was taken for a death was none: both go on as before.
        (
            Phase::Bereft { successor, until }
            | Phase::Dying { successor: Some(successor), resume: Some(until), .. },
            Event::BothLive,
        ) => Phase::Overlap { successor, until },
        (Phase::Undoing(successor), Event::TakenBack) => Phase::Fading { successor, since: now },
        (Phase::Fading { successor, .. }, Event::LivesOn | Event::AskAgain) => Phase::Undoing(successor),
        (Phase::Fading { .. }, Event::Refused | Event::Declared) => Phase::Undone { left: None, at: now },
        (Phase::Revoking { successor, since }, Event::Acknowledged) => {
            Phase::Revoking { successor: acknowledged(successor)?, since }
        }
        (Phase::Dying { successor, since, resume }, Event::Acknowledged) => {
            Phase::Dying { successor: acknowledged(successor)?, since, resume }
        }
        (Phase::Done { successor, death, at }, Event::Acknowledged) => {
            Phase::Done { successor: acknowledged(successor)?, death, at }
        }
        (Phase::Left { successor, at }, Event::Acknowledged) => {
            Phase::Left { successor: acknowledged(successor)?, at }
        }
        (Phase::Revoking { successor, .. }, Event::Revoked) => {
            Phase::Dying { successor, since: now, resume: None }
        }
        (Phase::Revoking { successor, .. }, Event::Finish) if matches!(way, Way::ByHand { .. }) => {
            Phase::Dying { successor, since: now, resume: None }
        }
        // A person who wants it gone need not wait whether it comes back.
        (Phase::Dying { successor, resume: Some(_), .. }, Event::Finish) => {
            Phase::Revoking { successor, since: now }
        }
        (Phase::Dying { successor, since, resume: None }, Event::LivesOn | Event::AskAgain)
            if rotation.can_be_asked_again() =>
        {
            Phase::Revoking { successor, since }
        }
        (Phase::Revoking { successor, since } | Phase::Dying { successor, since, .. }, Event::Refused) => {
            Phase::Done { successor, death: Death::Proven { after: now - since }, at: now }
        }
        (Phase::Dying { successor, .. }, Event::Declared) => {
            Phase::Done { successor, death: Death::Declared, at: now }
        }
        _ => return Err(IllegalStep),
    })
}

/// The new key works. Where nothing holds the old one any more, it goes.
fn verified(rotation: &Rotation, successor: Successor, now: DateTime<Utc>) -> Phase {
    match (rotation.way, rotation.overlap) {
        // It died in the dashboard, as the new one was made.
        (Way::ByHand { at_once: true }, _) => {
            Phase::Dying { successor: Some(successor), since: now, resume: None }
        }
        // Less, or more, than was asked for: that is for the person to see first.
        (_, Overlap::None) if successor.acknowledged || successor.exact => {
            Phase::Revoking { successor: Some(successor), since: now }
        }
        (_, Overlap::For(time)) if successor.acknowledged => {
            Phase::Overlap { successor, until: Until::Time(now + time) }
        }
        (_, Overlap::UntilQuiet(quiet)) if successor.acknowledged => {
            Phase::Overlap { successor, until: Until::Quiet { quiet, since: now, successor_used: false } }
        }
        (_, Overlap::UntilTold) if successor.acknowledged => Phase::Overlap { successor, until: Until::Told },
        _ => Phase::Verified(successor),
    }
}

fn overlap(
    successor: Successor,
    until: Until,
    event: Event,
    now: DateTime<Utc>,
) -> Result<Phase, IllegalStep> {
    match (event, until) {
        (Event::Finish, _) => Ok(Phase::Revoking { successor: Some(successor), since: now }),
        (Event::OldDied, until) => {
            Ok(Phase::Dying { successor: Some(successor), since: now, resume: Some(until) })
        }
        // The old key is the last that works: it is kept, whatever was planned.
        (Event::NewDied, until) => Ok(Phase::Bereft { successor, until }),
        (Event::Ended, until) if until.is_over(now) => {
            Ok(Phase::Revoking { successor: Some(successor), since: now })
        }
        (Event::Seen { old_used, new_used }, Until::Quiet { quiet, since, successor_used }) => {
            // A time from the future, the vendor's or ours, must not hold the old key till then.
            let since = old_used.map_or(since, |used| used.max(since)).min(now);
            let until = Until::Quiet { quiet, since, successor_used: successor_used || new_used };
            Ok(Phase::Overlap { successor, until })
        }
        _ => Err(IllegalStep),
    }
}

impl Until {
    /// Whether nothing holds the old key any more.
    #[must_use]
    pub fn is_over(self, now: DateTime<Utc>) -> bool {
        match self {
            Self::Time(at) => at <= now,
            Self::Quiet { quiet, since, successor_used } => successor_used && since + quiet <= now,
            Self::Told => false,
        }
    }
}

/// What a person made in the dashboard only a person can revoke there.
fn undo(way: Way, successor: Successor, now: DateTime<Utc>) -> Phase {
    match way {
        Way::Api | Way::End => Phase::Undoing(successor),
        Way::ByHand { .. } => Phase::Undone { left: Some(successor.key), at: now },
    }
}

fn stored(successor: Successor) -> Result<Successor, IllegalStep> {
    if successor.acknowledged { Err(IllegalStep) } else { Ok(Successor { acknowledged: true, ..successor }) }
}

fn acknowledged(successor: Option<Successor>) -> Result<Option<Successor>, IllegalStep> {
    successor.ok_or(IllegalStep).and_then(stored).map(Some)
}

/// The same state, tried again later: after 1, 2, 4 … seconds, or as long as the vendor asks for.
fn held(
    rotation: &Rotation,
    why: Option<String>,
    wait: Option<TimeDelta>,
    longest: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Rotation, IllegalStep> {
    let acts = matches!(
        rotation.phase,
        Phase::Minted(_)
            | Phase::Overlap { .. }
            | Phase::Revoking { .. }
            | Phase::Dying { .. }
            | Phase::Undoing(_)
            | Phase::Fading { .. }
    );
    if !acts {
        return Err(IllegalStep);
    }
    let tries = rotation.retry.as_ref().map_or(0, |retry| retry.tries).saturating_add(1);
    let growing = TimeDelta::seconds(1 << (tries - 1).min(10));
    let wait =
        wait.map_or(growing.min(longest), |asked| asked.clamp(TimeDelta::seconds(1), TimeDelta::days(1)));
    Ok(Rotation { retry: Some(Retry { at: now + wait, tries, why }), ..rotation.clone() })
}
