//! Accounts, their members, and what members may do.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::limiter::Window;
use crate::error::AuthorityError;

/// What a member may do, and therefore grant. Which scopes a role holds is the dialect's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Holds every scope.
    Owner,
    /// Manages keys and reads, but may neither destroy nor reach out. Not every vendor has such a role.
    Restricted,
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Owner => "owner",
            Self::Restricted => "restricted",
        })
    }
}

impl FromStr for Role {
    type Err = AuthorityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "owner" => Ok(Self::Owner),
            "restricted" => Ok(Self::Restricted),
            _ => Err(AuthorityError::UnknownRole(text.to_owned())),
        }
    }
}

/// An organisation: keys of one account reach nothing of another.
pub(crate) struct Account {
    pub(crate) id: Box<str>,
    pub(crate) window: Window,
}

impl Account {
    pub(super) fn new(id: &str) -> Arc<Self> {
        Arc::new(Self { id: id.into(), window: Window::default() })
    }
}

/// A person in an account. A key can do no more than its creator's role allows, at the time of each request.
pub(crate) struct Member {
    /// An e-mail address, unique over all accounts.
    pub(crate) name: Box<str>,
    pub(crate) account: Arc<Account>,
    /// The role, as one bit: read by every request, changed hardly ever.
    owner: AtomicBool,
}

impl Member {
    pub(super) fn new(name: &str, account: Arc<Account>, role: Role) -> Arc<Self> {
        Arc::new(Self { name: name.into(), account, owner: AtomicBool::new(role == Role::Owner) })
    }

    pub(crate) fn role(&self) -> Role {
        if self.owner.load(Ordering::Acquire) { Role::Owner } else { Role::Restricted }
    }

    pub(super) fn set_role(&self, role: Role) {
        self.owner.store(role == Role::Owner, Ordering::Release);
    }
}
