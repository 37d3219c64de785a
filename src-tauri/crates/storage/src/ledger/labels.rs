//! Labels: a person's own words, kept by account and vendor's id.

use std::collections::{HashMap, HashSet};

use keyturn_core::key::{KeyRef, VendorKeyId};
use keyturn_core::label::Label;
use keyturn_core::ports::Relabelled;
use rusqlite::{Connection, OptionalExtension, params};

use super::fault::{Outcome, damaged};
use super::tags::LABEL;
use super::{accounts, journal};

/// The labels of every key that has some, by the account's number and the vendor's id.
pub(super) type Labelled = HashMap<(i64, String), Vec<Label>>;

pub(super) fn all(connection: &Connection) -> Outcome<Labelled> {
    let mut statement =
        connection.prepare_cached("SELECT account, key, label FROM labels ORDER BY account, key, n")?;
    let mut rows = statement.query([])?;
    let mut labelled = Labelled::new();
    while let Some(row) = rows.next()? {
        labelled.entry((row.get(0)?, row.get(1)?)).or_default().push(label(&row.get::<_, String>(2)?)?);
    }
    for labels in labelled.values_mut() {
        in_order(labels);
    }
    Ok(labelled)
}

/// Each once, in the spelling that was there first.
pub(super) fn known(connection: &Connection) -> Outcome<Vec<Label>> {
    let mut statement = connection.prepare_cached(
        "SELECT l.label FROM labels l JOIN listed k ON k.account = l.account AND k.id = l.key
         UNION ALL SELECT label FROM policies WHERE label IS NOT NULL",
    )?;
    let mut rows = statement.query([])?;
    let mut known = Vec::new();
    while let Some(row) = rows.next()? {
        known.push(label(&row.get::<_, String>(0)?)?);
    }
    known.sort();
    known.dedup();
    Ok(known)
}

/// The key's name and labels; `None` where there is no such key.
pub(super) fn of(connection: &Connection, key: &KeyRef) -> Outcome<Option<(String, Vec<Label>)>> {
    let found: Option<(i64, String)> = connection
        .prepare_cached(
            "SELECT a.n, k.name FROM listed k JOIN accounts a ON a.n = k.account WHERE a.id = ? AND k.id = ?",
        )?
        .query_row([&key.account.0, &key.key.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((account, name)) = found else { return Ok(None) };
    let mut statement =
        connection.prepare_cached("SELECT label FROM labels WHERE account = ? AND key = ? ORDER BY n")?;
    let mut rows = statement.query(params![account, key.key.0])?;
    let mut labels = Vec::new();
    while let Some(row) = rows.next()? {
        labels.push(label(&row.get::<_, String>(0)?)?);
    }
    in_order(&mut labels);
    Ok(Some((name, labels)))
}

/// The key's labels that bear Keyturn's mark.
pub(super) fn own(connection: &Connection, key: &KeyRef) -> Outcome<Vec<Label>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT l.label FROM labels l JOIN accounts a ON a.n = l.account
         WHERE a.id = ? AND l.key = ? AND is_own(l.tag, {LABEL}) ORDER BY l.n"
    ))?;
    let mut rows = statement.query([&key.account.0, &key.key.0])?;
    let mut labels = Vec::new();
    while let Some(row) = rows.next()? {
        labels.push(label(&row.get::<_, String>(0)?)?);
    }
    in_order(&mut labels);
    Ok(labels)
}

/// Folded, the key's labels that somebody else put there.
fn foreign(connection: &Connection, key: &KeyRef) -> Outcome<HashSet<String>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT l.label FROM labels l JOIN accounts a ON a.n = l.account
         WHERE a.id = ? AND l.key = ? AND NOT is_own(l.tag, {LABEL})"
    ))?;
    let labels = statement.query_map([&key.account.0, &key.key.0], |row| row.get::<_, String>(0))?;
    // As a label is folded now, and not as it was when the row was written.
    labels.map(|text| Ok(label(&text?)?.folded())).collect()
}

/// The journal's entry, then the key's labels as they are to be. One that somebody else put there becomes ours only when
/// it is taken off and put on again.
pub(super) fn put(connection: &Connection, change: &Relabelled) -> Outcome<()> {
    journal::append(connection, &change.entry)?;
    let account = accounts::number(connection, &change.key.account)?;
    let foreign = foreign(connection, &change.key)?;
    connection
        .prepare_cached("DELETE FROM labels WHERE account = ? AND key = ?")?
        .execute(params![account, change.key.key.0])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO labels (account, key, folded, label, tag)
         VALUES (?1, ?2, ?3, ?4, CASE WHEN ?5 THEN x'' ELSE tag_if_open('label', ?6, ?2, ?3) END)",
    )?;
    for label in &change.labels {
        let (folded, owner) = (label.folded(), &change.key.account.0);
        let is_foreign = foreign.contains(&folded);
        insert.execute(params![account, change.key.key.0, folded, label.as_str(), is_foreign, owner])?;
    }
    Ok(())
}

/// A successor is for the same purpose as the key that it replaces.
pub(super) fn inherit(
    connection: &Connection,
    account: i64,
    from: &VendorKeyId,
    to: &VendorKeyId,
) -> Outcome<()> {
    connection
        .prepare_cached(&format!(
            "INSERT OR IGNORE INTO labels (account, key, folded, label, tag)
             SELECT l.account, ?3, l.folded, l.label,
                    CASE WHEN is_own(l.tag, {LABEL}) THEN tag_if_open('label', a.id, ?3, l.folded) ELSE x'' END
             FROM labels l JOIN accounts a ON a.n = l.account WHERE l.account = ?1 AND l.key = ?2"
        ))?
        .execute(params![account, from.0, to.0])?;
    Ok(())
}

/// As labels stand, each once: rows may be of a time when labels were told apart otherwise.
fn in_order(labels: &mut Vec<Label>) {
    labels.sort();
    labels.dedup();
}

pub(super) fn label(text: &str) -> Outcome<Label> {
    Label::parse(text).map_err(|_| damaged("a label is not one"))
}
