//! What the UI hears when something did not work: a stable code for machines, a sentence for people.

use keyturn_core::error::FlowError;
use keyturn_core::grant::GrantError;
use keyturn_core::ports::{LedgerError, VaultError};
use keyturn_core::provider::{Fault, ProviderError};

use crate::wire;

wire! {
    /// A failed command. User faults are data, not exceptions.
    out pub struct FailureView {
        pub code: FailureCode,
        /// One sentence: what was attempted and why it did not work.
        pub message: String,
        /// What the person can do about it.
        pub hint: Option<String>,
        /// Whether the same request may go through later, unchanged.
        pub retryable: bool,
        /// The input that is at fault, where one is: `name`, `scopes`, `expires`, `managingKey`, `baseUrl`.
        pub field: Option<String>,
    }
}

wire! {
    /// The kinds of failure that the UI tells apart.
    #[derive(Copy, Eq)]
    out pub enum FailureCode {
        VaultLocked,
        VaultUnavailable,
        Unauthenticated,
        ScopeMissing,
        RoleMissing,
        Unreachable,
        ReplyLost,
        RateLimited,
        VendorFault,
        Refused,
        NotFound,
        NotAllowed,
        InvalidInput,
        Ledger,
        RevokedAgain,
        Orphaned,
        /// The vendor's list lacks too much to be believed by itself.
        Doubtful,
        Cancelled,
        Internal,
    }
}

