//! Carries out what a rotation's state asks for, one act after the other. Each state is on disk before its act.

use chrono::{DateTime, TimeDelta, Utc};

use super::acts::{Acted, act};
use super::told::{changed_rows, told};
use crate::account::ManagingKey;
use crate::error::FlowError;
use crate::flows::Context;
use crate::operation::{Operation, OperationId, Stage};
use crate::ports::{Along, Sealed, VaultError, VaultStatus};
use crate::reminder::{DEATH, Reminder, ReminderKind};
use crate::rotation::{Effect, Event, Phase, Rotation, step};

/// When a rotation is to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    At(DateTime<Utc>),
    /// A person has the next word, the vault must be opened first, or all is done.
    OnCall,
}

/// Goes on with one rotation as far as it goes now. Safe to call at any time and from several places: whoever
/// comes second with a step changes nothing.
///
/// # Errors
/// Ledger faults. What a vendor refuses is kept in the state, and tried again.
pub async fn drive(ctx: &Context, operation: &OperationId) -> Result<Wake, FlowError> {
    loop {
        if let Driven::Rests(wake) = drive_once(ctx, operation).await? {
            return Ok(wake);
        }
    }
}

/// How one act went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Driven {
    /// Something happened; more may be due.
    Moved,
    /// The vendor asks to be left alone for so long.
    Held(TimeDelta),
    Rests(Wake),
}

/// Carries out what is due now, one act at most.
pub(crate) async fn drive_once(ctx: &Context, operation: &OperationId) -> Result<Driven, FlowError> {
    const ON_CALL: Driven = Driven::Rests(Wake::OnCall);
    // While the vault is closed, whether the ledger is as Keyturn wrote it cannot be told.
    if ctx.vault.status() != VaultStatus::Open {
        return Ok(ON_CALL);
    }
    let Some(found) = ctx.ledger.operation(operation).await? else { return Ok(ON_CALL) };
    let Stage::Rotating(rotation) = &found.stage else { return Ok(ON_CALL) };
    let effect = match rotation.due(ctx.clock.now()) {
        Effect::Nothing => return Ok(ON_CALL),
        Effect::WaitUntil(at) => return Ok(Driven::Rests(Wake::At(at))),
        effect => effect,
    };
    let (event, managing) = match act(ctx, &found, rotation, effect).await {
        Ok(Acted::Told(event)) => (event, None),
        Ok(Acted::Replaced(key, sealed)) => (Event::Works { manages: true }, Some((key, sealed))),
        Ok(Acted::Later(at)) => return Ok(Driven::Rests(Wake::At(at))),
        Err(FlowError::Vault(VaultError::Locked)) => return Ok(ON_CALL),
        Err(FlowError::Ledger(fault)) => return Err(fault.into()),
        Err(other) => (held(&other), None),
    };
    let asked = match event {
        Event::Held { wait, .. } => wait,
        _ => None,
    };
    // Where it is not taken, somebody else was faster: the next round sees what they did.
    let managing = managing.as_ref().map(|(key, sealed)| (key, sealed));
    let taken = advance(ctx, &found, rotation, event, managing).await?;
    if !taken && ctx.ledger.operation(operation).await?.is_some_and(|again| again.stage == found.stage) {
        tracing::error!(operation = operation.0, "an act ended in a way that its state does not know");
        return Ok(ON_CALL);
    }
    Ok(asked.map_or(Driven::Moved, Driven::Held))
}

/// Takes a person's word to the state on disk.
///
/// # Errors
/// [`FlowError::Step`] where it does not fit the state; [`FlowError::NotFound`] where there is none.
pub(crate) async fn say(ctx: &Context, operation: &OperationId, event: Event) -> Result<(), FlowError> {
    loop {
        let (found, rotation) = settled(ctx, operation).await?;
        if advance(ctx, &found, &rotation, event.clone(), None).await? {
            return Ok(());
        }
        // It moved on between reading and writing. Where the word does not fit any more, the step says so.
        step(&settled(ctx, operation).await?.1, event.clone(), ctx.clock.now())?;
    }
}

/// A rotation as it is on disk.
pub(super) async fn settled(
    ctx: &Context,
    operation: &OperationId,
) -> Result<(Operation, Rotation), FlowError> {
    let found = ctx.ledger.operation(operation).await?.ok_or(FlowError::NotFound("rotation"))?;
    match found.stage.clone() {
        Stage::Rotating(rotation) => Ok((found, rotation)),
        _ => Err(FlowError::NotFound("rotation")),
    }
}

/// `false` where the event does not fit, or the state on disk is another one meanwhile.
async fn advance(
    ctx: &Context,
    found: &Operation,
    rotation: &Rotation,
    event: Event,
    managing: Option<(&ManagingKey, &Sealed)>,
) -> Result<bool, FlowError> {
    let now = ctx.clock.now();
    let Ok(mut next) = step(rotation, event.clone(), now) else { return Ok(false) };
    if matches!(next.phase, Phase::Overlap { .. }) && !matches!(rotation.phase, Phase::Overlap { .. }) {
        next.skew = ctx.process.skew(&found.account);
    }
    alarm(ctx, found, rotation, &event).await?;
    let entry = told(found, rotation, &event, now);
    let records =
        if entry.is_some() { changed_rows(ctx, found, rotation, &next, now).await? } else { Vec::new() };
    let to = Stage::Rotating(next);
    let along = Along { entry: entry.as_ref(), records: &records, managing };
    Ok(ctx.ledger.step(&found.id, &found.stage, &to, along).await?)
}

/// A key that died while both should work is told of before the state says so: whatever happens in between, it is told,
/// and once.
async fn alarm(
    ctx: &Context,
    found: &Operation,
    rotation: &Rotation,
    event: &Event,
) -> Result<(), FlowError> {
    let (key, words) = match event {
        Event::OldDied => (found.predecessor(), "The old key died before its overlap ended."),
        Event::NewDied => {
            let new = rotation.successor().map(|successor| successor.key.clone());
            (new, "The new key stopped working before the old one was retired: the old one stays.")
        }
        _ => return Ok(()),
    };
    let Some(key) = key else { return Ok(()) };
    let reminder = Reminder {
        key,
        name: found.intent.name().to_owned(),
        kind: ReminderKind::Died,
        mark: DEATH.to_owned(),
        words: words.to_owned(),
        at: ctx.clock.now(),
    };
    ctx.ledger.remind(std::slice::from_ref(&reminder)).await?;
    Ok(())
}

/// An act did not go through: kept in words, with the time that the vendor asks for.
fn held(error: &FlowError) -> Event {
    Event::Held { why: error.to_string(), wait: error.asked_wait() }
}
