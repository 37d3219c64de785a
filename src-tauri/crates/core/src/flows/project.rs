//! One project is one set of keys, whatever accounts look at it: two accounts at the same vendor may list the same key,
//! and it is one key in both. By which name of its address each calls the vendor says nothing: the vendor's id does, with
//! the hint.

use super::Context;
use super::account::value;
use crate::account::Account;
use crate::error::FlowError;
use crate::key::KeyRef;
use crate::operation::Operation;
use crate::ports::Purpose;
use crate::secret::Secret;

/// The same key as other accounts list it.
pub(super) async fn twins(ctx: &Context, key: &KeyRef) -> Result<Vec<(Account, KeyRef)>, FlowError> {
    let accounts = ctx.ledger.accounts().await?;
    let Some(own) = accounts.iter().find(|account| account.id == key.account) else { return Ok(Vec::new()) };
    let beside: Vec<&Account> = accounts.iter().filter(|other| other.may_share(own)).collect();
    if beside.is_empty() {
        return Ok(Vec::new());
    }
    let Some(record) = ctx.ledger.key(key).await? else { return Ok(Vec::new()) };
    let mut twins = Vec::new();
    for other in beside {
        let twin = KeyRef { account: other.id.clone(), key: key.key.clone() };
        if ctx.ledger.key(&twin).await?.is_some_and(|listed| listed.hint == record.hint) {
            twins.push((other.clone(), twin));
        }
    }
    Ok(twins)
}

/// Why nothing is done to a key from here; `None` where nothing stands against it.
///
/// Another account is managed with it, works on it at this moment, or holds its value for a person to store.
pub(super) async fn claimed_elsewhere(ctx: &Context, key: &KeyRef) -> Result<Option<String>, FlowError> {
    for (other, twin) in twins(ctx, key).await? {
        if other.manages_with(&twin.key) {
            return Ok(Some(format!(
                "The account “{}” is managed with this key. Open it there.",
                other.label
            )));
        }
        for operation in ctx.ledger.operations_of(&twin).await? {
            if operation.concerns(&twin) {
                return Ok(Some(format!(
                    "This key is part of an operation of the account “{}” that is not finished.",
                    other.label
                )));
            }
            if operation.stage.unsaved() == Some(&twin) {
                return Ok(Some(format!(
                    "This key is new and waits to be stored in the account “{}”.",
                    other.label
                )));
            }
        }
    }
    Ok(None)
}

/// The account at the same vendor that is managed with this very value already, whatever its label and address.
pub(super) async fn managed_with(
    ctx: &Context,
    account: &Account,
    managing_key: &Secret,
) -> Result<Option<Box<Account>>, FlowError> {
    let accounts = ctx.ledger.accounts().await?;
    for other in accounts.into_iter().filter(|other| other.may_share(account)) {
        let held = value(ctx, &other, &Purpose::Managing(other.id.clone())).await;
        // What does not open is somebody else's word, and no account to send a person to.
        if matches!(held, Ok(Some(held)) if held.is_same(managing_key)) {
            return Ok(Some(Box::new(other)));
        }
    }
    Ok(None)
}

/// Whether an operation that is not finished concerns the key.
pub(super) async fn is_busy(ctx: &Context, key: &KeyRef) -> Result<bool, FlowError> {
    Ok(ctx.ledger.operations_of(key).await?.iter().any(|operation: &Operation| operation.concerns(key)))
}
