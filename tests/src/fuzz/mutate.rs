//! Mistakes made in replies: first in their structure, so that they get past the JSON parser, then in their bytes.

use serde_json::{Value, json};

use super::replies::{REPLIES, STATUSES, TEXTS};
use crate::dice::Dice;

/// Some replies are made this large, so that what grows with them is seen.
const LARGE: usize = 4 * 1024 * 1024;

/// A status and a body.
pub(super) fn reply(dice: &mut Dice) -> (u16, Vec<u8>) {
    let status = *dice.one_of(&STATUSES);
    let seed = *dice.one_of(&REPLIES);
    let mut value: Value = serde_json::from_str(seed).unwrap_or_default();
    for _ in 0..dice.below(5) {
        mistake(dice, &mut value);
    }
    let mut bytes = value.to_string().into_bytes();
    if dice.once_in(3) {
        for _ in 0..=dice.below(4) {
            noise(dice, &mut bytes);
        }
    }
    if dice.once_in(500) {
        bytes = large(dice, &value);
    }
    (status, bytes)
}

/// One mistake, somewhere.
fn mistake(dice: &mut Dice, value: &mut Value) {
    let place = somewhere(dice, value);
    match (dice.below(7), place) {
        (0, Value::Object(fields)) => {
            let name = fields.keys().nth(dice.below(fields.len())).cloned();
            name.and_then(|name| fields.remove(&name));
        }
        (1, Value::Object(fields)) => {
            fields.insert((*dice.one_of(&TEXTS)).to_owned(), odd(dice));
        }
        (0..=2, Value::Array(items)) => {
            // Copies of copies would soon be more than there is memory.
            if let Some(item) = items.first().filter(|item| item.to_string().len() < 4096).cloned() {
                items.extend(std::iter::repeat_n(item, dice.below(120)));
            }
        }
        (3, place) => *place = json!([place.take()]),
        (4, place) => *place = json!({ "data": place.take() }),
        (_, place) => *place = odd(dice),
    }
}

/// Goes down from the root, and stops anywhere.
fn somewhere<'a>(dice: &mut Dice, value: &'a mut Value) -> &'a mut Value {
    if dice.once_in(5) {
        return value;
    }
    let branches = match &*value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    };
    if branches == 0 {
        return value;
    }
    let at = dice.below(branches);
    match value {
        Value::Array(items) => somewhere(dice, &mut items[at]),
        Value::Object(fields) => match fields.values_mut().nth(at) {
            Some(field) => somewhere(dice, field),
            None => unreachable!("the place is below the number of fields"),
        },
        leaf => leaf,
    }
}

/// A value that nobody expects there.
fn odd(dice: &mut Dice) -> Value {
    match dice.below(9) {
        0 => Value::Null,
        1 => json!(dice.once_in(2)),
        2 => json!(dice.throw()),
        3 => json!(-1),
        4 => json!(1e308),
        5 => json!([]),
        6 => json!({}),
        7 => json!("ä".repeat(dice.below(5000))),
        _ => json!(dice.one_of(&TEXTS)),
    }
}

/// One mistake in the bytes.
fn noise(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let at = dice.below(bytes.len() + 1);
    match dice.below(6) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, u8::try_from(dice.below(256)).unwrap_or(0)),
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        3 => {
            let piece = bytes[at..].to_vec();
            bytes.extend(piece);
        }
        4 => {
            let deep = vec![*dice.one_of(b"[{\"\\"); dice.below(3000)];
            bytes.splice(at..at, deep);
        }
        _ => bytes.splice(at..at, [0xff, 0xfe, 0xc0]).for_each(drop),
    }
}

/// Many copies of the reply, or brackets without end.
fn large(dice: &mut Dice, value: &Value) -> Vec<u8> {
    if dice.once_in(2) {
        return vec![b'['; LARGE];
    }
    let one = value.to_string();
    let copies = LARGE / (one.len() + 1);
    format!("[{}]", vec![one; copies.max(1)].join(",")).into_bytes()
}
