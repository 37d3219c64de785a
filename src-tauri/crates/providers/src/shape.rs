//! JSON as vendors really write it: a field of another type than documented costs that field, not the reply.
//! Reads straight from the parser, so that memory stays in proportion to what is kept.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use keyturn_core::key::LastUse;
use keyturn_core::secret::Secret;
use keyturn_core::timestamp::Timestamp;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Most items of one page; more are counted as a fault, since no vendor pages so. [assumed]
const ITEMS: usize = 50_000;
/// Most words of one list of words, such as a key's scopes. [assumed]
const WORDS: usize = 1_000;

/// A text field.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Field {
    #[default]
    Absent,
    Null,
    Text(String),
    Flag(bool),
    /// Something that is no text.
    Odd,
}

impl Field {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Null | Self::Flag(_) | Self::Odd => None,
        }
    }

    /// The field as a moment. What was left out is none.
    pub(crate) fn timestamp(&self) -> Timestamp {
        match self {
            Self::Absent | Self::Null => Timestamp::None,
            Self::Text(text) => Timestamp::read(text),
            Self::Flag(_) | Self::Odd => Timestamp::Unreadable,
        }
    }

    /// The field as a time; `None` where there is none, or one that cannot be read.
    pub(crate) fn time(&self) -> Option<DateTime<Utc>> {
        self.timestamp().shown()
    }

    /// The field as a last use: a vendor that has the field and leaves it empty says "never".
    pub(crate) fn last_use(&self) -> LastUse {
        match self {
            Self::Absent => LastUse::NotReported,
            other => other.timestamp().into(),
        }
    }
}

/// A list of words; entries that are no text are left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) Vec<String>);

