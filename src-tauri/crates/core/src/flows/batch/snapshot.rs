//! What a plan and the work look at: accounts, their keys and what is under way, read once for all items.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::account::{Account, AccountId};
use crate::error::FlowError;
use crate::flows::Context;
use crate::key::{KeyRecord, KeyRef, KeyStatus, VendorKeyId};
use crate::operation::Operation;
use crate::provider::{Manifest, Provider};

fn takes_a_place(record: &KeyRecord) -> bool {
    record.status.is_live() && record.status != KeyStatus::Revoking
}

/// One moment of some accounts.
pub(super) struct Snapshot {
    accounts: HashMap<AccountId, Owner>,
    open: Vec<Operation>,
    busy: HashSet<KeyRef>,
}

/// One account with its keys.
pub(super) struct Owner {
    pub(super) account: Account,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) keys: HashMap<VendorKeyId, KeyRecord>,
    /// Another account looks at the same set of keys.
    pub(super) is_shared: bool,
}

impl Owner {
    pub(super) fn manifest(&self) -> &Manifest {
        self.provider.manifest()
    }

    /// Whether the vendor counts the key: a revoked one counts no more, though it may still be accepted for a while.
    pub(super) fn takes_a_place(&self, key: &VendorKeyId) -> bool {
        self.keys.get(key).is_some_and(takes_a_place)
    }
}

impl Snapshot {
    pub(super) async fn of(ctx: &Context, wanted: &HashSet<AccountId>) -> Result<Self, FlowError> {
        let mut accounts = HashMap::new();
        let connected = ctx.ledger.accounts().await?;
        for account in connected.iter().cloned() {
            let Some(provider) = ctx.providers.provider(&account.vendor) else { continue };
            if wanted.contains(&account.id) {
                let listed = ctx.ledger.keys(&account.id).await?;
                let keys = listed.into_iter().map(|record| (record.id.clone(), record)).collect();
                let is_shared = connected.iter().any(|other| other.may_share(&account));
                accounts.insert(account.id.clone(), Owner { account, provider, keys, is_shared });
            }
        }
        let open = ctx.ledger.open_operations().await?;
        let busy = open.iter().flat_map(Operation::subjects).collect();
        Ok(Self { accounts, open, busy })
    }

    pub(super) fn owner(&self, account: &AccountId) -> Option<&Owner> {
        self.accounts.get(account)
    }

    pub(super) fn owners(&self) -> impl Iterator<Item = &Owner> {
        self.accounts.values()
    }

    /// Whether an operation that is not finished concerns the key.
    pub(super) fn is_busy(&self, key: &KeyRef) -> bool {
        self.busy.contains(key)
    }

    /// How many keys may be made beside those that live, where the vendor has a limit. One that is being made
    /// counts already.
    pub(super) fn room(&self, owner: &Owner) -> Option<usize> {
        let limit = owner.manifest().capabilities.key_limit? as usize;
        let live = owner.keys.values().filter(|record| takes_a_place(record)).count();
        let minting =
            |operation: &&Operation| operation.account == owner.account.id && operation.stage.is_minting();
        Some(limit.saturating_sub(live + self.open.iter().filter(minting).count()))
    }
}
