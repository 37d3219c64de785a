//! What a key's own page says of its findings, and of what is none.

use chrono::{DateTime, TimeDelta, Utc};

use super::judge::unused;
use super::{FindingKind, FindingSet};
use crate::key::{KeyRecord, LastUse};
use crate::provider::Manifest;

/// After this long a key is worth a new one, where no policy says otherwise.
const OLD: TimeDelta = TimeDelta::days(90);

/// Why a finding matters, of this one key where there is more to say than of the kind.
#[must_use]
pub fn why(kind: FindingKind, manifest: &Manifest, record: &KeyRecord, now: DateTime<Utc>) -> String {
    match kind {
        FindingKind::FullAccess => match manifest.full_privilege {
            Some(everything) => everything.to_owned(),
            None if record.scopes.iter().any(|scope| scope.0 == "*") => {
                "This key may do everything, now and whatever is added later.".to_owned()
            }
            None => "This key has every scope that the vendor offers.".to_owned(),
        },
        FindingKind::TestInProduction => {
            "A test key, named for production: production needs a live one.".to_owned()
        }
        FindingKind::NeverUsed => match unused(record, now) {
            Some(age) => never_used(age),
            None => kind.why().to_owned(),
        },
        other => other.why().to_owned(),
    }
}

/// What a person should read about a live key that no finding says. `since` is the earliest that is known of it.
#[must_use]
pub fn concern(
    record: &KeyRecord,
    found: FindingSet,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<String> {
    let age = now - since?;
    let said = found.holds(FindingKind::NeverUsed) || found.holds(FindingKind::OlderThanPolicy);
    if said || age <= OLD || !record.status.is_live() {
        return None;
    }
    Some(if record.last_use == LastUse::Never {
        never_used(age)
    } else {
        format!("In use for {} days. Rotate it from time to time.", age.num_days())
    })
}

fn never_used(age: TimeDelta) -> String {
    format!("Never used in {} days. Perhaps nobody needs it any more.", age.num_days())
}
