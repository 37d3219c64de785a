//! Every operation whose end is not on disk, and that no process carries any more, is settled against the vendor's
//! list: when the vault opens, and with each good reading after that.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::Context;
use super::account::open;
use super::create::close;
use super::reading::read;
use super::reconcile::{Found, When, settle};
use crate::account::AccountId;
use crate::error::FlowError;
use crate::operation::{Operation, Stage};
use crate::ports::{Trust, VaultError};
use crate::provider::Paging;

/// Why an operation failed of which readings, some minutes apart, show no trace.
pub(super) const NOTHING: &str = "interrupted before the vendor did anything";

/// What recovery found, for a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// The request never took effect.
    NothingHappened { name: String },
    /// A key had been made; its secret was lost with the reply, so it was revoked.
    OrphanRevoked { name: String },
    /// A rotation in one call: the old key is dead, and there is no new one.
    Gone { name: String },
    /// Keys are left without a secret, or with one that is not known, for the person to decide.
    Orphaned { name: String },
    /// It could not be settled now; it is tried again with the next good reading, and not before the time that the
    /// vendor, or the rule of two readings, `asked` for. `lags`: the vendor answered, and its list may not show yet what
    /// was done.
    Postponed { name: String, reason: String, asked: Option<TimeDelta>, lags: bool },
}

/// Settles each operation that was sent and whose reply never reached the disk, but for those that this process
/// carries. Never mints.
///
/// # Errors
/// Ledger faults. A vendor that cannot be reached postpones its operations instead.
pub async fn recover(ctx: &Context) -> Result<Vec<Recovered>, FlowError> {
    let mut interrupted: BTreeMap<AccountId, Vec<Operation>> = BTreeMap::new();
    let under_way = ctx.ledger.open_operations().await?;
    ctx.process.found(under_way.iter().filter(|it| it.stage.is_minting()).map(|it| &it.id));
    for operation in under_way {
        if operation.stage.is_minting() && ctx.process.was_over(&operation.id, ctx.process.turn()) {
            interrupted.entry(operation.account.clone()).or_default().push(operation);
        }
    }
    let mut results = Vec::new();
    for (account, operations) in interrupted {
        let settled = match open(ctx, &account).await {
            Ok(mut opened) => {
                let read = read(ctx, &mut opened, Trust::Usual, &|_| Paging::Continue).await;
                read.map(|read| read.recovered)
            }
            Err(error) => Err(error),
        };
        match settled {
            Ok(recovered) => results.extend(recovered),
            Err(FlowError::Ledger(fault)) => return Err(fault.into()),
            Err(error) => results.extend(operations.iter().map(|operation| postponed(operation, &error))),
        }
    }
    Ok(results)
}

/// Settles one of them, by a list of its own; `None` where somebody carried it on meanwhile.
pub(super) async fn settle_one(ctx: &Context, operation: &Operation) -> Result<Option<Recovered>, FlowError> {
    let found = match open(ctx, &operation.account).await {
        Ok(mut opened) => settle(ctx, &mut opened, operation, When::Afterwards).await,
        Err(error) => Err(error),
    };
    recovered(ctx, operation, found).await
}

/// Ends an operation as what was found asks for.
pub(super) async fn recovered(
    ctx: &Context,
    operation: &Operation,
    found: Result<Found, FlowError>,
) -> Result<Option<Recovered>, FlowError> {
    let name = operation.intent.name().to_owned();
    let (reason, result) = match found {
        Ok(Found::Nothing) => (NOTHING, Recovered::NothingHappened { name }),
        Ok(Found::Revoked) => {
            ("interrupted; the key that had been made was revoked", Recovered::OrphanRevoked { name })
        }
        Ok(Found::Gone) => {
            ("interrupted; the old key is dead, and there is no new one", Recovered::Gone { name })
        }
        Ok(Found::Undecided | Found::Unknown) => return Ok(Some(Recovered::Orphaned { name })),
        Ok(Found::Overtaken) => return Ok(None),
        Ok(Found::NothingYet(again)) => {
            let reason = "the vendor's list may not show yet what it did".into();
            let asked = Some((again - ctx.clock.now()).max(TimeDelta::seconds(1)));
            return Ok(Some(Recovered::Postponed { name, reason, asked, lags: true }));
        }
        Err(FlowError::Ledger(fault)) => return Err(fault.into()),
        Err(error) => return Ok(Some(postponed(operation, &error))),
    };
    let taken = close(ctx, operation, Stage::Failed { reason: reason.into() }).await?;
    Ok(taken.then_some(result))
}

fn postponed(operation: &Operation, error: &FlowError) -> Recovered {
    let reason = match error {
        FlowError::Vault(VaultError::Locked) => "the vault is locked".to_owned(),
        other => other.to_string(),
    };
    let (name, asked) = (operation.intent.name().to_owned(), error.asked_wait());
    Recovered::Postponed { name, reason, asked, lags: false }
}
