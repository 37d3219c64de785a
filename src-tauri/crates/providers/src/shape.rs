//! JSON as vendors really write it: a field of another type than documented costs that field, not the reply.
//! Reads straight from the parser, so that memory stays in proportion to what is kept.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use keyturn_core::provider::{parse_time, plausible};
use keyturn_core::secret::Secret;
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

    /// The field as a time, read as generously as can be without guessing; `None` where there is none, or one that no
    /// key can have.
    pub(crate) fn time(&self) -> Option<DateTime<Utc>> {
        let text = self.text()?.trim();
        let naive = || text.parse::<NaiveDateTime>().ok();
        let day = || text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0);
        let epoch = || match text.parse::<i64>().ok()? {
            // Past the year 5000 as seconds, hence milliseconds.
            n if n.unsigned_abs() > 100_000_000_000 => DateTime::from_timestamp_millis(n),
            n => DateTime::from_timestamp(n, 0),
        };
        let read = parse_time(text).or_else(|| naive().or_else(day).map(|t| t.and_utc())).or_else(epoch)?;
        plausible(read)
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

    otherwise!(Field::Odd; visit_f64(f64));
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
    use super::*;

    fn field(json: &str) -> Field {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn times_are_read_generously_and_never_guessed() {
        let at = parse_time("2026-01-04T15:30:00Z");
        for text in [
            r#""2026-01-04T15:30:00Z""#,
            r#""2026-01-04T15:30:00.000Z""#,
            r#""2026-01-04T17:30:00+02:00""#,
            r#""2026-01-04T15:30:00""#,
            "1767540600",
            "1767540600000",
        ] {
            assert_eq!(field(text).time(), at, "{text}");
        }
        assert_eq!(field(r#""2026-01-04""#).time(), parse_time("2026-01-04T00:00:00Z"));
        for text in
            [r#""yesterday""#, r#""2026-13-40T99:00:00Z""#, "\"\"", "null", "true", "{}", "[1]", "1e400"]
        {
            let read = serde_json::from_str::<Field>(text).ok().and_then(|f| f.time());
            assert_eq!(read, None, "{text}");
        }
    }

    #[test]
    fn f56_a_time_near_the_end_of_all_times_is_none() {
        for text in [
            r#""+262142-12-31T23:59:59.999Z""#,
            r#""-262143-01-01T00:00:00Z""#,
            r#""10000-01-01T00:00:00Z""#,
            r#""+10000-01-01T00:00:00""#,
            r#""+262142-12-31""#,
            r#""0001-01-01""#,
            r#""1969-12-31T23:59:59Z""#,
            "8210266876799999",
            "-8334601228800000",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551615",
            "-1",
            "253402300800000",
        ] {
            assert_eq!(field(text).time(), None, "{text}");
        }
        assert_eq!(field("253402300799999").time(), parse_time("9999-12-31T23:59:59.999Z"));
        assert_eq!(field("0").time(), parse_time("1970-01-01T00:00:00Z"));
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
