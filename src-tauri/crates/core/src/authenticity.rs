//! What the file says is not what the vault said. Whoever can write the ledger's file can write into it whatever they
//! like. So a secret is sealed for one vendor and one origin, and everything that makes Keyturn act by itself bears a mark
//! that only the vault's key makes. What bears none is inert: here stands what it counts as.

use crate::batch::{Batch, BatchState};
use crate::operation::Stage;

/// Why nothing is done for something.
pub const CHANGED: &str = "it was changed outside Keyturn, so that nothing is done for it";

/// An open operation that Keyturn did not write as it stands: over, but for a value that is still sealed, which the person
/// may have. That it was saved already, only the row says.
#[must_use]
pub fn disowned_stage(stage: &Stage, holds_value: bool) -> Stage {
    let new = match stage {
        Stage::Escrowed { key } => Some(key),
        Stage::Rotating(rotation) => rotation.successor().map(|successor| &successor.key),
        Stage::Sent | Stage::Acknowledged { .. } | Stage::Failed { .. } | Stage::Orphaned { .. } => None,
    };
    match new {
        Some(key) if holds_value => Stage::Escrowed { key: key.clone() },
        Some(_) | None => Stage::Failed { reason: CHANGED.to_owned() },
    }
}

/// A batch that Keyturn did not write as it stands: stopped before it began.
#[must_use]
pub fn disowned_batch(batch: Batch) -> Batch {
    Batch { state: BatchState::Stopped, ended_at: Some(batch.started_at), ..batch }
}
