//! The rows that the manifest alone carries: scopes, templates, names, the form of a key.

use chrono::Utc;
use keyturn_core::grant::{Grant, GrantError};
use keyturn_core::key::{Environment, Scope};
use keyturn_core::paste::{PasteFault, check_paste, paste_warning};
use keyturn_core::scopes::{absorb, covers, expand, is_pattern};

use super::*;

#[test]
fn nd03_the_documented_key_is_understood_and_an_odd_one_only_warned_of() {
    let adapter = NeuralDraft::new(quick());
    let check = |text: &str| check_paste(adapter.manifest(), &Secret::new(text.into()));
    let warning = |text: &str| paste_warning(adapter.manifest(), &Secret::new(text.into()));
    assert_eq!(check(DOCUMENTED), Ok(Environment::Live));
    assert_eq!(check(&DOCUMENTED.replace("live", "test")), Ok(Environment::Test));
    assert_eq!(warning(DOCUMENTED), None);
    assert_eq!(adapter.hint(&Secret::new(DOCUMENTED.into())).masked(), "ndsk_live_…1nDc");

    let cut = &DOCUMENTED[..41];
    assert_eq!(check(cut), Ok(Environment::Live));
    assert_eq!(warning(cut), Some(PasteFault::Truncated { actual: 31, expected: 32 }));
    assert_eq!(check("ndsk2_x"), Ok(Environment::Other("not known".into())));
    assert!(matches!(warning("ndsk2_x"), Some(PasteFault::Prefix { .. })));
    // What copying does to a key is a mistake in any form.
    assert_eq!(check(&format!("{DOCUMENTED} ")), Err(PasteFault::OuterSpace));
    assert_eq!(check(&format!("{DOCUMENTED}\n")), Err(PasteFault::LineBreak));
    assert_eq!(check(""), Err(PasteFault::Empty));
}

#[test]
fn nd06_a_name_is_required() {
    let adapter = NeuralDraft::new(quick());
    let check = |name: &str| {
        let scopes = scopes(&["content:read"]);
        Grant::check(adapter.manifest(), name, Environment::Live, scopes, None, Utc::now())
    };
    assert_eq!(check("  "), Err(GrantError::NameMissing));
    assert!(check("vercel-prod").is_ok());
}

#[test]
fn nd07_the_dashboards_default_is_offered_and_so_is_less() {
    let adapter = NeuralDraft::new(quick());
    let template = |name: &str| {
        let template = adapter.manifest().templates.iter().find(|t| t.name == name).unwrap();
        scopes(template.scopes)
    };
    let default = template("Dashboard default");
    let domains = ["content", "blog", "social"];
    let expected: Vec<_> = domains.iter().flat_map(|d| [format!("{d}:read"), format!("{d}:write")]).collect();
    assert_eq!(default.iter().map(|scope| scope.0.clone()).collect::<Vec<_>>(), expected);
    let less = template("prod-builder");
    assert!(less.len() < default.len() && less.iter().all(|scope| covers(&default, scope)));
}

#[test]
fn nd09_a_pattern_covers_its_own_domain_in_the_catalogue() {
    let adapter = NeuralDraft::new(quick());
    let catalogue = &adapter.manifest().scopes;
    let expanded = |pattern: &str| {
        expand(catalogue, &Scope(pattern.into())).iter().map(|entry| entry.scope).collect::<Vec<_>>()
    };
    assert_eq!(expanded("content:*"), ["content:read", "content:write"]);
    assert_eq!(expanded("social:*"), ["social:read", "social:write", "social:publish", "social:connect"]);
    assert_eq!(expanded("*").len(), 24);
    for entry in catalogue.iter().filter(|entry| entry.scope != "*") {
        for pattern in catalogue.iter().filter(|entry| entry.scope.ends_with(":*")) {
            let covered = covers(&scopes(&[pattern.scope]), &Scope(entry.scope.into()));
            assert_eq!(covered, entry.domain == pattern.domain, "{} {}", pattern.scope, entry.scope);
        }
    }
    assert_eq!(
        absorb(&scopes(&["images:read", "content:*", "images:*"])),
        scopes(&["content:*", "images:*"])
    );
}

#[test]
fn nd10_full_access_and_all_that_administers_or_publishes_is_marked() {
    let adapter = NeuralDraft::new(quick());
    let marked: Vec<_> =
        adapter.manifest().scopes.iter().filter(|entry| entry.dangerous).map(|entry| entry.scope).collect();
    let expected = [
        "*",
        "project:*",
        "project:admin",
        "social:*",
        "social:publish",
        "booking:*",
        "booking:admin",
        "commerce:*",
        "commerce:admin",
    ];
    assert_eq!(marked, expected);
}

#[test]
fn nd29_the_five_documented_templates_are_offered_as_they_stand() {
    let adapter = NeuralDraft::new(quick());
    let offered: Vec<_> =
        adapter.manifest().templates.iter().take(5).map(|t| (t.name, t.scopes.join(" "))).collect();
    let documented = [
        ("prod-server", "*"),
        ("prod-builder", "content:read blog:read"),
        ("prod-mcp", "*"),
        ("staging-server", "*"),
        ("lovable-preview", "content:* images:*"),
    ];
    assert_eq!(offered, documented.map(|(name, scopes)| (name, scopes.to_owned())));
    for template in &adapter.manifest().templates {
        let scopes = scopes(template.scopes);
        assert!(scopes.iter().all(|scope| adapter.manifest().scope(scope).is_some()), "{}", template.name);
    }
}

#[test]
fn nd30_a_sanctum_token_is_recognised_and_declined() {
    let adapter = NeuralDraft::new(quick());
    let check = |text: String| check_paste(adapter.manifest(), &Secret::new(text));
    let token = "aB3".repeat(14);
    for text in [format!("1|{token}"), format!("98765|{token}"), format!("7|{}", &token[..40])] {
        let Err(PasteFault::Declined { words }) = check(text) else { panic!("not declined") };
        assert!(words.contains("Sanctum") && words.contains("ndsk_"));
    }
    for text in [
        format!("|{token}"),
        format!("x|{token}"),
        format!("1|{}", &token[..39]),
        format!("1|{token}-"),
        format!("1{token}"),
        DOCUMENTED.to_owned(),
    ] {
        assert!(check(text).is_ok());
    }
}

#[test]
fn the_catalogue_is_everything_ten_patterns_and_24_named_scopes() {
    let adapter = NeuralDraft::new(quick());
    let documented = [
        ("project", "* read write admin"),
        ("content", "* read write"),
        ("brand", "* read write"),
        ("images", "* read write"),
        ("blog", "* read write"),
        ("social", "* read write publish connect"),
        ("booking", "* read write admin"),
        ("commerce", "* read write admin"),
        ("webhooks", "* read write"),
        ("jobs", "* read"),
    ];
    let grouped = documented.iter().flat_map(|(d, verbs)| verbs.split(' ').map(move |v| format!("{d}:{v}")));
    let expected: Vec<String> = std::iter::once("*".to_owned()).chain(grouped).collect();
    let manifest = adapter.manifest();
    let offered: Vec<&str> = manifest.scopes.iter().map(|entry| entry.scope).collect();
    assert_eq!(offered, expected);
    let named = manifest.scopes.iter().filter(|entry| !is_pattern(&Scope(entry.scope.into())));
    assert_eq!(named.count(), 24);
    assert!(manifest.scopes.iter().all(|entry| !entry.description.is_empty()));
}
