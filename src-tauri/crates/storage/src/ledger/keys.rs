//! Key rows, written one at a time. Whole readings are merged in `merge`; all reading is in `rows`.

use keyturn_core::account::AccountId;
use keyturn_core::journal::Entry;
use keyturn_core::key::{KeyRecord, KeyRef, Scope};
use keyturn_core::ports::{Purpose, Sealed};
use rusqlite::{Connection, OptionalExtension, params};

use super::fault::Outcome;
use super::{accounts, codec, journal, sealed};

/// The columns of a record, in the order in which it is read and written.
pub(super) const COLUMNS: &str = "id, name, hint_prefix, hint_suffix, environment, scopes, status, status_at, \
                                  created_at, expires_at, last_use, last_use_at, creator, checked_at, checked_alive";

/// Adds or replaces one row as this application itself changed it: that is never "outside". The journal's entry that
/// names the key stands before it in the same transaction: by that a reading knows that the row is newer.
pub(super) fn put(connection: &Connection, account: &AccountId, record: &KeyRecord) -> Outcome<()> {
    let number = accounts::number(connection, account)?;
    let set = scope_set(connection, &record.scopes)?;
    let updates = COLUMNS.split(", ").map(|column| format!("{column} = excluded.{column}"));
    let (status, status_at) = codec::status_word(&record.status);
    let (last_use, last_use_at) = codec::last_use_word(&record.last_use);
    connection
        .prepare_cached(&format!(
            "INSERT INTO keys ({COLUMNS}, account) VALUES ({}) ON CONFLICT (account, id)
             DO UPDATE SET {}, unlisted_since = iif(gone_at IS NULL, unlisted_since, NULL), gone_at = NULL",
            vec!["?"; 16].join(", "),
            updates.collect::<Vec<_>>().join(", ")
        ))?
        .execute(params![
            record.id.0,
            record.name,
            record.hint.prefix,
            record.hint.suffix,
            codec::environment_word(&record.environment),
            set,
            status,
            status_at,
            record.created_at.map(codec::millis),
            codec::timestamp_number(record.expires),
            last_use,
            last_use_at,
            record.creator,
            record.checked.map(|checked| codec::millis(checked.at)),
            record.checked.map(|checked| checked.alive),
            number,
        ])?;
    Ok(())
}

/// The same key as other accounts of the vendor list it.
pub(super) fn twins(connection: &Connection, account: i64, key: &KeyRef) -> Outcome<Vec<KeyRef>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT b.id FROM accounts a {BESIDE} JOIN keys own ON own.account = a.n AND own.id = ?2
         JOIN listed k ON k.account = b.n AND k.id = own.id
            AND k.hint_prefix = own.hint_prefix AND k.hint_suffix = own.hint_suffix WHERE a.n = ?1"
    ))?;
    let accounts = statement.query_map(params![account, key.key.0], |row| row.get(0))?;
    let twin = |id| Ok(KeyRef { account: AccountId(id?), key: key.key.clone() });
    accounts.map(twin).collect()
}

/// Which accounts list keys of this one as well, and how many.
pub(super) fn shared(connection: &Connection, account: &AccountId) -> Outcome<Vec<(AccountId, usize)>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT b.id, count(*) FROM accounts a {BESIDE} JOIN listed own ON own.account = a.n
         JOIN listed k ON k.account = b.n AND k.id = own.id
            AND k.hint_prefix = own.hint_prefix AND k.hint_suffix = own.hint_suffix
         WHERE a.id = ? GROUP BY b.n ORDER BY b.n"
    ))?;
    let rows = statement
        .query_map([&account.0], |row| Ok((AccountId(row.get(0)?), row.get::<_, u32>(1)? as usize)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Other accounts of the same vendor, which may call it by another name of its address.
const BESIDE: &str = "JOIN accounts b ON b.vendor = a.vendor AND b.n <> a.n";

pub(super) fn put_with_entry(
    connection: &Connection,
    account: &AccountId,
    record: &KeyRecord,
    entry: &Entry,
) -> Outcome<()> {
    journal::append_for(connection, entry, Some(&record.hint))?;
    put(connection, account, record)
}

/// Rows of keys whose values nobody gave.
pub(super) fn import(
    connection: &Connection,
    account: &AccountId,
    rows: &[(KeyRecord, Entry)],
) -> Outcome<()> {
    rows.iter().try_for_each(|(record, entry)| put_with_entry(connection, account, record, entry))
}

/// A new key of an assisted account, with its value.
pub(super) fn adopt(
    connection: &Connection,
    account: &AccountId,
    record: &KeyRecord,
    entry_sealed: &Sealed,
    entry: &Entry,
) -> Outcome<()> {
    let key = KeyRef { account: account.clone(), key: record.id.clone() };
    sealed::remember(connection, &key, entry_sealed)?;
    put_with_entry(connection, account, record, entry)?;
    sealed::add(connection, accounts::number(connection, account)?, entry_sealed)
}

/// An adopted key's value goes with its row.
pub(super) fn remove(connection: &Connection, key: &KeyRef, entry: &Entry) -> Outcome<()> {
    journal::append(connection, entry)?;
    connection
        .prepare_cached(
            "DELETE FROM keys WHERE id = ?2 AND account = (SELECT n FROM accounts WHERE id = ?1)",
        )?
        .execute([&key.account.0, &key.key.0])?;
    sealed::destroy(connection, &Purpose::Adopted(key.clone()))
}

/// The number of a set of scopes; kept once, however many keys have it.
pub(super) fn scope_set(connection: &Connection, scopes: &[Scope]) -> Outcome<i64> {
    let text = codec::scopes_json(scopes)?;
    let known = connection
        .prepare_cached("SELECT n FROM scope_sets WHERE scopes = ?")?
        .query_row([&text], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    Ok(connection
        .prepare_cached("INSERT INTO scope_sets (scopes) VALUES (?) RETURNING n")?
        .query_row([&text], |row| row.get(0))?)
}
