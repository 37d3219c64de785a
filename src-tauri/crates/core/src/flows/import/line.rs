//! One line of an imported list, checked. A whole key in it is refused: this way nothing is sealed.

use chrono::{DateTime, Utc};

use super::table::Row;
use crate::export::{UNREADABLE, plain_cell};
use crate::key::{Environment, Hint, KeyRecord, KeyStatus, LastUse, VendorKeyId};
use crate::leak::{Held, scan};
use crate::name;
use crate::provider::{KeyForm, Manifest};
use crate::timestamp::Timestamp;

/// The longest end of a key that is taken for a hint.
const HINT: usize = 8;

/// In which place each column stands.
pub(super) struct Columns {
    count: usize,
    /// The list is one that Keyturn exported: it says things in Keyturn's own words.
    is_own: bool,
    name: usize,
    hint: Option<usize>,
    environment: Option<usize>,
    created: Option<usize>,
    expires: Option<usize>,
    note: Option<usize>,
    status: Option<usize>,
    vendor: Option<usize>,
    account: Option<usize>,
}

pub(super) struct Line {
    pub(super) name: String,
    pub(super) hint: Hint,
    pub(super) note: Option<String>,
    environment: Environment,
    created_at: Option<DateTime<Utc>>,
    expires: Timestamp,
    status: KeyStatus,
}

impl Columns {
    pub(super) fn read(heading: &[String]) -> Result<Self, String> {
        let titles: Vec<String> = heading
            .iter()
            .map(|title| title.to_lowercase().replace(['_', '-'], " ").trim().to_owned())
            .collect();
        let place = |names: &[&str]| titles.iter().position(|title| names.contains(&title.as_str()));
        let name = place(&["name", "key name", "label"])
            .ok_or("The first line must name the columns, and one of them must be “name”.")?;
        let own = place(&["masked"]);
        let of_own = |names| own.and_then(|_| place(names));
        Ok(Self {
            count: heading.len(),
            is_own: own.is_some(),
            name,
            hint: place(&["hint", "key hint", "last four", "last 4"]).or(own),
            environment: place(&["environment"]),
            created: place(&["created", "created at"]),
            expires: place(&["expires", "expires at"]),
            note: place(&["note", "notes"]),
            status: of_own(&["status"]),
            vendor: of_own(&["vendor"]),
            account: of_own(&["account"]),
        })
    }

    /// The vendor that a line of Keyturn's own list is of.
    pub(super) fn vendor(&self, row: &Row) -> Option<String> {
        told(row, self.vendor)
    }

    /// The account that a line of Keyturn's own list is of.
    pub(super) fn account(&self, row: &Row) -> Option<String> {
        told(row, self.account)
    }

    pub(super) fn line(
        &self,
        cells: &[String],
        manifest: &Manifest,
        forms: &[&KeyForm],
    ) -> Result<Line, String> {
        let cells: Vec<String> = cells.iter().map(|cell| plain_cell(cell)).collect();
        for value in &cells {
            if scan(value, forms, &Held::default()).iter().any(|candidate| !candidate.forms.is_empty()) {
                return Err(
                    "There is a whole key in it. Put only its last four characters, and adopt the key itself."
                        .into(),
                );
            }
        }
        if cells.iter().skip(self.count).any(|cell| !cell.is_empty()) {
            return Err("It has more cells than the first line has columns. Put a text in which the sign between cells \
                        stands in quotation marks."
                .into());
        }
        let cell = |place: Option<usize>| place.and_then(|at| cells.get(at)).map(String::as_str);
        let of = |place| cell(place).map(str::trim).filter(|text| !text.is_empty());
        let name =
            cell(Some(self.name)).filter(|name| name::is_visible(name)).ok_or("The name is missing.")?;
        if name.chars().count() > manifest.name_limit {
            return Err(format!("The name is longer than {} characters.", manifest.name_limit));
        }
        let created_at = of(self.created).map(timestamp).transpose()?.and_then(Timestamp::shown);
        let expires = self.expires(of(self.expires))?;
        if created_at.is_some_and(|created_at| expires.is_over(created_at)) {
            return Err("It expires before it was created.".into());
        }
        let none = Hint { prefix: String::new(), suffix: String::new() };
        Ok(Line {
            name: name.to_owned(),
            hint: of(self.hint).map_or(Ok(none), |text| hint(text, self.is_own))?,
            note: of(self.note).map(str::to_owned),
            environment: of(self.environment)
                .map_or(Environment::None, |word| environment(word, self.is_own)),
            created_at,
            expires,
            status: match of(self.status) {
                Some("revoked") => KeyStatus::Revoked { at: None },
                // What it says of a key that may still work is not known here before somebody asks.
                _ => KeyStatus::Active,
            },
        })
    }

    fn expires(&self, text: Option<&str>) -> Result<Timestamp, String> {
        match text {
            Some(UNREADABLE) if self.is_own => Ok(Timestamp::Unreadable),
            text => Ok(text.map(timestamp).transpose()?.unwrap_or_default()),
        }
    }
}

/// What stands in the place, if anything does.
fn told(row: &Row, place: Option<usize>) -> Option<String> {
    let cell = plain_cell(row.cells.get(place?)?);
    Some(cell.trim().to_owned()).filter(|text| !text.is_empty())
}

impl Line {
    pub(super) fn record(&self, id: VendorKeyId) -> KeyRecord {
        KeyRecord {
            id,
            name: self.name.clone(),
            hint: self.hint.clone(),
            environment: self.environment.clone(),
            scopes: Vec::new(),
            status: self.status.clone(),
            created_at: self.created_at,
            expires: self.expires,
            last_use: LastUse::NotReported,
            creator: None,
            checked: None,
        }
    }
}

/// `sk_live_…ab12`, `****ab12` or `ab12`. Of Keyturn's own list the vendor decided how much it shows.
fn hint(text: &str, is_own: bool) -> Result<Hint, String> {
    if text.contains("E+") && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | 'E' | '+')) {
        return Err("A spreadsheet has made a number of the hint. Write the characters as text.".into());
    }
    let text = text.replace("...", "…").replace(['*', '•'], "…");
    let (prefix, suffix) = match (text.find('…'), text.rfind('…')) {
        (Some(first), Some(last)) => (&text[..first], &text[last + '…'.len_utf8()..]),
        _ => ("", text.as_str()),
    };
    if !is_own && (suffix.chars().count() > HINT || prefix.chars().count() > 2 * HINT) {
        return Err(format!("The hint is longer than the last {HINT} characters of a key."));
    }
    Ok(Hint { prefix: prefix.to_owned(), suffix: suffix.to_owned() })
}

fn environment(word: &str, is_own: bool) -> Environment {
    match word.to_lowercase().as_str() {
        "live" => Environment::Live,
        "test" => Environment::Test,
        "production" | "prod" if !is_own => Environment::Live,
        "sandbox" if !is_own => Environment::Test,
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
