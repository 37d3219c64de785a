//! The person's words in a rotation that is under way.

use super::drive::{say, settled};
use crate::error::FlowError;
use crate::flows::Context;
use crate::flows::create::close;
use crate::operation::{OperationId, Stage};
use crate::rotation::Event;

/// The new key is stored: its sealed value goes as soon as nothing needs it.
pub(crate) async fn acknowledged(ctx: &Context, operation: &OperationId) -> Result<(), FlowError> {
    say(ctx, operation, Event::Acknowledged).await
}

/// Ends the overlap now. In a rotation by hand: the old key was revoked in the dashboard.
///
/// # Errors
/// [`FlowError::Step`] where there is no overlap to end (any more).
pub async fn finish_rotation(ctx: &Context, operation: &OperationId) -> Result<(), FlowError> {
    say(ctx, operation, Event::Finish).await
}

/// Keeps the old key; the new one is revoked.
///
/// # Errors
/// [`FlowError::NotAllowed`] where the managing key was replaced; [`FlowError::Step`] where it is too late.
pub async fn undo_rotation(ctx: &Context, operation: &OperationId) -> Result<(), FlowError> {
    let (_, rotation) = settled(ctx, operation).await?;
    if rotation.successor().is_some_and(|successor| successor.manages) {
        return Err(FlowError::NotAllowed(
            "Keyturn manages the account with the new key already, so that it must stay.".into(),
        ));
    }
    say(ctx, operation, Event::Undo).await
}

/// Has the vendor told once more to revoke a key that lives on.
///
/// # Errors
/// [`FlowError::Step`] where none waits for that.
pub async fn ask_again(ctx: &Context, operation: &OperationId) -> Result<(), FlowError> {
    say(ctx, operation, Event::AskAgain).await
}

/// Ends a rotation where it stands: nothing more is done to either key, and the journal says so. Of keys that a lost reply
/// may have made the person says that they are somebody's: they are ordinary keys from then on.
///
/// # Errors
/// [`FlowError::Step`] where it is over already, or nothing was made yet.
pub async fn leave_rotation(ctx: &Context, operation: &OperationId) -> Result<(), FlowError> {
    let found = ctx.ledger.operation(operation).await?.ok_or(FlowError::NotFound("operation"))?;
    if let Stage::Orphaned { .. } = found.stage {
        let kept = Stage::Failed { reason: "what may have been made is left as it is".into() };
        return if close(ctx, &found, kept).await? { Ok(()) } else { Err(FlowError::NotFound("operation")) };
    }
    say(ctx, operation, Event::Leave).await
}
