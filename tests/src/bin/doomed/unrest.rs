//! What goes on beside the person: locks, another account at the same project, a finger on Undo.

use std::time::Duration;

use keyturn_core::account::AccountId;
use keyturn_core::flows::{self, Context};
use keyturn_core::operation::OperationId;
use keyturn_core::provider::Paging;
use keyturn_tests::doom::Unrest;
use tokio::task::JoinSet;

/// Between two of these the person gets on.
const PAUSE: Duration = Duration::from_millis(7);

/// Goes on until it is dropped. What it is refused is part of it.
pub(crate) fn begin(ctx: &Context, operation: &OperationId, unrest: Unrest, recovers: bool) -> JoinSet<()> {
    let mut beside = JoinSet::new();
    if unrest.locks {
        beside.spawn(locks(ctx.clone(), recovers));
    }
    if unrest.neighbour {
        beside.spawn(neighbour(ctx.clone()));
    }
    if unrest.undo {
        beside.spawn(undo(ctx.clone(), operation.clone()));
    }
    beside
}

/// As the application does it: what was interrupted is looked for whenever the vault opens.
async fn locks(ctx: Context, recovers: bool) {
    loop {
        tokio::time::sleep(PAUSE * 2).await;
        ctx.vault.lock();
        tokio::time::sleep(PAUSE).await;
        drop(ctx.vault.unlock(true).await);
        drop(flows::authenticate(&ctx).await);
        if recovers {
            drop(flows::recover(&ctx).await);
        }
    }
}

async fn neighbour(ctx: Context) {
    loop {
        tokio::time::sleep(PAUSE).await;
        drop(flows::refresh(&ctx, &AccountId("neighbour".into()), &|_| Paging::Continue).await);
        drop(flows::recover(&ctx).await);
    }
}

async fn undo(ctx: Context, operation: OperationId) {
    loop {
        tokio::time::sleep(PAUSE).await;
        drop(flows::undo_rotation(&ctx, &operation).await);
    }
}
