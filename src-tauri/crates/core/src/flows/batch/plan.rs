//! The dry run: what would be done to each key, and what would be left alone and why. Asks no vendor.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::snapshot::{Owner, Snapshot};
use crate::account::{Account, AccountId, VendorId};
use crate::batch::{AT_ONCE, Deed, PER_ACCOUNT};
use crate::error::FlowError;
use crate::flows::Context;
use crate::flows::project::claimed_elsewhere;
use crate::flows::rotate::{Choice, NOT_KNOWN_WHICH, allowed, offered, successor_grant, way};
use crate::key::{Environment, Hint, KeyRecord, KeyRef, VendorKeyId};
use crate::permit::{Permit, Permits};
use crate::provider::RotateSupport;
use crate::rotation::{Overlap, Way};

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub deed: Deed,
    /// In the order in which they are worked off.
    pub keys: Vec<KeyRef>,
}

/// What would be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchPlan {
    pub deed: Deed,
    /// In their order, each key once.
    pub items: Vec<Planned>,
    /// What becomes of the old keys, as far as one of the vendors offers it.
    pub choices: Vec<Choice>,
    /// How long it takes, roughly, in seconds.
    pub seconds: u64,
}

/// One key of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub key: KeyRef,
    /// `None`: it is gone.
    pub record: Option<KeyRecord>,
    pub account_label: String,
    pub vendor_name: &'static str,
    /// It is the key that the account is managed with.
    pub managing: bool,
    /// Why it is left alone; `None`: it is not.
    pub skip: Option<String>,
}

impl Planned {
    /// Whether something happens to a key that works in production.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let environment = self.record.as_ref().map(|record| &record.environment);
        self.skip.is_none() && environment == Some(&Environment::Live)
    }
}

impl BatchPlan {
    /// How many keys something happens to.
    #[must_use]
    pub fn will_do(&self) -> usize {
        self.items.iter().filter(|item| item.skip.is_none()).count()
    }

    /// What the person types first, where keys that work in production die without an overlap.
    #[must_use]
    pub fn phrase(&self) -> Option<String> {
        let verb = match self.deed {
            Deed::Revoke => "revoke",
            Deed::Rotate(Choice::Now) => "rotate",
            Deed::Rotate(_) => return None,
        };
        match self.items.iter().filter(|item| item.is_live()).count() {
            0 => None,
            1 => Some(format!("{verb} 1 live key")),
            live => Some(format!("{verb} {live} live keys")),
        }
    }
}

/// Says what would become of each key.
///
/// # Errors
/// Ledger faults.
pub async fn plan_batch(ctx: &Context, wanted: &Wanted) -> Result<BatchPlan, FlowError> {
    let accounts: HashSet<AccountId> = wanted.keys.iter().map(|key| key.account.clone()).collect();
    let snapshot = Snapshot::of(ctx, &accounts).await?;
    let mut room: HashMap<AccountId, Option<usize>> = HashMap::new();
    for owner in snapshot.owners() {
        room.insert(owner.account.id.clone(), snapshot.room(owner));
    }
    let mut seen = HashSet::new();
    let mut shared = HashMap::new();
    let mut items = Vec::new();
    for key in wanted.keys.iter().filter(|key| seen.insert(*key)) {
        let mut item = planned(ctx, &snapshot, wanted.deed, key).await?;
        if let (None, Some(owner)) = (&item.skip, snapshot.owner(&key.account)) {
            item.skip = chosen_twice(owner, &item, &mut shared);
        }
        if let (None, Some(Some(room))) = (&item.skip, room.get_mut(&key.account)) {
            item.skip = full(&item, wanted.deed, room);
        }
        items.push(item);
    }
    let choices = Choice::ALL
        .into_iter()
        .filter(|choice| snapshot.owners().any(|owner| is_offered(owner, *choice)))
        .collect();
    let seconds = seconds(&snapshot, wanted.deed, &items);
    Ok(BatchPlan { deed: wanted.deed, items, choices, seconds })
}

async fn planned(ctx: &Context, snapshot: &Snapshot, deed: Deed, key: &KeyRef) -> Result<Planned, FlowError> {
    let Some(owner) = snapshot.owner(&key.account) else {
        return Ok(Planned {
            key: key.clone(),
            record: None,
            account_label: key.account.0.clone(),
            vendor_name: "",
            managing: false,
            skip: Some("Its account is not connected any more.".into()),
        });
    };
    let record = owner.keys.get(&key.key).cloned();
    let mut skip = match &record {
        None => Some("It is not in the list any more.".into()),
        Some(_) if snapshot.is_busy(key) => {
            Some("It is part of an operation that is not finished.".to_owned())
        }
        Some(record) if owner.account.may_manage_with(record) => Some(NOT_KNOWN_WHICH.into()),
        Some(record) => refusal(ctx, owner, deed, record),
    };
    if skip.is_none() && owner.is_shared {
        skip = claimed_elsewhere(ctx, key).await?;
    }
    Ok(Planned {
        key: key.clone(),
        record,
        account_label: owner.account.label.clone(),
        vendor_name: owner.manifest().name,
        managing: owner.account.manages_with(&key.key),
        skip,
    })
}

