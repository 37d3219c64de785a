//! Rotations that a policy begins by itself, where a person switched that on for a label.
//!
//! The rotation is the ordinary one: its new key waits to be stored, and nothing of the old key ends before that.

use chrono::TimeDelta;

use super::account::entry;
use super::policies::overlap_words;
use super::reminders::remind;
use super::{Begun, Choice, Context, begin_rotation};
use crate::error::FlowError;
use crate::inventory::{Inventory, InventoryRow};
use crate::journal::{Action, Outcome};
use crate::key::KeyRef;
use crate::operation::OperationId;
use crate::policy::{Policy, Reach, asks_alone};
use crate::ports::VaultStatus;
use crate::reminder::ReminderKind;

/// How long a key is left alone after a try.
const AGAIN: TimeDelta = TimeDelta::days(1);

/// How many entries of a key's history are looked through for the last try.
const HISTORY: usize = 50;

/// The keys that policies want rotated now; none while the vault is locked, and none whose age the vendor has not told to
/// this process. At most one try a day for each, and never
/// at an account without an API for keys.
///
/// # Errors
/// Ledger faults.
pub async fn due_rotations(ctx: &Context, inventory: &Inventory) -> Result<Vec<InventoryRow>, FlowError> {
    if ctx.vault.status() != VaultStatus::Open {
        return Ok(Vec::new());
    }
    let (policies, now) = (ctx.ledger.policies().await?, ctx.clock.now());
    if policies.iter().all(|policy| policy.alone.is_none()) {
        return Ok(Vec::new());
    }
    let accounts = ctx.ledger.accounts().await?;
    let mut due = Vec::new();
    for row in inventory.noteworthy(now) {
        let managed = accounts.iter().any(|it| it.id == row.account && it.managing.is_some());
        let is_known = managed && ctx.process.has_read(&row.account);
        if is_known && asks_alone(&row, &policies, now).is_some() && !tried(ctx, &row.key_ref()).await? {
            due.push(row);
        }
    }
    Ok(due)
}

/// Begins the rotation of one such key, if its labels and the policies still ask for it. The journal says that the
/// policy asked, and a reminder that a new key waits, or that there is none.
///
/// # Errors
/// Ledger faults. Why a rotation could not begin stands in the journal.
pub async fn rotate_due(ctx: &Context, row: InventoryRow, operation: OperationId) -> Result<(), FlowError> {
    let target = row.key_ref();
    let row = InventoryRow { labels: ctx.ledger.own_labels(&target).await?, ..row };
    let policies = ctx.ledger.policies().await?;
    let Some((policy, choice)) = asks_alone(&row, &policies, ctx.clock.now()) else { return Ok(()) };
    let note = |outcome| entry(ctx, &target.account, Some(&target.key), Action::Policy, outcome);
    ctx.ledger.append(&note(Outcome::Done(asked(policy, choice)))).await?;
    let mark = operation.0.clone();
    match begin_rotation(ctx, &target, choice, None, operation).await {
        Ok(Begun::Made(new)) => {
            let words =
                "Rotated by a policy: the new key waits to be saved, and until then the old one stays.";
            remind(ctx, &new, ReminderKind::Due, &mark, words).await
        }
        // An account without an API: none is among those that are due.
        Ok(Begun::ByHand) => Ok(()),
        Err(FlowError::Ledger(fault)) => Err(fault.into()),
        Err(error) => {
            ctx.ledger.append(&note(Outcome::Failed(error.to_string()))).await?;
            let words = "A policy asked for its rotation, which did not begin. Its history says why.";
            remind(ctx, &target, ReminderKind::Due, &mark, words).await
        }
    }
}

/// Whether a policy asked for this key within the last day. A time from the future means that the clock was moved.
async fn tried(ctx: &Context, target: &KeyRef) -> Result<bool, FlowError> {
    let history = ctx.ledger.history(target, HISTORY).await?;
    let now = ctx.clock.now();
    Ok(history.iter().any(|it| it.action == Action::Policy && it.at <= now && now - it.at < AGAIN))
}

fn asked(policy: &Policy, choice: Choice) -> String {
    let reach = match &policy.reach {
        Reach::Every => "every key",
        Reach::Account(_) => "the account",
        Reach::Label(label) => &format!("the label {}", label.as_str()),
    };
    let days = policy.max_age_days;
    format!("the policy for {reach} ({days} days) asked for a rotation, {}", overlap_words(choice))
}
