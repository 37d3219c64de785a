//! Looks for what a person should be told, and begins what policies ask for: hourly, and whenever the list changed.
//! Holds no rules.

use std::sync::Arc;
use std::time::Duration;

use keyturn_core::error::FlowError;
use keyturn_core::flows;
use keyturn_core::operation::OperationId;
use keyturn_core::reminder::announcement;

use crate::house::{House, Signal};
use crate::{commands, memory, rotating};

const HOUR: Duration = Duration::from_secs(3600);

/// The list often changes several times in a row: it is looked through once it rests.
const REST: Duration = Duration::from_secs(2);

/// Runs for the life of the application.
pub(crate) async fn run(house: Arc<House>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(HOUR) => {}
            () = house.remind.notified() => tokio::time::sleep(REST).await,
        }
        if let Err(error) = round(&house).await {
            tracing::error!(%error, "could not look for reminders");
        }
        // And after every list that was read: it rests now.
        memory::give_back().await;
    }
}

/// First what policies ask for: what is on its way needs no reminder any more.
async fn round(house: &House) -> Result<(), FlowError> {
    follow(house).await?;
    let listed = house.listed().await?;
    let fresh = flows::announce_reminders(&house.ctx, &listed.inventory).await?;
    if let Some((title, text)) = announcement(&fresh, &listed.accounts) {
        tracing::info!(count = fresh.len(), "new reminders");
        house.signal(Signal::Reminders);
        if house.settings().notifications {
            house.notifier.show(title, text);
        }
    }
    Ok(())
}

/// One rotation after the other: each reads the vendor's list anew.
async fn follow(house: &House) -> Result<(), FlowError> {
    let due = flows::due_rotations(&house.ctx, &house.listed().await?.inventory).await?;
    let any = !due.is_empty();
    for row in due {
        // A person who rotates the same key at this moment was faster.
        let Some(_busy) = house.begin(row.key_ref().to_string()) else { continue };
        match commands::fresh_id("rotate") {
            Ok(id) => flows::rotate_due(&house.ctx, row, OperationId(id)).await?,
            Err(failure) => tracing::error!(failure.message, "no id for a rotation"),
        }
    }
    if any {
        rotating::show(house).await;
        house.rotate.notify_one();
    }
    Ok(())
}
