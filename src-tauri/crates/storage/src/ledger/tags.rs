//! Tags of rows and the signature of the journal's end, as functions that this application's own statements call.
//!
//! What is tagged: everything that makes Keyturn act by itself. A row that is over bears no tag.

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::fault::Outcome;
use crate::vault::{Authenticator, Field, Head, Tag};

/// What SQLite says where a tag is needed and the vault was never opened.
pub(super) const CLOSED: &str = "keyturn: the vault must be opened first";

/// An operation's row, over its own columns and its account's.
pub(super) const OPERATION: &str = "'operation', o.id, a.id, o.intent, o.stage, o.detail";
pub(super) const BATCH: &str = "'batch', b.id, b.deed, b.state";
pub(super) const ITEM: &str = "'item', b.id, i.number, i.account, i.key, i.state, i.tries";
/// A policy that rotates by itself.
pub(super) const POLICY: &str = "'policy', p.id, a.id, p.label, p.max_age, p.alone";
pub(super) const LABEL: &str = "'label', a.id, l.key, l.folded";

/// Gives a connection these functions:
/// `tag(kind, …)`, which fails while the vault was never open; `tag_if_open(kind, …)`, which is NULL then;
/// `is_own(tag, kind, …)`, which takes everything on trust then; `signs()`, `head_key()` and
/// `head_signature(seq, from, hash)`.
pub(super) fn give(connection: &Connection, authenticator: &Arc<Authenticator>) -> Outcome<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    let own = Arc::clone(authenticator);
    connection.create_scalar_function("tag", -1, flags, move |context| {
        let tag = tag(&own, context, 0);
        tag.map(Vec::from).ok_or_else(|| rusqlite::Error::UserFunctionError(CLOSED.into()))
    })?;
    let own = Arc::clone(authenticator);
    connection.create_scalar_function("tag_if_open", -1, flags, move |context| {
        Ok(tag(&own, context, 0).map(Vec::from))
    })?;
    let own = Arc::clone(authenticator);
    connection.create_scalar_function("is_own", -1, flags, move |context| {
        let Some(tag) = tag(&own, context, 1) else { return Ok(true) };
        Ok(matches!(context.get_raw(0), ValueRef::Blob(there) if is_same(there, &tag)))
    })?;
    let own = Arc::clone(authenticator);
    connection.create_scalar_function("signs", 0, flags, move |_| Ok(own.signs()))?;
    let own = Arc::clone(authenticator);
    connection.create_scalar_function("head_key", 0, flags, move |_| Ok(own.public_key().map(Vec::from)))?;
    let own = Arc::clone(authenticator);
    connection.create_scalar_function("head_signature", 3, flags, move |context| {
        let head = Head { seq: context.get(0)?, from: context.get(1)?, hash: context.get(2)? };
        Ok(own.sign_head(head).map(Vec::from))
    })?;
    Ok(())
}

/// The tag over the arguments from `first` on.
fn tag(authenticator: &Authenticator, context: &Context<'_>, first: usize) -> Option<Tag> {
    authenticator.tag((first..context.len()).map(|index| match context.get_raw(index) {
        ValueRef::Null => Field::Null,
        ValueRef::Integer(number) => Field::Integer(number),
        ValueRef::Text(text) => Field::Text(text),
        // Another type than any column of ours has: no row of ours is tagged like this.
        ValueRef::Real(_) | ValueRef::Blob(_) => Field::Text(b"not a value of a ledger"),
    }))
}

fn is_same(there: &[u8], tag: &Tag) -> bool {
    there.len() == tag.len() && there.iter().zip(tag).fold(0, |odd, (a, b)| odd | (a ^ b)) == 0
}
