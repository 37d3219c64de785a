//! What a person should read about a key: nothing is wrong, and yet. Pure; sentences for the key's page.

use chrono::{DateTime, TimeDelta, Utc};

use crate::account::Account;
use crate::key::{Environment, KeyRecord, LastUse};
use crate::provider::Manifest;

/// After this long a key is worth a new one, and one that nobody uses is worth an end.
const OLD: TimeDelta = TimeDelta::days(90);

/// The names under which production runs.
const PRODUCTION: [&str; 3] = ["prod", "production", "live"];

/// Sentences about a live key, the gravest first. `since` is the earliest that is known of it.
#[must_use]
pub fn concerns(
    manifest: &Manifest,
    account: &Account,
    record: &KeyRecord,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<String> {
    if !record.status.is_live() {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    if record.scopes.iter().any(|scope| scope.0 == "*") {
        sentences.push("This key may do everything, now and whatever is added later.".to_owned());
    } else if let Some(everything) = manifest.full_privilege {
        sentences.push(everything.to_owned());
    }
    if record.environment == Environment::Test && names_production(account, record) {
        sentences.push("A test key, named for production: production needs a live one.".to_owned());
    }
    let Some(days) = since.map(|since| now - since).filter(|age| *age > OLD).map(|age| age.num_days()) else {
        return sentences;
    };
    if record.last_use == LastUse::Never {
        sentences.push(format!("Never used in {days} days. Perhaps nobody needs it any more."));
    } else {
        sentences.push(format!("In use for {days} days. Rotate it from time to time."));
    }
    sentences
}

/// Whether a word of the key's name or of its account's label says production.
fn names_production(account: &Account, record: &KeyRecord) -> bool {
    let words = [&record.name, &account.label];
    words
        .into_iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .any(|word| PRODUCTION.iter().any(|production| word.eq_ignore_ascii_case(production)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::account::{AccountId, Freshness, VendorId};
    use crate::key::{Hint, KeyStatus, Scope, VendorKeyId};
    use crate::provider::{Capabilities, DeleteSupport, KeyForm, RotateSupport, Support};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn manifest(full_privilege: Option<&'static str>) -> Manifest {
        Manifest {
            vendor: VendorId("vendor".into()),
            name: "Vendor",
            default_base_url: "https://example.test",
            environments: vec![Environment::Live, Environment::Test],
            name_limit: 100,
            scopes: Vec::new(),
            templates: Vec::new(),
            key_form: KeyForm::default(),
            capabilities: Capabilities {
                list: Support::Yes,
                mint: Support::Yes,
                rotate: RotateSupport::Overlap,
                revoke: Support::Yes,
                delete: DeleteSupport::OnceRevoked,
                expiry: Support::Yes,
                last_use: Support::Yes,
                reporting_delay: std::time::Duration::ZERO,
                revocation_delay: std::time::Duration::ZERO,
                key_limit: None,
            },
            dashboard: None,
            fields: &[],
            variable: "VENDOR_API_KEY",
            full_privilege,
        }
    }

    fn account(label: &str) -> Account {
        Account {
            id: AccountId("account".into()),
            vendor: VendorId("vendor".into()),
            label: label.into(),
            base_url: "https://example.test".into(),
            environment: Environment::Live,
            rehearsal: false,
            managing: None,
            settings: BTreeMap::new(),
            connected_at: now(),
            freshness: Freshness::Unread,
            refused_scopes: Vec::new(),
        }
    }

    fn key(name: &str, environment: Environment, scopes: &[&str]) -> KeyRecord {
        KeyRecord {
            id: VendorKeyId("key".into()),
            name: name.into(),
            hint: Hint { prefix: String::new(), suffix: String::new() },
            environment,
            scopes: scopes.iter().map(|scope| Scope((*scope).into())).collect(),
            status: KeyStatus::Active,
            created_at: Some(now()),
            expires_at: None,
            last_use: LastUse::NotReported,
            creator: None,
            checked: None,
        }
    }

    fn said(account: &Account, record: &KeyRecord, age: TimeDelta) -> String {
        concerns(&manifest(None), account, record, Some(now() - age), now()).join(" ")
    }

    #[test]
    fn nd05_a_test_key_in_production_is_flagged() {
        let fresh = TimeDelta::days(1);
        let test = |name| key(name, Environment::Test, &["content:read"]);
        assert!(said(&account("Shop"), &test("prod-server"), fresh).contains("test key"));
        assert!(said(&account("Shop (production)"), &test("server"), fresh).contains("test key"));
        assert_eq!(
            said(&account("Shop"), &test("staging-server"), fresh),
            "",
            "nd27: a test key is no concern"
        );
        assert_eq!(said(&account("Product team"), &test("server"), fresh), "");
        let live = key("prod-server", Environment::Live, &["content:read"]);
        assert_eq!(said(&account("Shop"), &live, fresh), "");
    }

    #[test]
    fn nd10_everything_is_warned_of() {
        let all = key("server", Environment::Live, &["*"]);
        assert!(said(&account("Shop"), &all, TimeDelta::days(1)).contains("everything"));
        let some = key("server", Environment::Live, &["content:*"]);
        assert_eq!(said(&account("Shop"), &some, TimeDelta::days(1)), "");
    }

    #[test]
    fn sl07_a_vendor_without_scopes_says_what_every_key_may_do() {
        let record = key("server", Environment::None, &[]);
        let manifest = manifest(Some("Every key may do everything."));
        let said = concerns(&manifest, &account("Shop"), &record, None, now());
        assert_eq!(said, ["Every key may do everything."]);
    }

    #[test]
    fn sl08_an_old_key_reminds_of_its_rotation() {
        let record = key("server", Environment::Live, &["content:read"]);
        assert!(said(&account("Shop"), &record, TimeDelta::days(91)).contains("Rotate it"));
        assert_eq!(said(&account("Shop"), &record, TimeDelta::days(89)), "");
    }

    #[test]
    fn lt11_an_old_key_that_nobody_used_is_pointed_out() {
        let mut record = key("server", Environment::Live, &["content:read"]);
        record.last_use = LastUse::Never;
        assert!(said(&account("Shop"), &record, TimeDelta::days(120)).contains("Never used in 120 days"));
        record.status = KeyStatus::Revoked { at: None };
        assert_eq!(said(&account("Shop"), &record, TimeDelta::days(120)), "", "a dead key is no concern");
    }
}
