//! A refusal proves something of one key only if the vendor accepts another at the same moment.

use super::Context;
use super::account::value;
use crate::account::Account;
use crate::error::FlowError;
use crate::key::KeyRef;
use crate::operation::OperationId;
use crate::ports::Purpose;
use crate::provider::{Connection, Probe, Provider};
use crate::secret::Secret;

/// So many other keys are asked with at most.
const MOST: usize = 3;

/// What the vendor says to keys that must live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// It accepts one.
    Accepted,
    /// It refuses them too.
    Refused,
    /// Keyturn holds none.
    None,
}

/// Asks with keys of the account that must live, but not with `gone`: the managing key, the new key of `operation`, or
/// adopted ones that were not refused last time.
pub(super) async fn control(
    ctx: &Context,
    account: &Account,
    provider: &dyn Provider,
    gone: Option<&KeyRef>,
    operation: Option<&OperationId>,
) -> Result<Control, FlowError> {
    let mut verdict = Control::None;
    for value in values(ctx, account, gone, operation).await? {
        let asking =
            Connection { base_url: &account.base_url, managing_key: &value, settings: &account.settings };
        match provider.probe(asking).await? {
            Probe::Alive => return Ok(Control::Accepted),
            Probe::Refused => verdict = Control::Refused,
        }
    }
    Ok(verdict)
}

async fn values(
    ctx: &Context,
    account: &Account,
    gone: Option<&KeyRef>,
    operation: Option<&OperationId>,
) -> Result<Vec<Secret>, FlowError> {
    let mut purposes = Vec::new();
    if account.managing.is_some() && !gone.is_some_and(|gone| account.manages_with(&gone.key)) {
        purposes.push(Purpose::Managing(account.id.clone()));
    }
    if let Some(operation) = operation
        && let Some(found) = ctx.ledger.operation(operation).await?
        && found.stage.unsaved().is_some_and(|new| Some(new) != gone)
    {
        purposes.push(Purpose::Escrow(operation.clone()));
    }
    if account.managing.is_none() {
        for record in ctx.ledger.keys(&account.id).await? {
            let key = KeyRef { account: account.id.clone(), key: record.id };
            // One that was never asked may be dead: then another is asked as well.
            if record.checked.is_none_or(|checked| checked.alive) && Some(&key) != gone {
                purposes.push(Purpose::Adopted(key));
            }
        }
    }
    let mut values = Vec::new();
    for purpose in purposes {
        if values.len() < MOST
            && let Some(value) = value(ctx, account, &purpose).await?
        {
            values.push(value);
        }
    }
    Ok(values)
}
