//! The words and numbers by which the ledger keeps the core's types. Pure; knows no SQL.
//!
//! Core has no serde, so the few structured values are mapped by hand into small JSON arrays.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use keyturn_core::account::{AccountId, RefusedScope};
use keyturn_core::grant::Grant;
use keyturn_core::key::{Environment, KeyRef, KeyStatus, LastUse, Scope, VendorKeyId};
use keyturn_core::operation::{Intent, Stage};
use keyturn_core::timestamp::{Timestamp, plausible};
use serde::{Deserialize, Serialize};

use super::fault::{Outcome, damaged};
use super::machine;

/// Milliseconds since 1970, UTC.
pub(super) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub(super) fn time(millis: i64) -> Outcome<DateTime<Utc>> {
    reported(Some(millis)).ok_or_else(|| damaged("a time is out of range"))
}

/// A time that a vendor reported. Ledgers from before may hold one that no key can have: it says nothing.
pub(super) fn reported(millis: Option<i64>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(millis?).and_then(plausible)
}

/// A moment in one number, so that it is compared as one: a time in milliseconds, a day as one less than nothing for
/// each day since 1970, the largest number for what could not be read. NULL: there is none.
pub(super) fn timestamp_number(moment: Timestamp) -> Option<i64> {
    match moment {
        Timestamp::None => None,
        Timestamp::At(at) => Some(millis(at)),
        Timestamp::On(day) => Some(-1 - day.signed_duration_since(NaiveDate::default()).num_days()),
        Timestamp::Unreadable => Some(i64::MAX),
    }
}

pub(super) fn timestamp(number: Option<i64>) -> Timestamp {
    match number {
        Some(i64::MAX) => Timestamp::Unreadable,
        Some(number @ -3_000_000..0) => NaiveDate::default()
            .checked_add_signed(TimeDelta::days(-1 - number))
            .map_or(Timestamp::None, Timestamp::On),
        number => reported(number).into(),
    }
}

/// A word, and the time that belongs to it.
pub(super) type Timed<'a> = (&'a str, Option<i64>);

/// NULL where the vendor has no environments; a vendor's own word carries the prefix `other:`.
pub(super) fn environment_word(environment: &Environment) -> Option<String> {
    match environment {
        Environment::Live => Some("live".into()),
        Environment::Test => Some("test".into()),
        Environment::Other(word) => Some(format!("other:{word}")),
        Environment::None => None,
    }
}

pub(super) fn environment(word: Option<&str>) -> Outcome<Environment> {
    Ok(match word {
        None => Environment::None,
        Some("live") => Environment::Live,
        Some("test") => Environment::Test,
        Some(word) => match word.strip_prefix("other:") {
            Some(word) => Environment::Other(word.to_owned()),
            None => return Err(damaged("an environment is not one")),
        },
    })
}

/// `Expiring` is derived when shown, `Unlisted` when read; both are kept as `active`. An unknown word carries the prefix `unknown:`.
pub(super) fn status_word(status: &KeyStatus) -> (std::borrow::Cow<'static, str>, Option<i64>) {
    match status {
        KeyStatus::Active | KeyStatus::Expiring | KeyStatus::Unlisted { .. } => ("active".into(), None),
        KeyStatus::Retiring { until } => ("retiring".into(), Some(millis(*until))),
        KeyStatus::Revoking => ("revoking".into(), None),
        KeyStatus::Revoked { at } => ("revoked".into(), at.map(millis)),
        KeyStatus::Expired { at } => ("expired".into(), at.map(millis)),
        KeyStatus::Orphan => ("orphan".into(), None),
        KeyStatus::Unknown(word) => (format!("unknown:{word}").into(), None),
    }
}

pub(super) fn status((word, at): Timed<'_>) -> Outcome<KeyStatus> {
    let is_there = at.is_some();
    Ok(match (word, reported(at)) {
        ("active", _) => KeyStatus::Active,
        ("retiring", Some(until)) => KeyStatus::Retiring { until },
        ("retiring", None) if is_there => KeyStatus::Unknown(word.to_owned()),
        ("revoking", _) => KeyStatus::Revoking,
        ("revoked", at) => KeyStatus::Revoked { at },
        ("expired", at) => KeyStatus::Expired { at },
        ("orphan", _) => KeyStatus::Orphan,
        _ => match word.strip_prefix("unknown:") {
            Some(word) => KeyStatus::Unknown(word.to_owned()),
            None => return Err(damaged("a key's status is not one")),
        },
    })
}

