//! The person's words about a batch that is under way.

use crate::batch::{BatchId, BatchState};
use crate::error::FlowError;
use crate::flows::Context;

/// No further key is begun; what has begun goes on to where nothing is half done.
///
/// # Errors
/// [`FlowError::NotAllowed`] where it does not run (any more).
pub async fn pause_batch(ctx: &Context, id: &BatchId) -> Result<(), FlowError> {
    change(ctx, id, &[BatchState::Running], BatchState::Paused).await
}

/// Goes on with a paused batch.
///
/// # Errors
/// [`FlowError::NotAllowed`] where it is not paused.
pub async fn resume_batch(ctx: &Context, id: &BatchId) -> Result<(), FlowError> {
    change(ctx, id, &[BatchState::Paused], BatchState::Running).await
}

/// The same as a pause, for good.
///
/// # Errors
/// [`FlowError::NotAllowed`] where it has ended.
pub async fn stop_batch(ctx: &Context, id: &BatchId) -> Result<(), FlowError> {
    change(ctx, id, &[BatchState::Running, BatchState::Paused], BatchState::Stopped).await
}

async fn change(ctx: &Context, id: &BatchId, from: &[BatchState], to: BatchState) -> Result<(), FlowError> {
    for from in from {
        if ctx.ledger.move_batch(id, *from, to, None).await? {
            return Ok(());
        }
    }
    Err(FlowError::NotAllowed(match to {
        BatchState::Running => "It is not paused.".into(),
        BatchState::Paused | BatchState::Stopped | BatchState::Done => "It has ended already.".into(),
    }))
}
