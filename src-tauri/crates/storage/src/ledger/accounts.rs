//! Accounts and their sealed managing keys.

use keyturn_core::account::{Account, AccountId, Freshness, ManagingKey, VendorId};
use keyturn_core::journal::Entry;
use keyturn_core::key::{Hint, VendorKeyId};
use keyturn_core::ports::Sealed;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::fault::{Fault, Outcome, damaged, failed};
use super::{codec, journal, sealed};

const COLUMNS: &str = "id, vendor, label, base_url, environment, rehearsal, hint_prefix, hint_suffix, managing_key, \
                       connected_at, freshness, stale_since, read_at, stale_reason, refused, settings, assisted";

/// The managing key's row in an update, where it is still the same key.
const ROW_OF_THE_SAME: &str = "iif((hint_prefix, hint_suffix) = (excluded.hint_prefix, excluded.hint_suffix), \
                               excluded.managing_key, managing_key)";

pub(super) fn all(connection: &Connection) -> Outcome<Vec<Account>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM accounts ORDER BY n"))?;
    let mut rows = statement.query([])?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        accounts.push(read(row)?);
    }
    Ok(accounts)
}

/// Adds or replaces the account, then its sealed managing key.
pub(super) fn put(
    connection: &Connection,
    account: &Account,
    managing: Option<&Sealed>,
    entry: Option<&Entry>,
) -> Outcome<()> {
    if let Some(entry) = entry {
        journal::append(connection, entry)?;
    }
    upsert(connection, account, managing.is_some())?;
    let Some(entry) = managing else { return Ok(()) };
    sealed::remember_managing(connection, account, entry)?;
    sealed::replace(connection, number(connection, &account.id)?, entry)
}

/// Removes the account; its keys, operations and sealed entries go with it.
pub(super) fn remove(connection: &Connection, account: &AccountId, entry: &Entry) -> Outcome<()> {
    journal::append(connection, entry)?;
    connection.prepare_cached("DELETE FROM accounts WHERE id = ?")?.execute([&account.0])?;
    Ok(())
}

/// Removes accounts whose rows do not read, and all that hangs on them. For a ledger that is rebuilt.
pub(super) fn remove_unreadable(connection: &Connection) -> Outcome<()> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS}, n FROM accounts"))?;
    let mut rows = statement.query([])?;
    let mut unreadable: Vec<i64> = Vec::new();
    while let Some(row) = rows.next()? {
        if read(row).is_err() {
            unreadable.push(row.get(17)?);
        }
    }
    for number in unreadable {
        connection.execute("DELETE FROM accounts WHERE n = ?", [number])?;
    }
    Ok(())
}

/// The account's number in the other tables.
///
/// # Errors
/// In words where the account was disconnected meanwhile.
pub(super) fn number(connection: &Connection, account: &AccountId) -> Outcome<i64> {
    connection
        .prepare_cached("SELECT n FROM accounts WHERE id = ?")?
        .query_row([&account.0], |row| row.get(0))
        .optional()?
        .ok_or_else(|| failed("the account is not connected any more"))
}

/// `with_value`: the managing key's value is sealed with it.
fn upsert(connection: &Connection, account: &Account, with_value: bool) -> Outcome<()> {
    let (word, since, read_at, reason) = match &account.freshness {
        Freshness::ByHand => ("by_hand", None, None, None),
        Freshness::Unread => ("unread", None, None, None),
        Freshness::Fresh { read_at } => ("fresh", None, Some(*read_at), None),
        Freshness::Stale { since, read_at, reason } => ("stale", Some(*since), *read_at, Some(reason)),
    };
    let hint = account.managing.as_ref().map(|managing| &managing.hint);
    let places = vec!["?"; 17].join(", ");
    let updates = COLUMNS.split(", ").map(|column| format!("{column} = {}", later(column, with_value)));
    connection
        .prepare_cached(&format!(
            "INSERT INTO accounts ({COLUMNS}) VALUES ({places}) ON CONFLICT (id) DO UPDATE SET {}",
            updates.collect::<Vec<_>>().join(", ")
        ))?
        .execute(params![
            account.id.0,
            account.vendor.0,
            account.label,
            account.base_url,
            codec::environment_word(&account.environment),
            account.rehearsal,
            hint.map_or("", |hint| &hint.prefix),
            hint.map_or("", |hint| &hint.suffix),
            account.managing.as_ref().and_then(|managing| managing.key.as_ref()).map(|key| &key.0),
            codec::millis(account.connected_at),
            word,
            since.map(codec::millis),
            read_at.map(codec::millis),
            reason,
            codec::refused_json(&account.refused_scopes)?,
            codec::settings_json(&account.settings)?,
            account.managing.is_none(),
        ])?;
    Ok(())
}

/// What a column holds after a later word on its account. What is known of the managing key changes with its sealed
/// value alone: whoever has read the account before that speaks of a key that is not called with any more.
fn later(column: &str, with_value: bool) -> String {
    match column {
        "hint_prefix" | "hint_suffix" if !with_value => column.to_owned(),
        "managing_key" if !with_value => ROW_OF_THE_SAME.to_owned(),
        _ => format!("excluded.{column}"),
    }
}

fn read(row: &Row<'_>) -> Outcome<Account> {
    let time =
        |index: usize| -> Outcome<_> { row.get::<_, Option<i64>>(index)?.map(codec::time).transpose() };
    let missing = || -> Fault { damaged("an account lacks a time") };
    let freshness = match (row.get_ref(10)?.as_str().map_err(rusqlite::Error::from)?, time(11)?, time(12)?) {
        ("by_hand", ..) => Freshness::ByHand,
        ("unread", ..) => Freshness::Unread,
        ("fresh", _, Some(read_at)) => Freshness::Fresh { read_at },
        ("stale", Some(since), read_at) => {
            Freshness::Stale { since, read_at, reason: row.get::<_, Option<String>>(13)?.unwrap_or_default() }
        }
        _ => return Err(damaged("an account's freshness is not one")),
    };
    Ok(Account {
        id: AccountId(row.get(0)?),
        vendor: VendorId(row.get(1)?),
        label: row.get(2)?,
        base_url: row.get(3)?,
        environment: codec::environment(row.get::<_, Option<String>>(4)?.as_deref())?,
        rehearsal: row.get(5)?,
        managing: if row.get(16)? { None } else { Some(managing(row)?) },
        settings: codec::settings(row.get_ref(15)?.as_str().map_err(rusqlite::Error::from)?)?,
        connected_at: time(9)?.ok_or_else(missing)?,
        freshness,
        refused_scopes: codec::refused(row.get_ref(14)?.as_str().map_err(rusqlite::Error::from)?)?,
    })
}

fn managing(row: &Row<'_>) -> Outcome<ManagingKey> {
    Ok(ManagingKey {
        hint: Hint { prefix: row.get(6)?, suffix: row.get(7)? },
        key: row.get::<_, Option<String>>(8)?.map(VendorKeyId),
    })
}
