//! One act for one item of a batch, by the same flows as for a key alone.

use chrono::TimeDelta;

use crate::account::AccountId;
use crate::batch::{Batch, Deed, Item, ItemState, Progress, Turn, again_at, progress};
use crate::error::FlowError;
use crate::flows::Context;
use crate::flows::account::account;
use crate::flows::recover::{Recovered, settle_one};
use crate::flows::refresh::refresh;
use crate::flows::revoke::revoke_confirmed;
use crate::flows::rotate::{Driven, Wake, begin_in_batch, drive_once, free_slot};
use crate::key::KeyRef;
use crate::operation::{Operation, OperationId, Stage};
use crate::ports::{LedgerError, VaultError};
use crate::provider::Paging;
use crate::reading::AGREE;

/// How long a vendor is left alone that did not answer.
const SILENT: TimeDelta = TimeDelta::seconds(15);

/// Reads the account's list before the first key is made there.
pub(super) async fn read(ctx: &Context, account: &AccountId) -> Result<Turn, FlowError> {
    match refresh(ctx, account, &|_| Paging::Continue).await {
        // An account that is gone has no list: each of its items says so.
        Ok(_) | Err(FlowError::NotFound(_)) => Ok(Turn::Read),
        Err(FlowError::Ledger(fault)) => Err(fault.into()),
        Err(error) => {
            let until = ctx.clock.now() + error.asked_wait().unwrap_or(SILENT);
            Ok(Turn::Held { until, begun: false })
        }
    }
}

/// Goes on with an item by one act: begins its operation where there is none.
pub(super) async fn advance(ctx: &Context, batch: &Batch, item: &mut Item) -> Result<Turn, FlowError> {
    let id = item.operation(&batch.id);
    match ctx.ledger.operation(&id).await? {
        None => begin(ctx, batch, item, id).await,
        Some(found) => go_on(ctx, batch, item, &found).await,
    }
}

async fn begin(ctx: &Context, batch: &Batch, item: &mut Item, id: OperationId) -> Result<Turn, FlowError> {
    // What else is wrong with the account is said by the rotation itself.
    if batch.deed.mints() && matches!(has_room(ctx, &item.key).await, Ok(false)) {
        return Ok(Turn::Full);
    }
    let begun = match batch.deed {
        Deed::Rotate(choice) => begin_in_batch(ctx, &item.key, choice, id.clone()).await.map(|_| ()),
        Deed::Revoke => revoke_confirmed(ctx, &item.key, id.clone()).await,
    };
    let Err(error) = begun else { return Ok(Turn::Again) };
    let now = ctx.clock.now();
    match (&error, ctx.ledger.operation(&id).await?.map(|found| found.stage)) {
        // Somebody else was faster.
        (FlowError::Ledger(LedgerError::UnderWay | LedgerError::Over), None) => {
            end(ctx, batch, item, ItemState::Failed(error.to_string()), true).await
        }
        (FlowError::Ledger(fault), _) if *fault != LedgerError::InDoubt => {
            Err(FlowError::Ledger(fault.clone()))
        }
        (FlowError::Vault(VaultError::Locked), None) => Ok(Turn::Held { until: now, begun: false }),
        // An earlier request of the same name is not settled: that one has its own place.
        (FlowError::Ledger(LedgerError::InDoubt), None) => {
            again(ctx, batch, item, Some(AGREE), error.to_string()).await
        }
        // The request may have done its work: that is looked up once the vendor may be asked again.
        (_, Some(stage)) if stage.is_minting() => {
            Ok(Turn::Doubt { until: now + error.asked_wait().unwrap_or(TimeDelta::seconds(1)) })
        }
        (_, Some(Stage::Rotating(rotation))) => {
            let until = rotation.retry.map_or(now, |retry| retry.at);
            Ok(Turn::Held { until, begun: true })
        }
        // It was locked when the new key came, which was revoked again: the next one is sealed, or not asked for before.
        (FlowError::RevokedAgain { was_locked: true, .. }, _) => {
            again(ctx, batch, item, None, error.to_string()).await
        }
        _ if is_passing(&error) => again(ctx, batch, item, error.asked_wait(), error.to_string()).await,
        _ => end(ctx, batch, item, ItemState::Failed(error.to_string()), true).await,
    }
}

