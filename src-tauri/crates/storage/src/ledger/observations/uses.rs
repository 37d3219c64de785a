//! The days on which keys were used: a row a key and month, a bit a day.

use keyturn_core::key::KeyRef;
use keyturn_core::observed::{Day, Seen, UseLog, UseMonth};
use rusqlite::{Connection, params};

use super::super::codec;
use super::super::fault::Outcome;
use super::number;

/// Adds what two readings said of a key.
pub(in super::super) fn write(connection: &Connection, key: i64, seen: &Seen) -> Outcome<()> {
    let mut put = connection.prepare_cached(
        "INSERT INTO uses (key, month, used, known) VALUES (?, ?, ?, ?) ON CONFLICT (key, month)
         DO UPDATE SET used = used | excluded.used, known = known | excluded.known
         WHERE (used | excluded.used, known | excluded.known) IS NOT (used, known)",
    )?;
    for month in months(seen) {
        put.execute(params![key, month.month, month.used, month.known])?;
    }
    Ok(())
}

/// The days of a [`Seen`], by month.
fn months(seen: &Seen) -> Vec<UseMonth> {
    let mut months: Vec<UseMonth> = Vec::new();
    let mut add = |day: Day, used: bool| {
        let (number, place) = day.in_month();
        let bit = 1_u32 << place;
        let at = months.iter().position(|month| month.month == number).unwrap_or_else(|| {
            months.push(UseMonth { month: number, used: 0, known: 0 });
            months.len() - 1
        });
        months[at].known |= bit;
        if used {
            months[at].used |= bit;
        }
    };
    for day in &seen.used {
        add(*day, true);
    }
    if let Some((first, last)) = seen.unused {
        for day in first.until(last) {
            add(day, false);
        }
    }
    months
}

/// What is kept of one key; empty where it is gone.
pub(super) fn log(connection: &Connection, key: &KeyRef) -> Outcome<UseLog> {
    let Some(number) = number(connection, key)? else { return Ok(UseLog::default()) };
    let mut statement =
        connection.prepare_cached("SELECT month, used, known FROM uses WHERE key = ? ORDER BY month")?;
    let months = statement
        .query_map([number], |row| {
            Ok(UseMonth { month: row.get(0)?, used: row.get(1)?, known: row.get(2)? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let (since, read_at): (Option<i64>, Option<i64>) = connection
        .prepare_cached("SELECT observed_since, read_at FROM accounts WHERE id = ?")?
        .query_row([&key.account.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(UseLog {
        months,
        observed_since: since.map(codec::time).transpose()?,
        read_at: read_at.map(codec::time).transpose()?,
    })
}
