//! The rows that the manifest alone carries: scopes, templates, names, the form of a key.

use std::collections::HashSet;

use chrono::Utc;
use keyturn_core::grant::{Grant, GrantError};
use keyturn_core::key::{Environment, Scope};
use keyturn_core::paste::{PasteFault, check_paste};

use super::*;

#[test]
fn the_catalogue_is_exactly_the_32_scopes_in_the_vendors_order() {
    let adapter = Natural::new(quick());
    let documented = [
        ("party", "read update"),
        ("invite", "read create update delete"),
        ("membership", "create read update delete"),
        ("payments", "create read"),
        ("external_accounts", "create"),
        ("wallets", "read create update delete fund withdraw"),
        ("delegations", "read create update delete"),
        ("api_keys", "read create delete"),
        ("agents", "read create update delete"),
        ("disputes", "read create"),
    ];
    let expected: Vec<String> =
        documented.iter().flat_map(|(d, verbs)| verbs.split(' ').map(move |v| format!("{d}.{v}"))).collect();
    let offered: Vec<&str> = adapter.manifest().scopes.iter().map(|entry| entry.scope).collect();
    assert_eq!(offered, expected);
    assert_eq!(offered.len(), 32);
    let domains: HashSet<_> = adapter.manifest().scopes.iter().map(|entry| entry.domain).collect();
    assert_eq!(domains.len(), documented.len());
    assert!(adapter.manifest().scopes.iter().all(|entry| !entry.description.is_empty()));
    for template in &adapter.manifest().templates {
        assert!(template.scopes.iter().all(|scope| offered.contains(scope)), "{}", template.name);
    }
}

#[test]
fn a_name_has_at_most_32_characters() {
    let adapter = Natural::new(quick());
    let check = |name: &str| {
        let scopes = vec![Scope("payments.read".into())];
        Grant::check(adapter.manifest(), name, Environment::Live, scopes, None, Utc::now())
    };
    assert!(check(&"ä".repeat(32)).is_ok());
    assert!(matches!(check(&"ä".repeat(33)), Err(GrantError::NameTooLong { limit: 32, .. })));
    assert_eq!(check(" "), Err(GrantError::NameMissing));
}

#[test]
fn a_key_has_43_characters_after_its_environment() {
    let adapter = Natural::new(quick());
    let check = |text: &str| check_paste(adapter.manifest(), &Secret::new(text.into()));
    assert_eq!(check(MANAGING), Ok(Environment::Live));
    assert_eq!(check(&MANAGING.replace("prod", "sandbox")), Ok(Environment::Test));
    assert_eq!(check(&MANAGING[..54]), Err(PasteFault::Truncated { actual: 42, expected: 43 }));
    assert!(check(&format!("{MANAGING}0")).is_err());
    assert!(check(&MANAGING.replace('-', "+")).is_err());
    // The listed prefix is no key.
    assert!(check("sk_ntl_prod_sxHp_FRoRTnDEmEH").is_err());
}
