//! One line of an imported list, checked. A whole key in it is refused: this way nothing is sealed.

use chrono::{DateTime, Utc};
use csv::StringRecord;

use crate::key::{Environment, Hint, KeyRecord, KeyStatus, LastUse, VendorKeyId};
use crate::leak::{Held, scan};
use crate::provider::KeyForm;
use crate::timestamp::Timestamp;

/// The longest end of a key that is taken for a hint.
const HINT: usize = 8;

/// In which place each column stands.
pub(super) struct Columns {
    name: usize,
    hint: Option<usize>,
    environment: Option<usize>,
    created: Option<usize>,
    expires: Option<usize>,
    note: Option<usize>,
}

pub(super) struct Line {
    pub(super) name: String,
    pub(super) hint: Hint,
    pub(super) note: Option<String>,
    environment: Environment,
    created_at: Option<DateTime<Utc>>,
    expires: Timestamp,
}

impl Columns {
    pub(super) fn read(heading: &StringRecord) -> Result<Self, String> {
        let place = |names: &[&str]| {
            heading.iter().position(|title| {
                let title = title.to_lowercase().replace(['_', '-'], " ");
                names.contains(&title.trim())
            })
        };
        let name = place(&["name", "key name", "label"])
            .ok_or("The first line must name the columns, and one of them must be “name”.")?;
        Ok(Self {
            name,
            hint: place(&["hint", "key hint", "last four", "last 4"]),
            environment: place(&["environment"]),
            created: place(&["created", "created at"]),
            expires: place(&["expires", "expires at"]),
            note: place(&["note", "notes"]),
        })
    }

    pub(super) fn line(
        &self,
        record: &StringRecord,
        name_limit: usize,
        forms: &[&KeyForm],
    ) -> Result<Line, String> {
        for value in record {
            if scan(value, forms, &Held::default()).iter().any(|candidate| !candidate.forms.is_empty()) {
                return Err(
                    "There is a whole key in it. Put only its last four characters, and adopt the key itself."
                        .into(),
                );
            }
        }
        let of = |place: Option<usize>| place.and_then(|at| record.get(at)).filter(|text| !text.is_empty());
        let name = of(Some(self.name)).ok_or("The name is missing.")?;
        if name.chars().count() > name_limit {
            return Err(format!("The name is longer than {name_limit} characters."));
        }
        Ok(Line {
            name: name.to_owned(),
            hint: of(self.hint).map_or(Ok(Hint { prefix: String::new(), suffix: String::new() }), hint)?,
            note: of(self.note).map(str::to_owned),
            environment: of(self.environment).map_or(Environment::None, environment),
            created_at: of(self.created).map(timestamp).transpose()?.and_then(Timestamp::shown),
            expires: of(self.expires).map(timestamp).transpose()?.unwrap_or_default(),
        })
    }
}

impl Line {
    pub(super) fn record(&self, id: VendorKeyId) -> KeyRecord {
        KeyRecord {
            id,
            name: self.name.clone(),
            hint: self.hint.clone(),
            environment: self.environment.clone(),
            scopes: Vec::new(),
            status: KeyStatus::Active,
            created_at: self.created_at,
            expires: self.expires,
            last_use: LastUse::NotReported,
            creator: None,
            checked: None,
        }
    }
}

/// `sk_live_…ab12`, `****ab12` or `ab12`.
fn hint(text: &str) -> Result<Hint, String> {
    let text = text.replace("...", "…").replace(['*', '•'], "…");
    let (prefix, suffix) = match (text.find('…'), text.rfind('…')) {
        (Some(first), Some(last)) => (&text[..first], &text[last + '…'.len_utf8()..]),
        _ => ("", text.as_str()),
    };
    if suffix.chars().count() > HINT || prefix.chars().count() > 2 * HINT {
        return Err(format!("The hint is longer than the last {HINT} characters of a key."));
    }
    Ok(Hint { prefix: prefix.to_owned(), suffix: suffix.to_owned() })
}

fn environment(word: &str) -> Environment {
    match word.to_lowercase().as_str() {
        "live" | "production" | "prod" => Environment::Live,
        "test" | "sandbox" => Environment::Test,
        _ => Environment::Other(word.to_owned()),
    }
}

/// `2026-11-21`, or a whole time with its zone.
fn timestamp(text: &str) -> Result<Timestamp, String> {
    match Timestamp::read(text) {
        Timestamp::Unreadable => {
            Err("A date must be written as 2026-11-21, or as a whole time with its zone.".to_owned())
        }
        read => Ok(read),
    }
}
