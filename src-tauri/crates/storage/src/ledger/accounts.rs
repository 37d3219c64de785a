//! Accounts and their sealed managing keys.

use keyturn_core::account::{Account, AccountId, Freshness, ManagingKey, VendorId};
use keyturn_core::journal::Entry;
use keyturn_core::key::{Hint, VendorKeyId};
use keyturn_core::ports::{AccountChange, LedgerError, Sealed};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::fault::{Fault, Outcome, damaged, failed};
use super::{codec, journal, operations, sealed};

const COLUMNS: &str = "id, vendor, label, base_url, environment, rehearsal, hint_prefix, hint_suffix, managing_key, \
                       connected_at, freshness, stale_since, read_at, stale_reason, refused, settings, assisted, \
                       doubted, rests_until";

pub(super) fn all(connection: &Connection) -> Outcome<Vec<Account>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM accounts ORDER BY n"))?;
    let mut rows = statement.query([])?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        accounts.push(read(row)?);
    }
    Ok(accounts)
}

/// Adds an account, then its sealed managing key.
pub(super) fn add(
    connection: &Connection,
    account: &Account,
    managing: Option<&Sealed>,
    entry: Option<&Entry>,
) -> Outcome<()> {
    if let Some(entry) = entry {
        journal::append(connection, entry)?;
    }
    insert(connection, account)?;
    let Some(entry) = managing else { return Ok(()) };
    sealed::remember_managing(connection, &account.id, account.managing.as_ref(), entry)?;
    sealed::add(connection, number(connection, &account.id)?, entry)
}

/// Changes one thing of an account that is there.
pub(super) fn change(
    connection: &Connection,
    account: &AccountId,
    change: AccountChange<'_>,
    entry: Option<&Entry>,
) -> Outcome<bool> {
    let there = connection
        .prepare_cached("SELECT n FROM accounts WHERE id = ?")?
        .query_row([&account.0], |row| row.get::<_, i64>(0))
        .optional()?;
    let Some(number) = there else { return Ok(false) };
    if let Some(entry) = entry {
        journal::append(connection, entry)?;
    }
    match change {
        AccountChange::Freshness(freshness) => {
            let Fresh { word, since, read_at, reason, doubted, rests_until } = fresh(freshness);
            connection
                .prepare_cached(
                    "UPDATE accounts SET freshness = ?, stale_since = ?, read_at = ?, stale_reason = ?, doubted = ?,
                            rests_until = ? WHERE n = ?",
                )?
                .execute(params![word, since, read_at, reason, doubted, rests_until, number])?;
        }
        AccountChange::ManagingRow(row) => {
            connection
                .prepare_cached("UPDATE accounts SET managing_key = ? WHERE n = ? AND managing_key IS NULL")?
                .execute(params![row.0, number])?;
        }
        AccountChange::Managing(managing, entry) => {
            replace_managing(connection, number, account, managing, entry)?;
        }
        AccountChange::Address(address, entries) => {
            connection
                .prepare_cached("UPDATE accounts SET base_url = ? WHERE n = ?")?
                .execute(params![address, number])?;
            entries.iter().try_for_each(|entry| sealed::replace(connection, number, entry))?;
        }
        AccountChange::Details { label, base_url, settings, sealed: entries } => {
            if !entries.is_empty() {
                let under = sealed::of(connection, account)?;
                let same = under.len() == entries.len()
                    && entries.iter().all(|entry| under.iter().any(|it| it.purpose == entry.purpose));
                // What is being made at this moment will be sealed for the address that it was asked for at.
                if !same || operations::is_minting(connection, account)? {
                    return Err(Fault::Words(LedgerError::UnderWay));
                }
            }
            connection
                .prepare_cached("UPDATE accounts SET label = ?, base_url = ?, settings = ? WHERE n = ?")?
                .execute(params![label, base_url, codec::settings_json(settings)?, number])?;
            entries.iter().try_for_each(|entry| sealed::replace(connection, number, entry))?;
        }
        AccountChange::Refused(refused) => {
            let text: String = connection
                .prepare_cached("SELECT refused FROM accounts WHERE n = ?")?
                .query_row([number], |row| row.get(0))?;
            let mut all = codec::refused(&text)?;
            all.push(refused.clone());
            connection
                .prepare_cached("UPDATE accounts SET refused = ? WHERE n = ?")?
                .execute(params![codec::refused_json(&all)?, number])?;
        }
    }
    Ok(true)
}

/// From now on the account is managed with this key.
pub(super) fn replace_managing(
    connection: &Connection,
    number: i64,
    account: &AccountId,
    managing: &ManagingKey,
    entry: &Sealed,
) -> Outcome<()> {
    connection
        .prepare_cached("UPDATE accounts SET hint_prefix = ?, hint_suffix = ?, managing_key = ? WHERE n = ?")?
        .execute(params![
            managing.hint.prefix,
            managing.hint.suffix,
            managing.key.as_ref().map(|key| &key.0),
            number
        ])?;
    sealed::remember_managing(connection, account, Some(managing), entry)?;
    sealed::replace(connection, number, entry)
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
            unreadable.push(row.get(19)?);
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

/// How old the rows are, column by column.
struct Fresh<'a> {
    word: &'static str,
    since: Option<i64>,
    read_at: Option<i64>,
    reason: Option<&'a str>,
    doubted: bool,
    rests_until: Option<i64>,
}

fn fresh(freshness: &Freshness) -> Fresh<'_> {
    let plain =
        |word, read_at| Fresh { word, since: None, read_at, reason: None, doubted: false, rests_until: None };
    match freshness {
        Freshness::ByHand => plain("by_hand", None),
        Freshness::Unread => plain("unread", None),
        Freshness::Fresh { read_at } => plain("fresh", Some(codec::millis(*read_at))),
        Freshness::Stale { since, read_at, reason, doubted, rests_until } => Fresh {
            word: "stale",
            since: Some(codec::millis(*since)),
            read_at: read_at.map(codec::millis),
            reason: Some(reason),
            doubted: *doubted,
            rests_until: rests_until.map(codec::millis),
        },
    }
}

fn insert(connection: &Connection, account: &Account) -> Outcome<()> {
    let Fresh { word, since, read_at, reason, doubted, rests_until } = fresh(&account.freshness);
    let hint = account.managing.as_ref().map(|managing| &managing.hint);
    let places = vec!["?"; 19].join(", ");
    connection.prepare_cached(&format!("INSERT INTO accounts ({COLUMNS}) VALUES ({places})"))?.execute(
        params![
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
            since,
            read_at,
            reason,
            codec::refused_json(&account.refused_scopes)?,
            codec::settings_json(&account.settings)?,
            account.managing.is_none(),
            doubted,
            rests_until,
        ],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Outcome<Account> {
    let time =
        |index: usize| -> Outcome<_> { row.get::<_, Option<i64>>(index)?.map(codec::time).transpose() };
    let missing = || -> Fault { damaged("an account lacks a time") };
    let freshness = match (row.get_ref(10)?.as_str().map_err(rusqlite::Error::from)?, time(11)?, time(12)?) {
        ("by_hand", ..) => Freshness::ByHand,
        ("unread", ..) => Freshness::Unread,
        ("fresh", _, Some(read_at)) => Freshness::Fresh { read_at },
        ("stale", Some(since), read_at) => Freshness::Stale {
            since,
            read_at,
            reason: row.get::<_, Option<String>>(13)?.unwrap_or_default(),
            doubted: row.get(17)?,
            rests_until: time(18)?,
        },
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
