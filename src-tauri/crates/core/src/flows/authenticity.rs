//! What is looked at whenever the vault opens, before anything else: whether the ledger is as Keyturn wrote it. A ledger
//! of before there were marks is taken over once.

use super::Context;
use super::account::entry;
use crate::account::{Account, AccountId};
use crate::authenticity::CHANGED;
use crate::error::FlowError;
use crate::journal::{Action, Outcome};
use crate::key::VendorKeyId;
use crate::policy::Reach;
use crate::ports::{
    AccountChange, Foreign, JournalFilter, JournalHead, SealForm, Sealed, Source, VaultError, VaultStatus,
};

/// How many times an account was connected is no large number.
const CONNECTIONS: usize = 50;

/// Stands before the address in the journal's entries of connections.
pub(super) const AT: &str = " at ";

/// What a person must hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// From now on the ledger is protected; each account's label with the address that its keys are sealed for, but for the
    /// rehearsal's.
    TakenOver { accounts: Vec<(String, String)> },
    /// Nothing is done for it.
    Foreign(Foreign),
    /// The address had been changed; it is the right one again, and nothing was sent to the other.
    AddressRestored { label: String, changed_to: String, restored: String },
    /// What is sealed for the account does not open for this address, and the right one is not known.
    AddressChanged { label: String, changed_to: String },
    /// The journal is not the one that was signed.
    Journal,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    pub told: Vec<Told>,
    /// Whether the keyring remembers that the ledger was taken over. If not, that is tried again next time.
    pub settled: Result<(), VaultError>,
}

/// Compares the ledger with its marks. What does not bear them stays inert, and is told once.
///
/// # Errors
/// [`VaultError::Locked`]; ledger faults.
pub async fn authenticate(ctx: &Context) -> Result<Authenticated, FlowError> {
    if ctx.vault.status() != VaultStatus::Open {
        return Err(VaultError::Locked.into());
    }
    let (mut told, mut settled) = (Vec::new(), Ok(()));
    let accounts = ctx.ledger.accounts().await?;
    let is_first = !ctx.vault.is_settled();
    let head = match ctx.ledger.journal_head().await? {
        // Every account that was connected has an entry.
        JournalHead::Empty if !is_first && !accounts.is_empty() => JournalHead::Broken,
        head => head,
    };
    if is_first {
        told.extend(take_over(ctx, head).await?);
        settled = ctx.vault.settle().await;
    }
    match head {
        JournalHead::Empty | JournalHead::AsSigned => ctx.ledger.sign_journal(None).await?,
        JournalHead::Unsigned if is_first => ctx.ledger.sign_journal(None).await?,
        JournalHead::Unsigned | JournalHead::Broken => {
            let words = "the journal is not as it was signed; nothing before this entry is vouched for";
            ctx.ledger.sign_journal(Some(&note(ctx, &nobody(), None, words))).await?;
            told.push(Told::Journal);
        }
    }
    for account in &accounts {
        told.extend(check_address(ctx, account).await?);
    }
    for foreign in ctx.ledger.foreign().await? {
        let (account, key) = owner(&foreign);
        ctx.ledger.disown(&foreign, &note(ctx, &account, key, &words(&foreign))).await?;
        told.push(Told::Foreign(foreign));
    }
    Ok(Authenticated { told, settled })
}

/// Trusts the file this once: there is nothing yet to compare it with.
async fn take_over(ctx: &Context, head: JournalHead) -> Result<Option<Told>, FlowError> {
    let (mut resealed, mut accounts) = (Vec::new(), Vec::new());
    for account in ctx.ledger.accounts().await? {
        let place = account.place();
        for sealed in ctx.ledger.sealed_of(&account.id).await? {
            if sealed.form == SealForm::Placed {
                continue;
            }
            match ctx.vault.open(&sealed, &place) {
                Ok(secret) => resealed.push(ctx.vault.seal(sealed.purpose, &place, &secret)?),
                // It is damaged, and stays as it is.
                Err(VaultError::Corrupt) => {}
                Err(other) => return Err(other.into()),
            }
        }
        if !account.rehearsal {
            accounts.push((account.label, account.base_url));
        }
    }
    if head != JournalHead::Unsigned {
        ctx.ledger.take_over(&resealed, None).await?;
        return Ok(None);
    }
    let listed: Vec<String> = accounts.iter().map(|(label, at)| format!("{label}{AT}{at}")).collect();
    let words = format!("from here on the ledger is protected; accounts: {}", listed.join(", "));
    ctx.ledger.take_over(&resealed, Some(&note(ctx, &nobody(), None, &words))).await?;
    Ok(Some(Told::TakenOver { accounts }))
}