/// As the vendor reported it. `Stale` is derived when read, and kept as what it was derived from.
pub(super) fn last_use_word(last_use: &LastUse) -> Timed<'static> {
    match last_use {
        LastUse::At(at) | LastUse::Stale { last: Some(at), .. } => ("at", Some(millis(*at))),
        LastUse::On(_) => ("on", last_use.moment().map(millis)),
        LastUse::Unreadable => ("unreadable", None),
        LastUse::Never | LastUse::Stale { last: None, .. } => ("never", None),
        LastUse::NotReported => ("not_reported", None),
        LastUse::UntrackedBefore(at) => ("untracked_before", Some(millis(*at))),
    }
}

/// `stale` is the time of the last reading where the account could not be read since.
pub(super) fn last_use((word, at): Timed<'_>, stale: Option<DateTime<Utc>>) -> Outcome<LastUse> {
    let is_there = at.is_some();
    Ok(match (word, reported(at), stale) {
        ("at" | "on", last @ Some(_), Some(read_at)) => LastUse::Stale { last, read_at },
        ("never", _, Some(read_at)) => LastUse::Stale { last: None, read_at },
        ("at", Some(at), None) => LastUse::At(at),
        ("on", Some(noon), None) => LastUse::On(noon.date_naive()),
        ("unreadable", ..) => LastUse::Unreadable,
        ("never", _, None) => LastUse::Never,
        ("not_reported", ..) => LastUse::NotReported,
        ("at" | "on" | "untracked_before", None, _) if is_there => LastUse::NotReported,
        ("untracked_before", Some(at), _) => LastUse::UntrackedBefore(at),
        _ => return Err(damaged("a key's last use is not one")),
    })
}

/// A JSON array of the vendor's strings, in the order given.
pub(super) fn scopes_json(scopes: &[Scope]) -> Outcome<String> {
    json(&scopes.iter().map(|scope| scope.0.as_str()).collect::<Vec<_>>())
}

pub(super) fn scopes(text: &str) -> Outcome<Vec<Scope>> {
    Ok(parse::<Vec<String>>(text)?.into_iter().map(Scope).collect())
}

/// A JSON array of pairs: the scope, and when it was refused.
pub(super) fn refused_json(refused: &[RefusedScope]) -> Outcome<String> {
    json(&refused.iter().map(|refused| (refused.scope.0.as_str(), millis(refused.at))).collect::<Vec<_>>())
}

pub(super) fn refused(text: &str) -> Outcome<Vec<RefusedScope>> {
    let pairs: Vec<(String, i64)> = parse(text)?;
    pairs.into_iter().map(|(scope, at)| Ok(RefusedScope { scope: Scope(scope), at: time(at)? })).collect()
}

/// A JSON object.
pub(super) fn settings_json(settings: &BTreeMap<String, String>) -> Outcome<String> {
    json(settings)
}

