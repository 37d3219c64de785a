//! What a person can press at a moment, as core offers it, and what pressing it does.

use anyhow::Result;
use keyturn_core::account::{Account, AccountId, Freshness};
use keyturn_core::batch::BatchId;
use keyturn_core::error::FlowError;
use keyturn_core::flows::{self, Choice, Confirmation};
use keyturn_core::journal::Action;
use keyturn_core::key::KeyRef;
use keyturn_core::operation::{Operation, OperationId, Stage};
use keyturn_core::provider::Paging;
use keyturn_tests::flat::Flat;

/// One button, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Button {
    Refresh(AccountId),
    AcceptReading(AccountId),
    Save(OperationId),
    Finish(OperationId),
    Undo(OperationId),
    AskAgain(OperationId),
    Leave(OperationId),
    Rotate(KeyRef, Choice),
    Revoke(KeyRef),
    Delete(KeyRef),
    NameManaging(KeyRef),
    Pause(BatchId),
    Resume(BatchId),
    Stop(BatchId),
}

/// Every button that is shown and not disabled. What would end the key that Keyturn calls the vendor with is left out.
pub(crate) async fn offered(flat: &Flat) -> Result<Vec<Button>> {
    let mut buttons = Vec::new();
    for account in flat.ctx.ledger.accounts().await? {
        of_account(flat, &account, &mut buttons).await?;
    }
    for operation in flat.ctx.ledger.open_operations().await? {
        of_operation(&operation, &mut buttons);
    }
    for standing in flat.ctx.ledger.batches(flat.ctx.clock.now()).await? {
        let batch = standing.batch;
        for (offered, button) in [
            (batch.can_be_paused(), Button::Pause(batch.id.clone())),
            (batch.can_be_resumed(), Button::Resume(batch.id.clone())),
            (batch.can_be_stopped(), Button::Stop(batch.id.clone())),
        ] {
            buttons.extend(offered.then_some(button));
        }
    }
    Ok(buttons)
}

async fn of_account(flat: &Flat, account: &Account, buttons: &mut Vec<Button>) -> Result<()> {
    buttons.push(Button::Refresh(account.id.clone()));
    if matches!(account.freshness, Freshness::Stale { doubted: true, .. }) {
        buttons.push(Button::AcceptReading(account.id.clone()));
    }
    for row in flat.ctx.ledger.keys(&account.id).await? {
        let key = KeyRef { account: account.id.clone(), key: row.id.clone() };
        if account.may_manage_with(&row) {
            buttons.push(Button::NameManaging(key.clone()));
        }
        if !account.manages_with(&row.id) {
            of_key(flat, &key, buttons).await?;
        }
    }
    Ok(())
}

fn of_operation(operation: &Operation, buttons: &mut Vec<Button>) {
    let id = || operation.id.clone();
    if operation.stage.unsaved().is_some() {
        buttons.push(Button::Save(id()));
    }
    if operation.stage.can_be_left() {
        buttons.push(Button::Leave(id()));
    }
    let Stage::Rotating(rotation) = &operation.stage else { return };
    for (offered, button) in [
        (rotation.can_be_finished(), Button::Finish(id())),
        (rotation.can_be_undone(), Button::Undo(id())),
        (rotation.can_be_asked_again(), Button::AskAgain(id())),
    ] {
        buttons.extend(offered.then_some(button));
    }
}

async fn of_key(flat: &Flat, key: &KeyRef, buttons: &mut Vec<Button>) -> Result<()> {
    let page = flows::key_page(&flat.ctx, key).await?;
    if page.permits.revoke.is_allowed() {
        buttons.push(Button::Revoke(key.clone()));
    }
    if page.permits.delete.is_allowed() {
        buttons.push(Button::Delete(key.clone()));
    }
    let plan = flows::plan_rotation(&flat.ctx, key).await?;
    if page.permits.rotate.is_allowed() && plan.permit.is_allowed() {
        let offers = plan.offers.into_iter().filter(|offer| offer.permit.is_allowed());
        buttons.extend(offers.map(|offer| Button::Rotate(key.clone(), offer.choice)));
    }
    Ok(())
}

/// Presses it, under an operation of this name, with whatever the dialog asks for typed as it should be. A key that is
/// saved on the way is answered with its value.
pub(crate) async fn press(
    flat: &Flat,
    button: &Button,
    name: &str,
) -> Result<Option<(KeyRef, String)>, FlowError> {
    let ctx = &flat.ctx;
    let on: &(dyn Fn(usize) -> Paging + Send + Sync) = &|_| Paging::Continue;
    match button {
        Button::Refresh(account) => flows::refresh(ctx, account, on).await.map(drop)?,
        Button::AcceptReading(account) => flows::accept_reading(ctx, account, on).await.map(drop)?,
        Button::Save(operation) => return save(flat, operation).await.map(Some),
        Button::Finish(operation) => flows::finish_rotation(ctx, operation).await?,
        Button::Undo(operation) => flows::undo_rotation(ctx, operation).await?,
        Button::AskAgain(operation) => flows::ask_again(ctx, operation).await?,
        Button::Leave(operation) => flows::leave_rotation(ctx, operation).await?,
        Button::Rotate(key, choice) => {
            flows::begin_rotation(ctx, key, *choice, None, OperationId(name.into())).await.map(drop)?;
        }
        Button::Revoke(key) => {
            let typed_name = ctx.ledger.key(key).await?.map(|row| row.name);
            let typed = Confirmation { typed_name, managing: false };
            flows::revoke_key(ctx, key, &typed, OperationId(name.into())).await?;
        }
        Button::Delete(key) => flows::delete_key(ctx, key, false).await?,
        Button::NameManaging(key) => flows::choose_managing_key(ctx, key).await?,
        Button::Pause(batch) => flows::pause_batch(ctx, batch).await?,
        Button::Resume(batch) => flows::resume_batch(ctx, batch).await?,
        Button::Stop(batch) => flows::stop_batch(ctx, batch).await?,
    }
    Ok(None)
}

async fn save(flat: &Flat, operation: &OperationId) -> Result<(KeyRef, String), FlowError> {
    let (escrow, secret) = flows::take_for(&flat.ctx, operation, Action::Copy).await?;
    flows::acknowledge(&flat.ctx, operation).await?;
    // EXPOSE: the test uses the key at the authority.
    Ok((escrow.key, secret.expose().to_owned()))
}

/// Whether core said no to something that it had offered. What a vendor answers is no such thing.
pub(crate) fn is_refusal(error: &FlowError) -> bool {
    !matches!(
        error,
        FlowError::Provider(_)
            | FlowError::Doubt(_)
            | FlowError::Doubtful { .. }
            | FlowError::RevokedAgain { .. }
    )
}
