//! What can be done on a dashboard: by a person on its page, or by who holds the authority.

use super::Desk;
use crate::engine::lifecycle::{self, Minted, NewKey, Refusal};
use crate::engine::{Role, membership, reset};
use crate::error::AuthorityError;

/// Most characters of a label. [assumed]
const LABEL_LIMIT: usize = 255;

/// A new value, and the key that it belongs to.
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) value: crate::engine::Plaintext,
}

impl From<Minted> for Made {
    fn from(minted: Minted) -> Self {
        Self { id: minted.key.id.to_string(), label: minted.key.name.to_string(), value: minted.value }
    }
}

/// Makes a key, in the usual environment if none is named.
///
/// # Errors
/// [`AuthorityError::Dashboard`] with what is wrong; the authority's own failures.
pub(crate) fn issue(desk: &Desk, label: &str, environment: Option<&str>) -> Result<Made, AuthorityError> {
    let label = label.trim();
    if !(1..=LABEL_LIMIT).contains(&label.chars().count()) {
        return Err(AuthorityError::Dashboard("a key needs a label of 1 to 255 characters"));
    }
    let offered = desk.environments();
    let environment = match environment {
        None => offered.first().copied(),
        Some(named) => offered.iter().copied().find(|offered| *offered == named),
    };
    let environment = environment.and_then(|name| desk.engine.profile.form.environment(name));
    let environment = environment.ok_or(AuthorityError::Dashboard("there is no such environment"))?;
    let scopes = desk.engine.profile.managing_scopes(Role::Owner);
    let wanted = NewKey { name: label.into(), environment, scopes, expires_at: None };
    let owner = membership::owner(&desk.engine, desk.account)?;
    lifecycle::create(&desk.engine, &owner, wanted).map(Made::from).map_err(refused)
}

/// Gives a key another value; the old one is dead at once.
///
/// # Errors
/// As [`issue`]; also when the vendor offers no such thing, or the key is not one of the dashboard's.
pub(crate) fn regenerate(desk: &Desk, id: &str) -> Result<Made, AuthorityError> {
    if desk.dashboard.regenerate.is_none() {
        return Err(AuthorityError::Dashboard("keys cannot be regenerated here"));
    }
    check_mine(desk, id)?;
    let owner = membership::owner(&desk.engine, desk.account)?;
    reset::reset(&desk.engine, &owner, id).map(Made::from).map_err(refused)
}

/// Ends a key for good; ending it again changes nothing.
///
/// # Errors
/// As [`regenerate`].
pub(crate) fn revoke(desk: &Desk, id: &str) -> Result<(), AuthorityError> {
    if desk.dashboard.revoke.is_none() {
        return Err(AuthorityError::Dashboard("keys cannot be revoked here"));
    }
    check_mine(desk, id)?;
    let owner = membership::owner(&desk.engine, desk.account)?;
    lifecycle::revoke(&desk.engine, &owner, id).map(drop).map_err(refused)
}

/// Other accounts' keys, and those that only the API manages, are as good as unknown.
fn check_mine(desk: &Desk, id: &str) -> Result<(), AuthorityError> {
    let index = desk.engine.index();
    let mut keys = index.keys_of(desk.account).iter();
    let mine = keys.any(|key| *key.id == *id && desk.dashboard.environments.contains(&key.environment.name));
    mine.then_some(()).ok_or(AuthorityError::Dashboard("there is no such key"))
}

fn refused(refusal: Refusal) -> AuthorityError {
    AuthorityError::Dashboard(match refusal {
        Refusal::Failed(failure) => return failure,
        Refusal::KeyLimit(limit) => return AuthorityError::KeyLimit(limit),
        Refusal::NotFound => "there is no such key",
        Refusal::Revoked => "the key is revoked",
        Refusal::Expired => "the key has expired",
        Refusal::NotRevoked | Refusal::ExpiryPast | Refusal::RoleLacks(_) | Refusal::OtherIntent => {
            "the vendor does not allow it"
        }
    })
}
