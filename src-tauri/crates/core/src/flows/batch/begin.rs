//! The beginning of a batch: what the plan says is written down as a whole, and nothing is done yet.

use super::plan::{Planned, Wanted, plan_batch};
use crate::batch::{Batch, BatchId, BatchState, Item, ItemState};
use crate::error::FlowError;
use crate::flows::Context;
use crate::key::Hint;
use crate::name::confirms;

/// Writes the batch down. `typed`: the plan's [phrase](super::BatchPlan::phrase), where it has one.
///
/// # Errors
/// [`FlowError::NotAllowed`] where the phrase is another, or nothing can be done to any of the keys.
pub async fn begin_batch(ctx: &Context, wanted: &Wanted, typed: &str, id: BatchId) -> Result<(), FlowError> {
    let plan = plan_batch(ctx, wanted).await?;
    if plan.will_do() == 0 {
        return Err(FlowError::NotAllowed("Nothing can be done to any of these keys.".into()));
    }
    if let Some(phrase) = plan.phrase().filter(|phrase| !confirms(typed, phrase)) {
        return Err(FlowError::NotAllowed(format!("Type “{phrase}” to go on.")));
    }
    let items: Vec<Item> = (1..).zip(plan.items).map(|(number, planned)| item(number, planned)).collect();
    let (state, started_at) = (BatchState::Running, ctx.clock.now());
    let batch = Batch { id, deed: wanted.deed, state, started_at, ended_at: None };
    Ok(ctx.ledger.put_batch(&batch, &items).await?)
}

fn item(number: u32, planned: Planned) -> Item {
    let (name, hint) = match planned.record {
        Some(record) => (record.name, record.hint),
        None => (planned.key.key.0.clone(), Hint { prefix: String::new(), suffix: String::new() }),
    };
    Item {
        number,
        key: planned.key,
        name,
        hint,
        state: planned.skip.map_or(ItemState::Open, ItemState::Skipped),
        tries: 0,
        not_before: None,
    }
}
