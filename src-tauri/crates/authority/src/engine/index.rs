//! Every key in memory: by hash for requests, by id for changes, by age for lists.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::form::KeyHash;
use super::key::{Key, Status};
use super::lies;
use super::people::{Account, Member};
use crate::moment::Moment;

/// How long a deleted key is remembered for lists that lag.
const REMEMBERED: Duration = Duration::from_secs(3600);

#[derive(Default)]
pub(crate) struct Index {
    by_hash: HashMap<u128, Arc<Key>>,
    by_id: HashMap<Box<str>, Arc<Key>>,
    /// Each account's keys, oldest first.
    by_age: HashMap<Box<str>, Vec<Arc<Key>>>,
    /// What was deleted lately, and when.
    deleted: Vec<(Arc<Key>, Moment)>,
    members: HashMap<Box<str>, Arc<Member>>,
    accounts: HashMap<Box<str>, Arc<Account>>,
}

impl Index {
    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The key with this hash. Half of the hash finds it, all of it is compared in constant time.
    pub(super) fn verify(&self, hash: &KeyHash) -> Option<&Arc<Key>> {
        self.by_hash.get(&hash.slot()).filter(|key| key.hash.matches(hash))
    }

    /// A key of this account; other accounts' keys are as good as unknown.
    pub(crate) fn key(&self, account: &Account, id: &str) -> Option<&Arc<Key>> {
        self.by_id.get(id).filter(|key| key.creator.account.id == account.id)
    }

    /// An account's keys, oldest first; as they were at `shown`, if that is another moment than this one.
    fn as_of(&self, account: &Account, shown: Option<Moment>) -> Cow<'_, [Arc<Key>]> {
        let keys = self.keys_of(&account.id);
        let Some(shown) = shown else { return Cow::Borrowed(keys) };
        let deleted =
            self.deleted.iter().filter(|(key, at)| *at > shown && key.creator.account.id == account.id);
        let mut old: Vec<_> = keys
            .iter()
            .chain(deleted.map(|(key, _)| key))
            .filter(|key| key.created_at <= shown)
            .map(|key| Arc::new(key.as_if_revoked(lies::not_yet(key.revoked_at(), shown), key.revoked_by())))
            .collect();
        old.sort_by(|one, other| one.place().cmp(&other.place()));
        Cow::Owned(old)
    }

    /// A stretch of an account's keys, newest first, as they were at `shown`.
    pub(crate) fn page(
        &self,
        account: &Account,
        skip: usize,
        limit: usize,
        shown: Option<Moment>,
    ) -> Vec<Arc<Key>> {
        let keys = self.as_of(account, shown);
        keys.iter().rev().skip(skip).take(limit).cloned().collect()
    }

    /// At most `limit` of an account's keys that `wanted` lets pass, newest first, of those that are older than
    /// `place`. A place stays good however many keys come and go.
    pub(crate) fn older(
        &self,
        account: &Account,
        place: Option<(Moment, &str)>,
        limit: usize,
        shown: Option<Moment>,
        wanted: impl Fn(&Key) -> bool,
    ) -> Vec<Arc<Key>> {
        let keys = self.as_of(account, shown);
        let end = place.map_or(keys.len(), |place| keys.partition_point(|key| key.place() < place));
        keys[..end].iter().rev().filter(|key| wanted(key)).take(limit).cloned().collect()
    }

    /// How many of an account's keys are active.
    pub(super) fn count_active(&self, account: &Account, now: Moment) -> usize {
        let keys = self.by_age.get(&account.id).map_or(&[][..], Vec::as_slice);
        keys.iter().filter(|key| key.status(now) == Status::Active).count()
    }

    /// All keys of an account, oldest first.
    pub(crate) fn keys_of(&self, account: &str) -> &[Arc<Key>] {
        self.by_age.get(account).map_or(&[], Vec::as_slice)
    }

    pub(super) fn member(&self, name: &str) -> Option<&Arc<Member>> {
        self.members.get(name)
    }

    pub(super) fn account(&self, id: &str) -> Option<&Arc<Account>> {
        self.accounts.get(id)
    }

    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Arc<Account>> {
        self.accounts.values()
    }

    /// Adds a member, and the account with the first of them.
    pub(super) fn add_member(&mut self, member: &Arc<Member>) {
        self.accounts.entry(member.account.id.clone()).or_insert_with(|| Arc::clone(&member.account));
        self.members.insert(member.name.clone(), Arc::clone(member));
    }

    pub(super) fn add_key(&mut self, key: &Arc<Key>) {
        self.register(key);
        let keys = self.by_age.entry(key.creator.account.id.clone()).or_default();
        let place = keys.partition_point(|other| other.place() < key.place());
        keys.insert(place, Arc::clone(key));
    }

    /// Adds many keys at the price of one sort.
    pub(super) fn add_keys(&mut self, keys: &[Arc<Key>]) {
        for key in keys {
            self.register(key);
            self.by_age.entry(key.creator.account.id.clone()).or_default().push(Arc::clone(key));
        }
        for keys in self.by_age.values_mut() {
            keys.sort_by(|one, other| one.place().cmp(&other.place()));
        }
    }

    /// Puts a key with another value in the place of the one with its id.
    pub(super) fn replace_key(&mut self, old: &Key, new: &Arc<Key>) {
        self.remove_key(old);
        self.add_key(new);
    }

    pub(super) fn remove_key(&mut self, key: &Key) {
        self.by_hash.remove(&key.hash.slot());
        self.by_id.remove(&key.id);
        if let Some(keys) = self.by_age.get_mut(&key.creator.account.id)
            && let Ok(place) = keys.binary_search_by(|other| other.place().cmp(&key.place()))
        {
            keys.remove(place);
        }
    }

    /// Removes a key that was deleted, and remembers for a while that it was there.
    pub(super) fn delete_key(&mut self, key: &Arc<Key>, now: Moment) {
        self.remove_key(key);
        self.deleted.retain(|(_, at)| *at > now.minus(REMEMBERED));
        self.deleted.push((Arc::clone(key), now));
    }

    fn register(&mut self, key: &Arc<Key>) {
        self.by_hash.insert(key.hash.slot(), Arc::clone(key));
        self.by_id.insert(key.id.clone(), Arc::clone(key));
    }
}
