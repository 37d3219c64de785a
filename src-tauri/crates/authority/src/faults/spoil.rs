//! Replies that are not what they should be. Fields are found by name, at any depth.

use axum::body::Bytes;
use serde_json::Value;

/// What a key is known by, at one vendor or another.
const HINTS: [&str; 3] = ["keyHint", "apiKeyPrefix", "masked"];

/// The same characters, and no JSON.
pub(super) fn garbled(bytes: &[u8]) -> Bytes {
    if bytes.contains(&b':') {
        bytes.iter().map(|byte| if *byte == b':' { b'=' } else { *byte }).collect()
    } else {
        Bytes::from_static(b"<no json>")
    }
}

/// The first half.
pub(super) fn halved(bytes: &Bytes) -> Bytes {
    bytes.slice(..bytes.len() / 2)
}

/// Adds to every `scopes` the first of `known` that it lacks.
pub(super) fn widen(reply: &mut Value, known: &[&str]) {
    each_field(reply, &mut |name, value| {
        if let (true, Value::Array(scopes)) = (name == "scopes", value) {
            let more = known.iter().find(|scope| !scopes.iter().any(|held| held == **scope));
            scopes.push(Value::from(*more.unwrap_or(&"unheard:of")));
        }
    });
}

/// Takes the last one from every `scopes`.
pub(super) fn narrow(reply: &mut Value) {
    each_field(reply, &mut |name, value| {
        if let (true, Value::Array(scopes)) = (name == "scopes", value) {
            scopes.pop();
        }
    });
}

/// Changes the last character of every hint into one that a key might have there.
pub(super) fn mistake(reply: &mut Value) {
    each_field(reply, &mut |name, value| {
        if let (true, Value::String(hint)) = (HINTS.contains(&name), value)
            && let Some(last) = hint.pop()
        {
            hint.push(if last == '0' { '1' } else { '0' });
        }
    });
}

/// Every field at any depth, with its name.
pub(super) fn each_field(value: &mut Value, change: &mut impl FnMut(&str, &mut Value)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                change(name, value);
                each_field(value, change);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_field(item, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scopes_and_hints_are_found_wherever_they_stand() {
        let key = |scopes: &[&str], hint: &str| json!({ "data": [{ "scopes": scopes, "masked": hint }] });
        let known = ["a", "b"];
        let mut reply = key(&["a"], "x…1c20");
        widen(&mut reply, &known);
        mistake(&mut reply);
        assert_eq!(reply, key(&["a", "b"], "x…1c21"));
        widen(&mut reply, &known);
        assert_eq!(reply, key(&["a", "b", "unheard:of"], "x…1c21"));
        narrow(&mut reply);
        mistake(&mut reply);
        assert_eq!(reply, key(&["a", "b"], "x…1c20"));
    }

    #[test]
    fn a_garbled_reply_is_never_json() {
        for reply in [r#"{"a":1}"#, "[]", "1", ""] {
            assert!(serde_json::from_slice::<Value>(&garbled(reply.as_bytes())).is_err(), "{reply}");
        }
    }
}
