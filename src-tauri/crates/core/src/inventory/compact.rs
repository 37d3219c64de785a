//! Rows packed for memory: shared values are stored once, texts stand in two buffers. Knows nothing of queries.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::{DateTime, TimeDelta, Utc};

use super::{InventoryRow, LastUseKind, StatusKind};
use crate::account::AccountId;
use crate::finding::FindingSet;
use crate::key::{Checked, Environment, Hint, KeyRecord, KeyStatus, LastUse, Scope, VendorKeyId};
use crate::label::Label;
use crate::name::push_searched;
use crate::operation::OperationId;
use crate::policy::Due;
use crate::timestamp::Timestamp;

/// No time.
pub(super) const NONE: i64 = i64::MIN;

/// Stands between the texts of a row in the [haystack](Rows::haystack).
pub(super) const BETWEEN: char = '\u{1f}';

/// In milliseconds.
pub(super) const DAY: i64 = 24 * 3_600_000;

/// Every row, and the texts to search in.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) accounts: Vec<AccountId>,
    /// What a person calls each of them, where that is known.
    pub(super) account_labels: Vec<String>,
    pub(super) environments: Vec<Environment>,
    pub(super) scope_sets: Vec<Vec<Scope>>,
    pub(super) label_sets: Vec<Vec<Label>>,
    /// Every label once, in order.
    pub(super) labels: Vec<Label>,
    prefixes: Vec<String>,
    creators: Vec<Option<String>>,
    words: Vec<String>,
    unsaved: HashMap<u32, OperationId>,
    /// Few keys are ever probed: a map costs the others nothing.
    pub(super) checked: HashMap<u32, Checked>,
    operations: HashMap<u32, OperationId>,
    rows: Vec<Row>,
    /// Names, ids and suffixes as they came, one after the other.
    text: String,
    /// Name, hint and id of each row in the form of search, a row a line.
    pub(super) haystack: String,
    /// Where each row begins in `haystack`, and where the last one ends.
    pub(super) starts: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    text: u32,
    name_length: u32,
    id_length: u16,
    suffix_length: u16,
    searched_name_length: u32,
    pub(super) scopes: u32,
    pub(super) labels: u32,
    prefix: u32,
    creator: u32,
    pub(super) account: u16,
    pub(super) environment: u16,
    status: Status,
    last_use: Used,
    pub(super) created: i64,
    /// The last moment, or none.
    pub(super) expires: i64,
    ends: Ends,
    status_at: i64,
    last_use_at: i64,
    read_at: i64,
    pub(super) changed_outside: i64,
    pub(super) since: i64,
    due: i64,
    remind_days: u16,
    managing: bool,
    unsaved: bool,
    pub(super) findings: FindingSet,
    pub(super) accepted: FindingSet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Active,
    Retiring,
    Revoking,
    Revoked,
    Expired,
    Unlisted,
    Orphan,
    Unknown,
}

/// What `expires` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    At,
    On,
    Never,
    Unreadable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Used {
    At,
    On,
    Never,
    NotReported,
    Unreadable,
    UntrackedBefore,
    Stale,
}

impl Rows {
    pub(super) fn pack(rows: Vec<InventoryRow>) -> Self {
        let mut packed = Self { rows: Vec::with_capacity(rows.len()), ..Self::default() };
        let mut shared = Interners::default();
        for row in rows {
            packed.push(row, &mut shared);
        }
        packed.starts.push(offset(packed.haystack.len()));
        packed.text.shrink_to_fit();
        packed.haystack.shrink_to_fit();
        packed.accounts = shared.accounts.values;
        packed.environments = shared.environments.values;
        packed.scope_sets = shared.scopes.values;
        packed.label_sets = shared.labels.values;
        packed.labels = packed.label_sets.concat();
        packed.labels.sort();
        packed.labels.dedup();
        packed.prefixes = shared.prefixes.values;
        packed.creators = shared.creators.values;
        packed
    }

