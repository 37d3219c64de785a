//! Acts on many keys, as the ledger keeps them. Knows nothing of what is done to a key.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use keyturn_core::account::AccountId;
use keyturn_core::authenticity::{CHANGED, disowned_batch};
use keyturn_core::batch::{
    Batch, BatchId, BatchState, Counts, Deed, FoundItem, Item, ItemKind, ItemState, Standing,
};
use keyturn_core::flows::Choice;
use keyturn_core::key::{Hint, KeyRef, VendorKeyId};
use keyturn_core::ports::{Batches, LedgerError};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::fault::{Outcome, damaged, failed};
use super::tags::{BATCH, ITEM as TAGGED};
use super::{SqliteLedger, codec};

/// Whether the operation of an item's present try exists; see [`Item::operation`].
const BEGUN: &str = "EXISTS (SELECT 1 FROM operations o WHERE o.id = b.id || '.' || i.number ||
                     CASE WHEN i.tries > 0 THEN '.' || i.tries ELSE '' END)";

const ITEM: &str =
    "i.number, i.account, i.key, i.name, i.hint_prefix, i.hint_suffix, i.state, i.words, i.tries,
                    i.not_before";

#[async_trait]
impl Batches for SqliteLedger {
    async fn put_batch(&self, batch: &Batch, items: &[Item]) -> Result<(), LedgerError> {
        self.writer.write(|tx| put(tx, batch, items)).await
    }

    async fn batch(&self, id: &BatchId) -> Result<Option<Standing>, LedgerError> {
        self.reader.read(|tx| Ok(select(tx, "b.id = ?", &id.0)?.pop())).await
    }

    async fn batches(&self, since: DateTime<Utc>) -> Result<Vec<Standing>, LedgerError> {
        let since = codec::millis(since);
        self.reader.read(|tx| select(tx, "b.ended_at IS NULL OR b.ended_at >= ?", &since)).await
    }

    async fn move_batch(
        &self,
        id: &BatchId,
        from: BatchState,
        to: BatchState,
        ended_at: Option<DateTime<Utc>>,
    ) -> Result<bool, LedgerError> {
        let sql = format!(
            "UPDATE batches AS b SET state = ?3, ended_at = ?4, tag = CASE WHEN ?4 IS NULL THEN tag('batch', id, deed, ?3) END
             WHERE id = ?1 AND state = ?2 AND ended_at IS NULL AND is_own(tag, {BATCH})"
        );
        let (from, to, ended_at) = (state_word(from), state_word(to), ended_at.map(codec::millis));
        self.writer.write(|tx| Ok(tx.execute(&sql, params![id.0, from, to, ended_at])? == 1)).await
    }

    async fn open_items(&self, id: &BatchId) -> Result<Vec<FoundItem>, LedgerError> {
        let own = format!("i.state = 'open' AND is_own(i.tag, {TAGGED})");
        self.reader.read(|tx| items(tx, id, &own, (0, usize::MAX))).await
    }

    async fn items(
        &self,
        id: &BatchId,
        kind: Option<ItemKind>,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<FoundItem>, usize), LedgerError> {
        self.reader
            .read(|tx| {
                let condition = condition(kind);
                let sql = format!(
                    "SELECT count(*) FROM batch_items i JOIN batches b ON b.n = i.batch WHERE b.id = ? AND {condition}"
                );
                let total: u32 = tx.prepare_cached(&sql)?.query_row([&id.0], |row| row.get(0))?;
                Ok((items(tx, id, &condition, (offset, limit))?, total as usize))
            })
            .await
    }

    async fn put_items(&self, id: &BatchId, items: &[Item]) -> Result<(), LedgerError> {
        self.writer.write(|tx| items.iter().try_for_each(|item| update(tx, id, item))).await
    }
}

fn put(connection: &Connection, batch: &Batch, items: &[Item]) -> Outcome<()> {
    let number: i64 = connection
        .prepare_cached(
            "INSERT INTO batches (id, deed, state, started_at, ended_at, tag)
             VALUES (?1, ?2, ?3, ?4, ?5, CASE WHEN ?5 IS NULL THEN tag('batch', ?1, ?2, ?3) END) RETURNING n",
        )?
        .query_row(
            params![
                batch.id.0,
                deed_word(batch.deed),
                state_word(batch.state),
                codec::millis(batch.started_at),
                batch.ended_at.map(codec::millis),
            ],
            |row| row.get(0),
        )?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO batch_items (batch, number, account, key, name, hint_prefix, hint_suffix, state, words, tries,
                                  not_before, tag)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
                 CASE WHEN ?8 = 'open' THEN tag('item', ?12, ?2, ?3, ?4, ?8, ?10) END)",
    )?;
    for item in items {
        let (state, words) = item_words(&item.state);
        insert.execute(params![
            number,
            item.number,
            item.key.account.0,
            item.key.key.0,
            item.name,
            item.hint.prefix,
            item.hint.suffix,
            state,
            words,
            item.tries,
            item.not_before.map(codec::millis),
            batch.id.0,
        ])?;
    }
    Ok(())
}

fn update(connection: &Connection, id: &BatchId, item: &Item) -> Outcome<()> {
    let (state, words) = item_words(&item.state);
    let known = connection
        .prepare_cached(
            "UPDATE batch_items SET state = ?1, words = ?2, tries = ?3, not_before = ?4,
                tag = CASE WHEN ?1 = 'open' THEN tag('item', ?5, number, account, key, ?1, ?3) END
             WHERE batch = (SELECT n FROM batches WHERE id = ?5) AND number = ?6",
        )?
        .execute(params![state, words, item.tries, item.not_before.map(codec::millis), id.0, item.number])?;
    if known == 1 { Ok(()) } else { Err(failed("there is no such item of a batch")) }
}

