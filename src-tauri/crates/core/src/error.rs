//! Why a flow did not do what was asked. Each variant has its own words in the UI.

use chrono::TimeDelta;

use crate::account::Account;
use crate::fields::FieldFault;
use crate::grant::GrantError;
use crate::label::LabelFault;
use crate::paste::PasteFault;
use crate::policy::PolicyFault;
use crate::ports::{LedgerError, VaultError};
use crate::provider::ProviderError;
use crate::reading::Doubt;
use crate::rotation::IllegalStep;

#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// What was pasted cannot be a key of this vendor.
    #[error(transparent)]
    Paste(#[from] PasteFault),
    /// A field of the account is missing or cannot be used.
    #[error(transparent)]
    Field(#[from] FieldFault),
    /// What was typed cannot be a label, or one more is too many.
    #[error(transparent)]
    Label(#[from] LabelFault),
    /// A policy that cannot be as it was filled in.
    #[error(transparent)]
    Policy(#[from] PolicyFault),
    /// The id names nothing here: it was removed meanwhile.
    #[error("no such {0} here any more")]
    NotFound(&'static str),
    /// The same managing key at the same address has an account here already.
    #[error("this is connected already, as “{}”", .0.label)]
    Connected(Box<Account>),
    /// A rule of ours or a limit of the vendor; the sentence says which.
    #[error("{0}")]
    NotAllowed(String),
    /// The vendor made a key, the vault refused its secret, and the key was revoked again. `was_locked`: only because the
    /// vault was locked at that moment, so that another try may go through.
    #[error("the new key {name:?} was revoked again, because its secret could not be stored: {cause}")]
    RevokedAgain { name: String, cause: String, was_locked: bool },
    /// The vendor made a key, the vault refused its secret, and the revocation failed as well.
    #[error(
        "the new key {name:?} is live at the vendor and its secret was lost: {cause}. Revoke it from its row"
    )]
    Orphaned { name: String, cause: String },
    /// A word of the person that came too late for the rotation, or twice.
    #[error(transparent)]
    Step(#[from] IllegalStep),
    /// The vendor answered, and its list is not believed by itself; nothing was changed.
    #[error("{vendor} answered, but {doubt}")]
    Doubtful { vendor: &'static str, doubt: Doubt },
    /// The request went out, no reply came back and the list did not settle it.
    #[error("{0}")]
    Doubt(String),
}

impl FlowError {
    /// How long the vendor asks to be left alone, where it does.
    #[must_use]
    pub fn asked_wait(&self) -> Option<TimeDelta> {
        match self {
            Self::Provider(provider) => TimeDelta::from_std(provider.fault.asked_wait()?).ok(),
            _ => None,
        }
    }
}