/// An account whose secrets were sealed for another address gets that back, where it is known. Which one it is, the
/// sealing itself says.
async fn check_address(ctx: &Context, account: &Account) -> Result<Option<Told>, FlowError> {
    let sealed = ctx.ledger.sealed_of(&account.id).await?;
    if sealed.is_empty() || opens(ctx, &sealed, account)? {
        return Ok(None);
    }
    let (label, changed_to) = (account.label.clone(), account.base_url.clone());
    for base_url in known_addresses(ctx, account).await? {
        let before = Account { base_url, ..account.clone() };
        if !opens(ctx, &sealed, &before)? {
            continue;
        }
        let restored = before.base_url;
        let words =
            format!("the address had been changed to {changed_to} outside Keyturn; it is {restored} again");
        let entry = note(ctx, &account.id, None, &words);
        ctx.ledger.change_account(&account.id, AccountChange::Address(&restored, &[]), Some(&entry)).await?;
        return Ok(Some(Told::AddressRestored { label, changed_to, restored }));
    }
    Ok(Some(Told::AddressChanged { label, changed_to }))
}

/// Whether one of the entries opens for the account's vendor and address.
fn opens(ctx: &Context, sealed: &[Sealed], account: &Account) -> Result<bool, FlowError> {
    let place = account.place();
    for entry in sealed {
        match ctx.vault.open(entry, &place) {
            Ok(_) => return Ok(true),
            Err(VaultError::Corrupt) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(false)
}

/// The vendor's own address, and those that the journal tells of.
async fn known_addresses(ctx: &Context, account: &Account) -> Result<Vec<String>, FlowError> {
    let provider = ctx.providers.provider(&account.vendor);
    let mut known: Vec<String> =
        provider.iter().map(|provider| provider.manifest().default_base_url.to_owned()).collect();
    let filter = JournalFilter {
        source: Source::Keyturn,
        actions: vec![Action::Connect.word().to_owned(), Action::Ledger.word().to_owned()],
        ..JournalFilter::default()
    };
    for row in ctx.ledger.journal_window(&filter, 0, CONNECTIONS).await?.rows {
        let parts = row.words.split([',', ' ']).map(str::trim);
        known.extend(parts.filter(|part| part.contains("://")).map(str::to_owned));
    }
    Ok(known)
}

fn note(ctx: &Context, account: &AccountId, key: Option<&VendorKeyId>, words: &str) -> crate::journal::Entry {
    entry(ctx, account, key, Action::Ledger, Outcome::Done(words.to_owned()))
}

/// For what concerns no account.
fn nobody() -> AccountId {
    AccountId(String::new())
}

fn owner(foreign: &Foreign) -> (AccountId, Option<&VendorKeyId>) {
    match foreign {
        Foreign::Operation { account, .. } => (account.clone(), None),
        Foreign::Item { key, .. } | Foreign::Label { key, .. } => (key.account.clone(), Some(&key.key)),
        Foreign::Policy { reach: Reach::Account(account), .. } => (account.clone(), None),
        Foreign::Policy { .. } | Foreign::Batch { .. } => (nobody(), None),
    }
}

fn words(foreign: &Foreign) -> String {
    let what = match foreign {
        Foreign::Operation { name, .. } => format!("the operation for “{name}”"),
        Foreign::Batch { .. } => "a batch".to_owned(),
        Foreign::Item { name, .. } => format!("“{name}” in a batch"),
        Foreign::Policy { .. } => "a policy that rotates by itself".to_owned(),
        Foreign::Label { label, .. } => format!("the label “{label}”, for which a policy rotates by itself"),
    };
    format!("{what}: {CHANGED}")
}
