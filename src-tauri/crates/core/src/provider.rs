//! What Keyturn asks of a vendor. An adapter is stateless: the managing key comes in with each call.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::account::VendorId;
use crate::fields::AccountField;
use crate::grant::Grant;
use crate::key::{Environment, Hint, KeyRecord, Scope, Usage, VendorKeyId};
use crate::secret::Secret;

/// A vendor's facts as data: what the UI offers and what it disables, with the reason.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub vendor: VendorId,
    /// The name people know.
    pub name: &'static str,
    pub default_base_url: &'static str,
    pub environments: Vec<Environment>,
    /// Longest name of a key, in characters.
    pub name_limit: usize,
    /// Every scope that can be granted, in the vendor's order; empty where the vendor has none.
    pub scopes: Vec<ScopeEntry>,
    pub templates: Vec<ScopeTemplate>,
    pub key_form: KeyForm,
    pub capabilities: Capabilities,
    /// The page on which a person manages keys by hand, where one is known.
    pub dashboard: Option<&'static str>,
    /// What an account needs to be told beside its key.
    pub fields: &'static [AccountField],
    /// The environment variable that is suggested for a key, such as `LEADTERRA_API_KEY`.
    pub variable: &'static str,
    /// Where the vendor has no scopes: the sentence that says what every key may do.
    pub full_privilege: Option<&'static str>,
}

impl Manifest {
    #[must_use]
    pub fn scope(&self, scope: &Scope) -> Option<&ScopeEntry> {
        self.scopes.iter().find(|entry| entry.scope == scope.0)
    }

    /// That the vendor's API has no such operation, with the reason where one is known.
    #[must_use]
    pub fn unsupported(&self, operation: Operation) -> ProviderError {
        let capabilities = &self.capabilities;
        let reason = match (operation, capabilities.rotate, capabilities.delete) {
            (Operation::List, ..) => capabilities.list.reason(),
            (Operation::Mint, ..) => capabilities.mint.reason(),
            (Operation::Revoke, ..) => capabilities.revoke.reason(),
            (Operation::Rotate, RotateSupport::Dashboard { how: reason, .. }, _)
            | (Operation::Delete, _, DeleteSupport::No(reason)) => Some(reason),
            (Operation::Rotate, RotateSupport::Overlap, _) => Some(
                "it has no rotation in one call: a new key is created, and the old one revoked once it is replaced",
            ),
            (Operation::Rotate | Operation::Delete | Operation::Probe | Operation::ReadAudit, ..) => None,
        };
        let fault = Fault::Unsupported(reason.unwrap_or("its API has no such call"));
        ProviderError { vendor: self.name, operation, fault }
    }
}

/// One scope of a vendor's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeEntry {
    /// The exact string.
    pub scope: &'static str,
    /// The group it stands in, as the vendor names it.
    pub domain: &'static str,
    pub description: &'static str,
    /// A holder can destroy data, spend money or make keys: said with a chip.
    pub dangerous: bool,
}

/// A named set of scopes offered as a starting point.
#[derive(Debug, Clone, Copy)]
pub struct ScopeTemplate {
    pub name: &'static str,
    pub description: &'static str,
    pub scopes: &'static [&'static str],
}

/// How a vendor's keys look, for checking what a person pasted.
#[derive(Debug, Clone, Default)]
pub struct KeyForm {
    /// Each possible beginning with the environment it stands for.
    pub prefixes: Vec<(&'static str, Environment)>,
    pub body: KeyBody,
    /// What it means that a key does not look so.
    pub mismatch: Mismatch,
    /// Credentials of the vendor that are no keys and are taken for one: each with the sentence that says so.
    pub declined: Vec<(OtherForm, &'static str)>,
}

/// What follows the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyBody {
    LowerHex(usize),
    Base62(usize),
    Base64Url(usize),
    /// Not documented; with fewer characters than these it is no credential.
    AtLeast(usize),
    /// Not documented: no blanks, that is all.
    #[default]
    Any,
}

/// What becomes of a key that does not fit the documented form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mismatch {
    /// It cannot be one.
    #[default]
    Refused,
    /// It may be one of a newer form: said, and let through.
    Warned,
}

/// A credential of another kind, recognised by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherForm {
    /// A number, a bar, and at least this many letters and digits: `12|aB3…`, as Laravel's Sanctum makes them.
    Numbered { shortest: usize },
}

