//! Sealed entries, and the fingerprints of what was ever sealed. Opens none: the key is elsewhere.

use std::collections::HashSet;

use keyturn_core::account::{AccountId, ManagingKey};
use keyturn_core::key::{KeyRef, VendorKeyId};
use keyturn_core::ports::{Fingerprint, Purpose, SealForm, Sealed};
use rusqlite::{Connection, OptionalExtension, Rows, params};

use super::fault::{Outcome, damaged, failed};

pub(super) fn get(connection: &Connection, purpose: &Purpose) -> Outcome<Option<Sealed>> {
    let found: Option<([u8; 24], Vec<u8>, u8)> = connection
        .prepare_cached("SELECT nonce, ciphertext, form FROM sealed WHERE id = ?")?
        .query_row([purpose.entry_id()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let sealed = |(nonce, ciphertext, number)| -> Outcome<Sealed> {
        Ok(Sealed { purpose: purpose.clone(), form: form(number)?, nonce, ciphertext, fingerprint: None })
    };
    found.map(sealed).transpose()
}

/// Everything that is sealed for an account.
pub(super) fn of(connection: &Connection, account: &AccountId) -> Outcome<Vec<Sealed>> {
    let mut statement = connection
        .prepare_cached("SELECT id FROM sealed WHERE account = (SELECT n FROM accounts WHERE id = ?)")?;
    let ids: Vec<String> =
        statement.query_map([&account.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut all = Vec::new();
    for id in ids {
        let purpose = Purpose::parse(&id).ok_or_else(|| damaged("a sealed entry is for nothing known"))?;
        all.extend(get(connection, &purpose)?);
    }
    Ok(all)
}

/// The same value, sealed in the present form instead of the first one.
pub(super) fn take_over(connection: &Connection, entry: &Sealed) -> Outcome<()> {
    connection
        .prepare_cached("UPDATE sealed SET nonce = ?, ciphertext = ?, form = ? WHERE id = ? AND form = 1")?
        .execute(params![
            entry.nonce.as_slice(),
            entry.ciphertext,
            number(entry.form),
            entry.purpose.entry_id()
        ])?;
    Ok(())
}

fn number(form: SealForm) -> u8 {
    match form {
        SealForm::First => 1,
        SealForm::Placed => 2,
    }
}

fn form(number: u8) -> Outcome<SealForm> {
    match number {
        1 => Ok(SealForm::First),
        2 => Ok(SealForm::Placed),
        _ => Err(damaged("a sealed entry's form is not one")),
    }
}

pub(super) fn any(connection: &Connection) -> Outcome<bool> {
    Ok(connection.query_row("SELECT EXISTS (SELECT 1 FROM sealed)", [], |row| row.get(0))?)
}

/// Remembers of which key a value was that is sealed now; stays when the entry is destroyed.
pub(super) fn remember(connection: &Connection, key: &KeyRef, entry: &Sealed) -> Outcome<()> {
    entry.fingerprint.as_ref().map_or(Ok(()), |print| put_fingerprint(connection, key, print))
}

/// The managing key's, also where its row is not known.
pub(super) fn remember_managing(
    connection: &Connection,
    account: &AccountId,
    managing: Option<&ManagingKey>,
    entry: &Sealed,
) -> Outcome<()> {
    let known = managing.and_then(|managing| managing.key.clone());
    let key = known.unwrap_or_else(|| VendorKeyId(String::new()));
    remember(connection, &KeyRef { account: account.clone(), key }, entry)
}

pub(super) fn put_fingerprint(connection: &Connection, key: &KeyRef, print: &Fingerprint) -> Outcome<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO fingerprints (fingerprint, account, key) VALUES (?, ?, ?)")?
        .execute(params![print.0.as_slice(), key.account.0, key.key.0])?;
    Ok(())
}

/// The keys whose values had one of these fingerprints.
pub(super) fn held_as(
    connection: &Connection,
    prints: &[Fingerprint],
) -> Outcome<Vec<(Fingerprint, KeyRef)>> {
    let wanted: HashSet<&Fingerprint> = prints.iter().collect();
    let kept: u32 = connection.query_row("SELECT count(*) FROM fingerprints", [], |row| row.get(0))?;
    let mut found = Vec::new();
    let mut take = |rows: &mut Rows<'_>| -> Outcome<()> {
        while let Some(row) = rows.next()? {
            let print = Fingerprint(row.get(0)?);
            if wanted.contains(&print) {
                let account = AccountId(row.get(1)?);
                found.push((print, KeyRef { account, key: VendorKeyId(row.get(2)?) }));
            }
        }
        Ok(())
    };
    // Of the two, the shorter list is gone through.
    if kept as usize <= wanted.len() {
        let mut all = connection.prepare_cached("SELECT fingerprint, account, key FROM fingerprints")?;
        take(&mut all.query([])?)?;
    } else {
        let mut one = connection
            .prepare_cached("SELECT fingerprint, account, key FROM fingerprints WHERE fingerprint = ?")?;
        for print in &wanted {
            take(&mut one.query([print.0.as_slice()])?)?;
        }
    }
    Ok(found)
}

/// A new managing key takes the place of the old one.
pub(super) fn replace(connection: &Connection, account: i64, entry: &Sealed) -> Outcome<()> {
    insert(
        connection,
        account,
        entry,
        "ON CONFLICT (id) DO UPDATE SET nonce = excluded.nonce, ciphertext = excluded.ciphertext, form = excluded.form",
    )
}

/// Never over another: an escrow that is there has not been acknowledged, and an adopted key not been forgotten.
pub(super) fn add(connection: &Connection, account: i64, entry: &Sealed) -> Outcome<()> {
    if get(connection, &entry.purpose)?.is_some() {
        return Err(failed("a secret is already sealed under this name"));
    }
    insert(connection, account, entry, "")
}

pub(super) fn destroy(connection: &Connection, purpose: &Purpose) -> Outcome<()> {
    connection.prepare_cached("DELETE FROM sealed WHERE id = ?")?.execute([purpose.entry_id()])?;
    Ok(())
}

fn insert(connection: &Connection, account: i64, entry: &Sealed, conflict: &str) -> Outcome<()> {
    let operation = match &entry.purpose {
        Purpose::Managing(_) | Purpose::Adopted(_) => None,
        Purpose::Escrow(operation) | Purpose::Predecessor(operation) => Some(&operation.0),
    };
    connection
        .prepare_cached(&format!(
            "INSERT INTO sealed (id, account, operation, nonce, ciphertext, form) VALUES (?, ?, ?, ?, ?, ?) {conflict}"
        ))?
        .execute(params![
            entry.purpose.entry_id(),
            account,
            operation,
            entry.nonce.as_slice(),
            entry.ciphertext,
            number(entry.form)
        ])?;
    Ok(())
}