    fn push(&mut self, row: InventoryRow, shared: &mut Interners) {
        let record = row.record;
        let text = offset(self.text.len());
        // Vendors' texts are bounded at the edge; what is longer still is cut here, so that lengths fit.
        let (id, suffix) = (cut(&record.id.0), cut(&record.hint.suffix));
        for part in [record.name.as_str(), id, suffix] {
            self.text.push_str(part);
        }
        self.starts.push(offset(self.haystack.len()));
        let before = self.haystack.len();
        push_searched(&mut self.haystack, &record.name);
        let searched_name_length = offset(self.haystack.len() - before);
        for part in [&record.hint.prefix, suffix, id] {
            self.haystack.push(BETWEEN);
            push_searched(&mut self.haystack, part);
        }
        self.haystack.push('\n');
        let (status, status_at) = self.status(&record.status);
        let (last_use, last_use_at, read_at) = last_use(&record.last_use);
        if let Some(operation) = &row.operation {
            self.operations.insert(offset(self.rows.len()), operation.clone());
        }
        if let Some(operation) = &row.unsaved {
            self.unsaved.insert(offset(self.rows.len()), operation.clone());
        }
        if let Some(checked) = record.checked {
            self.checked.insert(offset(self.rows.len()), checked);
        }
        self.rows.push(Row {
            text,
            name_length: offset(record.name.len()),
            id_length: length(id),
            suffix_length: length(suffix),
            searched_name_length,
            scopes: shared.scopes.of(record.scopes),
            labels: shared.labels.of(row.labels),
            prefix: shared.prefixes.of(record.hint.prefix),
            creator: shared.creators.of(record.creator),
            account: u16::try_from(shared.accounts.of(row.account)).unwrap_or(u16::MAX),
            environment: u16::try_from(shared.environments.of(record.environment)).unwrap_or(u16::MAX),
            status,
            last_use,
            created: millis(record.created_at),
            expires: millis(record.expires.ends()),
            ends: ends(record.expires),
            status_at,
            last_use_at,
            read_at,
            changed_outside: millis(row.changed_outside),
            since: millis(row.since),
            due: millis(row.due.map(|due| due.at)),
            remind_days: row.due.map_or(0, |due| u16::try_from(due.remind_days).unwrap_or(u16::MAX)),
            managing: row.managing,
            unsaved: row.unsaved.is_some(),
            findings: row.findings,
            accepted: row.accepted,
        });
    }

