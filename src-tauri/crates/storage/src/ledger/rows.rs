//! Key rows, read: as last reported, with what follows from the account and from the open operations.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use keyturn_core::account::AccountId;
use keyturn_core::finding::FindingSet;
use keyturn_core::inventory::InventoryRow;
use keyturn_core::key::{Checked, Hint, KeyRecord, KeyRef, KeyStatus, Scope, VendorKeyId};
use keyturn_core::label::Label;
use keyturn_core::operation::{OperationId, Stage};
use keyturn_core::rotation::{Phase, Until};
use rusqlite::{Connection, Row, params};

use super::fault::{Outcome, damaged};
use super::keys::COLUMNS;
use super::{codec, labels, operations};

/// What is needed to read any row: the small tables beside it.
struct View {
    owners: HashMap<i64, Owner>,
    scope_sets: HashMap<i64, Vec<Scope>>,
    /// Keys whose secrets wait in escrow.
    unsaved: HashMap<KeyRef, OperationId>,
    /// Keys that replace or are replaced.
    operations: HashMap<KeyRef, OperationId>,
    /// Keys whose successor works beside them until then.
    retiring: HashMap<KeyRef, DateTime<Utc>>,
    /// Keys that a lost reply may have made, until the person has decided.
    orphans: HashSet<KeyRef>,
}

/// What the account's row says of every key of it.
struct Owner {
    id: AccountId,
    managing: Option<String>,
    /// The last reading, where the account is stale.
    stale: Option<DateTime<Utc>>,
}

pub(super) fn of_account(connection: &Connection, account: &AccountId) -> Outcome<Vec<KeyRecord>> {
    let view = View::load(connection)?;
    let Some((number, owner)) = view.owner(account) else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, unlisted_since FROM listed WHERE account = ? ORDER BY n"
    ))?;
    let mut rows = statement.query([number])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(view.record(row, owner)?);
    }
    Ok(records)
}

pub(super) fn one(connection: &Connection, key: &KeyRef) -> Outcome<Option<KeyRecord>> {
    let view = View::of(connection, operations::marks_of(connection, key)?)?;
    let Some((number, owner)) = view.owner(&key.account) else { return Ok(None) };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, unlisted_since FROM listed WHERE account = ? AND id = ?"
    ))?;
    let mut rows = statement.query(params![number, key.key.0])?;
    rows.next()?.map(|row| view.record(row, owner)).transpose()
}

/// What an inventory's row is read from.
const ROW: &str = "unlisted_since, account, changed_outside";

/// One row of the inventory.
pub(super) fn inventory_row(connection: &Connection, key: &KeyRef) -> Outcome<Option<InventoryRow>> {
    let view = View::of(connection, operations::marks_of(connection, key)?)?;
    let Some((number, owner)) = view.owner(&key.account) else { return Ok(None) };
    let labels = labels::of(connection, key)?.map(|(_, labels)| labels).unwrap_or_default();
    let sql = format!("SELECT {COLUMNS}, {ROW} FROM listed WHERE account = ? AND id = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![number, key.key.0])?;
    rows.next()?.map(|row| view.inventory_row(connection, row, owner, labels)).transpose()
}

/// Every row, in one pass.
pub(super) fn inventory(connection: &Connection) -> Outcome<Vec<InventoryRow>> {
    let view = View::load(connection)?;
    let mut labelled = labels::all(connection)?;
    let count: u32 = connection.query_row("SELECT count(*) FROM keys", [], |row| row.get(0))?;
    let mut all = Vec::with_capacity(count as usize);
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS}, {ROW} FROM listed ORDER BY n"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let account: i64 = row.get(16)?;
        let owner = view.owners.get(&account).ok_or_else(|| damaged("a key belongs to no account"))?;
        let labels = if labelled.is_empty() {
            Vec::new()
        } else {
            labelled.remove(&(account, row.get(0)?)).unwrap_or_default()
        };
        all.push(view.inventory_row(connection, row, owner, labels)?);
    }
    Ok(all)
}

/// When the journal first told of a key.
fn first_told(connection: &Connection, owner: &Owner, key: &VendorKeyId) -> Outcome<Option<DateTime<Utc>>> {
    let mut statement =
        connection.prepare_cached("SELECT min(at) FROM journal WHERE account = ? AND key = ?")?;
    let first: Option<i64> = statement.query_row([&owner.id.0, &key.0], |row| row.get(0))?;
    first.map(codec::time).transpose()
}

/// The numbers of rows that do not read.
pub(super) fn unreadable(connection: &Connection) -> Outcome<Vec<i64>> {
    let sets = scope_sets(connection)?;
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS}, n FROM keys"))?;
    let mut rows = statement.query([])?;
    let mut unreadable = Vec::new();
    while let Some(row) = rows.next()? {
        if read(row, &sets, None).is_err() {
            unreadable.push(row.get(15)?);
        }
    }
    Ok(unreadable)
}

impl View {
    fn load(connection: &Connection) -> Outcome<Self> {
        Self::of(connection, operations::open_marks(connection)?)
    }

    fn of(connection: &Connection, marks: Vec<operations::Mark>) -> Outcome<Self> {
        let mut view = Self {
            owners: owners(connection)?,
            scope_sets: scope_sets(connection)?,
            unsaved: HashMap::new(),
            operations: HashMap::new(),
            retiring: HashMap::new(),
            orphans: HashSet::new(),
        };
        for open in marks {
            if let Some(key) = open.stage.unsaved() {
                view.unsaved.insert(key.clone(), open.id.clone());
            }
            match open.stage {
                Stage::Orphaned { keys } => view.orphans.extend(keys),
                Stage::Rotating(rotation) => {
                    if let (Phase::Overlap { until: Until::Time(until), .. }, Some(old)) =
                        (&rotation.phase, &open.predecessor)
                    {
                        view.retiring.insert(old.clone(), *until);
                    }
                    let successor = rotation.successor().map(|successor| successor.key.clone());
                    for key in successor.into_iter().chain(open.predecessor) {
                        view.operations.insert(key, open.id.clone());
                    }
                }
                Stage::Sent | Stage::Escrowed { .. } | Stage::Acknowledged { .. } | Stage::Failed { .. } => {}
            }
        }
        Ok(view)
    }

