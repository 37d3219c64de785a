//! What one scope says about another: patterns cover, expand and absorb. Pure; knows no vendor.
//!
//! Two patterns exist: `*` is everything, and `x:*` is everything under `x`. Any other scope, dotted ones
//! included, stands for itself alone, so that a vendor without patterns needs no rules of its own.

use crate::key::Scope;
use crate::provider::ScopeEntry;

/// The pattern that covers every scope.
const EVERYTHING: &str = "*";

/// Whether `scope` stands for others: `*`, or `x:*`.
#[must_use]
pub fn is_pattern(scope: &Scope) -> bool {
    scope.0 == EVERYTHING || stem(&scope.0).is_some()
}

/// Whether a key that was granted `granted` may do what `wanted` names; every part of it, where `wanted` is
/// itself a pattern.
#[must_use]
pub fn covers(granted: &[Scope], wanted: &Scope) -> bool {
    granted.iter().any(|scope| covers_one(&scope.0, &wanted.0))
}

/// The named scopes of `catalogue` that `pattern` stands for, in the catalogue's order; a scope that is no
/// pattern stands for itself.
#[must_use]
pub fn expand<'a>(catalogue: &'a [ScopeEntry], pattern: &Scope) -> Vec<&'a ScopeEntry> {
    let named = |entry: &&ScopeEntry| entry.scope != EVERYTHING && stem(entry.scope).is_none();
    catalogue.iter().filter(named).filter(|entry| covers_one(&pattern.0, entry.scope)).collect()
}

/// The same permissions in fewer words: what another scope of `selection` covers is left out, and repeats
/// are. The order stays.
#[must_use]
pub fn absorb(selection: &[Scope]) -> Vec<Scope> {
    let mut kept: Vec<Scope> = Vec::new();
    for scope in selection {
        let wider = |other: &Scope| other != scope && covers_one(&other.0, &scope.0);
        if !selection.iter().any(wider) && !kept.contains(scope) {
            kept.push(scope.clone());
        }
    }
    kept
}

fn covers_one(granted: &str, wanted: &str) -> bool {
    granted == EVERYTHING
        || granted == wanted
        || stem(granted).is_some_and(|stem| wanted.len() > stem.len() && wanted.starts_with(stem))
}

/// `x:` of `x:*`.
fn stem(scope: &str) -> Option<&str> {
    let stem = scope.strip_suffix('*')?;
    (stem.len() > 1 && stem.ends_with(':')).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: [&str; 8] = [
        "*",
        "content:*",
        "content:read",
        "content:write",
        "project:read",
        "project:admin",
        "payments.read",
        "payments.create",
    ];

    fn scope(text: &str) -> Scope {
        Scope(text.to_owned())
    }

    fn scopes(text: &str) -> Vec<Scope> {
        text.split_whitespace().map(scope).collect()
    }

    fn catalogue() -> Vec<ScopeEntry> {
        let entry = |scope| ScopeEntry { scope, domain: "", description: "", dangerous: false };
        CATALOGUE.map(entry).to_vec()
    }

    #[test]
    fn nd09_a_pattern_covers_its_own_domain_and_no_other() {
        let table = [
            ("content:*", "content:read", true),
            ("content:*", "content:pages:read", true),
            ("content:*", "content:*", true),
            ("content:*", "project:read", false),
            ("content:*", "contents:read", false),
            ("content:*", "content", false),
            ("content:*", "content:", false),
            ("content:*", "*", false),
            ("content:pages:*", "content:read", false),
            ("content:pages:*", "content:pages:read", true),
            ("*", "project:admin", true),
            ("*", "content:*", true),
            ("*", "*", true),
            ("project:read", "project:read", true),
            ("project:read", "project:*", false),
            ("project:read project:write", "project:*", false),
            ("blog:read content:*", "content:write", true),
            ("payments.*", "payments.read", false),
            (":*", ":read", false),
            ("content*", "content:read", false),
            ("**", "content:read", false),
            ("", "content:read", false),
        ];
        for (granted, wanted, expected) in table {
            assert_eq!(covers(&scopes(granted), &scope(wanted)), expected, "{granted:?} {wanted:?}");
        }
    }

    #[test]
    fn nd09_a_pattern_expands_to_the_named_scopes_it_covers() {
        let table = [
            ("content:*", "content:read content:write"),
            ("*", "content:read content:write project:read project:admin payments.read payments.create"),
            ("project:admin", "project:admin"),
            ("payments.read", "payments.read"),
            ("payments.*", ""),
            ("social:*", ""),
            ("unknown", ""),
        ];
        for (pattern, expected) in table {
            let catalogue = catalogue();
            let named: Vec<_> =
                expand(&catalogue, &scope(pattern)).iter().map(|entry| scope(entry.scope)).collect();
            assert_eq!(named, scopes(expected), "{pattern}");
        }
    }

    #[test]
    fn nd10_only_the_two_forms_are_patterns() {
        for text in ["*", "content:*", "a:b:*"] {
            assert!(is_pattern(&scope(text)), "{text}");
        }
        for text in ["content:read", "payments.*", "content*", ":*", "**", "*:read", ""] {
            assert!(!is_pattern(&scope(text)), "{text}");
        }
    }

    #[test]
    fn nd09_a_pattern_absorbs_its_members() {
        let table = [
            ("content:read content:* content:write", "content:*"),
            ("content:* project:read * content:read", "*"),
            ("project:read content:read", "project:read content:read"),
            ("content:* content:*", "content:*"),
            ("content:read content:read", "content:read"),
            ("content:pages:* content:*", "content:*"),
            ("payments.read payments.create", "payments.read payments.create"),
            ("", ""),
        ];
        for (selection, expected) in table {
            assert_eq!(absorb(&scopes(selection)), scopes(expected), "{selection}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nd09_absorbing_changes_no_permission(
            chosen in proptest::collection::vec(proptest::sample::select(CATALOGUE.to_vec()), 0..10),
        ) {
            let selection: Vec<_> = chosen.into_iter().map(scope).collect();
            let fewer = absorb(&selection);
            for wanted in CATALOGUE.map(scope) {
                proptest::prop_assert_eq!(covers(&selection, &wanted), covers(&fewer, &wanted));
            }
            proptest::prop_assert_eq!(absorb(&fewer), fewer);
        }
    }
}
