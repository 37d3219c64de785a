//! Lists without an end, for both kinds of paging: arrays with `skip` and `limit`, objects with a cursor.
//! Beyond the keys that exist follow copies of the first page, each with an id of its own, so that a client
//! that only watches for repetitions is not saved by them.

use axum::http::Uri;
use serde_json::{Value, json};
use uuid::Uuid;

/// What announces a next page, and what leads to it.
const MORE: [&str; 2] = ["hasMore", "has_more"];
const NEXT: [&str; 2] = ["nextCursor", "next_cursor"];

/// A cursor that no dialect made begins like this; the page's number follows.
const CURSOR: &str = "endless-";

/// A page size where the request names none.
const PAGE: usize = 50;

/// Where in a list a request wants to read, and the address of its first page.
pub(super) struct Place {
    skip: usize,
    limit: usize,
    /// Which page after the last real one, if the cursor is one of ours.
    beyond: Option<usize>,
    pub(super) first: Uri,
}

impl Place {
    pub(super) fn of(uri: &Uri) -> Self {
        let pairs = || uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let value = |name: &str| pairs().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let number = |name| value(name).and_then(|text| text.parse().ok());
        let kept: Vec<_> =
            pairs().filter(|pair| !pair.starts_with("skip=") && !pair.starts_with("cursor=")).collect();
        Self {
            skip: number("skip").unwrap_or(0),
            limit: number("limit").unwrap_or(PAGE),
            beyond: value("cursor").and_then(|cursor| cursor.strip_prefix(CURSOR)?.parse().ok()),
            // The path and the rest of the query came out of an address, and make one again.
            first: format!("{}?{}", uri.path(), kept.join("&")).parse().unwrap_or_else(|_| uri.clone()),
        }
    }

    /// Whether the dialect must be asked for its first page instead: the cursor means nothing to it.
    pub(super) fn is_beyond(&self) -> bool {
        self.beyond.is_some()
    }

    /// Makes a page that is never the last one. `first` is asked for when an array page is empty.
    pub(super) fn fill(&self, page: &mut Value, first: Option<Value>) {
        match page {
            Value::Array(items) => {
                let copied = match first {
                    Some(Value::Array(first)) => first,
                    _ => items.clone(),
                };
                for copy in copied.iter().cycle().take(self.limit.saturating_sub(items.len())) {
                    let mut copy = copy.clone();
                    rename(&mut copy, self.skip + items.len());
                    items.push(copy);
                }
            }
            Value::Object(fields) => {
                if let (Some(number), Some(Value::Array(items))) = (self.beyond, fields.get_mut("data")) {
                    let length = items.len();
                    for (place, item) in items.iter_mut().enumerate() {
                        rename(item, number * length + place);
                    }
                }
                announce(page, self.beyond);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// Gives a copy the id that belongs to its place.
fn rename(item: &mut Value, place: usize) {
    if let Some(id) = item.get_mut("id") {
        *id = json!(Uuid::from_u128(place as u128).to_string());
    }
}

/// Leads to a next page where a reply says that there is none, and from a page beyond the last always to the
/// next one of those.
fn announce(value: &mut Value, beyond: Option<usize>) {
    let Value::Object(fields) = value else { return };
    for (name, value) in fields {
        if MORE.contains(&name.as_str()) {
            *value = json!(true);
        } else if NEXT.contains(&name.as_str()) {
            if value.is_null() || beyond.is_some() {
                *value = json!(format!("{CURSOR}{}", beyond.unwrap_or(0) + 1));
            }
        } else {
            announce(value, beyond);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(uri: &str) -> Place {
        Place::of(&uri.parse().unwrap())
    }

    #[test]
    fn a_last_page_leads_on_with_a_cursor_that_is_understood() {
        let last = || json!({ "data": [{ "id": "a" }], "meta": { "hasMore": false, "nextCursor": null } });
        let mut page = last();
        place("/keys?limit=1").fill(&mut page, None);
        assert_eq!(page["data"][0]["id"], "a");
        assert_eq!(page["meta"], json!({ "hasMore": true, "nextCursor": "endless-1" }));
        let mut page = last();
        let beyond = place("/keys?cursor=endless-1&limit=1");
        assert_eq!((beyond.is_beyond(), beyond.first.to_string()), (true, "/keys?limit=1".to_owned()));
        beyond.fill(&mut page, None);
        assert_eq!(page["data"][0]["id"], "00000000-0000-0000-0000-000000000001");
        assert_eq!(page["meta"]["nextCursor"], "endless-2");
    }

    #[test]
    fn a_cursor_of_the_vendor_s_own_is_left_alone() {
        let there = place("/keys?cursor=b2xk");
        let mut page = json!({ "data": [], "hasMore": true, "nextCursor": "bmV4dA" });
        there.fill(&mut page, None);
        assert_eq!((there.is_beyond(), &page["nextCursor"]), (false, &json!("bmV4dA")));
    }
}
