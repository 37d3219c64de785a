//! The views of the list that a person saved, kept in the ledger as JSON of the wire's own type.

use keyturn_core::error::FlowError;
use keyturn_core::ports::Ledger;
use keyturn_wire::list::KeyQuery;
use keyturn_wire::views::{SavedViewInput, SavedViewView};
use serde_json::Value;

const NAME: &str = "views";

/// Most views that are kept.
const MOST: usize = 100;

/// The longest name, in characters.
const LONGEST: usize = 80;

/// In the order in which they were saved.
pub(crate) async fn all(ledger: &dyn Ledger) -> Result<Vec<SavedViewView>, FlowError> {
    let Some(json) = ledger.setting(NAME).await? else { return Ok(Vec::new()) };
    let stored: Vec<Value> = serde_json::from_str(&json).map_err(|error| unreadable(&error))?;
    stored
        .into_iter()
        .map(|view| serde_json::from_value(filled(view)).map_err(|error| unreadable(&error)))
        .collect()
}

/// Adds a view, or replaces the one that has the id.
pub(crate) async fn save(
    ledger: &dyn Ledger,
    wanted: SavedViewInput,
    fresh_id: String,
) -> Result<SavedViewView, FlowError> {
    let name = wanted.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST {
        return Err(FlowError::NotAllowed(format!("Give the view a name of 1 to {LONGEST} characters.")));
    }
    let mut views = all(ledger).await?;
    let view = SavedViewView {
        id: wanted.id.unwrap_or(fresh_id),
        name,
        query: wanted.query,
        columns: wanted.columns,
    };
    let full = views.len() >= MOST;
    match views.iter_mut().find(|known| known.id == view.id) {
        Some(known) => *known = view.clone(),
        None if full => {
            return Err(FlowError::NotAllowed(format!("There are {MOST} views already. Remove one first.")));
        }
        None => views.push(view.clone()),
    }
    put(ledger, &views).await?;
    Ok(view)
}

/// Removes a view; one that is gone already is no fault.
pub(crate) async fn remove(ledger: &dyn Ledger, id: &str) -> Result<(), FlowError> {
    let mut views = all(ledger).await?;
    views.retain(|view| view.id != id);
    put(ledger, &views).await
}

async fn put(ledger: &dyn Ledger, views: &[SavedViewView]) -> Result<(), FlowError> {
    let json = serde_json::to_string(views).map_err(|error| unreadable(&error))?;
    Ok(ledger.put_setting(NAME, &json).await?)
}

/// A query that was stored before it had all its filters gets the others empty.
fn filled(mut view: Value) -> Value {
    if let (Ok(Value::Object(whole)), Some(Value::Object(query))) =
        (serde_json::to_value(KeyQuery::default()), view.get_mut("query"))
    {
        for (name, value) in whole {
            query.entry(name).or_insert(value);
        }
    }
    view
}

fn unreadable(error: &serde_json::Error) -> FlowError {
    FlowError::NotAllowed(format!("The saved views could not be read or written: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_of_an_older_version_is_read_with_its_missing_filters_empty() {
        let old = serde_json::json!({
            "id": "view-1", "name": "Live", "columns": ["name"], "query": { "search": "live", "sort": "created" }
        });
        let view: SavedViewView = serde_json::from_value(filled(old)).unwrap();
        assert_eq!(view.query.search, "live");
        assert_eq!(view.query.accounts, Vec::<String>::new());
    }
}
