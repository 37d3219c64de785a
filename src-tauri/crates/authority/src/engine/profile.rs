//! What the engine must know of a vendor, as data.

use super::form::KeyForm;
use super::people::Role;
use crate::config::Vendor;

/// A vendor's facts. A dialect has exactly one, as a `static`.
pub(crate) struct Profile {
    pub(crate) vendor: Vendor,
    pub(crate) form: KeyForm,
    /// Every scope that can be granted, wildcards included where there are any.
    pub(crate) scopes: &'static [&'static str],
    /// What the restricted role holds; the owner holds every scope.
    pub(crate) restricted: &'static [&'static str],
    /// Whether a held scope gives the needed one: equality, or the vendor's wildcards.
    pub(crate) covers: fn(held: &str, needed: &str) -> bool,
}

impl Profile {
    /// What a member with this role may do and grant.
    pub(crate) fn role_scopes(&self, role: Role) -> &'static [&'static str] {
        match role {
            Role::Owner => self.scopes,
            Role::Restricted => self.restricted,
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