fn select(connection: &Connection, condition: &str, value: &dyn rusqlite::ToSql) -> Outcome<Vec<Standing>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT b.id, b.deed, b.state, b.started_at, b.ended_at,
                count(*) FILTER (WHERE i.state = 'open' AND NOT {BEGUN}),
                count(*) FILTER (WHERE i.state = 'open' AND {BEGUN}),
                count(*) FILTER (WHERE i.state = 'done'), count(*) FILTER (WHERE i.state = 'failed'),
                count(*) FILTER (WHERE i.state = 'skipped'), max(i.not_before),
                b.ended_at IS NOT NULL OR is_own(b.tag, {BATCH})
         FROM batches b LEFT JOIN batch_items i ON i.batch = b.n WHERE {condition} GROUP BY b.n ORDER BY b.n DESC"
    ))?;
    let mut rows = statement.query([value])?;
    let mut standings = Vec::new();
    while let Some(row) = rows.next()? {
        let count = |index| Ok::<_, rusqlite::Error>(row.get::<_, u32>(index)? as usize);
        let batch = Batch {
            id: BatchId(row.get(0)?),
            deed: deed(&row.get::<_, String>(1)?)?,
            state: state(&row.get::<_, String>(2)?)?,
            started_at: codec::time(row.get(3)?)?,
            ended_at: row.get::<_, Option<i64>>(4)?.map(codec::time).transpose()?,
        };
        standings.push(Standing {
            batch: if row.get(11)? { batch } else { disowned_batch(batch) },
            counts: Counts {
                waiting: count(5)?,
                running: count(6)?,
                done: count(7)?,
                failed: count(8)?,
                skipped: count(9)?,
            },
            not_before: row.get::<_, Option<i64>>(10)?.map(codec::time).transpose()?,
        });
    }
    Ok(standings)
}

fn condition(kind: Option<ItemKind>) -> String {
    match kind {
        None => "true".to_owned(),
        Some(ItemKind::Waiting) => format!("i.state = 'open' AND NOT {BEGUN}"),
        Some(ItemKind::Running) => format!("i.state = 'open' AND {BEGUN}"),
        Some(ItemKind::Done) => "i.state = 'done'".to_owned(),
        Some(ItemKind::Failed) => "i.state = 'failed'".to_owned(),
        Some(ItemKind::Skipped) => "i.state = 'skipped'".to_owned(),
    }
}

fn items(
    connection: &Connection,
    id: &BatchId,
    condition: &str,
    (offset, limit): (usize, usize),
) -> Outcome<Vec<FoundItem>> {
    let number: Option<i64> = connection
        .prepare_cached("SELECT n FROM batches WHERE id = ?")?
        .query_row([&id.0], |row| row.get(0))
        .optional()?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {ITEM}, {BEGUN}, i.state <> 'open' OR is_own(i.tag, {TAGGED}) FROM batch_items i JOIN batches b ON b.n = i.batch
         WHERE i.batch = ? AND {condition} ORDER BY i.number LIMIT ? OFFSET ?"
    ))?;
    let bound = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![number, bound(limit), bound(offset)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(FoundItem { item: item(row)?, begun: row.get(10)? });
    }
    Ok(found)
}

fn item(row: &Row<'_>) -> Outcome<Item> {
    let words = || Ok::<String, rusqlite::Error>(row.get::<_, Option<String>>(7)?.unwrap_or_default());
    Ok(Item {
        number: row.get(0)?,
        key: KeyRef { account: AccountId(row.get(1)?), key: VendorKeyId(row.get(2)?) },
        name: row.get(3)?,
        hint: Hint { prefix: row.get(4)?, suffix: row.get(5)? },
        state: match row.get::<_, String>(6)?.as_str() {
            "open" if row.get(11)? => ItemState::Open,
            "open" => ItemState::Skipped(CHANGED.into()),
            "done" => ItemState::Done,
            "failed" => ItemState::Failed(words()?),
            "skipped" => ItemState::Skipped(words()?),
            _ => return Err(damaged("the state of a batch's item is not one")),
        },
        tries: row.get(8)?,
        not_before: row.get::<_, Option<i64>>(9)?.map(codec::time).transpose()?,
    })
}

fn item_words(state: &ItemState) -> (&'static str, Option<&str>) {
    match state {
        ItemState::Open => ("open", None),
        ItemState::Done => ("done", None),
        ItemState::Failed(words) => ("failed", Some(words)),
        ItemState::Skipped(words) => ("skipped", Some(words)),
    }
}

fn state_word(state: BatchState) -> &'static str {
    match state {
        BatchState::Running => "running",
        BatchState::Paused => "paused",
        BatchState::Stopped => "stopped",
        BatchState::Done => "done",
    }
}

fn state(word: &str) -> Outcome<BatchState> {
    Ok(match word {
        "running" => BatchState::Running,
        "paused" => BatchState::Paused,
        "stopped" => BatchState::Stopped,
        "done" => BatchState::Done,
        _ => return Err(damaged("a batch's state is not one")),
    })
}

/// `revoke`, or the choice of a rotation.
fn deed_word(deed: Deed) -> &'static str {
    match deed {
        Deed::Revoke => "revoke",
        Deed::Rotate(choice) => choice.word(),
    }
}

fn deed(word: &str) -> Outcome<Deed> {
    if word == "revoke" {
        return Ok(Deed::Revoke);
    }
    Choice::parse(word).map(Deed::Rotate).ok_or_else(|| damaged("what a batch does is not known"))
}
