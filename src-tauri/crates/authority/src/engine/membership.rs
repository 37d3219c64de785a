//! Who works in an account: members are enrolled, given a first key, and given other roles.

use super::form::Plaintext;
use super::lifecycle::{Actor, NewKey, Refusal, create};
use super::people::{Account, Member, Role};
use super::{Engine, store};
use crate::error::AuthorityError;

/// The owner of an account, as who works on the authority's own machine.
///
/// # Errors
/// The store refused.
pub(crate) fn owner(engine: &Engine, account: &str) -> Result<Actor, AuthorityError> {
    enrol(engine, account, &format!("{}@{account}.example", Role::Owner), Role::Owner)
}

/// The member of this name as an actor, made (with the account) or given the role where needed.
///
/// # Errors
/// The store refused.
pub(super) fn enrol(engine: &Engine, account: &str, name: &str, role: Role) -> Result<Actor, AuthorityError> {
    engine.profile.check_role(role)?;
    let known = engine.index().member(name).cloned();
    let member = known.unwrap_or_else(|| {
        let account = engine.index().account(account).cloned().unwrap_or_else(|| Account::new(account));
        Member::new(name, account, role)
    });
    engine.change(
        |transaction| store::put_member(transaction, &member, role),
        |index, ()| {
            member.set_role(role);
            index.add_member(&member);
        },
    )?;
    Ok(Actor { member, with_key: None })
}

/// A managing key for an account's member with this role.
///
/// # Errors
/// The vendor has no such role, the account has all the keys it may have, the store refused, or there is no
/// randomness.
pub(crate) fn bootstrap(engine: &Engine, account: &str, role: Role) -> Result<Plaintext, AuthorityError> {
    let actor = enrol(engine, account, &format!("{role}@{account}.example"), role)?;
    let wanted = NewKey {
        name: format!("Managing key ({role})").into(),
        environment: &engine.profile.form.environments[0],
        scopes: engine.profile.managing_scopes(role),
        expires_at: None,
    };
    match create(engine, &actor, wanted) {
        Ok(minted) => Ok(minted.value),
        Err(Refusal::Failed(error)) => Err(error),
        Err(Refusal::KeyLimit(limit)) => Err(AuthorityError::KeyLimit(limit)),
        Err(_) => unreachable!("the role holds every scope asked for, and no expiry was asked for"),
    }
}

/// Changes what a member may do, and with it what the member's keys may do.
///
/// # Errors
/// [`AuthorityError::UnknownMember`], [`AuthorityError::NoRoles`], or the store refused.
pub(crate) fn change_role(engine: &Engine, name: &str, role: Role) -> Result<(), AuthorityError> {
    engine.profile.check_role(role)?;
    let member = engine.index().member(name).cloned();
    let member = member.ok_or_else(|| AuthorityError::UnknownMember(name.to_owned()))?;
    engine.change(|transaction| store::put_member(transaction, &member, role), |_, ()| member.set_role(role))
}