impl FailureView {
    fn new(code: FailureCode, error: &dyn std::fmt::Display) -> Self {
        Self { code, message: sentence(&error.to_string()), hint: None, retryable: false, field: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    fn field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// Something that should not happen: the log has the cause.
    #[must_use]
    pub fn internal(what: &str) -> Self {
        Self::new(FailureCode::Internal, &what).hint("The log in the profile folder says more.")
    }

    /// Input that cannot be what it should be.
    #[must_use]
    pub fn invalid(field: &str, message: &str) -> Self {
        Self::new(FailureCode::InvalidInput, &message).field(field)
    }
}

/// Errors are written without capital and full stop; people read sentences.
pub(crate) fn sentence(error: &str) -> String {
    let mut letters = error.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let rest = letters.as_str();
    let stop = if rest.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{rest}{stop}")
}

impl From<&FlowError> for FailureView {
    fn from(error: &FlowError) -> Self {
        match error {
            FlowError::Provider(provider) => provider_failure(provider),
            FlowError::Vault(vault) => Self::from(vault),
            FlowError::Ledger(ledger) => ledger_failure(ledger),
            FlowError::Grant(grant) => {
                let field = match grant {
                    GrantError::NameMissing | GrantError::NameTooLong { .. } => "name",
                    GrantError::NoScope | GrantError::UnknownScope { .. } => "scopes",
                    GrantError::ExpiryPast => "expires",
                    GrantError::Environment { .. } => "environment",
                };
                Self::new(FailureCode::InvalidInput, grant).field(field)
            }
            FlowError::Paste(paste) => {
                Self::new(FailureCode::InvalidInput, &format!("this is not a whole key: {paste}"))
                    .hint("Copy the key again, whole, from where it is stored.")
                    .field("managingKey")
            }
            FlowError::Field(fault) => Self::new(FailureCode::InvalidInput, fault).field(fault.field()),
            FlowError::Label(fault) => Self::new(FailureCode::InvalidInput, fault).field("label"),
            FlowError::Policy(fault) => Self::new(FailureCode::InvalidInput, fault).field(fault.field()),
            FlowError::NotFound(_) => Self::new(FailureCode::NotFound, error),
            FlowError::NotAllowed(_) | FlowError::Step(_) | FlowError::Connected(_) => {
                Self::new(FailureCode::NotAllowed, error)
            }
            FlowError::RevokedAgain { .. } => Self::new(FailureCode::RevokedAgain, error)
                .hint("Nothing is left behind. Create the key again once the cause is gone."),
            FlowError::Orphaned { .. } => Self::new(FailureCode::Orphaned, error),
            FlowError::Doubtful { .. } => Self::new(FailureCode::Doubtful, error)
                .hint("The rows stay as they were. Look at the vendor, then accept the list under Accounts."),
            FlowError::Doubt(_) => Self::new(FailureCode::ReplyLost, error),
        }
    }
}

impl From<&VaultError> for FailureView {
    fn from(error: &VaultError) -> Self {
        let code = match error {
            VaultError::Locked => FailureCode::VaultLocked,
            _ => FailureCode::VaultUnavailable,
        };
        Self::new(code, error).hint(vault_hint(error)).retryable()
    }
}

/// What a person can do about a vault that does not open.
#[must_use]
pub fn vault_hint(error: &VaultError) -> &'static str {
    match error {
        VaultError::Locked => "Unlock Keyturn and try again.",
        VaultError::NoKeyring => {
            "Keyturn keeps its key in the system's keyring and nowhere else. On Linux start a Secret Service such as GNOME Keyring or KWallet in this session, then try again."
        }
        VaultError::KeyringLocked => {
            "Unlock the keyring (for example by logging in to the desktop), then try again."
        }
        VaultError::TimedOut => {
            "The keyring may be asking for its password in a window of its own. Answer it there: Keyturn waits, and opens as soon as the keyring does."
        }
        VaultError::KeyMissing => {
            "Restore the keyring from a backup, or disconnect the accounts and connect them again. Keyturn never makes a new key over stored secrets."
        }
        VaultError::Corrupt => {
            "Nothing is sent to an address that a key was not sealed for. Disconnect the account and connect it again; if new keys in it wait to be saved, put the ledger back from a backup first."
        }
        VaultError::Failed(_) => "Try again. If it goes on failing, restart the keyring service.",
    }
}

fn ledger_failure(error: &LedgerError) -> FailureView {
    let failure = FailureView::new(FailureCode::Ledger, error);
    match error {
        LedgerError::Full => failure
            .hint("Free some space on the disk that holds the profile. Nothing was changed.")
            .retryable(),
        LedgerError::ReadOnly => {
            failure.hint("Make the profile folder writable. Nothing was changed.").retryable()
        }
        LedgerError::NewerSchema => failure.hint("Install the newer version of Keyturn again."),
        LedgerError::UnderWay => failure.hint("Look under Operations for what is under way."),
        LedgerError::InDoubt => failure.hint(
            "Keyturn looks again with the next good reading of the account. Until then take another name.",
        ),
        LedgerError::Locked => failure.hint(vault_hint(&VaultError::Locked)),
        LedgerError::Over => {
            failure.hint("Its page and the journal tell what was done. Refresh the account.")
        }
        LedgerError::Damaged(_) => {
            failure.hint("Restart Keyturn: it sets the damaged file aside and rebuilds the list.")
        }
        LedgerError::Failed(_) => failure.retryable(),
    }
}

fn provider_failure(error: &ProviderError) -> FailureView {
    let of = |code| FailureView::new(code, error);
    let failure = match &error.fault {
        Fault::Address(_) => of(FailureCode::InvalidInput).field("baseUrl"),
        Fault::Unreachable(_) => of(FailureCode::Unreachable).hint("Check the network and the account's base URL, then try again."),
        Fault::ReplyLost(_) => of(FailureCode::ReplyLost),
        Fault::Malformed(_) => of(FailureCode::VendorFault).hint("The vendor may have changed its API, or something stands between you and it."),
        Fault::Redirected => of(FailureCode::VendorFault).hint("Check the account's base URL."),
        Fault::Unauthenticated => of(FailureCode::Unauthenticated)
            .hint("The managing key may have been revoked or may have expired. Under Accounts, give the account another one.")
            .field("managingKey"),
        Fault::ScopeMissing { .. } => of(FailureCode::ScopeMissing).hint("Use a managing key that has this scope."),
        Fault::RoleMissing { .. } => of(FailureCode::RoleMissing).hint("Ask an owner of the account, or leave this scope out.").field("scopes"),
        Fault::NotFound => of(FailureCode::NotFound).hint("It may have been removed outside Keyturn. Refresh the account."),
        Fault::RateLimited { .. } => of(FailureCode::RateLimited),
        Fault::Server { .. } => of(FailureCode::VendorFault).hint("The fault is at the vendor. Try again in a while."),
        Fault::Refused { .. } => of(FailureCode::Refused),
        Fault::Cancelled => of(FailureCode::Cancelled),
        Fault::Unsupported(_) => of(FailureCode::NotAllowed),
    };
    if error.fault.is_passing() { failure.retryable() } else { failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_a_sentence() {
        assert_eq!(FailureView::from(&VaultError::Locked).message, "The vault is locked.");
        assert_eq!(FailureView::from(&FlowError::NotAllowed("No.".into())).message, "No.");
    }
}
