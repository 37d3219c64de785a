//! What the engine must know of a vendor, as data.

use uuid::Uuid;

use super::form::KeyForm;
use super::people::Role;
use super::random;
use super::sketch::Sketch;
use crate::config::Vendor;
use crate::error::AuthorityError;

/// A vendor's facts. A dialect has exactly one, as a `static`.
pub(crate) struct Profile {
    pub(crate) vendor: Vendor,
    /// What follows the origin in the vendor's base URL: empty, or `/v1` and the like.
    pub(crate) base_path: &'static str,
    pub(crate) form: KeyForm,
    pub(crate) ids: IdForm,
    /// Every scope that can be granted, wildcards included where there are any; empty where the vendor has none.
    pub(crate) scopes: &'static [&'static str],
    /// What the restricted role holds, `None` where the vendor has no roles. The owner holds every scope.
    pub(crate) restricted: Option<&'static [&'static str]>,
    /// What a managing key is granted, as far as the role of who it is made for allows.
    pub(crate) managing: &'static [&'static str],
    /// Whether a held scope gives the needed one: equality, or the vendor's wildcards.
    pub(crate) covers: fn(held: &str, needed: &str) -> bool,
    /// Most active keys of one account.
    pub(crate) key_limit: Option<usize>,
    /// Whether it reports from which addresses a key was used.
    pub(crate) reports_usage: bool,
    /// The keys of a rehearsal.
    pub(crate) rehearsal: &'static [Sketch],
}

/// How a vendor's ids look.
#[derive(Clone, Copy)]
pub(crate) enum IdForm {
    /// A UUID with its hyphens.
    Uuid,
    /// A prefix and the 32 hex digits of a UUID.
    PrefixedUuid(&'static str),
    /// A prefix and 12 letters and digits.
    PrefixedBase62(&'static str),
    /// A number of nine digits.
    Number,
}

impl IdForm {
    /// A new id.
    ///
    /// # Errors
    /// [`AuthorityError::Randomness`].
    pub(super) fn next(self) -> Result<Box<str>, AuthorityError> {
        Ok(match self {
            Self::Uuid => Uuid::now_v7().to_string().into(),
            Self::PrefixedUuid(prefix) => format!("{prefix}{}", Uuid::new_v4().simple()).into(),
            Self::PrefixedBase62(prefix) => {
                format!("{prefix}{}", random::text(random::BASE62, 12)?.as_str()).into()
            }
            Self::Number => random::text(b"123456789", 9)?.as_str().into(),
        })
    }
}

impl Profile {
    /// What a member with this role may do and grant.
    pub(crate) fn role_scopes(&self, role: Role) -> &'static [&'static str] {
        match role {
            Role::Owner => self.scopes,
            Role::Restricted => self.restricted.unwrap_or_default(),
        }
    }

    /// What a managing key made for this role is granted.
    pub(crate) fn managing_scopes(&self, role: Role) -> Box<[&'static str]> {
        let held = self.role_scopes(role);
        self.managing.iter().copied().filter(|scope| self.any_covers(held, scope)).collect()
    }

    /// # Errors
    /// [`AuthorityError::NoRoles`] where the vendor has none and this is not the owner's.
    pub(super) fn check_role(&self, role: Role) -> Result<(), AuthorityError> {
        match (role, self.restricted) {
            (Role::Owner, _) | (Role::Restricted, Some(_)) => Ok(()),
            (Role::Restricted, None) => Err(AuthorityError::NoRoles(self.vendor)),
        }
    }

    /// The catalogue's own copy of a scope, `None` if the vendor has no such scope.
    pub(crate) fn scope(&self, text: &str) -> Option<&'static str> {
        self.scopes.iter().copied().find(|scope| *scope == text)
    }

    /// Whether any of `held` gives `needed`.
    pub(crate) fn any_covers(&self, held: &[&'static str], needed: &str) -> bool {
        held.iter().any(|scope| (self.covers)(scope, needed))
    }
}