pub(super) fn settings(text: &str) -> Outcome<BTreeMap<String, String>> {
    parse(text)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum IntentForm {
    Create {
        #[serde(flatten)]
        grant: GrantForm,
        known: Vec<String>,
    },
    Rotate {
        predecessor: String,
        name: String,
        known: Vec<String>,
    },
    Replace {
        predecessor: String,
        name: String,
        grant: Option<GrantForm>,
        known: Vec<String>,
    },
    Revoke {
        key: String,
        name: String,
    },
}

#[derive(Serialize, Deserialize)]
struct GrantForm {
    name: String,
    environment: Option<String>,
    scopes: Vec<String>,
    expires_at: Option<i64>,
}

impl GrantForm {
    fn of(grant: &Grant) -> Self {
        Self {
            name: grant.name.clone(),
            environment: environment_word(&grant.environment),
            scopes: grant.scopes.iter().map(|scope| scope.0.clone()).collect(),
            expires_at: grant.expires_at.map(millis),
        }
    }

    fn grant(self) -> Outcome<Grant> {
        Ok(Grant {
            name: self.name,
            environment: environment(self.environment.as_deref())?,
            scopes: self.scopes.into_iter().map(Scope).collect(),
            expires_at: self.expires_at.map(time).transpose()?,
        })
    }
}

pub(super) fn intent_json(intent: &Intent) -> Outcome<String> {
    let ids = |known: &[VendorKeyId]| known.iter().map(|id| id.0.clone()).collect();
    json(&match intent {
        Intent::Create { grant, known } => {
            IntentForm::Create { grant: GrantForm::of(grant), known: ids(known) }
        }
        Intent::Replace { predecessor, name, grant, known } => IntentForm::Replace {
            predecessor: predecessor.0.clone(),
            name: name.clone(),
            grant: grant.as_ref().map(GrantForm::of),
            known: ids(known),
        },
        Intent::Revoke { key, name } => IntentForm::Revoke { key: key.0.clone(), name: name.clone() },
        Intent::Rotate { predecessor, name, known } => {
            IntentForm::Rotate { predecessor: predecessor.0.clone(), name: name.clone(), known: ids(known) }
        }
    })
}

pub(super) fn intent(text: &str) -> Outcome<Intent> {
    let ids = |known: Vec<String>| known.into_iter().map(VendorKeyId).collect();
    Ok(match parse(text)? {
        IntentForm::Create { grant, known } => Intent::Create { grant: grant.grant()?, known: ids(known) },
        IntentForm::Replace { predecessor, name, grant, known } => Intent::Replace {
            predecessor: VendorKeyId(predecessor),
            name,
            grant: grant.map(GrantForm::grant).transpose()?,
            known: ids(known),
        },
        IntentForm::Revoke { key, name } => Intent::Revoke { key: VendorKeyId(key), name },
        IntentForm::Rotate { predecessor, name, known } => {
            Intent::Rotate { predecessor: VendorKeyId(predecessor), name, known: ids(known) }
        }
    })
}

/// The stage's word, and what belongs to it: keys as a JSON array of pairs, a reason as it is.
pub(super) fn stage_words(stage: &Stage) -> Outcome<(&'static str, Option<String>)> {
    let pairs =
        |keys: &[KeyRef]| json(&keys.iter().map(|key| (&*key.account.0, &*key.key.0)).collect::<Vec<_>>());
    Ok(match stage {
        Stage::Sent => ("sent", None),
        Stage::Rotating(rotation) => ("rotating", Some(json(&machine::Form::of(rotation))?)),
        Stage::Escrowed { key } => ("escrowed", Some(pairs(std::slice::from_ref(key))?)),
        Stage::Acknowledged { key } => ("acknowledged", Some(pairs(std::slice::from_ref(key))?)),
        Stage::Failed { reason } => ("failed", Some(reason.clone())),
        Stage::Orphaned { keys } => ("orphaned", Some(pairs(keys)?)),
    })
}

pub(super) fn stage(word: &str, detail: Option<&str>) -> Outcome<Stage> {
    let keys = || -> Outcome<Vec<KeyRef>> {
        let pairs: Vec<(String, String)> = parse(detail.unwrap_or_default())?;
        Ok(pairs
            .into_iter()
            .map(|(account, key)| KeyRef { account: AccountId(account), key: VendorKeyId(key) })
            .collect())
    };
    let key = || keys()?.pop().ok_or_else(|| damaged("an operation names no key"));
    Ok(match word {
        "sent" => Stage::Sent,
        "escrowed" => Stage::Escrowed { key: key()? },
        "acknowledged" => Stage::Acknowledged { key: key()? },
        "failed" => Stage::Failed { reason: detail.unwrap_or_default().to_owned() },
        "orphaned" => Stage::Orphaned { keys: keys()? },
        "rotating" => Stage::Rotating(parse::<machine::Form>(detail.unwrap_or_default())?.rotation()?),
        _ => return Err(damaged("an operation's stage is not one")),
    })
}

fn json(value: &impl Serialize) -> Outcome<String> {
    serde_json::to_string(value).map_err(|_| super::fault::failed("a value could not be written as JSON"))
}

fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Outcome<T> {
    serde_json::from_str(text).map_err(|_| damaged("a stored value is not readable"))
}