impl OtherForm {
    #[must_use]
    pub fn fits(self, text: &str) -> bool {
        match self {
            Self::Numbered { shortest } => text.split_once('|').is_some_and(|(number, token)| {
                !number.is_empty()
                    && number.bytes().all(|b| b.is_ascii_digit())
                    && token.len() >= shortest
                    && token.bytes().all(|b| b.is_ascii_alphanumeric())
            }),
        }
    }
}

/// None of the vendors says how late its last uses are: assumed until one does.
pub const ASSUMED_REPORTING_DELAY: Duration = Duration::from_secs(15 * 60);

/// What a vendor can do through its API. What it cannot is disabled in the UI with the reason in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    pub list: Support,
    pub mint: Support,
    pub rotate: RotateSupport,
    pub revoke: Support,
    pub delete: DeleteSupport,
    pub expiry: Support,
    /// Whether the vendor reports a key's last use.
    pub last_use: Support,
    /// How long after a use the vendor's list may still not tell of it.
    pub reporting_delay: Duration,
    /// How precisely it does, in a sentence.
    pub last_use_precision: &'static str,
    /// The longest time after a revocation in which the old key may still work, as documented.
    pub revocation_delay: Duration,
    /// Most active keys at a time.
    pub key_limit: Option<u32>,
}

impl Capabilities {
    /// The vendor has no API for keys: what Keyturn knows of them was adopted by hand.
    #[must_use]
    pub fn is_assisted(&self) -> bool {
        matches!(self.list, Support::No(_))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    Yes,
    /// With the reason in words.
    No(&'static str),
}

impl Support {
    /// Why not; `None` where it can be done.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Yes => None,
            Self::No(reason) => Some(reason),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotateSupport {
    /// One call; the old key dies at that moment. `same_record`: the key keeps its id, so that the vendor's list does
    /// not tell whether it happened.
    Atomic { same_record: bool },
    /// Create, deliver, revoke: both keys work in between.
    Overlap,
    /// By hand in the vendor's dashboard, in these words. `at_once`: the old key dies as the new one is made.
    Dashboard { how: &'static str, at_once: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteSupport {
    OnceRevoked,
    No(&'static str),
}

/// Where and as whom to call. Borrowed for one call.
#[derive(Debug, Clone, Copy)]
pub struct Connection<'a> {
    pub base_url: &'a str,
    /// The key of the call: the managing key, or for a probe the key that is probed.
    pub managing_key: &'a Secret,
    /// The account's settings, by the name of their field.
    pub settings: &'a BTreeMap<String, String>,
}

/// A key fresh from the vendor, with its value.
#[derive(Debug)]
pub struct Minted {
    pub record: KeyRecord,
    pub secret: Secret,
}

/// One whole reading of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Each key once.
    pub keys: Vec<KeyRecord>,
    /// The vendor's own clock at the last page; `None` where its replies bear no date that can be read.
    pub dated: Option<DateTime<Utc>>,
}

/// What a probe saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// The key authenticated (a missing scope still proves that it lives).
    Alive,
    /// The vendor refused it as a credential.
    Refused,
}

/// One line of a vendor's own audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorRecord {
    /// The vendor's own id of the record.
    pub id: String,
    pub at: DateTime<Utc>,
    /// The vendor's word for what was done.
    pub action: String,
    pub key: Option<VendorKeyId>,
    pub key_name: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// What else the record says, as a sentence; often empty.
    pub words: String,
}

/// What a vendor's adapter does. Errors name vendor, operation and cause, and hold no secret and no URL query.
///
/// What an adapter does not write itself, its vendor's API cannot do: it is refused with the manifest's reason.
#[async_trait]
pub trait Provider: Send + Sync {
    fn manifest(&self) -> &Manifest;

    /// Every key of the account, to the last page. `on_page` hears the running total and may stop the reading.
    async fn list(
        &self,
        _: Connection<'_>,
        _on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
    ) -> Result<Listing, ProviderError> {
        Err(self.manifest().unsupported(Operation::List))
    }

    async fn mint(&self, _: Connection<'_>, _grant: &Grant) -> Result<Minted, ProviderError> {
        Err(self.manifest().unsupported(Operation::Mint))
    }

    /// The vendor's own one-call rotation.
    async fn rotate(&self, _: Connection<'_>, _key: &VendorKeyId) -> Result<Minted, ProviderError> {
        Err(self.manifest().unsupported(Operation::Rotate))
    }

    async fn revoke(&self, _: Connection<'_>, _key: &VendorKeyId) -> Result<(), ProviderError> {
        Err(self.manifest().unsupported(Operation::Revoke))
    }