/// A `T` where there is an object, nothing otherwise.
#[derive(Debug)]
pub(crate) struct Maybe<T>(pub(crate) Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// One page of a list: a bare array, or an object that holds one under a usual name.
#[derive(Default)]
pub(crate) enum Page<T> {
    Items(Vec<T>),
    TooMany,
    /// No array where one should be.
    #[default]
    Missing,
}

/// A key's value in a reply. No `Debug`.
pub(crate) struct FreshKey(pub(crate) Secret);

/// What a visitor does with each thing that is not its own: it is read and left behind.
macro_rules! otherwise {
    ($value:expr; $($name:ident($($kind:ty)?)),*) => {
        $(fn $name<E: Error>(self $(, _: $kind)?) -> Result<Self::Value, E> { Ok($value) })*
    };
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Text(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Field, E> {
        Ok(Field::Text(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Field, E> {
        Ok(Field::Text(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Field, E> {
        Ok(Field::Text(number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Field, A::Error> {
        IgnoredAny::deserialize(SeqAccessDeserializer::new(seq)).map(|_| Field::Odd)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
        IgnoredAny::deserialize(MapAccessDeserializer::new(map)).map(|_| Field::Odd)
    }

    otherwise!(Field::Null; visit_unit(), visit_none());
    fn visit_bool<E: Error>(self, flag: bool) -> Result<Field, E> {
        Ok(Field::Flag(flag))
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FieldVisitor)
    }
}

struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of words")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Words, A::Error> {
        let mut words = Vec::new();
        while let Some(word) = seq.next_element::<Field>()? {
            if let (Field::Text(word), true) = (word, words.len() < WORDS) {
                words.push(word);
            }
        }
        Ok(Words(words))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Words, A::Error> {
        IgnoredAny::deserialize(MapAccessDeserializer::new(map)).map(|_| Words::default())
    }

    otherwise!(Words::default(); visit_unit(), visit_none(), visit_bool(bool), visit_f64(f64), visit_u64(u64),
        visit_i64(i64), visit_str(&str));
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(WordsVisitor)
    }
}

struct MaybeVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for MaybeVisitor<T> {
    type Value = Maybe<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Maybe<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| Maybe(Some(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Maybe<T>, A::Error> {
        IgnoredAny::deserialize(SeqAccessDeserializer::new(seq)).map(|_| Maybe(None))
    }

    otherwise!(Maybe(None); visit_unit(), visit_none(), visit_bool(bool), visit_f64(f64), visit_u64(u64),
        visit_i64(i64), visit_str(&str));
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(MaybeVisitor(PhantomData))
    }
}

struct PageVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PageVisitor<T> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Page<T>, A::Error> {
        let mut items = Vec::new();
        while items.len() < ITEMS {
            match seq.next_element()? {
                Some(item) => items.push(item),
                None => return Ok(Page::Items(items)),
            }
        }
        let mut more = false;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        Ok(if more { Page::TooMany } else { Page::Items(items) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page<T>, A::Error> {
        let mut found = Page::Missing;
        while let Some(name) = map.next_key::<Field>()? {
            let usual = matches!(name.text(), Some("data" | "apiKeys" | "keys" | "items"));
            if usual && matches!(found, Page::Missing) {
                found = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    otherwise!(Page::Missing; visit_unit(), visit_none(), visit_bool(bool), visit_f64(f64), visit_u64(u64),
        visit_i64(i64), visit_str(&str));
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PageVisitor(PhantomData))
    }
}

struct FreshKeyVisitor;

impl Visitor<'_> for FreshKeyVisitor {
    type Value = FreshKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FreshKey, E> {
        Ok(FreshKey(Secret::new(text.to_owned())))
    }
}

impl<'de> Deserialize<'de> for FreshKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(FreshKeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use keyturn_core::timestamp::parse_time;

    use super::*;

    fn field(json: &str) -> Field {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn f07_a_field_that_is_missing_one_that_is_empty_and_one_that_cannot_be_read_are_three_things() {
        let at = parse_time("2026-01-04T15:30:00Z").map(LastUse::At).unwrap();
        for text in [
            r#""2026-01-04T15:30:00Z""#,
            r#""2026-01-04 15:30:00""#,
            "1767540600",
            "1767540600000",
            "1767540600.0",
        ] {
            assert_eq!(field(text).last_use(), at, "{text}");
        }
        assert_eq!(Field::Absent.last_use(), LastUse::NotReported);
        for text in ["null", "\"\"", "0", r#""0001-01-01T00:00:00Z""#] {
            assert_eq!(field(text).last_use(), LastUse::Never, "{text}");
            assert_eq!(field(text).timestamp(), Timestamp::None, "{text}");
        }
        for text in [r#""yesterday""#, "true", "{}", "[1]"] {
            assert_eq!(field(text).last_use(), LastUse::Unreadable, "{text}");
            assert_eq!(
                (field(text).timestamp(), field(text).time()),
                (Timestamp::Unreadable, None),
                "{text}"
            );
        }
        assert!(serde_json::from_str::<Field>("1e400").is_err());
    }

    #[test]
    fn a_page_is_an_array_or_an_envelope_with_one() {
        for text in ["[1,2]", r#"{"data":[1,2],"total":2}"#, r#"{"x":{"keys":[9]},"data":{"items":[1,2]}}"#] {
            let page: Page<u8> = serde_json::from_str(text).unwrap();
            assert!(matches!(page, Page::Items(items) if items == [1, 2]), "{text}");
        }
        for text in ["{}", "null", "7", r#""[]""#, r#"{"error":"x"}"#, r#"{"data":null}"#] {
            assert!(matches!(serde_json::from_str::<Page<u8>>(text).unwrap(), Page::Missing), "{text}");
        }
    }

    #[test]
    fn n2_a_page_of_a_million_items_is_refused_without_keeping_them() {
        let text = format!("[{}1]", "1,".repeat(1_000_000));
        assert!(matches!(serde_json::from_str::<Page<u8>>(&text).unwrap(), Page::TooMany));
    }
}
