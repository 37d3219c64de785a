//! Lists that do not show what there is. A list is an array of keys, alone or in `data`; a key is what has scopes or a
//! name of its own beside an id.

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};
use icu_normalizer::DecomposingNormalizerBorrowed;
use serde_json::Value;

use super::kinds::{Fault, TimeForm};
use super::spoil;

/// What a key is called, at one vendor or another.
const NAMES: [&str; 2] = ["name", "key_name"];
/// Five and a half hours east, where times in lists are moved to.
const EAST: i32 = 19_800;

/// The rows of a list of keys; `None` where the reply is none, or shows none.
pub(super) fn rows(reply: &mut Value) -> Option<&mut Vec<Value>> {
    let rows = match reply {
        Value::Array(rows) => rows,
        Value::Object(fields) => fields.get_mut("data")?.as_array_mut()?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    rows.first().is_some_and(is_key).then_some(rows)
}

fn is_key(row: &Value) -> bool {
    let fields = row.get("attributes").unwrap_or(row);
    row.get("id").is_some() && (fields.get("scopes").is_some() || fields.get("key_name").is_some())
}

/// What each of the faults makes of the rows. `own` is the id of the key that asks.
pub(super) fn change(fault: &Fault, rows: &mut Vec<Value>, own: Option<&str>) {
    let is_own = |row: &Value| own.is_some_and(|own| row["id"] == own);
    match fault {
        Fault::MissingRow => drop(rows.pop()),
        Fault::EmptyList => rows.clear(),
        Fault::OwnRowOnly => rows.retain(is_own),
        Fault::RepeatedRow => rows.insert(0, rows[0].clone()),
        Fault::WrongOwnHint => rows.iter_mut().filter(|row| is_own(row)).for_each(spoil::mistake),
        _ => {}
    }
}

/// Writes every name as vendors do that tidy them.
pub(super) fn rename(reply: &mut Value) {
    each_row(reply, &mut |name, value| {
        if let (true, Value::String(text)) = (NAMES.contains(&name), value) {
            let width = |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
            *text = text.chars().filter(width).collect::<String>().trim().to_lowercase();
        }
    });
}

/// Writes every time in another zone, and moves it.
pub(super) fn move_times(reply: &mut Value, minutes: i32) {
    let moved = |text: &str| {
        let at = DateTime::parse_from_rfc3339(text).ok()?;
        let at = at.checked_add_signed(TimeDelta::minutes(minutes.into()))?;
        Some(at.with_timezone(&FixedOffset::east_opt(EAST)?).to_rfc3339_opts(SecondsFormat::Secs, false))
    };
    each_row(reply, &mut |name, value| {
        if let (true, Value::String(text)) = (is_time(name), value) {
            *text = moved(text).unwrap_or_else(|| text.clone());
        }
    });
}

/// Writes every time in another form.
pub(super) fn write_times(reply: &mut Value, form: TimeForm) {
    each_row(reply, &mut |name, value| {
        if !is_time(name) {
            return;
        }
        if form == TimeForm::Zero {
            if value.is_null() {
                *value = Value::from("0001-01-01T00:00:00Z");
            }
            return;
        }
        let at = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        if let Some(at) = at.map(|at| at.to_utc()) {
            *value = written(at, form);
        }
    });
}

fn written(at: DateTime<Utc>, form: TimeForm) -> Value {
    let formatted = |format| Value::from(at.format(format).to_string());
    match form {
        TimeForm::Spaced => formatted("%Y-%m-%d %H:%M:%S"),
        TimeForm::CompactZone => formatted("%Y-%m-%dT%H:%M:%S+0000"),
        TimeForm::Mail => formatted("%a, %d %b %Y %H:%M:%S GMT"),
        TimeForm::Seconds => Value::from(at.timestamp()),
        TimeForm::Milliseconds => Value::from(at.timestamp_millis().to_string()),
        TimeForm::Day => formatted("%Y-%m-%d"),
        TimeForm::Zero => Value::from(at.to_rfc3339()),
    }
}

/// Writes every name with each accent as a character of its own.
pub(super) fn decompose(reply: &mut Value) {
    each_row(reply, &mut |name, value| {
        if let (true, Value::String(text)) = (NAMES.contains(&name), value) {
            *text = DecomposingNormalizerBorrowed::new_nfd().normalize(text).into_owned();
        }
    });
}

/// Moves what lists say of the past, as a clock does that goes ahead.
pub(super) fn hurry(reply: &mut Value, minutes: i32) {
    each_row(reply, &mut |name, value| {
        if !is_time(name) || name.starts_with("expires") {
            return;
        }
        let at = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        let moved = at.and_then(|at| at.to_utc().checked_add_signed(TimeDelta::minutes(minutes.into())));
        if let Some(at) = moved {
            *value = Value::from(at.to_rfc3339_opts(SecondsFormat::Millis, true));
        }
    });
}

fn is_time(name: &str) -> bool {
    name.ends_with("At") || name.ends_with("_at")
}

fn each_row(reply: &mut Value, change: &mut impl FnMut(&str, &mut Value)) {
    for row in rows(reply).into_iter().flatten() {
        spoil::each_field(row, change);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_of_keys_is_told_from_other_lists() {
        let key = json!({ "id": "a", "scopes": [] });
        for mut list in [
            json!([key]),
            json!({ "data": [key], "meta": {} }),
            json!({ "data": [{ "id": "a", "attributes": { "scopes": [] } }] }),
            json!({ "ok": true, "data": [{ "id": 1, "key_name": "x" }] }),
        ] {
            assert!(rows(&mut list).is_some(), "{list}");
        }
        for mut other in [json!([]), json!([{ "id": 372, "name": "x" }]), json!({ "data": key }), json!(7)] {
            assert!(rows(&mut other).is_none(), "{other}");
        }
    }

    #[test]
    fn each_fault_changes_the_rows_that_it_names() {
        let row = |id: &str| json!({ "id": id, "scopes": [], "keyHint": "ab12" });
        let table = [
            (Fault::MissingRow, vec![row("a"), row("b")]),
            (Fault::EmptyList, vec![]),
            (Fault::OwnRowOnly, vec![row("b")]),
            (Fault::RepeatedRow, vec![row("a"), row("a"), row("b"), row("c")]),
        ];
        for (fault, expected) in table {
            let mut rows = vec![row("a"), row("b"), row("c")];
            change(&fault, &mut rows, Some("b"));
            assert_eq!(rows, expected, "{fault:?}");
        }
        let mut rows = vec![row("a"), row("b")];
        change(&Fault::WrongOwnHint, &mut rows, Some("b"));
        assert_eq!((&rows[0]["keyHint"], &rows[1]["keyHint"]), (&json!("ab12"), &json!("ab10")));
    }

    #[test]
    fn names_and_times_are_written_as_others_do() {
        let mut list = json!([{ "id": "a", "scopes": [], "name": " \u{200b}Prod KEY ", "createdAt": "2026-11-21T12:00:00.000Z",
            "expiresAt": null, "lastUsedAt": "yesterday" }]);
        rename(&mut list);
        move_times(&mut list, 3);
        assert_eq!(list[0]["name"], "prod key");
        assert_eq!(list[0]["createdAt"], "2026-11-21T17:33:00+05:30");
        assert_eq!((&list[0]["expiresAt"], &list[0]["lastUsedAt"]), (&json!(null), &json!("yesterday")));
    }
}