/// A key that several accounts list is one key: something is done to it once.
fn chosen_twice(
    owner: &Owner,
    item: &Planned,
    chosen: &mut HashMap<(VendorId, VendorKeyId, Hint), String>,
) -> Option<String> {
    let record = item.record.as_ref().filter(|_| owner.is_shared)?;
    let Account { vendor, label, .. } = &owner.account;
    let one = (vendor.clone(), record.id.clone(), record.hint.clone());
    match chosen.entry(one) {
        Entry::Occupied(first) => {
            Some(format!("It is the same key as in the account “{}”, where it is chosen too.", first.get()))
        }
        Entry::Vacant(free) => {
            free.insert(label.clone());
            None
        }
    }
}

/// Why nothing can be done to this key in a batch; `None` where it can.
fn refusal(ctx: &Context, owner: &Owner, deed: Deed, record: &KeyRecord) -> Option<String> {
    let manifest = owner.manifest();
    let permits = Permits::of(&manifest.capabilities, record);
    match deed {
        Deed::Revoke => match permits.revoke {
            Permit::Denied(reason) => Some(reason),
            Permit::Allowed if owner.account.manages_with(&record.id) => {
                Some("Keyturn manages the account with this key. Revoke it from its own page.".into())
            }
            Permit::Allowed => None,
        },
        Deed::Rotate(choice) => {
            if let Permit::Denied(reason) = permits.rotate {
                return Some(reason);
            }
            if way(&manifest.capabilities) != Some(Way::Api) {
                return Some(match manifest.capabilities.rotate {
                    RotateSupport::Dashboard { .. } => {
                        format!("{} keys are made by hand. Rotate it from its own page.", manifest.name)
                    }
                    _ => format!(
                        "At {} a key dies as it is rotated. Rotate it from its own page.",
                        manifest.name
                    ),
                });
            }
            let until = match choice.overlap(&manifest.capabilities) {
                Some(Overlap::For(time)) => Some(ctx.clock.now() + time),
                _ => None,
            };
            if let Permit::Denied(reason) = allowed(record, until) {
                return Some(reason);
            }
            successor_grant(ctx, manifest, record).err().map(|error| format!("{error}."))
        }
    }
}

/// Takes one of the places that the vendor has left, or says that there is none.
fn full(item: &Planned, deed: Deed, room: &mut usize) -> Option<String> {
    if !deed.mints() {
        return None;
    }
    if *room == 0 {
        return Some(format!(
            "{} allows no more keys, so that a new one cannot be made beside this one.",
            item.vendor_name
        ));
    }
    // Where the old key goes at once, the next one takes its place.
    if !deed.frees() {
        *room -= 1;
    }
    None
}

fn is_offered(owner: &Owner, choice: Choice) -> bool {
    let capabilities = &owner.manifest().capabilities;
    choice != Choice::Atomic && way(capabilities) == Some(Way::Api) && offered(capabilities).contains(&choice)
}

/// The slowest account's time: so many calls of half a second, a few at a time, and the vendor's own delay.
fn seconds(snapshot: &Snapshot, deed: Deed, items: &[Planned]) -> u64 {
    let mut each: HashMap<&AccountId, u64> = HashMap::new();
    for item in items.iter().filter(|item| item.skip.is_none()) {
        *each.entry(&item.key.account).or_default() += 1;
    }
    let calls = match deed {
        Deed::Revoke => 1,
        Deed::Rotate(Choice::Now) => 3,
        Deed::Rotate(_) => 2,
    };
    let all = each.values().sum::<u64>() * calls;
    let of_one = |(account, count): (&&AccountId, &u64)| {
        let Some(owner) = snapshot.owner(account) else { return 0 };
        let lanes = match snapshot.room(owner).filter(|_| deed.mints()) {
            Some(room) => room.clamp(1, PER_ACCOUNT),
            None => PER_ACCOUNT,
        } as u64;
        let delay = if deed.frees() { owner.manifest().capabilities.revocation_delay.as_secs() } else { 0 };
        // Where places are few, each key waits until the one before it is gone.
        let rounds = if lanes < PER_ACCOUNT as u64 { count.div_ceil(lanes) } else { 1 };
        (count * calls).div_ceil(2 * lanes) + delay * rounds
    };
    each.iter().map(of_one).max().unwrap_or_default().max(all.div_ceil(2 * AT_ONCE as u64))
}