    fn owner(&self, account: &AccountId) -> Option<(i64, &Owner)> {
        self.owners.iter().find(|(_, owner)| owner.id == *account).map(|(number, owner)| (*number, owner))
    }

    fn inventory_row(
        &self,
        connection: &Connection,
        row: &Row<'_>,
        owner: &Owner,
        labels: Vec<Label>,
    ) -> Outcome<InventoryRow> {
        let record = self.record(row, owner)?;
        let since = match record.created_at {
            Some(created) => Some(created),
            None => first_told(connection, owner, &record.id)?,
        };
        Ok(InventoryRow {
            account: owner.id.clone(),
            managing: owner.managing.as_ref() == Some(&record.id.0),
            unsaved: owner.find(&self.unsaved, &record.id),
            operation: owner.find(&self.operations, &record.id),
            changed_outside: row.get::<_, Option<i64>>(17)?.map(codec::time).transpose()?,
            labels,
            since,
            due: None,
            findings: FindingSet::EMPTY,
            accepted: FindingSet::EMPTY,
            record,
        })
    }

    fn record(&self, row: &Row<'_>, owner: &Owner) -> Outcome<KeyRecord> {
        let mut record = read(row, &self.scope_sets, owner.stale)?;
        let orphan = !self.orphans.is_empty() && self.orphans.contains(&owner.key(&record.id));
        if orphan && matches!(record.status, KeyStatus::Active | KeyStatus::Unknown(_)) {
            record.status = KeyStatus::Orphan;
        }
        let unlisted: Option<i64> = row.get(15)?;
        if let (KeyStatus::Active | KeyStatus::Unknown(_), Some(since)) = (&record.status, unlisted) {
            record.status = KeyStatus::Unlisted { since: codec::time(since)? };
        }
        if let (KeyStatus::Active, Some(until)) = (&record.status, owner.find(&self.retiring, &record.id)) {
            record.status = KeyStatus::Retiring { until };
        }
        Ok(record)
    }
}

impl Owner {
    fn key(&self, id: &VendorKeyId) -> KeyRef {
        KeyRef { account: self.id.clone(), key: id.clone() }
    }

    /// Builds the key's address only where there is something to find: mostly there is not.
    fn find<T: Clone>(&self, marks: &HashMap<KeyRef, T>, id: &VendorKeyId) -> Option<T> {
        if marks.is_empty() { None } else { marks.get(&self.key(id)).cloned() }
    }
}

fn scope_sets(connection: &Connection) -> Outcome<HashMap<i64, Vec<Scope>>> {
    let mut statement = connection.prepare_cached("SELECT n, scopes FROM scope_sets")?;
    let mut rows = statement.query([])?;
    let mut sets = HashMap::new();
    while let Some(row) = rows.next()? {
        sets.insert(row.get(0)?, codec::scopes(text(row, 1)?)?);
    }
    Ok(sets)
}

fn owners(connection: &Connection) -> Outcome<HashMap<i64, Owner>> {
    let mut statement =
        connection.prepare_cached("SELECT n, id, managing_key, freshness, read_at FROM accounts")?;
    let mut rows = statement.query([])?;
    let mut owners = HashMap::new();
    while let Some(row) = rows.next()? {
        let read_at = row.get::<_, Option<i64>>(4)?.map(codec::time).transpose()?;
        let stale = if text(row, 3)? == "stale" { read_at } else { None };
        owners.insert(row.get(0)?, Owner { id: AccountId(row.get(1)?), managing: row.get(2)?, stale });
    }
    Ok(owners)
}

fn read(row: &Row<'_>, sets: &HashMap<i64, Vec<Scope>>, stale: Option<DateTime<Utc>>) -> Outcome<KeyRecord> {
    let environment = row.get_ref(4)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    Ok(KeyRecord {
        id: VendorKeyId(row.get(0)?),
        name: row.get(1)?,
        hint: Hint { prefix: row.get(2)?, suffix: row.get(3)? },
        environment: codec::environment(environment)?,
        scopes: sets.get(&row.get(5)?).cloned().ok_or_else(|| damaged("a key's scopes are missing"))?,
        status: codec::status((text(row, 6)?, row.get(7)?))?,
        created_at: codec::reported(row.get(8)?),
        expires: codec::timestamp(row.get(9)?),
        last_use: codec::last_use((text(row, 10)?, row.get(11)?), stale)?,
        creator: row.get(12)?,
        checked: checked(row.get::<_, Option<i64>>(13)?.map(codec::time).transpose()?, row.get(14)?)?,
    })
}

fn checked(at: Option<DateTime<Utc>>, alive: Option<bool>) -> Outcome<Option<Checked>> {
    match (at, alive) {
        (None, None) => Ok(None),
        (Some(at), Some(alive)) => Ok(Some(Checked { at, alive })),
        (Some(_), None) | (None, Some(_)) => Err(damaged("a key's last probe is not one")),
    }
}

fn text<'row>(row: &'row Row<'_>, index: usize) -> Outcome<&'row str> {
    Ok(row.get_ref(index)?.as_str().map_err(rusqlite::Error::from)?)
}
