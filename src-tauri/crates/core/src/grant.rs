//! What a new key may do: the request, checked against the vendor's catalogue before anything is sent.

use chrono::{DateTime, Utc};

use crate::key::{Environment, Scope};
use crate::provider::Manifest;

/// What is asked of the vendor when a key is made. Built by [`Grant::check`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub name: String,
    pub environment: Environment,
    pub scopes: Vec<Scope>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why a grant was refused before it was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    #[error("a key needs a name")]
    NameMissing,
    #[error("the name is {actual} characters long; {vendor} allows {limit}")]
    NameTooLong { actual: usize, limit: usize, vendor: String },
    #[error("choose at least one scope; a key without scopes can do nothing")]
    NoScope,
    #[error("{vendor} has no scope {scope:?}")]
    UnknownScope { scope: String, vendor: String },
    #[error("the expiry is in the past")]
    ExpiryPast,
    #[error("{vendor} keys have no such environment")]
    Environment { vendor: String },
}

impl Grant {
    /// Checks a request against what the vendor offers. Scopes come out sorted and without repeats.
    ///
    /// # Errors
    /// [`GrantError`] with the first thing that is wrong, in words a person can act on.
    pub fn check(
        manifest: &Manifest,
        name: &str,
        environment: Environment,
        scopes: Vec<Scope>,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Self, GrantError> {
        let vendor = || manifest.name.to_owned();
        let name = name.trim();
        if name.is_empty() {
            return Err(GrantError::NameMissing);
        }
        let length = name.chars().count();
        if length > manifest.name_limit {
            return Err(GrantError::NameTooLong {
                actual: length,
                limit: manifest.name_limit,
                vendor: vendor(),
            });
        }
        if !manifest.environments.contains(&environment) {
            return Err(GrantError::Environment { vendor: vendor() });
        }
        let mut scopes = scopes;
        scopes.sort();
        scopes.dedup();
        if scopes.is_empty() && !manifest.scopes.is_empty() {
            return Err(GrantError::NoScope);
        }
        if let Some(unknown) = scopes.iter().find(|s| manifest.scope(s).is_none()) {
            return Err(GrantError::UnknownScope { scope: unknown.0.clone(), vendor: vendor() });
        }
        if expires_at.is_some_and(|at| at <= now) {
            return Err(GrantError::ExpiryPast);
        }
        Ok(Self { name: name.to_owned(), environment, scopes, expires_at })
    }
}
