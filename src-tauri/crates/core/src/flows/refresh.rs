//! Reading an account anew. A failure marks it stale and keeps its rows.

use super::Context;
use super::account::{Opened, account, open};
use crate::account::{Account, AccountId, Freshness, ManagingKey};
use crate::error::FlowError;
use crate::key::{KeyRecord, KeyRef, VendorKeyId};
use crate::ports::{MergeReport, Moment};
use crate::provider::{Fault, Paging};

/// Of so many keys the addresses are asked for after a reading: each is a request.
const LOCATED: usize = 8;

/// Lists the account at its vendor and merges the answer into the ledger in one transaction. An assisted account
/// has nothing to be read: it is left as it is, and nothing is claimed of it.
///
/// # Errors
/// What the vendor or the vault answered; the account is then marked stale, unless the person stopped it or
/// the vault was only locked.
pub async fn refresh(
    ctx: &Context,
    id: &AccountId,
    on_page: &(dyn Fn(usize) -> Paging + Send + Sync),
) -> Result<MergeReport, FlowError> {
    let (_, provider) = account(ctx, id).await?;
    if provider.manifest().capabilities.is_assisted() {
        return Ok(MergeReport::default());
    }
    let opened = open(ctx, id).await?;
    // Before the request: what Keyturn itself changes meanwhile is newer than this reading.
    let read = ctx.ledger.moment(ctx.clock.now()).await?;
    match opened.provider.list(opened.connection(), on_page).await {
        Ok(listing) => merge(ctx, opened, &listing.keys, read).await,
        Err(error) => {
            if !matches!(error.fault, Fault::Cancelled) {
                mark_stale(ctx, opened.account, error.to_string()).await?;
            }
            Err(error.into())
        }
    }
}

async fn merge(
    ctx: &Context,
    opened: Opened,
    keys: &[KeyRecord],
    read: Moment,
) -> Result<MergeReport, FlowError> {
    let mut opened = opened;
    let account = &mut opened.account;
    let recognised = recognise_managing_key(account, keys);
    if let Some(managing) = account.managing.as_mut().filter(|managing| managing.key != recognised) {
        managing.key = recognised;
        ctx.ledger.put_account(account, None, None).await?;
    }
    let report = ctx.ledger.merge_keys(&account.id, keys, read).await?;
    locate(ctx, &opened).await?;
    Ok(report)
}

/// Asks from where keys were used that were used since this was last asked. That the vendor does not answer
/// makes the reading no worse: it is asked again after the next one.
async fn locate(ctx: &Context, opened: &Opened) -> Result<(), FlowError> {
    if !opened.provider.reports_usage() {
        return Ok(());
    }
    let account = &opened.account.id;
    for key in ctx.ledger.unlocated(account, LOCATED).await? {
        let Ok(usage) = opened.provider.usage(opened.connection(), &key).await else { return Ok(()) };
        let key = KeyRef { account: account.clone(), key };
        ctx.ledger.locate(&key, &usage, ctx.clock.now()).await?;
    }
    Ok(())
}

async fn mark_stale(ctx: &Context, mut account: Account, reason: String) -> Result<(), FlowError> {
    account.freshness = match account.freshness {
        Freshness::Unread | Freshness::ByHand => {
            Freshness::Stale { since: ctx.clock.now(), read_at: None, reason }
        }
        Freshness::Fresh { read_at } => {
            Freshness::Stale { since: ctx.clock.now(), read_at: Some(read_at), reason }
        }
        Freshness::Stale { since, read_at, .. } => Freshness::Stale { since, read_at, reason },
    };
    ctx.ledger.put_account(&account, None, None).await?;
    Ok(())
}

/// The managing key's own row: the one live key that bears its hint. Of two with the same hint it is the one that is
/// known as such already, or it stays unknown; a hint that shows no character of the key names none.
pub(super) fn recognise_managing_key(account: &Account, keys: &[KeyRecord]) -> Option<VendorKeyId> {
    let ManagingKey { hint, key: known } = account.managing.as_ref().filter(|it| !it.hint.is_empty())?;
    let mut bearing = keys.iter().filter(|key| key.status.is_live() && key.hint == *hint);
    if let Some(same) = bearing.clone().find(|key| known.as_ref() == Some(&key.id)) {
        return Some(same.id.clone());
    }
    match (bearing.next(), bearing.next()) {
        (Some(only), None) => Some(only.id.clone()),
        (_, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;

    use super::*;
    use crate::account::VendorId;
    use crate::key::{Environment, Hint, KeyStatus, LastUse};

    fn hint(prefix: &str, suffix: &str) -> Hint {
        Hint { prefix: prefix.into(), suffix: suffix.into() }
    }

    fn managed_with(hint: Hint) -> Account {
        Account {
            id: AccountId("account".into()),
            vendor: VendorId("vendor".into()),
            label: "Account".into(),
            base_url: "https://example.test".into(),
            environment: Environment::Live,
            rehearsal: false,
            managing: Some(ManagingKey { hint, key: None }),
            settings: BTreeMap::new(),
            connected_at: DateTime::UNIX_EPOCH,
            freshness: Freshness::Unread,
            refused_scopes: Vec::new(),
        }
    }

    fn listed(id: &str, hint: Hint) -> KeyRecord {
        KeyRecord {
            id: VendorKeyId(id.into()),
            name: "Key".into(),
            hint,
            environment: Environment::Live,
            scopes: Vec::new(),
            status: KeyStatus::Active,
            created_at: None,
            expires_at: None,
            last_use: LastUse::NotReported,
            creator: None,
            checked: None,
        }
    }

    #[test]
    fn the_one_key_that_bears_the_hint_is_the_managing_key() {
        let account = managed_with(hint("nl_live_", "e5f6"));
        let own = listed("own", hint("nl_live_", "e5f6"));
        let keys = [own.clone(), listed("other", hint("nl_live_", "aaaa"))];
        assert_eq!(recognise_managing_key(&account, &keys), Some(own.id.clone()));
        let twice = [own.clone(), KeyRecord { id: VendorKeyId("twin".into()), ..own }];
        assert_eq!(recognise_managing_key(&account, &twice), None, "not known which");
    }

    #[test]
    fn a_managing_key_that_is_known_stays_so_when_another_bears_its_hint() {
        let own = listed("own", hint("nl_live_", "e5f6"));
        let managing = Some(ManagingKey { hint: own.hint.clone(), key: Some(own.id.clone()) });
        let account = Account { managing, ..managed_with(hint("", "")) };
        let twin = KeyRecord { id: VendorKeyId("twin".into()), ..own.clone() };
        assert_eq!(recognise_managing_key(&account, &[twin, own.clone()]), Some(own.id));
    }

    #[test]
    fn a_hint_that_shows_nothing_names_no_key() {
        let account = managed_with(hint("", ""));
        assert_eq!(recognise_managing_key(&account, &[listed("somebody's", hint("", ""))]), None);
    }
}
