//! Search by the application's own rule, as a function that its statements call: SQLite's own LIKE knows capitals of ASCII
//! only.

use keyturn_core::name;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use super::fault::Outcome;

/// Gives a connection `holds(term, text, …)`: whether any of the texts holds the term, which is in the form of search.
pub(super) fn give(connection: &Connection) -> Outcome<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("holds", -1, flags, |context| {
        let term = context.get_raw(0).as_str()?;
        // What is no text holds nothing.
        let texts = (1..context.len()).filter_map(|index| context.get_raw(index).as_str().ok());
        Ok(texts.into_iter().any(|text| name::holds(text, term)))
    })?;
    Ok(())
}