async fn go_on(ctx: &Context, batch: &Batch, item: &mut Item, found: &Operation) -> Result<Turn, FlowError> {
    if found.stage.is_minting() {
        let early = found.started_at + AGREE;
        return match settle_one(ctx, found).await? {
            // The list may lag behind the request: the others need not wait for that.
            Some(Recovered::Postponed { lags: true, .. }) if ctx.clock.now() < early => {
                Ok(Turn::Unsettled { until: early })
            }
            Some(Recovered::Postponed { asked, .. }) => {
                Ok(Turn::Doubt { until: ctx.clock.now() + asked.unwrap_or(SILENT) })
            }
            Some(
                Recovered::NothingHappened { .. }
                | Recovered::OrphanRevoked { .. }
                | Recovered::Gone { .. }
                | Recovered::Orphaned { .. },
            )
            | None => Ok(Turn::Again),
        };
    }
    match &found.stage {
        Stage::Rotating(_) => {}
        Stage::Failed { reason } => return again(ctx, batch, item, None, reason.clone()).await,
        Stage::Orphaned { .. } => {
            let why = "A key was made whose value never arrived; it is marked in the list.";
            return end(ctx, batch, item, ItemState::Failed(why.into()), false).await;
        }
        Stage::Sent | Stage::Escrowed { .. } | Stage::Acknowledged { .. } => {
            return end(ctx, batch, item, ItemState::Done, false).await;
        }
    }
    let driven = drive_once(ctx, &found.id).await?;
    let stage = ctx.ledger.operation(&found.id).await?.map(|found| found.stage);
    let verdict = match &stage {
        Some(Stage::Rotating(rotation)) => progress(rotation),
        _ => Progress::UnderWay,
    };
    match (verdict, driven) {
        (Progress::Over { freed }, _) => end(ctx, batch, item, ItemState::Done, freed).await,
        (Progress::GivenUp(why), _) => end(ctx, batch, item, ItemState::Failed(why), false).await,
        (Progress::UnderWay, Driven::Moved) => Ok(Turn::Again),
        (Progress::UnderWay, Driven::Held(asked)) => {
            Ok(Turn::Held { until: ctx.clock.now() + asked, begun: true })
        }
        (Progress::UnderWay, Driven::Rests(Wake::At(at))) => Ok(Turn::At(at)),
        // The vault was locked in between.
        (Progress::UnderWay, Driven::Rests(Wake::OnCall)) => Ok(Turn::At(ctx.clock.now())),
    }
}

/// Nothing came of the try: the next one is written down, under an operation of its own, before it begins.
async fn again(
    ctx: &Context,
    batch: &Batch,
    item: &mut Item,
    asked: Option<TimeDelta>,
    why: String,
) -> Result<Turn, FlowError> {
    let Some(until) = again_at(item.tries + 1, asked, ctx.clock.now()) else {
        return end(ctx, batch, item, ItemState::Failed(why), true).await;
    };
    item.tries += 1;
    item.not_before = asked.map(|_| until);
    ctx.ledger.put_items(&batch.id, std::slice::from_ref(item)).await?;
    Ok(Turn::Held { until, begun: false })
}

async fn end(
    ctx: &Context,
    batch: &Batch,
    item: &mut Item,
    state: ItemState,
    freed: bool,
) -> Result<Turn, FlowError> {
    item.state = state;
    item.not_before = None;
    ctx.ledger.put_items(&batch.id, std::slice::from_ref(item)).await?;
    Ok(Turn::Ended { freed })
}

/// An item for which the vendor has no place.
pub(super) async fn no_room(ctx: &Context, batch: &Batch, item: &mut Item) -> Result<Turn, FlowError> {
    let why = "The vendor allows no more keys, so that a new one could not be made beside this one.";
    end(ctx, batch, item, ItemState::Failed(why.into()), false).await
}

/// Whether the vendor allows a key beside this one: others may have made some meanwhile.
async fn has_room(ctx: &Context, key: &KeyRef) -> Result<bool, FlowError> {
    let (_, provider) = account(ctx, &key.account).await?;
    Ok(free_slot(ctx, provider.manifest(), &key.account, Some(&key.key)).await?.is_allowed())
}

/// Whether another try may go through without anybody changing anything.
fn is_passing(error: &FlowError) -> bool {
    matches!(error, FlowError::Provider(provider) if provider.fault.is_passing())
}
