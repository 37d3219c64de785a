//! What proves that a key is dead: a refusal of the key itself, beside a key that the vendor accepts at the same moment;
//! or, where nobody can ask with it, the vendor's list, as far as that is believed.

use chrono::TimeDelta;

use super::acts::Acted;
use crate::error::FlowError;
use crate::flows::Context;
use crate::flows::account::{account, open};
use crate::flows::control::{Control, control};
use crate::flows::reading::{Young, read_since};
use crate::key::KeyRef;
use crate::operation::Operation;
use crate::ports::Listed;
use crate::provider::{Capabilities, Connection, Probe, Support};
use crate::reading::AGREE;
use crate::rotation::{Event, Phase, Rotation};
use crate::secret::Secret;

/// A vendor that has accepted a revocation may take its promised time, and this much more, before it is told again.
const GRACE: TimeDelta = TimeDelta::minutes(2);

/// Asks with a key that goes.
pub(super) async fn prove(
    ctx: &Context,
    operation: &Operation,
    rotation: &Rotation,
    value: &Secret,
) -> Result<Event, FlowError> {
    let (account, provider) = account(ctx, &operation.account).await?;
    let asking = Connection { base_url: &account.base_url, managing_key: value, settings: &account.settings };
    if provider.probe(asking).await? == Probe::Alive {
        return Ok(alive(ctx, rotation, &provider.manifest().capabilities));
    }
    let gone = gone(operation, rotation);
    Ok(match control(ctx, &account, provider.as_ref(), gone.as_ref(), Some(&operation.id)).await? {
        Control::Accepted => Event::Refused,
        Control::None => Event::RefusedAlone,
        Control::Refused => Event::Held {
            why: format!(
                "{} refuses every key at this moment, so that this proves nothing",
                provider.manifest().name
            ),
            wait: None,
        },
    })
}

/// The key that goes.
fn gone(operation: &Operation, rotation: &Rotation) -> Option<KeyRef> {
    match &rotation.phase {
        Phase::Fading { successor, .. } => Some(successor.key.clone()),
        _ => operation.predecessor(),
    }
}

/// What it means that the key that goes still works.
fn alive(ctx: &Context, rotation: &Rotation, capabilities: &Capabilities) -> Event {
    match &rotation.phase {
        // It was taken for dead inside its overlap, and is not.
        Phase::Dying { resume: Some(_), .. } => Event::BothLive,
        Phase::Dying { since, .. } | Phase::Fading { since, .. }
            if ctx.clock.now() - *since >= delay(capabilities) + GRACE
                && capabilities.revoke == Support::Yes =>
        {
            Event::LivesOn
        }
        _ => Event::Alive,
    }
}

fn delay(capabilities: &Capabilities) -> TimeDelta {
    TimeDelta::from_std(capabilities.revocation_delay).unwrap_or_default()
}

/// Where nobody can ask with a key: dead by the vendor's list, and not before the vendor's own delay.
pub(super) async fn declared(
    ctx: &Context,
    operation: &Operation,
    rotation: &Rotation,
    key: &KeyRef,
) -> Result<Acted, FlowError> {
    let (_, provider) = account(ctx, &operation.account).await?;
    let capabilities = &provider.manifest().capabilities;
    let (Phase::Dying { since, .. } | Phase::Fading { since, .. }) = rotation.phase else {
        return Ok(Acted::Told(Event::Alive));
    };
    let (from, now) = (since + delay(capabilities), ctx.clock.now());
    if now < from {
        // Nothing to write down: it is known how long it takes.
        return Ok(Acted::Later(from));
    }
    if capabilities.list != Support::Yes {
        return Ok(Acted::Told(Event::Declared));
    }
    // Whoever reads needs the managing key: without it nothing is seen.
    open(ctx, &operation.account).await?;
    if let Young::Later(at) = read_since(ctx, &operation.account, from).await? {
        return Ok(Acted::Later(at));
    }
    // The row bears our own word by now: this is the vendor's.
    let mut listed = ctx.ledger.listed(key).await?;
    if let Some(Listed::Missing { since }) = listed {
        // One reading is a rumour.
        let agrees = since + AGREE;
        if now < agrees {
            return Ok(Acted::Later(agrees));
        }
        if let Young::Later(at) = read_since(ctx, &operation.account, agrees).await? {
            return Ok(Acted::Later(at));
        }
        listed = ctx.ledger.listed(key).await?;
    }
    Ok(Acted::Told(match listed {
        None | Some(Listed::Dead | Listed::Missing { .. }) => Event::Declared,
        Some(Listed::Alive) => alive(ctx, rotation, capabilities),
    }))
}
