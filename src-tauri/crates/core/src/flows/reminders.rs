//! Reminders: found in the list, kept once each, and told by whoever hears of something about a key.

use chrono::TimeDelta;

use super::Context;
use super::account::key;
use crate::error::FlowError;
use crate::inventory::Inventory;
use crate::key::KeyRef;
use crate::reminder::{NEWS, Reminder, ReminderKind, reminders, sighted};

/// How long the words of a reminder are kept.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Looks through the list for what should be told. What is new is kept, and answered with.
///
/// # Errors
/// Ledger faults.
pub async fn look_for_reminders(ctx: &Context, inventory: &Inventory) -> Result<Vec<Reminder>, FlowError> {
    let now = ctx.clock.now();
    let policies = ctx.ledger.policies().await?;
    let noteworthy = inventory.noteworthy(now);
    let mut wanted: Vec<Reminder> =
        noteworthy.iter().flat_map(|row| reminders(row, &policies, now)).collect();
    for (key, seen) in ctx.ledger.sightings(now - NEWS).await? {
        let row = inventory.find(&key);
        wanted.extend(row.iter().flat_map(|row| sighted(row, &seen, now)));
    }
    ctx.ledger.compact_reminders(now - KEPT).await?;
    Ok(ctx.ledger.remind(&wanted).await?)
}

/// Tells one thing about one key: once for each `mark`, which names the event. `words` is one sentence without any
/// secret, because the desktop shows it. Answers with the reminder where it is new.
///
/// # Errors
/// [`FlowError::NotFound`] where the key is gone; ledger faults.
pub async fn remind(
    ctx: &Context,
    target: &KeyRef,
    kind: ReminderKind,
    mark: &str,
    words: &str,
) -> Result<Option<Reminder>, FlowError> {
    let reminder = Reminder {
        key: target.clone(),
        name: key(ctx, target).await?.name,
        kind,
        mark: mark.to_owned(),
        words: words.to_owned(),
        at: ctx.clock.now(),
    };
    Ok(ctx.ledger.remind(std::slice::from_ref(&reminder)).await?.pop())
}