    fn status(&mut self, status: &KeyStatus) -> (Status, i64) {
        match status {
            KeyStatus::Active | KeyStatus::Expiring => (Status::Active, NONE),
            KeyStatus::Retiring { until } => (Status::Retiring, millis(Some(*until))),
            KeyStatus::Revoking => (Status::Revoking, NONE),
            KeyStatus::Revoked { at } => (Status::Revoked, millis(*at)),
            KeyStatus::Expired { at } => (Status::Expired, millis(*at)),
            KeyStatus::Unlisted { since } => (Status::Unlisted, millis(Some(*since))),
            KeyStatus::Orphan => (Status::Orphan, NONE),
            KeyStatus::Unknown(word) => {
                let at = self.words.iter().position(|known| known == word).unwrap_or_else(|| {
                    self.words.push(word.clone());
                    self.words.len() - 1
                });
                (Status::Unknown, i64::try_from(at).unwrap_or(0))
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn row(&self, index: u32) -> &Row {
        &self.rows[index as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    /// The name in the form of search, in which it is sorted too.
    pub(super) fn searched_name(&self, index: u32) -> &str {
        let from = self.starts[index as usize] as usize;
        &self.haystack[from..from + self.row(index).searched_name_length as usize]
    }

    pub(super) fn name(&self, index: u32) -> &str {
        let row = self.row(index);
        &self.text[row.text as usize..(row.text + row.name_length) as usize]
    }

    /// Each account with its label, which is empty where nobody told it.
    pub(super) fn labelled_accounts(&self) -> Vec<(AccountId, String)> {
        let labels = self.account_labels.iter().cloned().chain(std::iter::repeat(String::new()));
        self.accounts.iter().cloned().zip(labels).collect()
    }

    pub(super) fn id(&self, index: u32) -> &str {
        let row = self.row(index);
        let from = (row.text + row.name_length) as usize;
        &self.text[from..from + usize::from(row.id_length)]
    }

    /// The whole row again.
    pub(super) fn unpack(&self, index: u32) -> InventoryRow {
        let row = self.row(index);
        let from = row.text as usize;
        let id = from + row.name_length as usize;
        let suffix = id + usize::from(row.id_length);
        InventoryRow {
            account: self.accounts[usize::from(row.account)].clone(),
            record: KeyRecord {
                id: VendorKeyId(self.text[id..suffix].to_owned()),
                name: self.text[from..id].to_owned(),
                hint: Hint {
                    prefix: self.prefixes[row.prefix as usize].clone(),
                    suffix: self.text[suffix..suffix + usize::from(row.suffix_length)].to_owned(),
                },
                environment: self.environments[usize::from(row.environment)].clone(),
                scopes: self.scope_sets[row.scopes as usize].clone(),
                status: self.unpack_status(row),
                created_at: time(row.created),
                expires: unpack_expiry(row),
                last_use: unpack_last_use(row),
                creator: self.creators[row.creator as usize].clone(),
                checked: self.checked.get(&index).copied(),
            },
            managing: row.managing,
            unsaved: self.unsaved.get(&index).cloned(),
            operation: self.operations.get(&index).cloned(),
            changed_outside: time(row.changed_outside),
            labels: self.label_sets[row.labels as usize].clone(),
            since: time(row.since),
            due: row.due(),
            findings: row.findings,
            accepted: row.accepted,
        }
    }

    fn unpack_status(&self, row: &Row) -> KeyStatus {
        match row.status {
            Status::Active => KeyStatus::Active,
            Status::Retiring => {
                time(row.status_at).map_or(KeyStatus::Active, |until| KeyStatus::Retiring { until })
            }
            Status::Revoking => KeyStatus::Revoking,
            Status::Revoked => KeyStatus::Revoked { at: time(row.status_at) },
            Status::Expired => KeyStatus::Expired { at: time(row.status_at) },
            Status::Unlisted => {
                time(row.status_at).map_or(KeyStatus::Active, |since| KeyStatus::Unlisted { since })
            }
            Status::Orphan => KeyStatus::Orphan,
            Status::Unknown => {
                let word = usize::try_from(row.status_at).ok().and_then(|at| self.words.get(at));
                KeyStatus::Unknown(word.cloned().unwrap_or_default())
            }
        }
    }
}

impl Row {
    /// In milliseconds.
    pub(super) fn created(&self) -> Option<i64> {
        Some(self.created).filter(|at| *at != NONE)
    }

    /// In milliseconds; `None`: never, or nobody can say.
    pub(super) fn expires(&self) -> Option<i64> {
        Some(self.expires).filter(|at| *at != NONE)
    }

    pub(super) fn has_unreadable_end(&self) -> bool {
        self.ends == Ends::Unreadable
    }

    /// The status as a filter names it, at `now` (in milliseconds).
    pub(super) fn status_kind(&self, now: i64) -> StatusKind {
        const EXPIRING: i64 = 7 * DAY;
        if self.unsaved {
            return StatusKind::Unsaved;
        }
        match self.status {
            Status::Active if self.expires != NONE && self.expires <= now => StatusKind::Expired,
            Status::Active if self.expires != NONE && self.expires - now <= EXPIRING => StatusKind::Expiring,
            Status::Active => StatusKind::Active,
            Status::Retiring => StatusKind::Retiring,
            Status::Revoking => StatusKind::Revoking,
            Status::Revoked => StatusKind::Revoked,
            Status::Expired => StatusKind::Expired,
            Status::Unlisted => StatusKind::Unlisted,
            Status::Orphan => StatusKind::Orphan,
            Status::Unknown => StatusKind::Unknown,
        }
    }

    /// When a policy wants it replaced.
    fn due(&self) -> Option<Due> {
        time(self.due).map(|at| Due { at, remind_days: u32::from(self.remind_days) })
    }

    /// Whether it counts as due at `now` (in milliseconds). What expired meanwhile is not replaced any more.
    pub(super) fn is_due(&self, now: i64) -> bool {
        let near = self.due != NONE && self.due - i64::from(self.remind_days) * DAY <= now;
        near && self.status_kind(now) != StatusKind::Expired
    }

    /// The last use as a filter names it, at `now` (in milliseconds).
    pub(super) fn last_use_kind(&self, now: i64) -> LastUseKind {
        match self.last_use {
            Used::Never => LastUseKind::Never,
            Used::NotReported => LastUseKind::NotReported,
            Used::Unreadable => LastUseKind::Unreadable,
            Used::UntrackedBefore => LastUseKind::UntrackedBefore,
            Used::Stale => LastUseKind::Stale,
            Used::At | Used::On => match now.saturating_sub(self.last_use_at) {
                age if age <= DAY => LastUseKind::Within24Hours,
                age if age <= 7 * DAY => LastUseKind::Within7Days,
                age if age <= 30 * DAY => LastUseKind::Within30Days,
                age if age <= 90 * DAY => LastUseKind::Within90Days,
                _ => LastUseKind::Older,
            },
        }
    }

    /// Where a row stands when sorted by last use: exact times first, the latest of them first, then each word
    /// in a place of its own.
    pub(super) fn last_use_place(&self) -> (u8, i64) {
        let group = match self.last_use {
            Used::At | Used::On => 0,
            Used::UntrackedBefore => 1,
            Used::Stale => 2,
            Used::Never => 3,
            Used::NotReported => 4,
            Used::Unreadable => 5,
        };
        (group, self.last_use_at.checked_neg().unwrap_or(i64::MAX))
    }
}

/// Values that many rows share, each stored once.
struct Interner<T> {
    known: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { known: HashMap::new(), values: Vec::new() }
    }
}

impl<T: Hash + Eq + Clone> Interner<T> {
    fn of(&mut self, value: T) -> u32 {
        if let Some(known) = self.known.get(&value) {
            return *known;
        }
        let at = offset(self.values.len());
        self.values.push(value.clone());
        self.known.insert(value, at);
        at
    }
}

#[derive(Default)]
struct Interners {
    accounts: Interner<AccountId>,
    environments: Interner<Environment>,
    scopes: Interner<Vec<Scope>>,
    labels: Interner<Vec<Label>>,
    prefixes: Interner<String>,
    creators: Interner<Option<String>>,
}

fn ends(expires: Timestamp) -> Ends {
    match expires {
        Timestamp::None => Ends::Never,
        Timestamp::At(_) => Ends::At,
        Timestamp::On(_) => Ends::On,
        Timestamp::Unreadable => Ends::Unreadable,
    }
}

fn unpack_expiry(row: &Row) -> Timestamp {
    match (row.ends, time(row.expires)) {
        (Ends::At, Some(at)) => Timestamp::At(at),
        // The day has ended everywhere at the next one's noon.
        (Ends::On, Some(end)) => Timestamp::On((end - TimeDelta::days(1)).date_naive()),
        (Ends::Unreadable, _) => Timestamp::Unreadable,
        (Ends::Never | Ends::At | Ends::On, _) => Timestamp::None,
    }
}

fn last_use(last_use: &LastUse) -> (Used, i64, i64) {
    match last_use {
        LastUse::At(at) => (Used::At, millis(Some(*at)), NONE),
        LastUse::On(_) => (Used::On, millis(last_use.moment()), NONE),
        LastUse::Never => (Used::Never, NONE, NONE),
        LastUse::NotReported => (Used::NotReported, NONE, NONE),
        LastUse::Unreadable => (Used::Unreadable, NONE, NONE),
        LastUse::UntrackedBefore(at) => (Used::UntrackedBefore, millis(Some(*at)), NONE),
        LastUse::Stale { last, read_at } => (Used::Stale, millis(*last), millis(Some(*read_at))),
    }
}

fn unpack_last_use(row: &Row) -> LastUse {
    match (row.last_use, time(row.last_use_at), time(row.read_at)) {
        (Used::At, Some(at), _) => LastUse::At(at),
        (Used::On, Some(noon), _) => LastUse::On(noon.date_naive()),
        (Used::Unreadable, _, _) => LastUse::Unreadable,
        (Used::UntrackedBefore, Some(at), _) => LastUse::UntrackedBefore(at),
        (Used::Stale, last, Some(read_at)) => LastUse::Stale { last, read_at },
        (Used::Never, _, _) => LastUse::Never,
        (Used::At | Used::On | Used::UntrackedBefore | Used::Stale | Used::NotReported, _, _) => {
            LastUse::NotReported
        }
    }
}

fn millis(time: Option<DateTime<Utc>>) -> i64 {
    time.map_or(NONE, |time| time.timestamp_millis())
}

fn time(millis: i64) -> Option<DateTime<Utc>> {
    (millis != NONE).then(|| DateTime::from_timestamp_millis(millis)).flatten()
}

/// Offsets are 32 bits: an inventory of 4 GiB of text is beyond what a ledger holds.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn length(text: &str) -> u16 {
    u16::try_from(text.len()).unwrap_or(u16::MAX)
}

/// At most what 16 bits of length can say, cut between characters.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(usize::from(u16::MAX));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
