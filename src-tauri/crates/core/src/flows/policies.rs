//! Policies: set, changed and removed, each with its line in the journal. And the list with what they make due.

use super::account::entry;
use super::{Choice, Context};
use crate::account::{Account, AccountId};
use crate::error::FlowError;
use crate::inventory::InventoryRow;
use crate::journal::{Action, Entry, Outcome};
use crate::policy::{Policy, PolicyDraft, PolicyId, Reach, due};
use crate::ports::LedgerError;

/// Every row of every account, with what the policies make of it.
///
/// # Errors
/// Ledger faults.
pub async fn inventory_rows(ctx: &Context) -> Result<Vec<InventoryRow>, LedgerError> {
    let policies = ctx.ledger.policies().await?;
    let mut rows = ctx.ledger.inventory_rows().await?;
    if !policies.is_empty() {
        for row in &mut rows {
            row.due = due(row, &policies);
        }
    }
    Ok(rows)
}

/// Adds the policy `id`, or changes it.
///
/// # Errors
/// [`FlowError::Policy`] where it cannot be as it was filled in; [`FlowError::NotFound`] where its account is gone.
pub async fn save_policy(ctx: &Context, id: PolicyId, draft: PolicyDraft) -> Result<Policy, FlowError> {
    let policies = ctx.ledger.policies().await?;
    let mut policy = draft.check(id, &policies)?;
    let accounts = ctx.ledger.accounts().await?;
    match &mut policy.reach {
        Reach::Account(account) if !accounts.iter().any(|known| known.id == *account) => {
            return Err(FlowError::NotFound("account"));
        }
        Reach::Label(label) => {
            let known = ctx.ledger.labels().await?;
            if let Some(known) = known.into_iter().find(|known| known == label) {
                *label = known;
            }
        }
        Reach::Account(_) | Reach::Every => {}
    }
    let told = format!("{}: {}", scope_words(&policy.reach, &accounts), terms(&policy));
    ctx.ledger.put_policy(&policy, &note(ctx, &policy.reach, told)).await?;
    Ok(policy)
}

/// # Errors
/// [`FlowError::NotFound`] where it is gone.
pub async fn remove_policy(ctx: &Context, id: &PolicyId) -> Result<(), FlowError> {
    let policies = ctx.ledger.policies().await?;
    let policy = policies.iter().find(|policy| policy.id == *id).ok_or(FlowError::NotFound("policy"))?;
    let told = format!("{}: removed", scope_words(&policy.reach, &ctx.ledger.accounts().await?));
    Ok(ctx.ledger.remove_policy(id, &note(ctx, &policy.reach, told)).await?)
}

/// `Account Shop`, `Label payments` or `Every key`.
#[must_use]
pub fn scope_words(reach: &Reach, accounts: &[Account]) -> String {
    match reach {
        Reach::Every => "Every key".to_owned(),
        Reach::Account(id) => {
            let label = accounts.iter().find(|account| account.id == *id).map(|account| &account.label);
            format!("Account {}", label.unwrap_or(&id.0))
        }
        Reach::Label(label) => format!("Label {}", label.as_str()),
    }
}

/// What it asks for, for the journal.
fn terms(policy: &Policy) -> String {
    let mut terms =
        format!("at most {} days old, reminder {} days before", policy.max_age_days, policy.remind_days);
    if let Some(choice) = policy.alone {
        terms.push_str(&format!(", rotated without a person, {}", overlap_words(choice)));
    }
    terms
}

/// How long both keys work.
pub(super) fn overlap_words(choice: Choice) -> &'static str {
    match choice {
        Choice::Now | Choice::Atomic => "without overlap",
        Choice::OneHour => "with an overlap of 1 hour",
        Choice::OneDay => "with an overlap of 24 hours",
        Choice::SevenDays => "with an overlap of 7 days",
        Choice::Quiet => "until the old key is quiet",
    }
}

fn note(ctx: &Context, reach: &Reach, told: String) -> Entry {
    let account = match reach {
        Reach::Account(account) => account.clone(),
        Reach::Every | Reach::Label(_) => AccountId(String::new()),
    };
    entry(ctx, &account, None, Action::Policy, Outcome::Done(told))
}