    async fn delete(&self, _: Connection<'_>, _key: &VendorKeyId) -> Result<(), ProviderError> {
        Err(self.manifest().unsupported(Operation::Delete))
    }

    /// A harmless call with the connection's key itself, to see whether it is accepted.
    async fn probe(&self, connection: Connection<'_>) -> Result<Probe, ProviderError>;

    /// From which addresses a key was used; empty where the vendor does not say, and then nothing is asked.
    async fn usage(
        &self,
        _connection: Connection<'_>,
        _key: &VendorKeyId,
    ) -> Result<Vec<Usage>, ProviderError> {
        Ok(Vec::new())
    }

    /// Whether [`Provider::usage`] has anything to ask.
    fn reports_usage(&self) -> bool {
        false
    }

    /// The vendor's own audit log from `since` on; empty where it has none, and then nothing is asked.
    async fn audit_feed(
        &self,
        _connection: Connection<'_>,
        _since: Option<DateTime<Utc>>,
    ) -> Result<Vec<VendorRecord>, ProviderError> {
        Ok(Vec::new())
    }

    /// The hint under which the vendor would list `secret`.
    fn hint(&self, secret: &Secret) -> Hint;
}

/// Whether to go on reading pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    Continue,
    Stop,
}

/// A call to a vendor that did not give what was asked for.
#[derive(Debug, thiserror::Error)]
#[error("could not {operation} at {vendor}: {fault}")]
pub struct ProviderError {
    pub vendor: &'static str,
    pub operation: Operation,
    pub fault: Fault,
}

/// What was attempted, as it stands in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    List,
    Mint,
    Rotate,
    Revoke,
    Delete,
    Probe,
    ReadAudit,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "list keys",
            Self::Mint => "create a key",
            Self::Rotate => "rotate the key",
            Self::Revoke => "revoke the key",
            Self::Delete => "delete the key",
            Self::Probe => "check the key",
            Self::ReadAudit => "read the audit log",
        })
    }
}

/// Why a call failed. Each variant has its own consequence in a flow or its own words in the UI.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The base URL is not one that may be called.
    #[error("{0}")]
    Address(String),
    /// No connection; the request was not sent.
    #[error("no connection ({0})")]
    Unreachable(String),
    /// The request went out and no whole reply came back: what the vendor did is not known.
    #[error("the reply was lost ({0})")]
    ReplyLost(String),
    /// The vendor answered outside its contract. What it did is not known.
    #[error("the reply could not be understood ({0})")]
    Malformed(String),
    /// A 3xx: never followed.
    #[error("the vendor redirected to another address, which is never followed with a key")]
    Redirected,
    /// 401: the credential is revoked, expired or unknown.
    #[error("the key was not accepted")]
    Unauthenticated,
    /// 403: the managing key lacks a scope.
    #[error("the managing key lacks the scope {}", .scope.as_deref().unwrap_or("(not named)"))]
    ScopeMissing { scope: Option<String> },
    /// 403: the role behind the managing key lacks a permission.
    #[error("your role lacks the permission {}", .permission.as_deref().unwrap_or("(not named)"))]
    RoleMissing { permission: Option<String> },
    #[error("the key does not exist there")]
    NotFound,
    #[error("too many requests; the vendor asks to wait {} s", .retry_after.as_secs())]
    RateLimited { retry_after: Duration },
    /// 5xx. `retry_after`: as long as the vendor asks to be left alone, where it does.
    #[error("the vendor has a fault of its own (status {status})")]
    Server { status: u16, retry_after: Option<Duration> },
    /// Any other refusal, in the vendor's own words, shortened and stripped.
    #[error("refused: {message}")]
    Refused { status: u16, message: String },
    /// The person stopped it.
    #[error("stopped")]
    Cancelled,
    /// The vendor's API has no such operation.
    #[error("{0}")]
    Unsupported(&'static str),
}

impl Fault {
    /// Whether the vendor may have done what was asked although this came back.
    #[must_use]
    pub fn leaves_doubt(&self) -> bool {
        matches!(self, Self::ReplyLost(_) | Self::Malformed(_) | Self::Server { .. } | Self::Redirected)
    }

    /// How long the vendor asks to be left alone, where it does.
    #[must_use]
    pub fn asked_wait(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            Self::Server { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the same call may go through later without a person changing anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::ReplyLost(_)
                | Self::RateLimited { .. }
                | Self::Server { .. }
                | Self::Malformed(_)
        )
    }
}
